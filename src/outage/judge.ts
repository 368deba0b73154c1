import type { Tree } from "../inventory/tree.ts";
import type { Evidence } from "./evidence.ts";
import { markPowerCuts } from "./power.ts";
import type { DetectOptions, Signal } from "./signal.ts";
import { anyGood, knowsServicesAlone } from "./site-path.ts";
import type { SiteSignals } from "./site-path.ts";
import { absorbSlivers, overlay } from "./steps.ts";
import type { Step } from "./steps.ts";
import type { Cause, Confidence } from "./table.ts";

/** What is held of a site for a stretch of time. */
export interface Judgement {
  state: "up" | "down" | "unknown";
  cause: Cause | null;
  confidence: Confidence;
  /** Where the fault lies; null when up or unknown. */
  root: string | null;
}

export type Judgements = ReadonlyMap<string, readonly Step<Judgement>[]>;

const up: Judgement = { state: "up", cause: null, confidence: "high", root: null };
const unknown: Judgement = { state: "unknown", cause: null, confidence: "high", root: null };
/** Others reach the site, its agent is silent: the network is fine there. */
const upButSilent: Judgement = { state: "up", cause: "agent", confidence: "medium", root: null };

/** Judges every site, parents first, since a child's silence means something else below a parent that is cut off. */
export function judgeSites(
  signals: ReadonlyMap<string, SiteSignals>,
  tree: Tree,
  evidence: Evidence,
  options: DetectOptions,
): Judgements {
  const { fromMs, nowMs } = evidence;
  const judged = new Map<string, readonly Step<Judgement>[]>();
  const targets = Map.groupBy(evidence.targets, ({ vantage }) => vantage);
  const events = Map.groupBy(evidence.events, (event) => event.site);
  for (const { code } of tree.order) {
    const site = signals.get(code)!;
    if (site.firstMs === null) continue;
    const steps = judgeSite(site, signals, judged, tree, evidence, options);
    const said = { code, site, own: targets.get(code) ?? [], events: events.get(code) ?? [], fromMs, nowMs };
    judged.set(code, markPowerCuts(steps, said, sameJudgement));
  }
  return judged;
}

/** Values of one moment, in the order in which judgeSite lays its lists. */
interface Moment {
  outside: Signal | undefined;
  gateway: Signal | undefined;
  hub: Signal | undefined;
  witness: Signal | undefined;
  /** The hub as the site's siblings see it. */
  siblings: Signal | undefined;
  parent: Judgement | undefined;
}

function judgeSite(
  site: SiteSignals,
  signals: ReadonlyMap<string, SiteSignals>,
  judged: Judgements,
  tree: Tree,
  evidence: Evidence,
  options: DetectOptions,
): Step<Judgement>[] {
  const { fromMs, nowMs } = evidence;
  const parent = tree.parentOf(site.code);
  const siblings = parent === null ? [] : tree.childrenOf(parent).filter((code) => code !== site.code);
  const siblingHubs = siblings.flatMap((code) => signals.get(code)?.hub ?? []);
  const any = (targets: SiteSignals["hub"]) => anyGood(targets, fromMs, nowMs);
  const lists: (readonly Step<Signal | Judgement>[])[] = [
    site.outside,
    any(site.gateway),
    any(site.hub),
    any(site.witnesses),
    any(siblingHubs),
    // The root is judged by what lies beyond it, which says nothing of the way from it to its children.
    parent === null || tree.parentOf(parent) === null ? [] : (judged.get(parent) ?? []),
  ];
  const silentForMs = site.lastHeardMs === null ? Infinity : nowMs - site.lastHeardMs;
  const rules: Rules = {
    code: site.code,
    parent,
    // Its last round may be an interval older than its last report.
    heard: silentForMs < options.heardWithinMs + site.shortestIntervalMs,
    hasHub: site.hub.some(({ target }) => target.retired !== true),
    servicesAlone: knowsServicesAlone(site),
    parentIsRoot: parent !== null && tree.parentOf(parent) === null,
  };
  const steps = overlay(
    lists,
    Math.max(fromMs, Math.floor(site.firstMs! / 1000) * 1000),
    nowMs,
    ([outside, gateway, hub, witness, siblingHub, above]) =>
      judge({ outside, gateway, hub, witness, siblings: siblingHub, parent: above } as Moment, rules),
    sameJudgement,
  );
  const intervals = [...site.outsideTargets, ...site.hub, ...site.witnesses]
    .filter(({ target }) => target.retired !== true)
    .map(({ target }) => target.intervalMs);
  const shortMs = 2 * intervals.reduce((a, b) => Math.max(a, b), 0);
  return absorbSlivers(steps, shortMs, mayAbsorb, sameJudgement);
}

