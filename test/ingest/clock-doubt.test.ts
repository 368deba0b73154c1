import { expect, it } from "vitest";
import { createClockDoubt } from "../../src/ingest/clock-doubt.ts";

const minuteMs = 60_000;
const startMs = Date.UTC(2026, 8, 21, 14);

/** One live batch of each agent, whose clocks are off by so many seconds, and what is then said. */
function heardFrom(offS: readonly number[]) {
  const clock = { ms: startMs };
  const told: (string | null)[] = [];
  const doubt = createClockDoubt({ now: () => clock.ms, onChange: (why) => void told.push(why) });
  const hear = (all: readonly number[]) => {
    clock.ms += minuteMs;
    for (const [at, seconds] of all.entries()) doubt.note(`ag_${at}`, clock.ms + seconds * 1000, clock.ms);
    // A look at most each ten seconds.
    clock.ms += 11_000;
    doubt.note("ag_0", clock.ms + all[0]! * 1000, clock.ms);
  };
  hear(offS);
  return { clock, told, doubt, hear };
}

it.each([
  ["all agents an hour behind us", [-3600, -3600, -3590], /3600 s in the future, as 3 of 3 agents/],
  ["all agents two days ahead of us", [172_800, 172_810, 172_790], /172800 s in the past, as 3 of 3/],
  [
    "two of three, the third a board without a battery",
    [-600, -601, -90_000_000],
    /60[01] s in the future, as 2 of 3/,
  ],
  ["one agent alone", [-3600], null],
  ["two agents", [-3600, -3600], null],
  ["boards without batteries, each of another year", [-1e8, -5e7, -2e7, 0], null],
  ["agents that agree with us", [0, -20, 15], null],
  ["half of them with us, half not", [0, 0, -3600, -3600], null],
])("of %s", (_, offS, expected) => {
  const { doubt, told } = heardFrom(offS);
  if (expected === null) {
    expect([doubt.why(), told]).toEqual([null, []]);
    return;
  }
  expect(doubt.why()).toMatch(expected);
  expect(told).toEqual([expect.stringMatching(expected)]);
});

it("is told once, and once more when it is over", () => {
  const { told, doubt, hear } = heardFrom([-3600, -3600, -3600]);
  hear([-3600, -3600, -3600]);
  expect(told).toHaveLength(1);
  hear([0, 0, 0]);
  expect([told.length, told[1], doubt.why()]).toEqual([2, null, null]);
});

it("forgets what nobody says any more", () => {
  const { clock, doubt } = heardFrom([-3600, -3600, -3600]);
  clock.ms += 16 * minuteMs;
  expect(doubt.why()).toBeNull();
});
