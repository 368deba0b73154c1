import { describe, expect, it } from "vitest";
import type { Rounds } from "../../src/series/series-store.ts";
import { createRoundTrips, medianLns } from "../../src/watch/round-trips.ts";
import { icmpRounds } from "../support/rounds.ts";

const key = "64.08.01/noc";
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const startMs = Date.UTC(2026, 0, 5);
const minuteMs = 60_000;

/** Rounds a minute apart in [fromMs, toMs), whose replies are all of these ms. */
const at = (fromMs: number, toMs: number, ms: number) =>
  icmpRounds(
    key,
    fromMs,
    minuteMs,
    Array.from({ length: (toMs - fromMs) / minuteMs }, () => [ms, ms, ms]),
  );

/** A week at 20 ms, so that all hours are known. */
function knownWeek() {
  const trips = createRoundTrips(key, startMs, 150_000, []);
  const week = at(startMs, startMs + 7 * dayMs, 20);
  trips.add(week, medianLns(week));
  return trips;
}

describe("the median of a round", () => {
  it("is of its replies, and not there without any", () => {
    const lns = medianLns(icmpRounds(key, startMs, minuteMs, [[10, 20, 90], [], [10, 20], [7]]));
    const ms = [...lns].map((ln) => Math.exp(ln) / 1000);
    expect(ms).toEqual(
      [20, Number.NaN, 15, 7].map((each) => (Number.isNaN(each) ? each : expect.closeTo(each, 6))),
    );
  });

  it("is, of a summary, that of what was kept of the replies", () => {
    const summary = {
      ...icmpRounds(key, startMs, minuteMs, [[10, 18, 20, 25, 90], [30]]),
      sent: [50, 5],
      recv: [48, 1],
      merged: [10, 1],
      spanMs: [540_000, 0],
    };
    expect([...medianLns(summary)].map((ln) => Math.round(Math.exp(ln) / 1000))).toEqual([20, 30]);
  });
});

describe("round-trip times over days", () => {
  it("tell a shift by what the stored days say, as by the rounds themselves", () => {
    const whole = knownWeek();
    const stored = whole.takeChanges();
    expect(stored.map(({ day }) => day)).toEqual(
      Array.from({ length: 7 }, (_, index) => startMs / dayMs + index),
    );
    const fromMs = startMs + 7 * dayMs;
    const later = createRoundTrips(key, fromMs, 150_000, stored);
    for (const trips of [whole, later]) {
      const rounds = at(fromMs, fromMs + 5 * hourMs, 20);
      trips.add(rounds, medianLns(rounds));
      const slow = at(fromMs + 5 * hourMs, fromMs + 6 * hourMs, 60);
      trips.add(slow, medianLns(slow));
    }
    expect(whole.slow).toEqual([
      { firstMs: fromMs + 5 * hourMs, lastMs: fromMs + 6 * hourMs - minuteMs, ratio: expect.closeTo(3, 2) },
    ]);
    expect(later.slow).toEqual(whole.slow);
  });

  it("change nothing that is stored where the same rounds are read again", () => {
    const stored = knownWeek().takeChanges();
    const again = createRoundTrips(key, startMs + 5 * dayMs, 150_000, stored);
    const rounds = at(startMs + 5 * dayMs, startMs + 7 * dayMs, 20);
    again.add(rounds, medianLns(rounds));
    expect(again.takeChanges()).toEqual([]);
  });

  it("count a summary as the rounds that it stands for, from the moment asked for on", () => {
    const fromMs = startMs + 7 * dayMs;
    const summary: Rounds = {
      ...icmpRounds(key, fromMs, minuteMs, [[60, 60, 60, 60, 60]]),
      sent: [150],
      recv: [150],
      merged: [30],
      spanMs: [29 * minuteMs],
    };
    const slowSince = (sinceMs: number) => {
      const trips = knownWeek();
      trips.add(summary, medianLns(summary), sinceMs);
      return trips.slow.map(({ firstMs, lastMs }) => [
        (firstMs - fromMs) / minuteMs,
        (lastMs - fromMs) / minuteMs,
      ]);
    };
    expect(slowSince(fromMs)).toEqual([[0, 29]]);
    expect(slowSince(fromMs + 10 * minuteMs)).toEqual([[10, 29]]);
  });

  it("begin anew after a pause, and forget what lies before the start", () => {
    const trips = knownWeek();
    const fromMs = startMs + 7 * dayMs;
    for (const hour of [0, 3]) {
      const rounds = at(fromMs + hour * hourMs, fromMs + (hour + 1) * hourMs, 60);
      trips.add(rounds, medianLns(rounds));
    }
    expect(trips.slow.map(({ firstMs }) => (firstMs - fromMs) / hourMs)).toEqual([0, 3]);
    trips.moveStart(fromMs + 2 * hourMs);
    expect(trips.slow.map(({ firstMs }) => (firstMs - fromMs) / hourMs)).toEqual([3]);
  });
});
