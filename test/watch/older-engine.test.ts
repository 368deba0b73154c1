import { pino } from "pino";
import { expect, it } from "vitest";
import { composeEvidence } from "../../src/compose/evidence.ts";
import type { SeriesStore } from "../../src/series/series-store.ts";
import { openSqlite } from "../../src/state/sqlite.ts";
import { epochMs } from "../support/evidence.ts";
import { tempDir } from "../support/temp-dir.ts";
import { atMs, deliverHours, unguarded } from "./deliver-hours.ts";

/* The engine comes back from a copy that was made some hours before the end: the outages since then stay on record. */

/** A copy of the engine of that hour, as far as the watch reads it. */
const copyOf = (series: SeriesStore, hour: number): SeriesStore => ({
  ...series,
  read: (keys, fromMs, toMs) => series.read(keys, fromMs, Math.min(toMs, atMs(hour))),
});

it.each([9, 19])("has the rounds of %i hours of thirty, and withdraws nothing", async (hour) => {
  using dir = tempDir();
  const clock = { ms: epochMs };
  const now = () => clock.ms;
  const whole = openSqlite(dir.file("s.db"), { now });
  const before = await deliverHours(whole, clock, [0, 30]);
  clock.ms += 60_000;
  const told: string[] = [];
  const logger = pino({ level: "info" }, { write: (line) => void told.push(line) });
  const stores = { ...whole, series: copyOf(whole.series, hour) };
  const rawMs = 14 * 24 * 3_600_000;
  const { evidence, missingRounds } = composeEvidence(stores, { now, logger, rawMs });
  const errors: unknown[] = [];
  const onError = (error: unknown) => void errors.push(error);
  expect(await deliverHours(stores, clock, [30, 30], { evidence, onError })).toEqual(before);
  expect(String(errors)).toContain("the rounds behind the outages on record are gone");
  expect([missingRounds(), told.length]).toEqual([expect.stringContaining("put back from an older copy"), 1]);
  // What the table would come to without a look, so that the rest shows something.
  expect(await deliverHours(stores, clock, [30, 30], { evidence: unguarded(stores) })).not.toEqual(before);
  whole.close();
});
