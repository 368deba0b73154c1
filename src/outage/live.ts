import type { Tree } from "../inventory/tree.ts";
import type { TargetEvidence } from "./evidence.ts";
import { othersSight, ownSight } from "./live-sight.ts";
import type { OthersSight, OwnSight } from "./live-sight.ts";
import { chooseOutside } from "./outside.ts";
import type { DetectOptions } from "./signal.ts";

/*
 * Which sites are held for cut off at a moment, before the table can tell: it wants two rounds of one witness, and a
 * silent agent is no outage to it. Here weak signs of several count together (methods.md §A3, §A5, §B1):
 *
 * | the site's agent           | others' rounds of the site              | verdict |
 * | heard, reaches the outside | any                                     | none |
 * | heard, 2 rounds lost       | any                                     | down |
 * | heard, 1 round lost        | the last one lost as well               | down |
 * | heard, anchors lost        | any; the centre is cut off              | down, by the provider |
 * | not heard since            | the parent is cut off                   | unreachable |
 * | silent                     | 2 lost; the link was not poor before    | down |
 * | silent                     | 1 lost, and of a sibling's 1 as well    | down |
 * | silent for two rounds      | 2 lost, or 1 and none good since        | down |
 * | silent for very long       | nobody can ask, or it was heard though  | suspected |
 * |                            | all of theirs were lost (a second way)  | |
 * | silent                     | the last one good                       | none: the agent alone |
 *
 * A site without an agent, such as a hub, is down from its first lost round on when a child that others ask for is lost
 * with it, from its second on when no child is heard; and never while one of them is heard through it.
 *
 * While the centre is silent and most agents with it, it is the collector that does not hear: the moment before stands.
 */

export interface LiveVerdict {
  state: "down" | "unreachable" | "suspected";
  /** When it is thought to have begun, epoch ms. */
  sinceMs: number;
  /** Where the fault is thought to lie. */
  root: string;
}

export interface LiveJudge {
  /** The runs of what this site's agent measures have grown since the last question. */
  touch(vantage: string): void;
  /** They have, by a round that says what the one before said, of a site that looks at no other. */
  heard(vantage: string, roundMs: number): void;
  /** By site; those that are not held for cut off are not in it. */
  at(nowMs: number): Map<string, LiveVerdict>;
}

/** Beyond heardWithinMs and one interval, two rounds are missing, ms. */
const twoRounds = 2;
/** Share of rounds that arrive so late that they are missed live, beside those that are never sent (methods.md §E1: 2 %). */
const lateRatio = 0.02;
/** A silence is suspicious when rounds are missed by chance so rarely: once in a month of rounds a minute. */
const chanceRatio = 1 / 43_200;
/** At least so many, however steady the agent. */
const fewestRounds = 3;
/** At most so many, however unsteady. */
const mostRounds = 6;
/** Missed rounds of an agent that are taken as its habit, at most. */
const mostMissing = 0.1;
/** Rounds from which on an agent's habit is known. */
const habitRounds = 300;
/** Share of agents that are silent at once when the collector itself is deaf. */
const deafRatio = 0.5;

/** Its last round may be an interval older than its last report. */
const heardWithinMs = ({ intervalMs }: { intervalMs: number }, options: DetectOptions) =>
  options.heardWithinMs + intervalMs;

interface Place {
  code: string;
  parent: string | null;
  /** The parent is the root, of whose way down to its children its own outside says nothing. */
  parentIsRoot: boolean;
  children: readonly string[];
  own: readonly TargetEvidence[];
  outside: readonly TargetEvidence[];
  witnesses: readonly TargetEvidence[];
  /** Shortest interval of its agent's targets, and of others' of it. */
  intervalMs: number;
  witnessIntervalMs: number;
}

/** What is seen of one site, at one moment. */
interface Sight {
  place: Place;
  own: OwnSight;
  others: OthersSight;
  /** Since when the agent was not heard although the collector listened, ms. */
  silentMs: number;
  /** Somebody asks for it. */
  isWatched: boolean;
}

/**
 * `targets`: as in the evidence; their runs may grow between two questions · `listeningSinceMs`: silence before it says
 * nothing, since nobody listened. Default: somebody always did.
 */
