import type { Tree } from "../inventory/tree.ts";
import { readBelow } from "./below.ts";
import type { Below } from "./below.ts";
import { sharpenEdges } from "./edges.ts";
import { findFalls, markElsewhere } from "./elsewhere.ts";
import type { Evidence } from "./evidence.ts";
import { judgeMoment } from "./judge-rules.ts";
import type { Moment, Rules } from "./judge-rules.ts";
import { sameJudgement } from "./judgement.ts";
import type { Judgement, Judgements } from "./judgement.ts";
import { markPowerCuts } from "./power.ts";
import { markRain } from "./rain.ts";
import { markRouterReboots } from "./router.ts";
import type { DetectOptions, Signal } from "./signal.ts";
import { anyGood, anyWay, knowsServicesAlone } from "./site-path.ts";
import type { Named, SiteSignals } from "./site-path.ts";
import { absorbSlivers, overlay } from "./steps.ts";
import type { Step } from "./steps.ts";
import type { Tally } from "./tally.ts";

/** Judges every site, parents first, since a child's silence means something else below a parent that is cut off. */
export function judgeSites(
  signals: ReadonlyMap<string, SiteSignals>,
  tree: Tree,
  evidence: Evidence,
  options: DetectOptions,
): Judgements {
  const { fromMs, nowMs } = evidence;
  const judged = new Map<string, Step<Judgement>[]>();
  const targets = Map.groupBy(evidence.targets, ({ vantage }) => vantage);
  const events = Map.groupBy(evidence.events, (event) => event.site);
  const context = { signals, judged, tree, evidence, options, below: readBelow(signals, tree, evidence) };
  for (const code of parentsFirst(tree)) {
    const site = signals.get(code)!;
    if (site.firstMs === null) continue;
    const told = { code, gateway: site.gateway, events: events.get(code) ?? [] };
    const steps = markRouterReboots(judgeSite(site, context), told, sameJudgement);
    const own = targets.get(code) ?? [];
    const said = { code, site, own, events: events.get(code) ?? [], fromMs, nowMs };
    const powered = markPowerCuts(steps, said, sameJudgement);
    const links = tree.linksOf(code);
    const faded = { code, links, outside: site.outsideTargets, own };
    judged.set(code, [...markRain(powered, faded, sameJudgement)]);
  }
  const falls = findFalls(judged, tree);
  for (const [code, steps] of judged) judged.set(code, markElsewhere(code, steps, falls, tree));
  sharpenEdges<Judgement>(
    [...judged].map(([code, steps]) => {
      const { outsideTargets, witnesses } = signals.get(code)!;
      const telling = [...outsideTargets, ...witnesses].map(({ target }) => target);
      const own = targets.get(code) ?? [];
      return {
        steps,
        targets: telling,
        isGood: ({ verdict }) => verdict !== "bad",
        isTold: () => true,
        stopped: ({ cause }) => (cause === "power" ? own : []),
      };
    }),
    options.poolsEdges,
  );
  return judged;
}

/** A site behind all that its links hang from, as far as they do not lead in a circle. */
function parentsFirst(tree: Tree): string[] {
  const order = new Set<string>();
  const begun = new Set<string>();
  const visit = (code: string) => {
    if (begun.has(code)) return;
    begun.add(code);
    for (const parent of [tree.parentOf(code), ...tree.linksOf(code).map((link) => link.parent)])
      if (parent !== null) visit(parent);
    order.add(code);
  };
  for (const { code } of tree.order) visit(code);
  return [...order];
}

/** Down where every parent of its links is, as the first of them; the root does not count, since it is judged by what lies beyond it. */
function parentsOf(code: string, { judged, tree, evidence: { fromMs, nowMs } }: Context): Step<Judgement>[] {
  const links = tree.linksOf(code);
  const parents = [
    ...new Set(links.length === 0 ? [tree.parentOf(code)] : links.map(({ parent }) => parent)),
  ];
  if (parents.some((parent) => parent === null || tree.parentOf(parent) === null)) return [];
  const lists = parents.map((parent) => judged.get(parent!) ?? []);
  if (lists.length === 1) return [...lists[0]!];
  const steps = overlay(
    lists,
    fromMs,
    nowMs,
    (values) => (values.every((value) => value?.state === "down") ? values[0] : undefined),
    (a, b) => a === b || (a !== undefined && b !== undefined && sameJudgement(a, b)),
  );
  return steps.filter((step): step is Step<Judgement> => step.value !== undefined);
}

