import { z } from "@hono/zod-openapi";
import { exclusionKinds } from "../inventory/contract.ts";
import { slaVerdicts } from "../report/sla/judge.ts";
import { verdicts } from "../report/sla/link-counts.ts";
import type { SlaIssueHead } from "../state/sla-store.ts";
import { changeReasons } from "../report/sla/issues.ts";
import type { SlaChange } from "../report/sla/issues.ts";
import type { SlaGroup, SlaRow } from "../report/sla/roll-up.ts";
import type { LinkSla } from "../report/sla/sla.ts";
import { iso } from "./rows.ts";

/* Rows of the SLA routes: durations in seconds, exact to the ms. */

const time = z.iso.datetime();
const seconds = z.number();
const ratio = z.number().nullable();
const byKind = z.partialRecord(z.enum(exclusionKinds), seconds);

export const outageSchema = z.object({
  start: time,
  end: time.nullable(),
  verdict: z
    .enum(verdicts)
    .openapi({ description: "outside: no part of it lies in the month's hours of service." }),
  lengthS: seconds.openapi({
    description: "Without what is excluded, also beyond the month; held against the threshold.",
  }),
  inMonthS: seconds.openapi({ description: "Of it, in this month's hours of service." }),
  excludedS: byKind,
  causes: z.array(z.object({ cause: z.string(), start: time, end: time })),
  outages: z.array(z.string()).openapi({ description: "Ids of /outages." }),
});

export const exclusionSchema = z.object({
  kind: z.enum(exclusionKinds),
  id: z.string(),
  start: time,
  end: time,
  reason: z.string(),
  author: z.string(),
});

export const slaRow = z
  .object({
    group: z.string(),
    name: z.string(),
    from: time.nullable().openapi({
      description:
        "Of a link: what of the month this is of. A link has a row for each of its contracts in it, and one for a stretch without.",
    }),
    to: time.nullable(),
    site: z.string().nullable().openapi({ description: "Of a link; null for sums." }),
    provider: z.string().nullable(),
    contract: z.string().nullable(),
    slaRatio: ratio.openapi({ description: "Promised; null: nothing is, or a sum." }),
    links: z.int(),
    verdicts: z.object({ met: z.int(), missed: z.int(), open: z.int(), none: z.int() }).openapi({
      description:
        "Links by verdict; one that had several contracts is missed where one of these is. open: unmeasured time, a cause that is not known, or the rest of the month may decide it.",
    }),
    monthS: seconds,
    serviceS: seconds.openapi({
      description:
        "Owed: ahead + excluded + expectedOff + up + counted + short + blip + notMeasured, to the millisecond.",
    }),
    outsideS: seconds,
    aheadS: seconds,
    excludedS: byKind,
    excludedDownS: byKind.openapi({
      description: "Of what is excluded, the time in which the link was cut off.",
    }),
    expectedOffS: seconds,
    upS: seconds,
    countedS: seconds.openapi({ description: "Outages longer than the contract's threshold." }),
    countedLeastS: seconds.openapi({
      description:
        "The least that countedS can become: without the edges of outages that nobody measured, and without those of unknown cause where power is excluded. missed is said by this.",
    }),
    countedMostS: seconds.openapi({
      description:
        "The most that countedS can become: had all unmeasured time been down, and the outages beside it longer for it.",
    }),
    shortS: seconds.openapi({ description: "Outages up to it." }),
    blipS: seconds.openapi({ description: "Single lost rounds." }),
    notMeasuredS: seconds,
    contractRatio: ratio.openapi({
      description: "(service − counted) / service. Of a sum: of what has a promise; null: nothing has.",
    }),
    contractWorstRatio: ratio.openapi({ description: "(service − countedMost) / service." }),
    availabilityRatio: ratio.openapi({ description: "up / (up + counted + short + blip)." }),
    worstRatio: ratio,
    bestRatio: ratio,
    coverageRatio: ratio,
    failures: z.int(),
    mttrS: z.number().nullable(),
    mtbfS: z.number().nullable(),
    allowedS: z.number().nullable(),
    budgetLeftS: z
      .number()
      .nullable()
      .openapi({ description: "Of a sum: of its links with a promise, together." }),
    budgetLeastS: z.number().nullable().openapi({ description: "With countedMost." }),
    promisedServiceS: z
      .number()
      .nullable()
      .openapi({ description: "serviceS of what has a promise; null: nothing has." }),
    promisedCountedS: z.number().nullable(),
    monthlyFeeIdr: z.int().nullable().openapi({
      description: "Of a contract that is in force on some days of the month, as much as falls on these.",
    }),
    restitutionIdr: z
      .int()
      .nullable()
      .openapi({ description: "Of a sum: of its links with a fee; null: of none." }),
    amountsMayRise: z.int().openapi({
      description:
        "Links whose amount could become higher by time that was not measured, or is still to come: provisional ones.",
    }),
    amountsUnknown: z.int().openapi({
      description: "Links with a rule of restitution and without a fee: no amount has them in it.",
    }),
    restitutionLeastIdr: z.int().nullable().openapi({
      description: "The least that restitutionIdr can become: with countedLeast.",
    }),
    restitutionMostIdr: z.int().nullable().openapi({
      description: "The most that restitutionIdr can become: with countedMost.",
    }),
    yearsWithoutHolidays: z.array(z.int()).optional().openapi({
      description: "Years of which it is not known on which days the contract owes no service.",
    }),
    outages: z.array(outageSchema).optional().openapi({ description: "Of a link." }),
    exclusions: z.array(exclusionSchema).optional(),
  })
  .openapi("SlaRow");

