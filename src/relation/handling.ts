import { createWorkingDays } from "./working-days.ts";
import type { WorkingDays } from "./working-days.ts";

/*
 * How long complaints took, in working days, by the office that has them in hand. SP4N-LAPOR!'s own times (the text of its
 * official app): verified and passed on within 3 working days of its receipt; a follow-up within 5 of that; closed within 10 of
 * the follow-up, when nobody answers any more. Agencies publish longer ones: the limits are an option.
 */

/** Cases with the same dates. Days are YYYY-MM-DD; null: not done, or not known. */
export interface HandledCase {
  area: string;
  receivedDay: string;
  status: string | null;
  verifiedDay: string | null;
  followedUpDay: string | null;
  closedDay: string | null;
  count: number;
}

export const handlingSteps = ["verified", "followedUp", "closed"] as const;
export type HandlingStep = (typeof handlingSteps)[number];

export interface HandlingOptions {
  /** Days on which offices are closed, YYYY-MM-DD. */
  holidays: Iterable<string>;
  /** What is not done counts as late from this day on, YYYY-MM-DD. */
  today: string;
  /** Code of the office that has the complaints of an area in hand. */
  officeOf: (area: string) => string;
  /** Working days of each step. Default: 3, 5, 10. */
  limits?: Readonly<Record<HandlingStep, number>>;
}

/** Cases by how a step went. */
export interface StepTimes {
  limitDays: number;
  within: number;
  /** Done later, or not done and over the limit. */
  late: number;
  /** Not done, and not over the limit. */
  open: number;
  /** Nobody can tell: a date is missing, or the case ended in another way. */
  notKnown: number;
  /** within / (within + late); null: there are none. */
  withinRatio: number | null;
}

export interface OfficeHandling {
  office: string;
  cases: number;
  steps: Record<HandlingStep, StepTimes>;
}

export interface HandlingReport {
  /** Ascending by code. */
  offices: OfficeHandling[];
  /** Years in which weekends alone were left out, since their holidays are not given. */
  yearsWithoutHolidays: number[];
}

const defaultLimits: Readonly<Record<HandlingStep, number>> = { verified: 3, followedUp: 5, closed: 10 };
/** With these a case ends without the steps that are missing. */
const endedOtherwise = ["postponed", "not-ours", "archived"];

export function handlingTimes(cases: readonly HandledCase[], options: HandlingOptions): HandlingReport {
  const { officeOf, limits = defaultLimits } = options;
  const days = createWorkingDays(options.holidays);
  const byOffice = Map.groupBy(cases, ({ area }) => officeOf(area));
  const offices = [...byOffice.keys()].toSorted().map((office) => {
    const own = byOffice.get(office)!;
    const step = (name: HandlingStep) => timesOf(own, name, limits[name], options.today, days);
    return {
      office,
      cases: own.reduce((sum, { count }) => sum + count, 0),
      steps: { verified: step("verified"), followedUp: step("followedUp"), closed: step("closed") },
    };
  });
  return { offices, yearsWithoutHolidays: days.unknownYears() };
}

function timesOf(
  cases: readonly HandledCase[],
  step: HandlingStep,
  limitDays: number,
  today: string,
  days: WorkingDays,
): StepTimes {
  const sums = { within: 0, late: 0, open: 0, notKnown: 0 };
  for (const one of cases) sums[outcomeOf(one, step, limitDays, today, days)] += one.count;
  const judged = sums.within + sums.late;
  return { limitDays, ...sums, withinRatio: judged === 0 ? null : sums.within / judged };
}

function outcomeOf(
  one: HandledCase,
  step: HandlingStep,
  limitDays: number,
  today: string,
  days: WorkingDays,
): "within" | "late" | "open" | "notKnown" {
  const { receivedDay, verifiedDay, followedUpDay, closedDay } = one;
  const dates = [receivedDay, verifiedDay, followedUpDay, closedDay];
  const at = handlingSteps.indexOf(step);
  const [from, to, later] = [dates[at]!, dates[at + 1]!, dates.slice(at + 2)];
  if (to !== null) {
    if (from === null) return "notKnown";
    return days.between(from, to) <= limitDays ? "within" : "late";
  }
  // What came after it has a date: this step was done, and nobody wrote down when.
  if (later.some((date) => date !== null) || one.status === "closed") return "notKnown";
  if (from === null || endedOtherwise.includes(one.status ?? "")) return "notKnown";
  return days.between(from, today) > limitDays ? "late" : "open";
}
