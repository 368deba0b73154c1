import type { Link } from "../inventory/inventory.ts";
import type { Tree } from "../inventory/tree.ts";
import { sharpenEdges } from "./edges.ts";
import { firstRoundMs } from "./evidence.ts";
import type { Evidence, TargetEvidence } from "./evidence.ts";
import { sameJudgement, unknown, up } from "./judgement.ts";
import type { Judgement, Judgements } from "./judgement.ts";
import { markRain } from "./rain.ts";
import type { DetectOptions, Signal } from "./signal.ts";
import { chooseOutside } from "./outside.ts";
import { chooseProofs, heedPassed } from "./passed.ts";
import { anyGood } from "./site-path.ts";
import type { Named, SiteSignals } from "./site-path.ts";
import { absorbSlivers, overlay } from "./steps.ts";
import type { Step } from "./steps.ts";

/*
 * The links of a site that has several. The site is down when all of them are; each has outages of its own, seen by the
 * targets that are bound to it. A site with one link needs none of this: its outages are that link's.
 */

export interface LinkView {
  link: Link;
  /** What tells of the link, in the form in which a site's is told. */
  signals: SiteSignals;
  steps: Step<Judgement>[];
}

/** In the order of the tree, and of the links of each site. Links that no target is bound to are left out. */
export function judgeLinks(
  signals: ReadonlyMap<string, SiteSignals>,
  judged: Judgements,
  tree: Tree,
  evidence: Evidence,
  options: DetectOptions,
): LinkView[] {
  const views: LinkView[] = [];
  for (const { code } of tree.order) {
    const links = tree.linksOf(code);
    if (links.length < 2) continue;
    const site = signals.get(code)!;
    for (const link of links) {
      const own = signalsOf(link, site, tree, evidence);
      if (own === null) continue;
      const steps = judgeLink(link, own, { judged, tree, evidence, options });
      const outside = own.outsideTargets;
      const devices = devicesOf(link, evidence.targets);
      views.push({
        link,
        signals: own,
        steps: [...markRain(steps, { code, links: [link], outside, own: devices }, sameJudgement)],
      });
    }
  }
  sharpenEdges(
    views.map(({ steps, signals: { outsideTargets, witnesses } }) => ({
      steps,
      targets: [...outsideTargets, ...witnesses].map(({ target }) => target),
      isGood: ({ verdict }) => verdict !== "bad",
      isTold: () => true,
    })),
    options.poolsEdges,
  );
  return views;
}

/** Of the devices at the site those that may tell of the link's signal: bound to it, or to none, where it goes through the air. */
export function devicesOf(link: Link, targets: readonly TargetEvidence[]): TargetEvidence[] {
  return targets.filter(
    (target) =>
      target.vantage === link.site &&
      target.levels !== undefined &&
      (target.link === link.id || (target.link === null && link.technology !== "fibre")),
  );
}

/** null: no target that ever told anything is bound to the link. */
function signalsOf(
  link: Link,
  site: SiteSignals,
  tree: Tree,
  { fromMs, nowMs }: Evidence,
): SiteSignals | null {
  const bound = site.bound.filter(({ target }) => target.link === link.id);
  const witnesses = site.witnesses.filter(({ target }) => target.link === link.id);
  if (bound.length + witnesses.length === 0) return null;
  const outside = new Set(
    chooseOutside(
      bound.map(({ target }) => target),
      link.parent,
      tree,
    ),
  );
  const outsideTargets = bound.filter(({ target }) => outside.has(target));
  const begun = [...bound, ...witnesses].flatMap(({ target }) => firstRoundMs(target) ?? []);
  return {
    ...site,
    hub: bound.filter(({ target }) => target.role === "hub"),
    bound,
    outside: heedPassed(
      anyGood(outsideTargets, fromMs, nowMs),
      chooseProofs(
        bound.map(({ target }) => target),
        [...outside],
      ),
      false,
      site.shortestIntervalMs,
    ),
    outsideTargets,
    anchors: outsideTargets.filter(({ target }) => target.role === "anchor"),
    witnesses,
    firstMs: begun.reduce((a, b) => Math.min(a, b)),
  };
}

interface Context {
  judged: Judgements;
  tree: Tree;
  evidence: Evidence;
  options: DetectOptions;
}

