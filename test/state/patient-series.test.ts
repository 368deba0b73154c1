import { expect, it } from "vitest";
import type { Rounds, SeriesStore } from "../../src/series/series-store.ts";
import { createPatientSeries } from "../../src/state/patient-series.ts";
import { icmpRounds } from "../support/rounds.ts";

const found: Rounds[] = [icmpRounds("64.08.01/hub", 1_790_000_000_000, 30_000, [[10]])];
const limits = { afterMs: 20, waitMs: 20 };

/** An engine that answers reads when it is told to, and pings as it is given. */
function makeEngine(ping: () => Promise<void>) {
  const read = Promise.withResolvers<Rounds[]>();
  let reads = 0;
  const engine = { read: () => ((reads += 1), read.promise), ping } as Partial<SeriesStore> as SeriesStore;
  return { read, reads: () => reads, series: createPatientSeries(engine, limits) };
}

it("does not wait for an engine that answers nobody, nor asks it again until it has answered", async () => {
  const ping = Promise.withResolvers<void>();
  const { series, reads, read } = makeEngine(() => ping.promise);
  await expect(series.read([], 0, 1)).rejects.toThrow("no answer within 0.02 s");
  await expect(series.read([], 0, 1)).rejects.toThrow("no answer within 0.02 s");
  expect(reads()).toBe(1);
  read.resolve(found);
  ping.resolve();
  await expect.poll(() => series.read([], 0, 1).catch(String)).toEqual(found);
});

it("waits for a long answer of an engine that answers a ping meanwhile, whatever it says", async () => {
  for (const ping of [async () => {}, () => Promise.reject(new Error("its clock is wrong"))]) {
    const { series, read } = makeEngine(ping);
    setTimeout(() => read.resolve(found), 4 * (limits.afterMs + limits.waitMs));
    expect(await series.read([], 0, 1)).toEqual(found);
  }
});

it("passes on what the engine says itself", async () => {
  const { series, read } = makeEngine(async () => {});
  read.reject(new Error("the disk is full"));
  await expect(series.read([], 0, 1)).rejects.toThrow("the disk is full");
});
