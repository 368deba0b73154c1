import type { Site } from "../inventory/inventory.ts";
import { unknown, up } from "./judgement.ts";
import type { Judgement } from "./judgement.ts";
import type { Signal } from "./signal.ts";
import type { Confidence } from "./table.ts";
import type { Tally } from "./tally.ts";

/* What is held of a site at one moment, by what all that look at it say then. */

/** Others reach the site, its agent is silent: the network is fine there. */
const upButSilent: Judgement = { state: "up", cause: "agent", confidence: "medium", root: null };

/** How many at least must have lost something for it to be more than their own trouble. A hub itself wants one more. */
const leastVoices = 2;
/** Share of those who ask a hub that may not reach it when it is dead (docs/decisions/0025). */
const deadShare = 2 / 3;
/** More than this share of those below a site are cut off beyond its hub when the site is. */
const majority = 0.5;

/** Values of one moment, in the order in which judgeSite lays its lists. */
export interface Moment {
  outside: Signal | undefined;
  /** Of what lies beyond, the public addresses alone. */
  anchor: Signal | undefined;
  gateway: Signal | undefined;
  hub: Signal | undefined;
  witness: Signal | undefined;
  /** The hub as others see it whose path leads over it. */
  hubOfOthers: Tally | undefined;
  /** Of those who reach it, who gets beyond it. */
  beyondOfOthers: Tally | undefined;
  parent: Judgement | undefined;
  /** What every one of the site's links hangs from: down where all of that is. */
  parents: Judgement | undefined;
  /** The root of the tree, which looks at the world from the district's centre. */
  centre: Judgement | undefined;
  /** The site's own hub as those below it see it, and whether they get beyond it. */
  belowHub: Tally | undefined;
  beyondHub: Tally | undefined;
}

/** What does not change about a site. */
export interface Rules {
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
export function judgeMoment(moment: Moment, rules: Rules): Judgement {
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
 * | –       | good   | down              | any           | backhaul of the parent; behind a village that relays, what cut that off |
 * | –       | good   | unknown           | any           | the same, where most who reach the hub get no further |
 * | –       | good   | up, or most who reach the hub get further | | link: between this site and the world alone |
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
    if (!isFound && isAlone(moment)) return { state: "down", cause: "link", confidence: "low", root: code };
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

/** Its hub answers, and leads others to the world: the parent is up, or most of those who reach the hub get beyond it. */
function isAlone({ parent, beyondOfOthers }: Moment): boolean {
  if (parent?.state === "up") return true;
  return beyondOfOthers !== undefined && beyondOfOthers.failing < majority * beyondOfOthers.able;
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
  return failing === able || (failing >= leastVoices && failing >= deadShare * able);
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
  if (reached.failing >= leastVoices && reached.failing > majority * reached.able) return true;
  return belowHub !== undefined && belowHub.failing > leastVoices && belowHub.failing === belowHub.able;
}
