import { exclusionKinds } from "../../inventory/contract.ts";
import type { Language, Text } from "../language.ts";
import type { SlaIssueHead } from "../../state/sla-store.ts";
import { mayRise } from "./judge.ts";
import { createSlaFormat } from "./sla-format.ts";
import type { SlaFormat } from "./sla-format.ts";
import { tierOf } from "./restitution.ts";
import { exclusionTexts, explainTexts, outageVerdictTexts, slaVerdictTexts } from "./sla-texts.ts";
import { noContract } from "./sla.ts";
import type { LinkSla, NamedOutage } from "./sla.ts";

/* The arithmetic of one link's month, line by line, for whoever has a pencil. */

export interface Explained {
  sla: LinkSla;
  /** Epoch ms of the month's begin. */
  fromMs: number;
  issue: SlaIssueHead | null;
  language: Language;
  timeZone: string;
  causeText: (cause: string) => string;
}

interface Writer extends Explained {
  format: SlaFormat;
  t: (text: Text) => string;
}

export function explainSla(explained: Explained): string[] {
  const { sla, fromMs, issue, language, timeZone } = explained;
  const format = createSlaFormat(language, timeZone);
  const writer: Writer = { ...explained, format, t: (text) => text[language] };
  const { t } = writer;
  const standing =
    issue === null
      ? t(explainTexts.provisional)
      : `${issue.number}, ${t(explainTexts.issued)} ${format.date(issue.issuedMs)}`;
  return [
    `${sla.link}: ${sla.name}, ${sla.provider}${sla.circuitId === null ? "" : ` (${sla.circuitId})`}`,
    `${format.month(fromMs)} (${standing})`,
    ...partLines(writer),
    ...contractLines(writer),
    ...timeLines(writer),
    ...outageLines(writer),
    ...ratioLines(writer),
    ...restitutionLines(writer),
  ];
}

/** Of what of the month this is, where it is not all of it. */
function partLines({ sla: { part }, format, t }: Writer): string[] {
  const { fromMs, toMs, days, ofDays } = part;
  if (days === ofDays) return [];
  return [
    `${t(explainTexts.part)}: ${format.day(fromMs)} – ${format.day(toMs - 1)}, ${days} / ${ofDays} ${t(explainTexts.days)}`,
  ];
}

function contractLines({ sla, format, t }: Writer): string[] {
  const { slaRatio, thresholdS, excludes, countsWhen } = sla.contract ?? noContract;
  const kinds = excludes.map((kind) => t(exclusionTexts[kind])).join(", ");
  return [
    `${t(explainTexts.contract)}: ${sla.contract?.id ?? t(explainTexts.noContract)}`,
    `${t(explainTexts.promise)}: ${slaRatio === null ? t(slaVerdictTexts.none) : format.percent(slaRatio)}`,
    `${t(explainTexts.threshold)} ${format.clock(thresholdS * 1000)}`,
    ...(countsWhen === "allLinksOut" ? [t(explainTexts.allLinksOut)] : []),
    `${t(explainTexts.excludes)}: ${kinds === "" ? t(explainTexts.nothing) : kinds}`,
    ...sla.yearsWithoutHolidays.map((year) => `${t(explainTexts.noHolidays)} ${year}`),
  ];
}

function timeLines({ sla: { counts }, format, t }: Writer): string[] {
  const { clock } = format;
  const parts: [Text, number][] = [
    [explainTexts.ahead, counts.aheadMs],
    ...exclusionKinds.map((kind): [Text, number] => [exclusionTexts[kind], counts.excludedMs[kind]]),
    [explainTexts.expectedOff, counts.expectedOffMs],
    [explainTexts.up, counts.upMs],
    [explainTexts.counted, counts.countedMs],
    [explainTexts.short, counts.shortMs],
    [explainTexts.blip, counts.blipMs],
    [explainTexts.notMeasured, counts.notMeasuredMs],
  ];
  const shown = parts.filter(([, ms]) => ms > 0).map(([text, ms]) => `${clock(ms)} ${t(text)}`);
  return [
    `${t(explainTexts.service)} = ${clock(counts.monthMs)} - ${clock(counts.outsideMs)} (${t(explainTexts.outside)}) = ${clock(counts.serviceMs)}`,
    `Z = ${shown.join(" + ")} = ${clock(counts.serviceMs)}`,
  ];
}

function outageLines(writer: Writer): string[] {
  const { sla, format, t } = writer;
  const counted = sla.outages.filter(({ verdict }) => verdict === "counted");
  const sum = counted.map(({ inMonthMs }) => format.clock(inMonthMs)).join(" + ");
  return [
    sla.outages.length === 0 ? t(explainTexts.noOutages) : `${t(explainTexts.outages)}:`,
    ...sla.outages.map((outage) => `  ${outageLine(outage, writer)}`),
    `${t(explainTexts.downtime)} = ${sum === "" ? "" : `${sum} = `}${format.clock(sla.counts.countedMs)}`,
    ...(sla.counts.countedLeastMs === sla.counts.countedMs
      ? []
      : [`${t(explainTexts.least)}: D = ${format.clock(sla.counts.countedLeastMs)}`]),
    ...(sla.counts.countedMostMs === sla.counts.countedMs
      ? []
      : [`${t(explainTexts.most)}: D = ${format.clock(sla.counts.countedMostMs)}`]),
  ];
}