interface Rules {
  code: string;
  parent: string | null;
  /** The agent reported so lately that its last word stands. */
  heard: boolean;
  hasHub: boolean;
  servicesAlone: boolean;
  parentIsRoot: boolean;
}

/** Own measurement first, then a witness, then what a dead parent implies, then the last known state. */
function judge(moment: Moment, rules: Rules): Judgement {
  const { parent } = moment;
  const outside = isOwnWant(moment) ? undefined : moment.outside;
  // A witness without a route to the site never tried it.
  const witness = moment.witness?.phase === "route" ? undefined : moment.witness;
  if (outside !== undefined && (!outside.carried || rules.heard))
    return outside.good ? up : explain(moment, rules);
  if (witness !== undefined && !witness.carried)
    return witness.good ? upButSilent : cutOff(witness, parent, rules);
  if (parent?.state === "down") return cutOff(witness, parent, rules);
  if (outside !== undefined) return outside.good ? up : explain(moment, rules);
  if (witness !== undefined) return witness.good ? upButSilent : cutOff(witness, parent, rules);
  return unknown;
}

/**
 * The agent has no route to what lies beyond, and yet its parent's gateway answers: its routes are at fault, or it was given
 * an IPv6 address without having IPv6. That is no proof against the site, nor against its parent.
 */
function isOwnWant({ outside, hub }: Moment): boolean {
  return outside?.phase === "route" && hub?.good === true;
}

/**
 * The site's own agent says that nothing beyond answers. Rows of methods.md §B3 that need no more than ICMP:
 *
 * | gateway | hub    | parent | siblings' hub | cause |
 * | silent  | any    | any    | any           | unknown: the site's own router, or its power |
 * | –       | good   | any    | any           | backhaul of the parent |
 * | –       | silent | down   | silent        | backhaul: the parent's hub itself is gone |
 * | –       | silent | without power | any    | backhaul: so is its hub |
 * | –       | silent | any    | good or none  | link |
 */
function explain(moment: Moment, rules: Rules): Judgement {
  const { gateway, hub, parent, siblings } = moment;
  const { code } = rules;
  if (gateway?.good === false) return { state: "down", cause: "unknown", confidence: "low", root: code };
  const parentDown = parent?.state === "down";
  // Below the root the hub is the NOC: that it is silent is the finding itself.
  if (hub?.good === true && !rules.parentIsRoot && rules.parent !== null) {
    return {
      state: "down",
      cause: "backhaul",
      confidence: parentDown ? "high" : "medium",
      root: parentDown ? parent.root! : rules.parent,
    };
  }
  if (parentDown && (!rules.hasHub || siblings?.good === false || parent.cause === "power")) {
    return { state: "down", cause: "backhaul", confidence: "medium", root: parent.root! };
  }
  const sure = gateway?.good === true && (siblings?.good === true || hub !== undefined);
  return {
    state: "down",
    cause: "link",
    confidence: rules.servicesAlone ? "low" : sure ? "high" : gateway?.good === true ? "medium" : "low",
    root: code,
  };
}

/** The agent is silent and others cannot reach the site, or its parent is cut off. Link or power: it tells once it is back. */
function cutOff(witness: Signal | undefined, parent: Judgement | undefined, { code }: Rules): Judgement {
  if (parent?.state === "down") {
    return {
      state: "down",
      cause: "backhaul",
      confidence: witness === undefined ? "low" : "medium",
      root: parent.root!,
    };
  }
  return { state: "down", cause: "unknown", confidence: "low", root: code };
}

function sameJudgement(a: Judgement, b: Judgement): boolean {
  return a.state === b.state && a.cause === b.cause && a.root === b.root && a.confidence === b.confidence;
}

/** A sliver may change its cause or its silence, never from up to down or back. */
function mayAbsorb(sliver: Judgement, neighbour: Judgement): boolean {
  return sliver.state === "unknown" || sliver.state === neighbour.state;
}
