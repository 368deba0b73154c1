import type { ComplaintEffect, ComplaintEvidence } from "../../src/relation/complaint-effect.ts";
import { informativeDays, testDays } from "../../src/relation/daily-contacts.ts";
import { stratify } from "../../src/relation/day-strata.ts";
import { findComplaintEffect } from "../../src/relation/find-complaint-effect.ts";
import { createRandom } from "../../src/relation/random.ts";
import type { Row } from "../bench/table.ts";
import { drawComplaints } from "./complaint-world.ts";
import type { ComplaintWorld, ComplaintWorldOptions } from "./complaint-world.ts";
import { createDraws } from "./draws.ts";
import { medianRow, shareRow } from "./rows.ts";

/** What SP4N-LAPOR brings in this district, and what all channels together might. */
const complaints = { contactsPerYear: 120, outageShare: 0.007 };
const allChannels = { contactsPerYear: 3_000, outageShare: 0.007 };
/** Where counts by the day can tell something. */
const manyOutages = { contactsPerYear: 1_000, outageShare: 0.15 };
/** Enough to rank a score among, in a run of many worlds. */
const draws = 999;
const alpha = 0.05;
const mark: [number, number] = [0.03, 0.07];

type Resolution = ComplaintEvidence["resolution"];

function answers(
  options: ComplaintWorldOptions,
  resolution: Resolution,
  worlds: number,
  seed: number,
): ComplaintEffect[] {
  return Array.from({ length: worlds }, (_, world) => {
    const made = drawComplaints(options, createDraws(createRandom(seed + world)));
    const { fromMs, toMs } = made;
    return findComplaintEffect({ evidence: evidenceOf(made, resolution), fromMs, toMs, seed: world, draws });
  });
}

function evidenceOf({ timed, daily }: ComplaintWorld, resolution: Resolution): ComplaintEvidence {
  return resolution === "times" ? { resolution, strata: timed } : { resolution, series: daily };
}

export function complaintRows(worlds: number, seed: number): Row[] {
  const few = Math.ceil(worlds / 20);
  return [
    ...(["times", "days"] as const).map((resolution) => {
      const found = answers({ ...complaints, rateRatio: 0 }, resolution, few, seed);
      return shareRow(
        `"cannot be shown" at 120 a year, 0.7 %, by ${resolution}, though all are silent`,
        found.filter(({ verdict }) => verdict === "cannot-be-shown").length,
        few,
        [0.99, 1],
      );
    }),
    ...timedSizeRows(worlds, seed),
    dailySizeRow(worlds, seed),
    ...effectRows("3000 a year, 0.7 %, by times", { ...allChannels, rateRatio: 0.5 }, "times", few, seed),
    ...effectRows("3000 a year, 0.7 %, by days", { ...allChannels, rateRatio: 0.5 }, "days", few, seed),
    ...effectRows("1000 a year, 15 %, by days", { ...manyOutages, rateRatio: 0.5 }, "days", few, seed),
  ];
}

function timedSizeRows(worlds: number, seed: number): Row[] {
  const found = answers({ ...allChannels, rateRatio: 1 }, "times", worlds, seed);
  const answered = found.filter((effect) => effect.verdict !== "cannot-be-shown");
  const fewer = answered.filter(({ verdict }) => verdict === "fewer").length;
  const holds = answered.filter((effect) => holdsRatio(effect, 1)).length;
  return [
    shareRow("complaint test, size, 3000 a year, 0.7 %, by times", fewer, answered.length, mark),
    shareRow("  interval holds 1", holds, answered.length),
  ];
}

/** The test alone: its intervals take a thousand times as many draws. */
function dailySizeRow(worlds: number, seed: number): Row {
  const found = Array.from({ length: worlds }, (_, world) => {
    const random = createRandom(seed + world);
    const { daily } = drawComplaints({ ...manyOutages, rateRatio: 1 }, createDraws(random));
    const strata = informativeDays(stratify(daily, (days, place) => days[place]!.exposedRatio));
    return testDays(strata, alpha, draws, random);
  });
  const answered = found.flatMap((test) => ("p" in test ? [test.p] : []));
  const fewer = answered.filter((p) => p <= alpha).length;
  return shareRow("complaint test, size, 1000 a year, 15 %, by days", fewer, answered.length, mark);
}

function effectRows(
  name: string,
  options: ComplaintWorldOptions,
  resolution: Resolution,
  worlds: number,
  seed: number,
): Row[] {
  const found = answers(options, resolution, worlds, seed);
  const answered = found.filter((effect) => effect.verdict !== "cannot-be-shown");
  const fewer = answered.filter(({ verdict }) => verdict === "fewer").length;
  const information = found.flatMap(({ counts }) => counts.dailyInformation ?? []);
  return [
    shareRow(`complaint test, half as many, ${name}: shown`, fewer, worlds),
    shareRow("  cannot be shown", worlds - answered.length, worlds),
    shareRow(
      "  interval holds ½",
      answered.filter((effect) => holdsRatio(effect, 0.5)).length,
      answered.length,
    ),
    ...(information.length === 0
      ? []
      : [medianRow("  information left of time stamps, median", information)]),
  ];
}

function holdsRatio(effect: ComplaintEffect, ratio: number): boolean {
  if (effect.verdict === "cannot-be-shown") return false;
  const { low, high } = effect.during.interval;
  return (low ?? 0) <= ratio && ratio <= (high ?? Infinity);
}
