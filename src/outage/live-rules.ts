import type { OthersSight, OwnSight } from "./live-sight.ts";
import type { Place } from "./live-places.ts";
import { heardWithinMs, missedRounds } from "./live-silence.ts";
import { fellTogether, isSuspicious } from "./live-suspicion.ts";
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
 * | silent                     | 1 lost, and of a sibling's 1 as well;   | down |
 * |                            | neither link was poor before            | |
 * | silent for two rounds      | 2 lost                                  | down |
 * | silent for three rounds    | 1 lost, and none good since             | down |
 * | silent for longer than     | nobody can ask, or it was heard though  | suspected |
 * | chance explains            | all of theirs were lost (a second way)  | |
 * | silent                     | the last one good                       | none: the agent alone |
 *
 * A site without an agent, such as a hub, is down from its first lost round on when a child that others ask for is lost
 * with it, from its second on when a child is silent; but not while others of them answer: twice as many as these have to be
 * mute, since one village in the wrong place of the tree must not acquit it.
 */

export interface LiveVerdict {
  state: "down" | "unreachable" | "suspected";
  /** When it is thought to have begun, epoch ms. */
  sinceMs: number;
  /** Where the fault is thought to lie. */
  root: string;
}

/** What is seen of one site, at one moment. */
export interface Sight {
  place: Place;
  own: OwnSight;
  others: OthersSight;
  /** Since when the agent was not heard although the collector listened, ms. */
  silentMs: number;
  /** Somebody asks for it. */
  isWatched: boolean;
}

/** What one site is judged by beside what is seen of itself; parents are judged first. */
export interface Context {
  sights: ReadonlyMap<string, Sight>;
  verdicts: ReadonlyMap<string, LiveVerdict>;
  options: DetectOptions;
  centre: string | null;
  /** The UPS of a site said last that it runs on its battery. */
  isOnBattery: (site: string) => boolean;
}

/** null: not held for cut off. */
export function judgeLive(sight: Sight, context: Context): LiveVerdict | null {
  const { place, own, silentMs } = sight;
  if (own.heardMs === null)
    return place.children.length > 0 ? judgeHub(sight, context) : judgeUnheard(sight, context);
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
    const missed = missedRounds(silentMs, place, options);
    const isSilentSince = others.goodMs < own.heardMs! + intervalMs;
    const isLost = others.badRounds >= options.badRounds && (missed >= 2 || !own.isPoor);
    const isEnough =
      isLost || (missed >= 3 && isSilentSince) || (!own.isPoor && siblingFalls(sight, context));
    return isEnough ? down(others.badSinceMs - intervalMs / 2) : null;
  }
  if (!isSuspicious(sight, context)) return null;
  return { state: "suspected", sinceMs: own.heardMs! + intervalMs / 2, root: suspectedRoot(sight, context) };
}

/** The parent where that is suspected since the same moment. */
function suspectedRoot(sight: Sight, { sights, verdicts, options }: Context): string {
  const { code, parent, parentIsRoot } = sight.place;
  const above = parentIsRoot ? undefined : verdicts.get(parent ?? "");
  return above?.state === "suspected" && fellTogether(sight, sights.get(parent!)!, options)
    ? above.root
    : code;
}

/** A sibling is silent and was lost to others for the first time in the same moment. */
function siblingFalls({ place, others }: Sight, { sights, options }: Context): boolean {
  for (const { place: other, own, others: seen, silentMs } of sights.values()) {
    if (other.parent !== place.parent || other.code === place.code || other.own.length === 0) continue;
    if (own.isPoor || silentMs < heardWithinMs(place, options) || seen.badRounds === 0) continue;
    if (Math.abs(seen.badSinceMs - others.badSinceMs) < place.intervalMs) return true;
  }
  return false;
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
  let mute = 0;
  let speaking = 0;
  for (const code of place.children) {
    const child = sights.get(code)!;
    if (speaksSince(child, badSinceMs)) {
      speaking += 1;
      continue;
    }
    const isLost = child.others.badRounds > 0 && child.others.badSinceMs > badSinceMs - place.intervalMs;
    if (isLost) lost += 1;
    if (isLost || child.silentMs >= heardWithinMs(child.place, options)) mute += 1;
  }
  const isDown = lost > 0 || (others.badRounds >= options.badRounds && mute > 0);
  if (!isDown || mute < 2 * speaking) return null;
  return { state: "down", sinceMs: badSinceMs - place.intervalMs / 2, root: place.code };
}

/** It was heard through the hub since that was lost, or answered others in the same round or since. */
function speaksSince({ place, own, others, isWatched }: Sight, lostMs: number): boolean {
  if (own.heardMs !== null && own.throughParent && own.heardMs > lostMs) return true;
  return isWatched && others.goodMs > lostMs - place.witnessIntervalMs / 2;
}

/** Nothing but others' rounds is known of it. */
function judgeUnheard({ place, others, isWatched }: Sight, { options }: Context): LiveVerdict | null {
  if (!isWatched || others.badRounds < options.badRounds) return null;
  return { state: "down", sinceMs: others.badSinceMs - place.intervalMs / 2, root: place.code };
}