export function createLiveJudge(
  targets: readonly TargetEvidence[],
  tree: Tree,
  options: DetectOptions,
  listeningSinceMs = -Infinity,
): LiveJudge {
  const places = placesOf(targets, tree);
  const agents = places.filter(({ own }) => own.length > 0);
  const centre = agents.find(({ parent }) => parent === null);

  /** The moment of which there is something to say: before it when the collector went deaf. */
  function hearingMs(nowMs: number): number {
    const centreMs = centre === undefined ? null : lastRoundMs(centre.own);
    if (centreMs === null || nowMs - centreMs <= options.gapFactor * centre!.intervalMs) return nowMs;
    const lost = agents.filter(({ own, intervalMs }) => {
      const heardMs = lastRoundMs(own) ?? -Infinity;
      if (nowMs - heardMs >= heardWithinMs({ intervalMs }, options)) return true;
      // Heard again: the centre will be, too.
      return holeMs(own[0]!, options.gapFactor) > centreMs - 2 * intervalMs;
    });
    return lost.length >= deafRatio * agents.length ? centreMs + heardWithinMs(centre!, options) : nowMs;
  }

  const sights = new Map(places.map((place) => [place.code, toSight(place)]));
  /** Agents of which something is new. */
  const touched = new Set(places.map(({ code }) => code));
  const seenFrom = new Map(
    places.map(({ code, own }) => [
      code,
      new Set(own.flatMap(({ role, of }) => (role === "site" ? [of!] : []))),
    ]),
  );
  let sinceMs = -Infinity;

  function see(): void {
    const others = new Set<string>();
    for (const code of touched) {
      const sight = sights.get(code)!;
      sight.own = ownSight(sight.place.own, sight.place.outside);
      for (const of of seenFrom.get(code)!) others.add(of);
      if (code === centre?.code) sinceMs = spokenSinceMs(centre, options.gapFactor);
    }
    touched.clear();
    for (const code of others) {
      const sight = sights.get(code);
      if (sight !== undefined) sight.others = othersSight(sight.place.witnesses);
    }
  }

  return {
    touch: (vantage) => void touched.add(vantage),
    heard(vantage, roundMs) {
      const { own } = sights.get(vantage)!;
      if (own.isPoor) touched.add(vantage);
      else own.heardMs = roundMs;
    },
    at(nowMs) {
      see();
      const atMs = hearingMs(nowMs);
      for (const sight of sights.values()) {
        const { own, others, place } = sight;
        sight.silentMs = own.heardMs === null ? 0 : atMs - Math.max(own.heardMs, sinceMs, listeningSinceMs);
        sight.isWatched =
          others.lastMs !== null && others.lastMs >= atMs - options.gapFactor * place.witnessIntervalMs;
      }
      const verdicts = new Map<string, LiveVerdict>();
      const context = { sights, verdicts, options, centre: centre?.code ?? null };
      for (const { code } of places) {
        const verdict = judge(sights.get(code)!, context);
        if (verdict !== null) verdicts.set(code, verdict);
      }
      return verdicts;
    },
  };
}

function toSight(place: Place): Sight {
  return { place, own: ownSight([], []), others: othersSight([]), silentMs: 0, isWatched: false };
}

/** Silences of an agent after which its site may be judged otherwise than before, ms; ascending. */
export function silencesThatTell(intervalMs: number, options: DetectOptions): number[] {
  const silences = [heardWithinMs({ intervalMs }, options), twoRounds * intervalMs + options.heardWithinMs];
  for (let rounds = fewestRounds; rounds <= mostRounds; rounds++)
    silences.push(suspiciousMs(rounds, intervalMs, options));
  return silences;
}

const suspiciousMs = (
  rounds: number,
  intervalMs: number,
  { heardWithinMs: reportMs, silenceMs }: DetectOptions,
) => Math.max(silenceMs, rounds * intervalMs + reportMs);

function placesOf(targets: readonly TargetEvidence[], tree: Tree): Place[] {
  const inForce = targets.filter(({ retired }) => retired !== true);
  const own = Map.groupBy(inForce, ({ vantage }) => vantage);
  const about = Map.groupBy(
    inForce.filter(({ role }) => role === "site"),
    ({ of }) => of ?? "",
  );
  return tree.order.map(({ code }) => {
    const parent = tree.parentOf(code);
    const ownTargets = own.get(code) ?? [];
    const witnesses = about.get(code) ?? [];
    const witnessIntervalMs = shortest(witnesses);
    return {
      code,
      parent,
      parentIsRoot: parent !== null && tree.parentOf(parent) === null,
      children: tree.childrenOf(code),
      own: ownTargets,
      outside: chooseOutside(ownTargets, tree.parentOf(code), tree),
      witnesses,
      intervalMs: ownTargets.length > 0 ? shortest(ownTargets) : witnessIntervalMs,
      witnessIntervalMs,
    };
  });
}

