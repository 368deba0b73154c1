import type { Context, Sight } from "./live-rules.ts";
import { heardWithinMs, isLongEnough, missedRatio, missedRounds, reportStepMs } from "./live-silence.ts";

/*
 * Whether chance is the worse explanation of the silence of a site that nobody else can ask: it would have to happen so
 * rarely as once in a month of rounds a minute. Counted in nats, minus the logarithm of the chance:
 *
 * | sign                                            | nats |
 * | each round missed                               | by the agent's own habit: 3.8 for one that misses 0.3 %, 3.2 for 2 %; 2.9 and 2.7 on a poor link |
 * | its UPS ran on the battery                      | 6.2: a month has 80 such rounds |
 * | its link was poor                               | 3.2: a month has 1,800 such rounds |
 * | others around it fell silent at the same moment | theirs, 6.6 each at most, less the ways to choose them |
 *
 * So a steady agent is suspected after three missed rounds by itself, an unsteady one after four, or three where its link
 * was poor; and both sooner with their neighbours.
 */

/** Once in a month of rounds a minute. */
const neededNats = Math.log(43_200);
/**
 * Rounds a month on battery, an assumption: 1.4 cuts of 40 minutes, as long as a UPS lasts, and four tests of three minutes
 * (methods.md §E1).
 */
const batteryNats = Math.log(43_200 / 80);
/** Rounds a month in which a link is poor, an assumption: an hour a day. */
const poorNats = Math.log(24);
/**
 * What the fall of one neighbour can tell at most: it falls for itself, and by chance in the same minute, sixty times a
 * month, the interruptions of less than two minutes included (methods.md §E1: 15 of these, some ten longer ones, and lost
 * echoes beside them).
 */
const neighbourNats = Math.log(43_200 / 60);

/** Held for cut off because it is silent for longer than chance explains. */
export function isSuspicious(sight: Sight, context: Context): boolean {
  const missed = missedRounds(sight.silentMs, sight.place, context.options);
  if (missed < 2) return false;
  if (isLongEnough(missed)) return true;
  const { place, own } = sight;
  let nats = missed * natsPerRound(sight);
  if (context.isOnBattery(place.code)) nats += batteryNats;
  else if (own.isPoor) nats += poorNats;
  // The neighbours are asked only where they can matter.
  return nats >= neededNats || nats + companyNats(sight, context) >= neededNats;
}

/** Fell silent in the same moment, as far as the reports of both can tell. */
export function fellTogether(one: Sight, other: Sight, options: Context["options"]): boolean {
  const apartMs = Math.abs(one.own.heardMs! - other.own.heardMs!);
  return apartMs < Math.max(reportStepMs(one.place, options), reportStepMs(other.place, options));
}

/** What others that fell silent with it add: as many of them as make the most of it. */
function companyNats(sight: Sight, context: Context): number {
  // While the centre is silent as well it may be the collector that does not hear.
  const centre = context.centre === null ? undefined : context.sights.get(context.centre);
  if (centre !== undefined && centre.silentMs >= heardWithinMs(centre.place, context.options)) return 0;
  const all = neighboursOf(sight, context.sights);
  const told = all.map((other) => fallNats(sight, other, context)).sort((a, b) => b - a);
  let most = 0;
  let sum = 0;
  for (const [index, nats] of told.entries()) {
    if (nats === 0) break;
    // The ways to choose so many of them, each a round earlier or later.
    const waysMore = (2 * (all.length - index)) / (index + 1);
    sum += nats - Math.log(waysMore);
    most = Math.max(most, sum);
  }
  return most;
}

/** Agents at the places below the same parent, at the parent, and right below it. */
function neighboursOf({ place }: Sight, sights: Context["sights"]): Sight[] {
  const parent = place.parent === null ? undefined : sights.get(place.parent);
  const codes = [
    ...(parent === undefined ? [] : [parent.place.code, ...parent.place.children]),
    ...place.children,
  ];
  return codes
    .filter((code) => code !== place.code)
    .map((code) => sights.get(code)!)
    .filter(({ own }) => own.heardMs !== null);
}

/** How little chance explains that the neighbour is cut off since the same moment, nats; 0: it is not, or not since then. */
function fallNats(sight: Sight, other: Sight, { options }: Context): number {
  if (other.silentMs < heardWithinMs(other.place, options) || !fellTogether(sight, other, options)) return 0;
  if (other.isWatched) return other.others.badRounds > 0 ? neighbourNats : 0;
  const missed = missedRounds(other.silentMs, other.place, options);
  return Math.min(neighbourNats, missed * natsPerRound(other));
}

const natsPerRound = ({ place, own }: Sight) => -Math.log(missedRatio(place.own, own.isPoor));