function outageLine(outage: NamedOutage, { format, t, causeText }: Writer): string {
  const { fromMs, toMs, verdict, lengthMs, inMonthMs, excludedMs, causes, ids } = outage;
  const end = toMs === null ? t(explainTexts.lasts) : format.moment(toMs);
  const why = [...new Set(causes.map(({ cause }) => causeText(cause)))].join(", ");
  const taken = exclusionKinds
    .filter((kind) => (excludedMs[kind] ?? 0) > 0)
    .map((kind) => ` - ${format.clock(excludedMs[kind]!)} ${t(exclusionTexts[kind])}`);
  const downMs = lengthMs + Object.values(excludedMs).reduce((sum, ms) => sum + ms, 0);
  const wholeMs = toMs === null ? downMs : toMs - fromMs;
  const off = wholeMs === downMs ? "" : ` - ${format.clock(wholeMs - downMs)} ${t(explainTexts.expectedOff)}`;
  return (
    `${format.moment(fromMs)} – ${end} ${format.zone(fromMs)}: ${why}; ${t(explainTexts.length)} ${format.clock(wholeMs)}${off}${taken.join("")}` +
    ` = ${format.clock(lengthMs)}, ${t(explainTexts.inMonth)} ${format.clock(inMonthMs)}: ${t(outageVerdictTexts[verdict])} [${ids.join(", ")}]`
  );
}

function ratioLines({ sla: { counts, ratios, judgement }, format, t }: Writer): string[] {
  const { clock, percent, count } = format;
  const { repairMs, repaired, failures, upMs } = counts;
  const promise =
    judgement.allowedMs === null
      ? []
      : [
          `${t(explainTexts.allowed)} = ${clock(judgement.allowedMs)}`,
          `${t(explainTexts.left)} = ${clock(judgement.allowedMs)} - ${clock(counts.countedMs)} = ${clock(judgement.budgetLeftMs!)}`,
        ];
  const mean = (ms: number | null) => (ms === null ? "–" : clock(Math.floor(ms)));
  return [
    `${t(explainTexts.contractRatio)} = ${percent(judgement.contractRatio)}${judgement.most.contractRatio === judgement.contractRatio ? "" : ` (${t(explainTexts.most)}: ${percent(judgement.most.contractRatio)})`}`,
    `${t(explainTexts.measuredRatio)} = ${percent(ratios.availabilityRatio)}`,
    `${t(explainTexts.bounds)}: ${percent(ratios.worstRatio)} – ${percent(ratios.bestRatio)}`,
    `${t(explainTexts.coverage)}: ${percent(ratios.coverageRatio)}`,
    ...promise,
    `${t(explainTexts.verdict)}: ${t(slaVerdictTexts[judgement.verdict])}`,
    `${t(explainTexts.mttr)} = ${clock(repairMs)} / ${count(repaired)} = ${mean(ratios.mttrMs)}`,
    `${t(explainTexts.mtbf)} = ${clock(upMs)} / ${count(failures)} + MTTR = ${mean(ratios.mtbfMs)}`,
  ];
}

function restitutionLines(writer: Writer): string[] {
  const { sla, format, t } = writer;
  const { monthlyFeeIdr: fee, restitution: terms } = sla.contract ?? noContract;
  const { amountIdr, share, isCapped } = sla.judgement.restitution;
  if (terms.rule === "none") return [`${t(explainTexts.restitution)}: ${t(explainTexts.noRestitution)}`];
  const rounding = { nearest: explainTexts.nearest, down: explainTexts.down, up: explainTexts.upwards };
  const capped = isCapped ? `, ${t(explainTexts.capped)} ${format.percent(terms.ceiling)}` : "";
  return [
    `${t(explainTexts.fee)}: ${fee === null ? t(explainTexts.noFee) : feeOf(fee, writer)}`,
    `${t(explainTexts.restitution)} = ${formulaOf(writer)} = ${format.percent(share)} ${t(explainTexts.ofFee)}${capped}`,
    ...(amountIdr === null
      ? []
      : [
          `${t(explainTexts.restitution)}, ${t(explainTexts.rounding)} ${format.rupiah(terms.roundIdr)} ${t(rounding[terms.rounding])} = ${format.rupiah(amountIdr)}${mayRise(sla.judgement) ? ` (${t(explainTexts.mayRise)} ${format.rupiah(sla.judgement.most.restitution.amountIdr!)})` : ""}`,
        ]),
  ];
}

/** A contract that was in force on some of the days has as much of the fee. */
function feeOf(fee: number, { sla: { part }, format }: Writer): string {
  const { days, ofDays } = part;
  if (days === ofDays) return format.rupiah(fee);
  return `${format.rupiah(fee)} x ${days} / ${ofDays} = ${format.rupiah(Math.round((fee * days) / ofDays))}`;
}

function formulaOf({ sla, format, t }: Writer): string {
  const { counts, judgement } = sla;
  const { restitution: terms, slaRatio } = sla.contract ?? noContract;
  const [d, z] = [format.clock(counts.countedMs), format.clock(counts.serviceMs)];
  const allowed = format.clock(judgement.allowedMs ?? 0);
  switch (terms.rule) {
    case "none":
      return "";
    case "pro-rata":
      return `D / Z = ${d} / ${z}`;
    case "ratio":
      return `D / (Z x S) = ${d} / (${z} x ${format.percent(slaRatio)})`;
    case "below-sla":
      if (judgement.restitution.share === 0) return t(explainTexts.within);
      return terms.downtime === "whole"
        ? `D / Z = ${d} / ${z}`
        : `(D - (1 - S) x Z) / Z = (${d} - ${allowed}) / ${z}`;
    case "tiers": {
      const tier = tierOf(terms.tiers, counts);
      return tier === null ? t(explainTexts.noTier) : `${t(explainTexts.tier)} ${format.percent(tier.below)}`;
    }
  }
}
