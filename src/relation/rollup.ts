import type { Cause } from "../outage/table.ts";
import type { Availability } from "./availability.ts";
import { sumAvailability } from "./measure.ts";

/*
 * Several places as one: by time, where each place counts alike, and by people, where each counts as its inhabitants do.
 * Exact accounting of one window, without inference: what follows from it "in general" is association.ts. methods.md §C.
 */

/** How far a service could be reached from one place, and who lives there. */
export interface SitePart {
  availability: Availability;
  /** Inhabitants; null: not known, or nobody's own (a kecamatan's people are those of its villages). */
  people: number | null;
  /** Whether it is a village, whose inhabitants could be known. */
  isVillage: boolean;
}

/**
 * Whose the unavailable time was. Whole seconds, and their sum is unavailableS exactly:
 *
 *   unavailableS = networkOnlyS + serviceOnlyS + bothS + unexplainedS
 *
 * The overlap is shown and given to neither side: to be spared it takes both (methods.md §C1).
 */
export interface Attribution {
  /** The way there was cut, and the service itself was not out: power, links, name look-ups, announced work. */
  networkOnlyS: number;
  /** The service itself was out, as its control vantage saw, and the place was connected. */
  serviceOnlyS: number;
  bothS: number;
  /** Of unknown cause. */
  unexplainedS: number;
  /** networkOnlyS / unavailableS: what only the network took, for certain; null without unavailable time. */
  networkShareLowerRatio: number | null;
  /** The most that may have been the network's: with the overlap and all that is not explained. */
  networkShareUpperRatio: number | null;
  /** Had the service never been out itself: 1 − what the network took, with the overlap, of the observed time. */
  serviceUpRatio: number | null;
}

/** The figures by people, in person-seconds: seconds of each place times its inhabitants, so that sums hold exactly. */
export interface PeopleRollup {
  inhabitants: number;
  /** Villages whose inhabitants are known, and those whose are not: these are in no figure by people. */
  villages: number;
  unknownVillages: number;
  /** null where nobody's number is known. */
  availability: Availability | null;
}

export interface Rollup {
  availability: Availability;
  attribution: Attribution;
  sites: number;
  /** Mean of the places' own ratios, each alike however long it was observed; null where none was. */
  meanRatio: number | null;
  /** The same of the tenth of the places that fared worst, rounded up to whole places. */
  worstTenthRatio: number | null;
  people: PeopleRollup;
}

export function rollUp(parts: readonly SitePart[]): Rollup {
  const availability = sumAvailability(parts.map((part) => part.availability));
  const ratios = parts.flatMap((part) => part.availability.availabilityRatio ?? []).sort((a, b) => a - b);
  return {
    availability,
    attribution: attributionOf(availability),
    sites: parts.length,
    meanRatio: mean(ratios),
    worstTenthRatio: mean(ratios.slice(0, Math.ceil(ratios.length / 10))),
    people: rollUpPeople(parts),
  };
}

export function attributionOf(availability: Availability): Attribution {
  const { unavailableS, observedS, byCause } = availability;
  const serviceS = byCause.service ?? 0;
  const unexplainedS = byCause.unknown ?? 0;
  const { bothS } = availability;
  const serviceOnlyS = serviceS - bothS;
  const networkOnlyS = unavailableS - serviceS - unexplainedS;
  const ratio = (part: number, whole: number) => (whole === 0 ? null : part / whole);
  return {
    networkOnlyS,
    serviceOnlyS,
    bothS,
    unexplainedS,
    networkShareLowerRatio: ratio(networkOnlyS, unavailableS),
    networkShareUpperRatio: ratio(unavailableS - serviceOnlyS, unavailableS),
    serviceUpRatio: ratio(observedS - networkOnlyS - bothS, observedS),
  };
}

function rollUpPeople(parts: readonly SitePart[]): PeopleRollup {
  const villages = parts.filter(({ isVillage }) => isVillage);
  const counted = villages.filter(({ people }) => people !== null);
  return {
    inhabitants: counted.reduce((sum, { people }) => sum + people!, 0),
    villages: counted.length,
    unknownVillages: villages.length - counted.length,
    availability:
      counted.length === 0
        ? null
        : sumAvailability(counted.map(({ availability, people }) => weigh(availability, people!))),
  };
}

/** Seconds as person-seconds. Whole numbers stay whole: a year of a million people is below 2^53 by far. */
function weigh(availability: Availability, people: number): Availability {
  const weighed: Record<string, unknown> = { ...availability };
  for (const [name, value] of Object.entries(availability))
    if (/[a-z]S$/.test(name)) weighed[name] = (value as number) * people;
  weighed.byCause = Object.fromEntries(
    (Object.entries(availability.byCause) as [Cause, number][]).map(([cause, seconds]) => [
      cause,
      seconds * people,
    ]),
  );
  return weighed as unknown as Availability;
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}
