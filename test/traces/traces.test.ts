import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { compare, judgeTraces, lossRunsOf } from "./judge-traces.ts";
import { readAtlas, readLoss, readValues } from "./read-traces.ts";

const startS = 1_733_122_500;

/** A table of losses, a column for each list, a row each five minutes. */
const lossTable = (columns: Record<string, readonly (number | "")[]>) => {
  const names = Object.keys(columns);
  const lists = Object.values(columns);
  const rows = lists[0]!.map((_, row) => [startS + row * 300, ...lists.map((list) => list[row])].join());
  return [["epoch_utc", ...names].join(), ...rows].join("\n");
};
const verdictOf = (columns: Record<string, readonly (number | "")[]>) =>
  compare(judgeTraces(readLoss(lossTable(columns), "loss.csv")));

describe("a latency that rises and falls, and never fails (NAB, MIT)", () => {
  it("is no outage at all, though it grows many times longer", () => {
    const file = "ec2_request_latency_system_failure.csv";
    const traces = readValues(readFileSync(new URL(`nab/${file}`, import.meta.url), "utf8"), file);
    const latencies = traces[0]!.samples.map(({ rttMs }) => rttMs!).sort((a, b) => a - b);
    expect(latencies.at(-1)! / latencies[latencies.length >> 1]!).toBeGreaterThan(2);
    expect(compare(judgeTraces(traces))).toMatchObject({
      traces: 1,
      samples: 4_032,
      outages: 0,
      lossRuns: 0,
    });
  });
});

describe("a table of losses", () => {
  it("gives an outage for each run of total loss, with the share of the samples beside it", () => {
    const verdict = verdictOf({ a: [0, 0, 0, 95, 100, 100, 100, 10, 0, 0, 0, 100, 100, 0, 0, 0] });
    expect(verdict).toMatchObject({ lossRuns: 2, found: 2, outages: 2, withoutTotalLoss: 0, flaps: 0 });
    // An edge is told to half a sample, 150 s.
    expect(verdict.edgesS).toHaveLength(4);
    expect(Math.max(...verdict.edgesS)).toBeLessThanOrEqual(150);
  });

  it("gives none for partial loss, however it comes and goes, nor for a single lost sample", () => {
    const some = [0, 5, 20, 70, 40, 60, 0, 74, 10, 100, 30, 70, 70, 70, 5, 0, 50, 0];
    expect(verdictOf({ a: some })).toMatchObject({
      outages: 0,
      singles: 1,
      singlesFound: 0,
      partialSamples: 13,
    });
  });

  it("names what never answered, and leaves it out of the figures", () => {
    expect(verdictOf({ silent: [100, 100, 100], a: [0, 0, 0] })).toMatchObject({
      traces: 2,
      neverAnswered: ["silent"],
      samples: 3,
      outages: 0,
      lossRuns: 0,
    });
  });

  it("has a hole where the monitor itself wrote nothing", () => {
    const [trace] = readLoss(lossTable({ a: [0, "", "", "", 100, 100, 0] }), "loss.csv");
    expect(trace!.samples).toHaveLength(4);
    expect(lossRunsOf(trace!)).toEqual([
      { startMs: (startS + 3 * 300) * 1000, endMs: (startS + 5 * 300) * 1000, samples: 2 },
    ]);
  });
});

describe("a file that cannot be read", () => {
  it.each([
    { read: () => readLoss("a,b\n1,2", "f"), says: "f:1 is not a table of losses" },
    {
      read: () => readLoss("epoch_utc,a\n1733122500,0\n1733122800,101", "f"),
      says: "f:3 a: 101 is not allowed",
    },
    {
      read: () => readLoss("epoch_utc,a\n1733122500,x", "f"),
      says: "f:2 a: x is not allowed; expected a number from 0 to 100",
    },
    { read: () => readAtlas("prb,t\n", "f"), says: "f:1 is not a table of RIPE Atlas" },
    {
      read: () => readAtlas("prb_id,epoch_utc,sent,rcvd,rtt_avg_ms\n1,1682724766,1,2,5", "f"),
      says: "f:2 rcvd: 2 is not allowed; expected a number from 0 to 1",
    },
    {
      read: () => readValues("timestamp,value\nyesterday,1", "f"),
      says: "f:2 timestamp: yesterday is no time",
    },
  ])("is refused: $says", ({ read, says }) => {
    expect(read).toThrow(says);
  });
});
