import { badLossRatio } from "#wire/summary-v1.ts";
import { findOutages } from "../../src/outage/find-outages.ts";
import type { TargetEvidence } from "../../src/outage/evidence.ts";
import { defaultDetectOptions } from "../../src/outage/signal.ts";
import type { Outage } from "../../src/outage/table.ts";
import { addRounds } from "../../src/watch/runs.ts";
import { makeInventory, makeLink, makeSite } from "../support/inventory.ts";
import type { Sample, Trace } from "./read-traces.ts";

/*
 * The detector over traces, against their runs of total loss. Each trace is a site that the centre looks at, as a SmokePing
 * at a research network's centre does; a trace in which nothing ever came back tells of no outage, and stays out.
 */

/** Samples of nothing but loss that follow each other. */
export interface LossRun {
  /**
   * All that the samples span, and of the sample before and after them the share that was lost: the echoes of a sample are
   * spread over it. Epoch ms.
   */
  startMs: number;
  endMs: number;
  samples: number;
}

export interface JudgedTrace {
  trace: Trace;
  /** null: nothing ever came back. */
  outages: Outage[] | null;
  lossRuns: LossRun[];
}

/** Echoes of a round of SmokePing: a loss of 4.7 % is told as one lost of 20. */
const echoes = 20;
const centre = "64.08";
const { gapFactor } = defaultDetectOptions;

export function judgeTraces(traces: readonly Trace[]): JudgedTrace[] {
  const answering = traces.filter(({ samples }) => samples.some(({ lossRatio }) => lossRatio < 1));
  const codes = answering.map((_, index) => `${centre}.${String(index + 1).padStart(2, "0")}`);
  const sites = [centre, ...codes].map((code) => makeSite(code, code));
  const inventory = makeInventory({ sites, links: sites.map((site) => makeLink(site)) });
  const times = answering.flatMap(({ samples }) => [samples[0]!.timeMs, samples.at(-1)!.timeMs]);
  const fromMs = times.reduce((a, b) => Math.min(a, b), Infinity);
  const nowMs = times.reduce((a, b) => Math.max(a, b), -Infinity) + fiveSeconds;
  const targets = answering.map((trace, index) => toEvidence(trace, codes[index]!));
  const table = findOutages({ fromMs, nowMs, targets, events: [] }, inventory);
  const bySite = Map.groupBy(table.outages, ({ site }) => site);
  return traces.map((trace) => {
    const at = answering.indexOf(trace);
    return {
      trace,
      outages: at === -1 ? null : (bySite.get(codes[at]!) ?? []),
      lossRuns: lossRunsOf(trace),
    };
  });
}

const fiveSeconds = 5_000;

function toEvidence({ samples, intervalMs }: Trace, code: string): TargetEvidence {
  const key = `${centre}/${code}`;
  const recv = samples.map(({ lossRatio }) => Math.round((1 - lossRatio) * echoes));
  const rounds = {
    key,
    kind: "icmp" as const,
    timeMs: samples.map(({ timeMs }) => timeMs),
    sent: samples.map(() => echoes),
    recv,
    rttUs: [],
  };
  return {
    key,
    vantage: centre,
    role: "site",
    kind: "icmp",
    of: code,
    link: null,
    service: null,
    intervalMs,
    runs: addRounds([], rounds, intervalMs, gapFactor),
  };
}

export function lossRunsOf({ samples, intervalMs }: Trace): LossRun[] {
  const runs: LossRun[] = [];
  for (const [index, sample] of samples.entries()) {
    if (sample.lossRatio < 1) continue;
    const near = (other: Sample | undefined) =>
      other !== undefined && Math.abs(other.timeMs - sample.timeMs) <= gapFactor * intervalMs
        ? other
        : undefined;
    const before = near(samples[index - 1]);
    const lostAfterMs = (near(samples[index + 1])?.lossRatio ?? 0) * intervalMs;
    const endMs = sample.timeMs + intervalMs / 2 + lostAfterMs;
    const run = runs.at(-1);
    if (run !== undefined && before?.lossRatio === 1) Object.assign(run, { endMs, samples: run.samples + 1 });
    else
      runs.push({
        startMs: sample.timeMs - intervalMs / 2 - (before?.lossRatio ?? 0) * intervalMs,
        endMs,
        samples: 1,
      });
  }
  return runs;
}

export interface Verdict {
  traces: number;
  neverAnswered: string[];
  samples: number;
  /** Something lost, and not so much that a round counts as bad. */
  partialSamples: number;
  /** Runs of two samples of total loss or more, and those of them that an outage covers by half or more. */
  lossRuns: number;
  found: number;
  /** Runs of a single sample, and those of them that became an outage: with a nearly lost sample beside them. */
  singles: number;
  singlesFound: number;
  outages: number;
  /** Outages in which no sample was lost whole. */
  withoutTotalLoss: number;
  /** Outages that begin within three intervals of the end of the one before. */
  flaps: number;
  /** Partial samples in the midst of an outage. */
  partialInside: number;
  /** By how much edges differ from those of the run, s: median and largest, of the runs found. */
  edgesS: number[];
}

export function compare(judged: readonly JudgedTrace[]): Verdict {
  const verdict: Verdict = {
    traces: judged.length,
    neverAnswered: judged.filter(({ outages }) => outages === null).map(({ trace }) => trace.name),
    samples: 0,
    partialSamples: 0,
    lossRuns: 0,
    found: 0,
    singles: 0,
    singlesFound: 0,
    outages: 0,
    withoutTotalLoss: 0,
    flaps: 0,
    partialInside: 0,
    edgesS: [],
  };
  for (const { trace, outages, lossRuns } of judged) {
    if (outages !== null) addTrace(verdict, trace, outages, lossRuns);
  }
  return verdict;
}

function addTrace(
  verdict: Verdict,
  { samples, intervalMs }: Trace,
  outages: readonly Outage[],
  lossRuns: readonly LossRun[],
): void {
  const endOf = ({ endMs }: Outage) => endMs ?? samples.at(-1)!.timeMs + intervalMs / 2;
  const partial = samples.filter(({ lossRatio }) => lossRatio > 0 && lossRatio < badLossRatio);
  verdict.samples += samples.length;
  verdict.partialSamples += partial.length;
  verdict.outages += outages.length;
  for (const run of lossRuns) {
    const match = outages.find(
      (outage) =>
        2 * (Math.min(endOf(outage), run.endMs) - Math.max(outage.startMs, run.startMs)) >=
        run.endMs - run.startMs,
    );
    if (run.samples === 1) {
      verdict.singles += 1;
      if (match !== undefined) verdict.singlesFound += 1;
      continue;
    }
    verdict.lossRuns += 1;
    if (match === undefined) continue;
    verdict.found += 1;
    // What is cut off by the beginning or the end of the trace has no edge there.
    if (run.startMs > samples[0]!.timeMs) verdict.edgesS.push(Math.abs(match.startMs - run.startMs) / 1000);
    if (match.endMs !== null) verdict.edgesS.push(Math.abs(match.endMs - run.endMs) / 1000);
  }
  for (const [index, outage] of outages.entries()) {
    const isIn = ({ timeMs }: Sample) => timeMs >= outage.startMs && timeMs < endOf(outage);
    if (!samples.some((sample) => sample.lossRatio === 1 && isIn(sample))) verdict.withoutTotalLoss += 1;
    verdict.partialInside += partial.filter(isIn).length;
    const before = outages[index - 1];
    if (before !== undefined && outage.startMs - endOf(before) < 3 * intervalMs) verdict.flaps += 1;
  }
}