interface Context {
  signals: ReadonlyMap<string, SiteSignals>;
  judged: Judgements;
  tree: Tree;
  evidence: Evidence;
  options: DetectOptions;
  below: ReadonlyMap<string, Below>;
}

function judgeSite(site: SiteSignals, context: Context): Step<Judgement>[] {
  const { judged, tree, evidence, options, below } = context;
  const { fromMs, nowMs } = evidence;
  const { code } = site;
  const parent = tree.parentOf(code);
  const centre = tree.ancestorsOf(code).at(-1) ?? null;
  const any = (targets: SiteSignals["hub"]) => anyGood(targets, fromMs, nowMs);
  const isRoot = (other: string | null) => other !== null && tree.parentOf(other) === null;
  const own = below.get(code);
  const lists: (readonly Step<Signal | Judgement | Tally>[])[] = [
    site.outside,
    any(site.anchors),
    any(site.gateway),
    any(site.hub),
    anyWay(
      site.witnesses.map((named) => fromConnected(named, context)),
      tree.linksOf(code),
      evidence,
    ),
    parent === null ? [] : (below.get(parent)?.hub ?? []),
    parent === null ? [] : (below.get(parent)?.beyond ?? []),
    // The root is judged by what lies beyond it, which says nothing of the way from it to its children.
    parent === null || isRoot(parent) ? [] : (judged.get(parent) ?? []),
    parentsOf(code, context),
    centre === null ? [] : (judged.get(centre) ?? []),
    own?.hub ?? [],
    own?.beyond ?? [],
  ];
  const silentForMs = site.lastHeardMs === null ? Infinity : nowMs - site.lastHeardMs;
  const rules: Rules = {
    code,
    parent,
    parentKind: parent === null ? null : tree.siteOf(parent).kind,
    centre,
    // Its last round may be an interval older than its last report.
    heard: silentForMs < options.heardWithinMs + site.shortestIntervalMs,
    hasHub: site.hub.some(({ target }) => target.retired !== true),
    servicesAlone: knowsServicesAlone(site),
    parentIsRoot: isRoot(parent),
    vantagesBelow: own?.vantages ?? 0,
  };
  const steps = overlay(
    lists,
    Math.max(fromMs, Math.floor(site.firstMs! / 1000) * 1000),
    nowMs,
    ([
      outside,
      anchor,
      gateway,
      hub,
      witness,
      hubOfOthers,
      beyondOfOthers,
      above,
      aboveAll,
      top,
      belowHub,
      beyondHub,
    ]) =>
      judgeMoment(
        {
          outside,
          anchor,
          gateway,
          hub,
          witness,
          hubOfOthers,
          beyondOfOthers,
          parent: above,
          parents: aboveAll,
          centre: top,
          belowHub,
          beyondHub,
        } as Moment,
        rules,
      ),
    sameJudgement,
  );
  const intervals = [...site.outsideTargets, ...site.hub, ...site.witnesses]
    .filter(({ target }) => target.retired !== true)
    .map(({ target }) => target.intervalMs);
  const shortMs = 2 * intervals.reduce((a, b) => Math.max(a, b), 0);
  return absorbSlivers(steps, shortMs, mayAbsorb, sameJudgement);
}

/**
 * A witness that is itself cut off from the centre, or of which nobody knows, sees the site's own link, and not whether the
 * site is connected: what it reaches then says nothing. The root is judged by what lies beyond it, and stays a witness.
 */
function fromConnected(named: Named, { judged, tree, evidence }: Context): Named {
  const { vantage } = named.target;
  const standing = tree.parentOf(vantage) === null ? [] : (judged.get(vantage) ?? []);
  if (standing.every(({ value }) => value.state === "up")) return named;
  const told = overlay<Signal | Judgement, Signal | undefined>(
    [named.steps, standing],
    evidence.fromMs,
    evidence.nowMs,
    ([signal, at]) =>
      (at as Judgement | undefined)?.state !== "up" && (signal as Signal | undefined)?.good === true
        ? undefined
        : (signal as Signal | undefined),
    (a, b) => a === b,
  );
  return { ...named, steps: told.filter((step): step is Step<Signal> => step.value !== undefined) };
}

/** A sliver may change its cause or its silence, never from up to down or back. */
function mayAbsorb(sliver: Judgement, neighbour: Judgement): boolean {
  return sliver.state === "unknown" || sliver.state === neighbour.state;
}
