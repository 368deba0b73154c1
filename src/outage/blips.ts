import type { Tree } from "../inventory/tree.ts";
import { sharpenEdges } from "./edges.ts";
import type { Standing } from "./edges.ts";
import type { Evidence, Run, TargetEvidence } from "./evidence.ts";
import type { Judgements } from "./judgement.ts";
import { runsWithin, stepsWithin } from "./seek.ts";
import { signalOf } from "./signal.ts";
import type { DetectOptions, Signal } from "./signal.ts";
import { anyGood } from "./site-path.ts";
import type { Named, SiteSignals } from "./site-path.ts";
import { joinSteps } from "./steps.ts";
import type { Step } from "./steps.ts";
import type { Cause } from "./table.ts";

/**
 * A stretch in which nothing beyond a site answered, too short to be an outage: no event and no alert, but time that was
 * lost, and every account has it (relation/blips.ts). An outage of x seconds hits a round with the chance x / interval, so
 * that the intervals of rounds that were lost alone add up to the time that was lost, though each of them is wrong
 * (methods.md §A3).
 */
export interface Blip {
  site: string;
  /** Whole seconds, epoch ms: half-open [startMs, endMs). */
  startMs: number;
  endMs: number;
  /** As measured, or `maintenance` where announced work explains it. */
  cause: Cause;
  /** What the rounds say, whatever was announced. */
  measured: Extract<Cause, "link" | "relay" | "backhaul">;
  /** Site at which it lies: its own, or the one that its path leads through. */
  root: string;
}

/** Ordered by site, as the tree is, then start. */
export function findBlips(
  signals: ReadonlyMap<string, SiteSignals>,
  judged: Judgements,
  tree: Tree,
  evidence: Evidence,
  options: DetectOptions,
): Blip[] {
  const bySite = new Map<string, Blip[]>();
  for (const { code } of tree.order) {
    const site = signals.get(code)!;
    const lost = lostAlone(site, judged.get(code) ?? [], evidence, options);
    const own = sharpen(lost, site).map(({ startMs, endMs }) => ({ site: code, startMs, endMs }));
    const blame = blameFor(site, bySite, tree);
    bySite.set(
      code,
      own.map((span) => {
        const { measured, root } = blame(span);
        return { ...span, cause: measured, measured, root };
      }),
    );
  }
  return [...bySite.values()].flat();
}

type Blame = Pick<Blip, "measured" | "root">;
type Stretch = Pick<Blip, "startMs" | "endMs">;

/** Behind a village that relays it is that one's where it has one as well; and a kecamatan's where its hub answered meanwhile. */
function blameFor(
  { code, hub }: SiteSignals,
  bySite: ReadonlyMap<string, readonly Blip[]>,
  tree: Tree,
): (stretch: Stretch) => Blame {
  const parent = tree.parentOf(code);
  const own: Blame = { measured: "link", root: code };
  // Beyond the root lies nothing that a site hangs on.
  if (parent === null || tree.parentOf(parent) === null) return () => own;
  if (tree.siteOf(parent).kind === "desa") {
    const above = bySite.get(parent) ?? [];
    return (stretch) => {
      const isShared = stepsWithin(above, stretch.startMs, stretch.endMs).length > 0;
      return isShared ? { measured: "relay", root: parent } : own;
    };
  }
  return (stretch) =>
    hub.some(({ target }) => answersWell(target, stretch)) ? { measured: "backhaul", root: parent } : own;
}

/** Whether all its rounds of that time came back, and whole: a poor one came over the same poor link. */
function answersWell({ runs }: TargetEvidence, { startMs, endMs }: Stretch): boolean {
  const within = runsWithin(runs, startMs, endMs).filter(({ firstMs }) => firstMs < endMs);
  return within.length > 0 && within.every(({ verdict, weak }) => verdict !== "bad" && weak !== true);
}

/** Where every round beyond the site was lost, between such as were not, while the site is held for up. */
function lostAlone(
  { outsideTargets }: SiteSignals,
  judged: readonly Step<{ state: string }>[],
  { fromMs, nowMs }: Evidence,
  options: DetectOptions,
): Step<unknown>[] {
  const raw = anyGood(eachRound(outsideTargets, nowMs, options), fromMs, nowMs);
  const said = joinSteps(
    raw.map(({ startMs, endMs, value }) => ({ startMs, endMs, value: sayingOf(value) })),
    (a, b) => a === b,
  );
  return said.filter((step, index) => {
    const [before, after] = [said[index - 1], said[index + 1]];
    return (
      step.value === "lost" &&
      // Beside a gap, and as the last round so far, it says too little: the round that would have told is missing.
      before?.value === "answered" &&
      before.endMs === step.startMs &&
      after?.value === "answered" &&
      after.startMs === step.endMs &&
      stepsWithin(judged, step.startMs, step.endMs).every(({ value }) => value.state === "up")
    );
  });
}

/**
 * With the edges that all who look at the site allow: of one that lasted longer than an interval, another vantage lost two
 * rounds. Without that half of what lasts from one interval to two, which is an outage with sharp edges where the agent
 * lost two of its own, would be too short and nothing would make up for it. Where nobody else lost any, its interval stays.
 */
function sharpen(
  lost: readonly Step<unknown>[],
  { outsideTargets, witnesses }: SiteSignals,
): Pick<Step<unknown>, "startMs" | "endMs">[] {
  const targets = [...outsideTargets, ...witnesses].map(({ target }) => target);
  const tracks = lost.map(({ startMs, endMs }) => {
    const up = { state: "up", root: null } as const;
    const steps: Step<Standing>[] = [
      { startMs: -Infinity, endMs: startMs, value: up },
      { startMs, endMs, value: { state: "down", root: null } },
      { startMs: endMs, endMs: Infinity, value: up },
    ];
    return { steps, targets, isGood: ({ verdict }: Run) => verdict !== "bad", isTold: () => true };
  });
  sharpenEdges(tracks, false);
  return tracks.map(({ steps }) => steps[1]!);
}

/** What is carried on was not measured, and a machine without a route has not tried. */
function sayingOf({ good, carried, phase }: Signal): "answered" | "lost" | "nothing" {
  if (carried) return "nothing";
  return good ? "answered" : phase === "route" ? "nothing" : "lost";
}

/** The targets' signals with every single lost round in them. */
function eachRound(named: readonly Named[], nowMs: number, options: DetectOptions): Named[] {
  return named.map(({ target }) => ({
    target,
    steps: signalOf(target, "path", nowMs, { ...options, badRounds: 1 }),
  }));
}
