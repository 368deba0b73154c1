import { describe, expect, it } from "vitest";
import { medianOf, summarizeHour, usualAt } from "../../src/outage/baseline.ts";
import type { HourSummary, Usual } from "../../src/outage/baseline.ts";
import { addRoundTrip, createSlowTrack, endRise } from "../../src/outage/slow.ts";
import { seededRandom } from "../support/random.ts";

const ln = (ms: number) => Math.log(ms * 1000);
const hour = 490_000;

describe("what is usual at an hour", () => {
  const past = (hours: Record<number, HourSummary>) => (which: number) => hours[which] ?? null;
  const at = (ms: number, deviation = 0.01): HourSummary => ({ median: ln(ms), deviation });

  it("is the median of the same hour of the days before, from three of them on", () => {
    const two = { [hour - 24]: at(20), [hour - 48]: at(22) };
    expect(usualAt(hour, past(two))).toBeNull();
    expect(usualAt(hour, past({ ...two, [hour - 25]: at(20) }))).toBeNull();
    expect(usualAt(hour, past({ ...two, [hour - 72]: at(600) }))!.ln).toBeCloseTo(ln(22), 9);
    expect(usualAt(hour, past({ ...two, [hour - 192]: at(21) }))).toBeNull();
  });

  it("spreads as the hours did in themselves and among each other, and no less than half as long again", () => {
    const steady = { [hour - 24]: at(20), [hour - 48]: at(20), [hour - 72]: at(20) };
    expect(usualAt(hour, past(steady))!.spread).toBeCloseTo(Math.log(1.5), 9);
    const restless = { [hour - 24]: at(20, 0.6), [hour - 48]: at(20, 0.6), [hour - 72]: at(20, 0.6) };
    expect(usualAt(hour, past(restless))!.spread).toBeCloseTo(1.4826 * 0.6, 9);
    const varied = { [hour - 24]: at(20), [hour - 48]: at(60), [hour - 72]: at(180) };
    expect(usualAt(hour, past(varied))!.spread).toBeGreaterThan(1.4826 * Math.log(3));
  });

  it("comes from hours with six rounds or more, whose outliers do not count", () => {
    expect(summarizeHour([1, 2, 3, 4, 5])).toBeNull();
    const { median, deviation } = summarizeHour([3, 1, 2, 3, 1, 2, 90])!;
    expect([median, deviation]).toEqual([2, 1]);
    expect(medianOf([4, 1, 3, 2])).toBe(2.5);
  });
});

describe("a shift of the round-trip time", () => {
  const usual: Usual = { ln: ln(20), spread: Math.log(1.5) };
  /** Runs over rounds of these ms, one a minute, as [first, last] in rounds. */
  function runsOf(rtts: readonly number[], known: Usual | null = usual, isOver = true) {
    const track = createSlowTrack();
    for (const [index, ms] of rtts.entries()) addRoundTrip(track, index * 60_000, ln(ms), known);
    if (isOver) endRise(track);
    return track.runs.map(({ firstMs, lastMs, ratio }) => [
      firstMs / 60_000,
      lastMs / 60_000,
      Number(ratio.toFixed(2)),
    ]);
  }
  const of = (ms: number, rounds: number) => Array.from({ length: rounds }, () => ms);

  it.each([
    ["a fibre at 60 ms that was at 20", 60, 3],
    ["a little over half as long again", 31, 15],
  ])("is told within rounds: %s", (_, ms, mostRounds) => {
    expect(runsOf([...of(20, 30), ...of(ms, mostRounds)])).toEqual([
      [30, 29 + mostRounds, expect.closeTo(ms / 20, 1)],
    ]);
  });

  it("is none where the time is what it always was, however long that is", () => {
    expect(runsOf(of(600, 500), { ln: ln(600), spread: Math.log(1.5) })).toEqual([]);
    expect(runsOf(of(24, 500))).toEqual([]);
    expect(runsOf(of(5, 500))).toEqual([]);
  });

  it("is none where nobody knows what is usual", () => {
    expect(runsOf(of(600, 500), null)).toEqual([]);
  });

  it("is not told of one late reply, and of the noise of a satellite in low orbit less than once a week", () => {
    expect(runsOf([...of(20, 10), 4_000, ...of(20, 10), 4_000, ...of(20, 10)])).toEqual([]);
    const random = seededRandom(7);
    const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const month = Array.from({ length: 86_400 }, () => 20 * Math.exp(0.3 * normal()));
    expect(runsOf(month).length).toBeLessThan(4);
  });

  it("ends where the time last was long, not where that was known, and does not end for a good moment", () => {
    expect(
      runsOf([...of(20, 10), ...of(60, 20), ...of(20, 3), ...of(60, 20), ...of(20, 20)], usual, false),
    ).toEqual([[10, 52, expect.any(Number)]]);
  });
});