interface Moment {
  outside: Signal | undefined;
  gateway: Signal | undefined;
  hub: Signal | undefined;
  witness: Signal | undefined;
  /** What the link hangs from, and the site itself. */
  parent: Judgement | undefined;
  site: Judgement | undefined;
}

function judgeLink(
  link: Link,
  own: SiteSignals,
  { judged, tree, evidence, options }: Context,
): Step<Judgement>[] {
  const { fromMs, nowMs } = evidence;
  const { parent } = link;
  const any = (targets: readonly Named[]) => anyGood(targets, fromMs, nowMs);
  const isFromRoot = parent === null || tree.parentOf(parent) === null;
  const lists: (readonly Step<Signal | Judgement>[])[] = [
    own.outside,
    any(own.gateway),
    any(own.hub),
    any(own.witnesses),
    isFromRoot ? [] : (judged.get(parent) ?? []),
    judged.get(link.site) ?? [],
  ];
  const silentForMs = own.lastHeardMs === null ? Infinity : nowMs - own.lastHeardMs;
  const isHeard = silentForMs < options.heardWithinMs + own.shortestIntervalMs;
  const rules: Rules = {
    link,
    isHeard,
    parentKind: parent === null ? null : tree.siteOf(parent).kind,
    isFromRoot,
  };
  const steps = overlay(
    lists,
    Math.max(fromMs, Math.floor(own.firstMs! / 1000) * 1000),
    nowMs,
    ([outside, gateway, hub, witness, above, site]) =>
      judge({ outside, gateway, hub, witness, parent: above, site } as Moment, rules),
    sameJudgement,
  );
  const shortMs =
    2 * [...own.bound, ...own.witnesses].reduce((most, { target }) => Math.max(most, target.intervalMs), 0);
  return absorbSlivers(steps, shortMs, mayAbsorb, sameJudgement);
}

interface Rules {
  link: Link;
  isHeard: boolean;
  isFromRoot: boolean;
  parentKind: string | null;
}

/**
 * Own measurement first, then a witness. Where nobody tests the link it is not known, whatever became of the site: its power
 * may be gone, and the link be fine.
 */
function judge(moment: Moment, rules: Rules): Judgement {
  const { outside, gateway, witness, site } = moment;
  if (outside !== undefined && (!outside.carried || rules.isHeard)) {
    if (outside.good) return up;
    // The router in between is silent, or this machine was never given a way: that says nothing of the link.
    if (gateway?.good === false || (outside.phase === "route" && site?.state === "up")) return unknown;
    return explain(moment, rules, gateway?.good === true ? "high" : "medium");
  }
  if (witness === undefined || witness.carried || witness.phase === "route") return unknown;
  if (witness.good) return up;
  // The agent is silent as well: its link may be cut, or its power.
  return site?.state === "up" ? explain(moment, rules, "medium") : unknown;
}

/**
 * | hub    | what the link hangs from | cause |
 * | good   | up                       | link: between this site and the world alone |
 * | good   | any                      | backhaul, or relay where that is a village |
 * | silent | down                     | what cut that off |
 * | silent | any                      | link |
 */
function explain(
  { hub, parent }: Moment,
  { link, isFromRoot, parentKind }: Rules,
  confidence: "high" | "medium",
): Judgement {
  const beyond = parentKind === "desa" ? ("relay" as const) : ("backhaul" as const);
  const isCut = parent?.state === "down";
  if (isCut && parent.root !== link.parent) return { ...parent, confidence: "medium" };
  if (!isFromRoot && hub?.good === true) {
    // What it hangs from leads others to the world.
    if (parent?.state === "up") return { state: "down", cause: "link", confidence: "low", root: link.site };
    return { state: "down", cause: beyond, confidence, root: link.parent };
  }
  if (isCut) {
    const isHub = parentKind !== "desa" && (parent.cause === "hub" || parent.cause === "power");
    return { state: "down", cause: isHub ? "hub" : beyond, confidence: "medium", root: link.parent };
  }
  return { state: "down", cause: "link", confidence, root: link.site };
}

/** A sliver may change its cause, and the edge of what nobody tested is not tested either; never from up to down or back. */
function mayAbsorb(sliver: Judgement, neighbour: Judgement): boolean {
  const isEdge = sliver.state === "down" && neighbour.state === "unknown";
  return sliver.state === "unknown" || sliver.state === neighbour.state || isEdge;
}