export const slaIssueRow = z
  .object({
    number: z.string(),
    month: z.string(),
    correction: z.int().openapi({ description: "0: the first issue." }),
    issued: time,
    by: z.string(),
    digest: z.string().openapi({ description: "SHA-256 of the figures, hex." }),
  })
  .openapi("SlaIssue");

const figures = z
  .object({
    countedS: seconds,
    notMeasuredS: seconds,
    failures: z.int(),
    verdict: z.enum(slaVerdicts),
    restitutionIdr: z.int().nullable(),
  })
  .nullable();

export const slaChangeRow = z
  .object({
    link: z.string(),
    from: time.openapi({ description: "Of which part of the month, or all of the link's." }),
    to: time,
    before: figures,
    after: figures,
    reasons: z.array(z.enum(changeReasons)).openapi({
      description:
        "days: the link's first or last day · parts: the month is divided among contracts in another way · terms: of the contract; a renewal is a contract of its own · identity: provider or circuit id · causes: of outages · figures: what was measured or taken out.",
    }),
  })
  .openapi("SlaChange", {
    description: "One sum of the link where its parts are others than before; null: it had, or has, none.",
  });

const toS = (ms: number) => ms / 1000;
const toSOrNull = (ms: number | null) => (ms === null ? null : ms / 1000);
const kindsToS = (ms: Partial<Record<string, number>>) =>
  Object.fromEntries(Object.entries(ms).map(([kind, value]) => [kind, toS(value!)]));

export function toSlaRow(row: SlaRow, by: SlaGroup): z.input<typeof slaRow> {
  const { group, name, links, verdicts: counted, counts, ratios, sums, doubts, of } = row;
  return {
    group,
    name,
    from: of === null ? null : iso(of.part.fromMs),
    to: of === null ? null : iso(of.part.toMs),
    site: of?.site ?? null,
    provider: of?.provider ?? (by === "provider" ? group : null),
    contract: of?.contract?.id ?? null,
    slaRatio: of?.contract?.slaRatio ?? null,
    links,
    verdicts: counted,
    monthS: toS(counts.monthMs),
    serviceS: toS(counts.serviceMs),
    outsideS: toS(counts.outsideMs),
    aheadS: toS(counts.aheadMs),
    excludedS: kindsToS(counts.excludedMs),
    excludedDownS: kindsToS(counts.excludedDownMs),
    expectedOffS: toS(counts.expectedOffMs),
    upS: toS(counts.upMs),
    countedS: toS(counts.countedMs),
    countedLeastS: toS(counts.countedLeastMs),
    countedMostS: toS(counts.countedMostMs),
    shortS: toS(counts.shortMs),
    blipS: toS(counts.blipMs),
    notMeasuredS: toS(counts.notMeasuredMs),
    contractRatio: of === null ? sums.contractRatio : of.judgement.contractRatio,
    contractWorstRatio: of === null ? sums.contractWorstRatio : of.judgement.most.contractRatio,
    availabilityRatio: ratios.availabilityRatio,
    worstRatio: ratios.worstRatio,
    bestRatio: ratios.bestRatio,
    coverageRatio: ratios.coverageRatio,
    failures: counts.failures,
    mttrS: toSOrNull(ratios.mttrMs),
    mtbfS: toSOrNull(ratios.mtbfMs),
    allowedS: toSOrNull(sums.allowedMs),
    budgetLeftS: toSOrNull(sums.budgetLeftMs),
    budgetLeastS: toSOrNull(sums.budgetLeastMs),
    promisedServiceS: toSOrNull(sums.serviceMs),
    promisedCountedS: toSOrNull(sums.countedMs),
    monthlyFeeIdr: sums.monthlyFeeIdr,
    restitutionIdr: sums.restitutionIdr,
    amountsMayRise: doubts.mayRise,
    amountsUnknown: doubts.withoutFee,
    restitutionLeastIdr: sums.restitutionLeastIdr,
    restitutionMostIdr: sums.restitutionMostIdr,
    ...(of === null
      ? {}
      : {
          yearsWithoutHolidays: of.yearsWithoutHolidays,
          outages: of.outages.map(toOutage),
          exclusions: of.exclusions.map(toExclusion),
        }),
  };
}

function toOutage(outage: LinkSla["outages"][number]) {
  return {
    start: iso(outage.fromMs),
    end: outage.toMs === null ? null : iso(outage.toMs),
    verdict: outage.verdict,
    lengthS: toS(outage.lengthMs),
    inMonthS: toS(outage.inMonthMs),
    excludedS: kindsToS(outage.excludedMs),
    causes: outage.causes.map(({ cause, fromMs, toMs }) => ({ cause, start: iso(fromMs), end: iso(toMs) })),
    outages: outage.ids,
  };
}

function toExclusion({ kind, id, fromMs, toMs, reason, author }: LinkSla["exclusions"][number]) {
  return { kind, id, start: iso(fromMs), end: iso(toMs), reason, author };
}

export function toIssueRow({ issuedMs, ...head }: SlaIssueHead): z.input<typeof slaIssueRow> {
  const { number, month, correction, by, digest } = head;
  return { number, month, correction, issued: iso(issuedMs), by, digest };
}

export function toChangeRow({ fromMs, toMs, ...change }: SlaChange): z.input<typeof slaChangeRow> {
  const { link, before, after, reasons } = change;
  const span = { from: iso(fromMs), to: iso(toMs) };
  return { link, ...span, before: toFigures(before), after: toFigures(after), reasons };
}

function toFigures(of: SlaChange["before"]) {
  if (of === null) return null;
  const { countedMs, notMeasuredMs, failures, verdict, amountIdr } = of;
  return {
    countedS: toS(countedMs),
    notMeasuredS: toS(notMeasuredMs),
    failures,
    verdict,
    restitutionIdr: amountIdr,
  };
}
