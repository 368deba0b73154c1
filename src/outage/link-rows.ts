import type { Tree } from "../inventory/tree.ts";
import { markDegraded } from "./degraded.ts";
import type { Shown } from "./degraded.ts";
import { describeOutage } from "./describe.ts";
import type { Evidence } from "./evidence.ts";
import type { Judgements } from "./judgement.ts";
import { devicesOf } from "./links.ts";
import type { LinkView } from "./links.ts";
import { canFade, createFadeTeller } from "./rain.ts";
import { stepsWithin } from "./seek.ts";
import type { DetectOptions } from "./signal.ts";
import type { Step } from "./steps.ts";
import type { EvidenceItem, Outage, StateSegment } from "./table.ts";

/* Rows of the table for the links of a site that has several. */

/** Whether the site was cut off as well has a row of its own. */
export function linkOutages(
  view: LinkView,
  all: readonly LinkView[],
  judged: Judgements,
  tree: Tree,
  evidence: Evidence,
): Outage[] {
  const { link, steps } = view;
  const events = evidence.events.filter(({ site }) => site === link.site);
  const tellFade = createFadeTeller({
    outside: view.signals.outsideTargets,
    own: devicesOf(link, evidence.targets),
  });
  const down = steps.filter(({ value }) => value.state === "down");
  return down.map(({ startMs, endMs, value }) => {
    const open = endMs >= evidence.nowMs;
    const told = describeOutage(view.signals, startMs, endMs, open, judged, tree, events);
    const isOwn = (value.cause === "link" || value.cause === "rain") && value.root === link.site;
    return {
      site: link.site,
      link: link.id,
      ofLink: true,
      service: null,
      startMs,
      endMs: open ? null : endMs,
      cause: value.cause!,
      confidence: value.confidence,
      evidence: [
        ...told.filter(({ fact }) => isOfPath(fact, view, tree)),
        ...(isOwn && canFade([link]) ? tellFade(startMs, endMs) : []),
        ...describeBackup(view, all, judged, tree, startMs, endMs),
      ],
      root: value.root!,
    };
  });
}

/** What is told of the parent and of its other children holds for the link that hangs from there. */
function isOfPath(fact: string, { link }: LinkView, tree: Tree): boolean {
  const isAbove = fact === "parent.down" || fact.startsWith("siblings.");
  return !isAbove || link.parent === tree.parentOf(link.site);
}

/** Where the primary link was cut and the site was not, another one carried it. */
function describeBackup(
  { link }: LinkView,
  all: readonly LinkView[],
  judged: Judgements,
  tree: Tree,
  startMs: number,
  endMs: number,
): EvidenceItem[] {
  const [primary, ...others] = tree.linksOf(link.site);
  const isCarried = 2 * upMs(judged.get(link.site) ?? [], startMs, endMs) > endMs - startMs;
  if (link.id !== primary?.id || !isCarried) return [];
  const byTest = all.find(
    (view) =>
      others.some(({ id }) => id === view.link.id) && 2 * upMs(view.steps, startMs, endMs) > endMs - startMs,
  );
  const backup = byTest?.link.id ?? (others.length === 1 ? others[0]!.id : null);
  return [{ fact: "link.onBackup", target: null, detail: backup === null ? {} : { link: backup } }];
}

function upMs(steps: readonly Step<{ state: string }>[], startMs: number, endMs: number): number {
  let sumMs = 0;
  for (const step of stepsWithin(steps, startMs, endMs))
    if (step.value.state === "up")
      sumMs += Math.max(0, Math.min(step.endMs, endMs) - Math.max(step.startMs, startMs));
  return sumMs;
}

export function linkSegments(view: LinkView, evidence: Evidence, options: DetectOptions): StateSegment[] {
  const { link, signals } = view;
  const steps = view.steps.map(({ startMs, endMs, value }): Step<Shown> => {
    const isElsewhere = value.state === "down" && value.root !== link.site;
    return {
      startMs,
      endMs,
      value: { state: isElsewhere ? "unreachable" : value.state, cause: value.cause },
    };
  });
  const sight = {
    outside: signals.outsideTargets,
    hub: signals.hub,
    devices: devicesOf(link, evidence.targets),
  };
  return markDegraded(steps, sight, evidence, options).map(({ startMs, endMs, value }) => ({
    site: link.site,
    link: link.id,
    service: "",
    startMs,
    endMs: endMs >= evidence.nowMs ? null : endMs,
    ...value,
  }));
}
