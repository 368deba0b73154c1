import { describe, expect, it } from "vitest";
import { percentilesFor } from "../../src/command/telegraf-ping.ts";
import { spreadReplies } from "../../src/ingest/line-protocol-replies.ts";
import { seededRandom } from "../support/random.ts";

/** R7 of Hyndman and Fan, as Telegraf computes it on whole nanoseconds. */
function percentile(sortedNs: readonly number[], percent: number): number {
  const rank = (percent / 100) * (sortedNs.length - 1);
  const below = Math.floor(rank);
  if (below >= sortedNs.length - 1) return sortedNs.at(-1)! / 1e6;
  const lower = sortedNs[below]!;
  return (lower + Math.trunc((rank - below) * (sortedNs[below + 1]! - lower))) / 1e6;
}

/** What Telegraf tells of these replies. */
function tell(ms: readonly number[], percents: readonly number[]) {
  const sortedNs = ms.map((each) => Math.round(each * 1e6)).toSorted((a, b) => a - b);
  return {
    count: ms.length,
    minMs: sortedNs[0]! / 1e6,
    maxMs: sortedNs.at(-1)! / 1e6,
    avgMs: sortedNs.reduce((a, b) => a + b) / sortedNs.length / 1e6,
    percentiles: percents.map((percent): [number, number] => [percent, percentile(sortedNs, percent)]),
  };
}

const random = seededRandom(7);
/** A satellite's or a radio's: a floor and a long tail. */
const someReplies = (count: number) =>
  Array.from({ length: count }, () => 20 + 5 * random() + (random() < 0.2 ? 400 * random() : 0));
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b) / values.length;

describe("replies from what Telegraf tells", () => {
  it.each(Array.from({ length: 12 }, (_, index) => index + 1))(
    "are exact for every reply of a full round of %i, with the percentiles that we configure",
    (count) => {
      for (let run = 0; run < 200; run++) {
        const replies = someReplies(count).toSorted((a, b) => a - b);
        const found = spreadReplies(tell(replies, percentilesFor(count)));
        for (const [index, ms] of found.entries()) expect(ms).toBeCloseTo(replies[index]!, 3);
      }
    },
  );

  it.each([1, 2, 3, 4, 5])("are exact for the %i that came of a round of 5", (count) => {
    for (let run = 0; run < 200; run++) {
      const replies = someReplies(count).toSorted((a, b) => a - b);
      const found = spreadReplies(tell(replies, percentilesFor(5)));
      for (const [index, ms] of found.entries()) expect(ms).toBeCloseTo(replies[index]!, 3);
    }
  });

  it.each([1, 2, 3])("are exact for %i replies without any percentile", (count) => {
    for (let run = 0; run < 200; run++) {
      const replies = someReplies(count).toSorted((a, b) => a - b);
      const found = spreadReplies(tell(replies, []));
      for (const [index, ms] of found.entries()) expect(ms).toBeCloseTo(replies[index]!, 3);
    }
  });

  it("keep count, least, mean and greatest, and are ascending, whatever else is known", () => {
    for (let run = 0; run < 3_000; run++) {
      const count = 1 + Math.floor(random() * 30);
      const told = tell(
        someReplies(count),
        [5, 10, 25, 33, 50, 75, 90, 99].filter(() => random() < 0.5),
      );
      const found = spreadReplies(told);
      expect(found).toHaveLength(count);
      expect(found[0]).toBeCloseTo(told.minMs, 6);
      expect(found.at(-1)).toBeCloseTo(told.maxMs, 6);
      expect(mean(found)).toBeCloseTo(told.avgMs, 3);
      for (let i = 1; i < count; i++) expect(found[i]).toBeGreaterThanOrEqual(found[i - 1]! - 1e-9);
    }
  });

  it("stay within least and greatest where what is told cannot be", () => {
    const odd = {
      count: 6,
      minMs: 10,
      avgMs: 11,
      maxMs: 12,
      percentiles: [
        [50, 900],
        [20, -4],
        [100, 3],
      ] as const,
    };
    const found = spreadReplies(odd);
    expect(found).toHaveLength(6);
    for (const ms of found) expect(ms >= 10 && ms <= 12).toBe(true);
    expect(found).toEqual(found.toSorted((a, b) => a - b));
  });
});
