import type { Site } from "../inventory/inventory.ts";
import type { Tree } from "../inventory/tree.ts";
import { readBelow } from "./below.ts";
import type { Below } from "./below.ts";
import { sharpenEdges } from "./edges.ts";
import type { Evidence } from "./evidence.ts";
import { markPowerCuts } from "./power.ts";
import { markRain } from "./rain.ts";
import { markRouterReboots } from "./router.ts";
import type { DetectOptions, Signal } from "./signal.ts";
import { anyGood, anyWay, knowsServicesAlone } from "./site-path.ts";
import type { Named, SiteSignals } from "./site-path.ts";
import { absorbSlivers, overlay } from "./steps.ts";
import type { Step } from "./steps.ts";
import type { Cause, Confidence } from "./table.ts";
import type { Tally } from "./tally.ts";

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
    const rained = markRain(powered, { code, outside: site.outsideTargets, own }, sameJudgement);
    judged.set(code, rained);
  }
  sharpenEdges(
    [...judged].map(([code, steps]) => {
      const { outsideTargets, witnesses } = signals.get(code)!;
      const targets = [...outsideTargets, ...witnesses].map(({ target }) => target);
      return { steps, targets, isGood: ({ verdict }) => verdict !== "bad", isTold: () => true };
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

/** Values of one moment, in the order in which judgeSite lays its lists. */
interface Moment {
  outside: Signal | undefined;
  /** Of what lies beyond, the public addresses alone. */
  anchor: Signal | undefined;
  gateway: Signal | undefined;
  hub: Signal | undefined;
  witness: Signal | undefined;
  /** The hub as others see it whose path leads over it. */
  hubOfOthers: Tally | undefined;
  parent: Judgement | undefined;
  /** What every one of the site's links hangs from: down where all of that is. */
  parents: Judgement | undefined;
  /** The root of the tree, which looks at the world from the district's centre. */
  centre: Judgement | undefined;
  /** The site's own hub as those below it see it, and whether they get beyond it. */
  belowHub: Tally | undefined;
  beyondHub: Tally | undefined;
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
    ([outside, anchor, gateway, hub, witness, hubOfOthers, above, aboveAll, top, belowHub, beyondHub]) =>
      judge(
        {
          outside,
          anchor,
          gateway,
          hub,
          witness,
          hubOfOthers,
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

interface Rules {
  code: string;
  parent: string | null;
  parentKind: Site["kind"] | null;
  centre: string | null;
  /** The agent reported so lately that its last word stands. */
  heard: boolean;
  hasHub: boolean;
  servicesAlone: boolean;
  parentIsRoot: boolean;
  /** How many ask for this site's own hub. */
  vantagesBelow: number;
}

/** Own measurement first, then a witness, then what a dead parent implies, then the last known state. */
function judge(moment: Moment, rules: Rules): Judgement {
  const { parents } = moment;
  const outside = isOwnWant(moment) ? undefined : moment.outside;
  // A witness without a route to the site never tried it.
  const witness = moment.witness?.phase === "route" ? undefined : moment.witness;
  if (outside !== undefined && (!outside.carried || rules.heard))
    return outside.good ? connected(moment, rules) : explain(moment, rules);
  if (witness !== undefined && !witness.carried)
    return witness.good ? upButSilent : cutOff(witness, moment, rules);
  if (parents?.state === "down") return cutOff(witness, moment, rules);
  if (isCutOffFromBelow(moment)) return cutOff(undefined, moment, rules);
  if (outside !== undefined) return outside.good ? up : explain(moment, rules);
  if (witness !== undefined) return witness.good ? upButSilent : cutOff(witness, moment, rules);
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
 * Something beyond the hub answers. Where that is the district's centre alone, and the centre does not reach the public
 * addresses either, the site is as cut off as everybody.
 */
function connected({ anchor, centre }: Moment, rules: Rules): Judgement {
  const isCut = anchor?.good === false && !anchor.carried && centre?.state === "down";
  if (!isCut || rules.centre === null) return up;
  return { state: "down", cause: "provider", confidence: "high", root: centre.root ?? rules.centre };
}

/**
 * The site's own agent says that nothing beyond answers. Rows of methods.md §B1 and §B3 that need no more than ICMP:
 *
 * | gateway | hub    | parent            | hub of others | cause |
 * | silent  | any    | any               | any           | unknown: the site's own router (router.ts), or its power |
 * | –       | good   | any               | any           | backhaul of the parent; behind a village that relays, what cut that off |
 * | –       | silent | down, by itself   | silent        | relay, where a village is the parent; hub, where it is a kecamatan |
 * | –       | silent | down, by another  | silent        | what cut the parent off |
 * | –       | silent | any               | good or none  | link |
 */
function explain(moment: Moment, rules: Rules): Judgement {
  const { gateway, hub, parent, hubOfOthers } = moment;
  const { code } = rules;
  if (gateway?.good === false) return { state: "down", cause: "unknown", confidence: "low", root: code };
  // Below the root the hub is the NOC: that it is silent is the finding itself.
  if (hub?.good === true && !rules.parentIsRoot && rules.parent !== null) {
    const isFound = parent?.state === "down" && parent.root !== null;
    const confidence = isFound ? "high" : "medium";
    // The radio of the village that relays answers, and leads nowhere: what cut that off cuts this off.
    if (isFound && rules.parentKind === "desa") return inherit(parent, rules, confidence);
    const cause = rules.parentKind === "desa" ? "relay" : "backhaul";
    return { state: "down", cause, confidence, root: isFound ? parent.root! : rules.parent };
  }
  if (parent?.state === "down" && isParentsFault(moment, rules)) return inherit(parent, rules, "medium");
  const hubFine = hubOfOthers !== undefined && hubOfOthers.failing < hubOfOthers.able;
  const sure = gateway?.good === true && (hubFine || hub !== undefined);
  return {
    state: "down",
    cause: "link",
    confidence: rules.servicesAlone ? "low" : sure ? "high" : gateway?.good === true ? "medium" : "low",
    root: code,
  };
}

/** The hub is silent, and the parent is down: is it silent because of that, and not by the site's own link? */
function isParentsFault({ parent, hubOfOthers }: Moment, rules: Rules): boolean {
  if (!rules.hasHub || parent!.cause === "power") return true;
  // Behind a village that relays, the site's only way is that village's.
  if (rules.parentKind === "desa") return true;
  return hubOfOthers !== undefined && isDead(hubOfOthers);
}

/**
 * A hub that answers nobody, or next to nobody: one that hangs elsewhere than the inventory says is likelier than several
 * links that broke at the moment at which the hub was lost from above.
 */
function isDead({ able, failing }: Tally): boolean {
  return failing === able || (failing >= 2 && failing * 3 >= able * 2);
}

/** What cut the parent off, as its child names it. */
function inherit(
  { cause, root }: Judgement,
  { parent, parentKind }: Rules,
  confidence: Confidence,
): Judgement {
  if (root !== parent) return { state: "down", cause, confidence, root };
  if (parentKind === "desa") return { state: "down", cause: "relay", confidence, root };
  const named = cause === "hub" || cause === "power" ? "hub" : "backhaul";
  return { state: "down", cause: named, confidence, root };
}

/** The agent is silent and others cannot reach the site, or its parent is cut off. */
function cutOff(witness: Signal | undefined, moment: Moment, rules: Rules): Judgement {
  const { parent } = moment;
  if (parent?.state === "down") return inherit(parent, rules, witness === undefined ? "low" : "medium");
  return fromBelow(moment, rules) ?? { state: "down", cause: "unknown", confidence: "low", root: rules.code };
}

/**
 * A site that cannot be reached from above, by what those below it see of its hub (methods.md §B1): it answers one of them, so
 * it is the uplink; it answers none of those that can speak, so one dead hub explains what would else take several faults.
 * null: nobody below has spoken; link or power, it tells once it is back.
 */
function fromBelow({ belowHub }: Moment, { code, vantagesBelow }: Rules): Judgement | null {
  if (belowHub === undefined) return null;
  const { able, failing } = belowHub;
  if (!isDead(belowHub)) return { state: "down", cause: "backhaul", confidence: "high", root: code };
  const confidence = failing === able && (able >= 2 || vantagesBelow === 1) ? "high" : "medium";
  return { state: "down", cause: "hub", confidence, root: code };
}

/** Nobody looks at the site from above just now: those below it are many enough to say that it is cut off. */
function isCutOffFromBelow({ belowHub, beyondHub }: Moment): boolean {
  const reached = beyondHub ?? { able: 0, failing: 0 };
  if (reached.failing >= 2 && reached.failing * 2 > reached.able) return true;
  return belowHub !== undefined && belowHub.failing >= 3 && belowHub.failing === belowHub.able;
}

export function sameJudgement(a: Judgement, b: Judgement): boolean {
  return a.state === b.state && a.cause === b.cause && a.root === b.root && a.confidence === b.confidence;
}

/** A sliver may change its cause or its silence, never from up to down or back. */
function mayAbsorb(sliver: Judgement, neighbour: Judgement): boolean {
  return sliver.state === "unknown" || sliver.state === neighbour.state;
}
