import type { Contract } from "../../inventory/contract.ts";
import type { Technology } from "../../inventory/inventory.ts";
import type { MonthPart } from "../../inventory/validity.ts";
import type { Judgement, Ratios } from "./judge.ts";
import type { Exclusion, LinkCounts, SlaOutage } from "./link-counts.ts";

/** An outage with the rows of the outage table that tell of it. */
export type NamedOutage = SlaOutage & { ids: string[] };

/** A link's month: what was counted, what was made of it, and what it rests on. */
export interface LinkSla {
  link: string;
  site: string;
  name: string;
  /** Codes; the district's own office has no kecamatan. */
  kecamatan: string | null;
  kabupaten: string | null;
  provider: string;
  technology: Technology;
  circuitId: string | null;
  /** Without its days, which say nothing of this month; null: none is in force, which promises nothing. */
  contract: Omit<Contract, "from" | "to"> | null;
  /** What this is of: the month, or as much of it as the contract and the link were in force. */
  part: SlaPart;
  counts: LinkCounts;
  ratios: Ratios;
  judgement: Judgement;
  outages: NamedOutage[];
  /** Those that touch the month or its outages, as the contract accepts them: announced work without what came too late. */
  exclusions: Exclusion[];
  /** Days without service by the contract, YYYY-MM-DD, of the month and those before it. */
  closedDays: string[];
  /** Years of the part that holidays.csv has no day of, where the contract owes no service on holidays. */
  yearsWithoutHolidays: number[];
}

/** A link has one for each contract of the month, and one for each stretch without. */
export type SlaPart = Omit<MonthPart, "contract">;

/** What is accounted for where nothing is promised. */
export const noContract: Pick<
  Contract,
  | "slaRatio"
  | "serviceHours"
  | "closedOnHolidays"
  | "excludes"
  | "countsWhen"
  | "noticeHours"
  | "thresholdS"
  | "monthlyFeeIdr"
  | "restitution"
> = {
  slaRatio: null,
  serviceHours: [],
  closedOnHolidays: false,
  excludes: [],
  countsWhen: "link",
  noticeHours: null,
  thresholdS: 0,
  monthlyFeeIdr: null,
  restitution: { rule: "none", ceiling: 1, roundIdr: 1, rounding: "nearest" },
};