const shortest = (targets: readonly TargetEvidence[]) =>
  targets.reduce((least, { intervalMs }) => Math.min(least, intervalMs), Infinity);

function lastRoundMs(own: readonly TargetEvidence[]): number | null {
  return own.reduce<number | null>((latest, { runs }) => {
    const last = runs[runs.length - 1];
    return last === undefined || (latest !== null && latest > last.lastMs) ? latest : last.lastMs;
  }, null);
}

/** Start of the last round before the latest hole. */
function holeMs({ runs, intervalMs }: TargetEvidence, gapFactor: number): number {
  for (let index = runs.length - 1; index > 0; index--) {
    const before = runs[index - 1]!;
    if (runs[index]!.firstMs - before.lastMs > gapFactor * intervalMs) return before.lastMs;
  }
  return -Infinity;
}

/** Start of the rounds of the centre that came without a hole up to now: what nobody heard before says nothing. */
function spokenSinceMs({ own, intervalMs }: Place, gapFactor: number): number {
  const lastMs = lastRoundMs(own) ?? -Infinity;
  // They were all measured in the same rounds, but for those that are asked for more rarely.
  const latest = own.find(({ runs }) => (runs.at(-1)?.lastMs ?? -Infinity) >= lastMs - intervalMs / 2);
  const runs = latest?.runs ?? [];
  for (let index = runs.length - 1; index > 0; index--)
    if (runs[index]!.firstMs - runs[index - 1]!.lastMs > gapFactor * intervalMs) return runs[index]!.firstMs;
  return -Infinity;
}

interface Context {
  sights: ReadonlyMap<string, Sight>;
  verdicts: ReadonlyMap<string, LiveVerdict>;
  options: DetectOptions;
  centre: string | null;
}

function judge(sight: Sight, context: Context): LiveVerdict | null {
  const { place, own, silentMs } = sight;
  if (own.heardMs === null) return place.children.length > 0 ? judgeHub(sight, context) : judgeUnheard(sight);
  // While nobody else looks at it and it is heard, its own word stands; else until the next round is overdue.
  const isHeard = silentMs < heardWithinMs(place, context.options);
  if (isHeard && own.outside !== null) {
    const verdict = judgeHeard(sight, context);
    if (verdict !== null || own.outside) return verdict ?? behindParent(sight, context);
  }
  return judgeSilent(sight, context);
}

/** The agent's own word. */
function judgeHeard(
  { place, own, others }: Sight,
  { sights, verdicts, options, centre }: Context,
): LiveVerdict | null {
  const { code, intervalMs } = place;
  if (own.outside === true) {
    const isCut = own.anchors === false && centre !== null && centre !== code && verdicts.has(centre);
    return isCut ? { state: "unreachable", sinceMs: verdicts.get(centre)!.sinceMs, root: centre } : null;
  }
  const isSeen = others.badRounds > 0 && Math.abs(others.badSinceMs - own.badSinceMs) <= 2 * intervalMs;
  const isShared = code === centre && [...sights.values()].some((other) => losesAnchorsToo(other, own, code));
  if (own.badRounds < options.badRounds && !isSeen && !isShared) return null;
  const parent = place.parentIsRoot ? undefined : verdicts.get(place.parent ?? "");
  const root = parent !== undefined && !own.throughParent ? parent.root : code;
  return { state: root === code ? "down" : "unreachable", sinceMs: own.badSinceMs - intervalMs / 2, root };
}

function losesAnchorsToo({ place, own }: Sight, { badSinceMs }: OwnSight, centre: string): boolean {
  return (
    place.code !== centre &&
    own.anchors === false &&
    own.heardMs !== null &&
    own.heardMs > badSinceMs - place.intervalMs
  );
}

/** Its parent was cut off after the site was last heard. */
function behindParent({ place, own, others }: Sight, { verdicts, centre }: Context): LiveVerdict | null {
  // What cuts the centre off from the world cuts off everybody; that the centre is up says nothing of the way to it.
  const above = place.parentIsRoot ? centre : place.parent;
  const parent = above === null ? undefined : verdicts.get(above);
  if (parent === undefined || parent.state === "suspected") return null;
  const lastGoodMs = Math.max(
    own.outside === true ? own.heardMs! : -Infinity,
    place.parentIsRoot ? -Infinity : others.goodMs,
  );
  if (lastGoodMs > parent.sinceMs + place.intervalMs / 2) return null;
  return { state: "unreachable", sinceMs: parent.sinceMs, root: parent.root };
}

