import { countings, exclusionKinds, isWholeMillionths, ratioAllowed } from "./contract.ts";
import type { Contract, ExclusionKind } from "./contract.ts";
import { byId, labelOf, oneOf, optional, textOf } from "./fields.ts";
import { validityOf } from "./read-validity.ts";
import { readRestitution } from "./restitution.ts";
import { parseServiceHours, serviceHoursAllowed } from "./service-hours.ts";
import type { ServiceHours } from "./service-hours.ts";
import type { Entry, ListShape } from "./yaml-entry.ts";

/*
 * contracts.yaml, one contract an entry:
 *
 *   id                unique
 *   provider          as on the contract
 *   from, to          first and last day, YYYY-MM-DD (default: open)
 *   slaRatio          promised availability a month, 0 to 1, or null for no promise; it has to be said either way
 *   period            month (default)
 *   serviceHours      when the service is owed, such as "mon-fri 07:30-16:00", or a list (default: around the clock)
 *   closedOnHolidays  true: not on the days of holidays.csv (default: false)
 *   excludes          list of maintenance, force-majeure, customer, power (default: none)
 *   countsWhen        link: outages of the link count; allLinksOut: only those in which all links of its site are out
 *                     (default: link)
 *   noticeHours       notice for work that is taken out, 0 to 8760 (default: null, it may be written down afterwards)
 *   thresholdS        only outages longer than this count, 0 to 2678400 s, 31 days (default: 0)
 *   monthlyFeeIdr     what a link costs a month, whole rupiah (default: null, not known)
 *   restitution       restitution.ts (default: none)
 *   clause            what the contract says, in words (default: none)
 */
export const contractsShape: ListShape = {
  file: "contracts.yaml",
  keys: [
    "id",
    "provider",
    "from",
    "to",
    "slaRatio",
    "period",
    "serviceHours",
    "closedOnHolidays",
    "excludes",
    "countsWhen",
    "noticeHours",
    "thresholdS",
    "monthlyFeeIdr",
    "restitution",
    "clause",
  ],
  numbers: ["slaRatio", "noticeHours", "thresholdS", "monthlyFeeIdr", "restitution"],
};

export function readContracts(entries: readonly Entry[]): Map<string, Contract> {
  return byId(entries, (entry, id) => {
    const slaRatio = slaRatioOf(entry);
    return {
      id,
      provider: labelOf(entry, "provider"),
      ...validityOf(entry),
      slaRatio,
      period: optional(entry, "period", (at, key) => oneOf(at, key, ["month"])) ?? "month",
      serviceHours: hoursOf(entry),
      closedOnHolidays: closedOf(entry),
      excludes: excludesOf(entry),
      countsWhen: optional(entry, "countsWhen", (at, key) => oneOf(at, key, countings)) ?? "link",
      noticeHours: optional(entry, "noticeHours", wholeUpTo(8_760)),
      thresholdS: optional(entry, "thresholdS", wholeUpTo(2_678_400)) ?? 0,
      monthlyFeeIdr: optional(entry, "monthlyFeeIdr", wholeUpTo(1_000_000_000_000)),
      restitution: readRestitution(entry, slaRatio),
      clause: optional(entry, "clause", (at, key) =>
        textOf(at, key, /^[\s\S]{1,2000}$/, "1 to 2000 characters, or null"),
      ),
    };
  });
}

function slaRatioOf(entry: Entry): number | null {
  const value = entry.data.slaRatio;
  if (value === null) return null;
  if (typeof value === "number" && value >= 0 && value <= 1) {
    if (!isWholeMillionths(value)) entry.refuse("slaRatio", ratioAllowed);
    return value;
  }
  entry.refuse("slaRatio", "a number from 0 to 1 (0.98 for 98 %), or null for no promise");
  return null;
}

const wholeUpTo = (most: number) => (entry: Entry, key: string) => {
  const value = entry.data[key];
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= most) return value;
  entry.refuse(key, `a whole number from 0 to ${most}, or null`);
  return 0;
};

function closedOf(entry: Entry): boolean {
  const { closedOnHolidays: given = false } = entry.data;
  if (typeof given !== "boolean") entry.refuse("closedOnHolidays", "true or false");
  return given === true;
}

function hoursOf(entry: Entry): ServiceHours[] {
  const given = entry.data.serviceHours ?? null;
  if (given === null) return [];
  const list: unknown[] = Array.isArray(given) ? given : [given];
  if (list.length === 0) entry.refuse("serviceHours", serviceHoursAllowed);
  return list.flatMap((text, index) => {
    const parsed = typeof text === "string" ? parseServiceHours(text) : null;
    const path = Array.isArray(given) ? `serviceHours[${index}]` : "serviceHours";
    if (parsed === null) entry.refuse(path, serviceHoursAllowed);
    return parsed ?? [];
  });
}

function excludesOf(entry: Entry): ExclusionKind[] {
  const given = entry.data.excludes ?? [];
  const allowed = `a list of ${exclusionKinds.join(", ")}, each once`;
  if (!Array.isArray(given)) {
    entry.refuse("excludes", allowed);
    return [];
  }
  const bad = given.findIndex((kind, index) => !isExclusion(kind) || given.indexOf(kind) !== index);
  if (bad >= 0) entry.refuse(`excludes[${bad}]`, allowed);
  return exclusionKinds.filter((kind) => given.includes(kind));
}

const isExclusion = (kind: unknown) => exclusionKinds.some((known) => known === kind);
