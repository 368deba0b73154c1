import { expect, it } from "vitest";
import { levelRuns } from "../../src/outage/levels.ts";

it("readings of a signal are low from 8 dB below their own median on, and a gap parts them", () => {
  const dbm = [-60, -61, -60, -67, -69, -75, -62, -60, -60, -61, -60];
  const readings = dbm.map((level, minute): [number, number] => [
    (minute + (minute > 7 ? 5 : 0)) * 60_000,
    level,
  ]);
  expect(levelRuns(readings, 150_000)).toEqual([
    { isLow: false, firstMs: 0, lastMs: 180_000 },
    { isLow: true, firstMs: 240_000, lastMs: 300_000 },
    { isLow: false, firstMs: 360_000, lastMs: 420_000 },
    { isLow: false, firstMs: 780_000, lastMs: 900_000 },
  ]);
  expect(levelRuns([], 150_000)).toEqual([]);
});
