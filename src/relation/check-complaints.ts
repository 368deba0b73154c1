import { checkAlpha, checkRange } from "./check-input.ts";
import type { ComplaintInput, DailyCount, TimedStratum } from "./complaint-effect.ts";

export function checkComplaints({ evidence, fromMs, toMs, seed, ...options }: ComplaintInput): void {
  checkAlpha(options.alpha ?? 0.05);
  checkRange("toMs", toMs, toMs > fromMs, `more than fromMs ${fromMs}`);
  const countedMs = options.countedMs ?? toMs - fromMs;
  const isPart = countedMs > 0 && countedMs <= toMs - fromMs;
  checkRange("countedMs", countedMs, isPart, `more than 0, up to ${toMs - fromMs}`);
  checkRange("seed", seed, Number.isInteger(seed), "a whole number");
  const draws = options.draws ?? 9_999;
  checkRange("draws", draws, Number.isInteger(draws) && draws >= 999 && draws <= 99_999, "999 to 99,999");
  if (evidence.resolution === "times") for (const stratum of evidence.strata) checkTimed(stratum);
  else for (const { area, days } of evidence.series) for (const day of days) checkDay(area, day);
}

function checkTimed({
  area,
  month,
  contacts,
  exposedContacts,
  measuredMs,
  exposedMs,
  after,
}: TimedStratum): void {
  const at = `${area} ${month}`;
  checkCount(`${at} contacts`, contacts);
  checkCount(`${at} exposedContacts`, exposedContacts);
  checkCount(`${at} measuredMs`, measuredMs);
  checkPart(`${at} exposedMs`, exposedMs, measuredMs);
  if (after !== undefined) {
    checkCount(`${at} after.contacts`, after.contacts);
    checkPart(`${at} after.ms`, after.ms, measuredMs - exposedMs);
  }
  const most = exposedMs === 0 ? 0 : contacts - (after?.contacts ?? 0);
  const least = exposedMs === measuredMs ? contacts : 0;
  checkRange(
    `${at} exposedContacts`,
    exposedContacts,
    exposedContacts >= least && exposedContacts <= most,
    `${least} to ${most}, by contacts and times`,
  );
}

function checkDay(area: string, { month, contacts, exposedRatio }: DailyCount): void {
  if (contacts !== null) checkCount(`${area} ${month} contacts`, contacts);
  if (exposedRatio !== null) checkShare(`${area} ${month} exposedRatio`, exposedRatio);
}

const checkCount = (field: string, value: number) =>
  checkRange(field, value, Number.isInteger(value) && value >= 0, "a whole number from 0");

const checkPart = (field: string, value: number, most: number) =>
  checkRange(
    field,
    value,
    Number.isInteger(value) && value >= 0 && value <= most,
    `a whole number, 0 to ${most}`,
  );

const checkShare = (field: string, value: number) =>
  checkRange(field, value, value >= 0 && value <= 1, "0 to 1");