function judgeSilent(sight: Sight, context: Context): LiveVerdict | null {
  const { place, own, others, silentMs } = sight;
  const { options } = context;
  const { code, intervalMs } = place;
  const inherited = behindParent(sight, context);
  if (inherited !== null) return inherited;
  if (silentMs < heardWithinMs(place, options)) return null;
  const parent = place.parentIsRoot ? undefined : context.verdicts.get(place.parent ?? "");
  const root = parent !== undefined && parent.state !== "suspected" ? parent.root : code;
  const down = (sinceMs: number): LiveVerdict => ({
    state: root === code ? "down" : "unreachable",
    sinceMs,
    root,
  });
  if (sight.isWatched && others.good) return null;
  // Others lost it while it was heard all the same: it is on another way than theirs, and they cannot tell.
  const isElsewhere = own.outside === true && own.heardMs! > others.badSinceMs + intervalMs;
  if (sight.isWatched && !isElsewhere) {
    const missesTwo = silentMs >= twoRounds * intervalMs + options.heardWithinMs;
    const isSilentSince = others.goodMs < own.heardMs! + intervalMs;
    const isLost = others.badRounds >= options.badRounds && (missesTwo || !own.isPoor);
    const isEnough = isLost || (missesTwo && isSilentSince) || siblingFalls(sight, context);
    return isEnough ? down(others.badSinceMs - intervalMs / 2) : null;
  }
  if (silentMs < suspiciousMs(fewestRounds, intervalMs, options)) return null;
  if (silentMs < suspiciousMs(suspiciousRounds(place.own), intervalMs, options)) return null;
  return { state: "suspected", sinceMs: own.heardMs! + intervalMs / 2, root: code };
}

/** A sibling is silent and was lost to others for the first time in the same moment. */
function siblingFalls({ place, others }: Sight, { sights, options }: Context): boolean {
  for (const { place: other, others: seen, silentMs } of sights.values()) {
    if (other.parent !== place.parent || other.code === place.code || other.own.length === 0) continue;
    if (silentMs < heardWithinMs(place, options) || seen.badRounds === 0) continue;
    if (Math.abs(seen.badSinceMs - others.badSinceMs) < place.intervalMs) return true;
  }
  return false;
}

/** How many rounds an agent has to miss in a row before chance is the worse explanation, by its own habit. */
function suspiciousRounds(own: readonly TargetEvidence[]): number {
  const runs = own[0]!.runs;
  let rounds = 0;
  let due = 0;
  for (const run of runs) {
    rounds += run.rounds;
    due += 1 + (run.lastMs - run.firstMs) / own[0]!.intervalMs;
  }
  const missing = rounds < habitRounds ? 0 : Math.min(mostMissing, Math.max(0, 1 - rounds / due));
  const byChance = Math.ceil(Math.log(chanceRatio) / Math.log(missing + lateRatio));
  return Math.min(mostRounds, Math.max(fewestRounds, byChance));
}

/** A hub: only others see it, and what hangs on it. */
function judgeHub(sight: Sight, context: Context): LiveVerdict | null {
  const { place, others } = sight;
  const { sights, options } = context;
  const inherited = behindParent(sight, context);
  if (inherited !== null) return inherited;
  if (!sight.isWatched || others.good) return null;
  const { badSinceMs } = others;
  let lost = 0;
  let silent = 0;
  for (const code of place.children) {
    const child = sights.get(code)!;
    if (child.own.heardMs !== null && child.own.throughParent && child.own.heardMs > badSinceMs) return null;
    if (child.isWatched && child.others.goodMs > badSinceMs) return null;
    if (child.others.badRounds > 0 && child.others.badSinceMs > badSinceMs - place.intervalMs) lost += 1;
    if (child.silentMs >= heardWithinMs(child.place, options)) silent += 1;
  }
  const isDown = lost > 0 || (others.badRounds >= options.badRounds && silent > 0);
  if (!isDown) return null;
  return { state: "down", sinceMs: badSinceMs - place.intervalMs / 2, root: place.code };
}

/** Nothing but others' rounds is known of it. */
function judgeUnheard({ place, others, isWatched }: Sight): LiveVerdict | null {
  if (!isWatched || others.badRounds < 2) return null;
  return { state: "down", sinceMs: others.badSinceMs - place.intervalMs / 2, root: place.code };
}
