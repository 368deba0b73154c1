import type { Inventory } from "../../src/inventory/inventory.ts";
import type { Blip } from "../../src/outage/blips.ts";
import { contentOf } from "../../src/outage/revise.ts";
import { defaultDetectOptions } from "../../src/outage/signal.ts";
import type { StateSegment } from "../../src/outage/table.ts";
import { hashKey, makeKey } from "../../src/state/keys.ts";
import { openSqlite } from "../../src/state/sqlite.ts";
import type { OutageRecord, StateStore, WatchWrite } from "../../src/state/state-store.ts";
import { createWatch } from "../../src/watch/watch.ts";
import type { Watch, WatchDeps } from "../../src/watch/watch.ts";
import { createWriter } from "../support/rounds.ts";
import { tempDir } from "../support/temp-dir.ts";
import { agentOf, places } from "./world.ts";
import type { Batch } from "./world.ts";

/** A store and a watch of their own with a clock that the test moves; batches go in as ingest would put them in. */
export interface Delivery extends AsyncDisposable {
  clock: { ms: number };
  readonly watch: Watch;
  readonly state: StateStore;
  /** What the watch wrote, pass by pass. */
  writes: WatchWrite[];
  errors: unknown[];
  /** Makes the agents known to the store by their ids. */
  enrolAll(): Promise<void>;
  deliver(batch: Batch): Promise<void>;
  /** One pass, a second after the last one at least, since no two passes share a moment. */
  settle(nowMs: number): Promise<void>;
  /** The collector starts again at this moment, with what is in the store and nothing else. */
  restart(nowMs: number): Promise<void>;
  failNextWrite(error: Error): void;
  /** Another inventory is in force from now on. */
  reload(inventory: Inventory): void;
  outages(asOfMs?: number): Promise<OutageRecord[]>;
  /** The table without what we know about our knowing, a line a row. */
  table(): Promise<string[]>;
  states(): Promise<StateSegment[]>;
  blips(asOfMs?: number): Promise<Blip[]>;
}

export const testOptions = {
  ...defaultDetectOptions,
  windowMs: 86_400_000,
  reachMs: 172_800_000,
  minPassMs: 3_600_000,
  tickMs: 3_600_000,
};

export function openDelivery(
  firstInventory: Inventory,
  nowMs: number,
  options: Partial<typeof testOptions> = {},
  planAlerts: WatchDeps["planAlerts"] = () => ({ alerts: [], messages: [] }),
): Delivery {
  const dir = tempDir();
  const { state, series, batchLog, close } = openSqlite(dir.file("sambung.db"));
  const clock = { ms: nowMs };
  const writes: WatchWrite[] = [];
  const errors: unknown[] = [];
  let failure: Error | null = null;
  let inventory = firstInventory;
  const watched: StateStore = {
    ...state,
    async writeWatch(write) {
      if (failure !== null) {
        const error = failure;
        failure = null;
        throw error;
      }
      writes.push(write);
      await state.writeWatch(write);
    },
  };
  const open = () =>
    createWatch({
      inventory: () => inventory,
      series,
      state: watched,
      now: () => clock.ms,
      options: { ...testOptions, ...options },
      planAlerts,
      onMessages() {},
      onError: (error) => void errors.push(error),
    });
  let watch = open();
  const writers = new Map<string, ReturnType<typeof createWriter>>();
  return {
    clock,
    get watch() {
      return watch;
    },
    state,
    writes,
    errors,
    async enrolAll() {
      for (const site of places) {
        const hash = hashKey(makeKey("sbe"));
        await state.addEnrolToken({
          hash,
          site,
          prefix: "sbe_test",
          kind: "sambung",
          expiresMs: Number.MAX_SAFE_INTEGER,
          nowMs: clock.ms,
        });
        const own = {
          keyHash: hashKey(makeKey("sba")),
          keyPrefix: "sba_test",
          hardware: "test",
          version: "1",
        };
        await state.redeemEnrolToken(hash, clock.ms, { id: agentOf(site), ...own });
      }
    },
    async deliver({ agent, site, seq, rounds, events, lastMs }) {
      const write = writers.get(agent) ?? createWriter(batchLog, { id: agent, site });
      writers.set(agent, write);
      const times = [
        ...rounds.flatMap(({ timeMs }) => [timeMs[0]!, timeMs.at(-1)!]),
        ...events.map(({ timeMs }) => timeMs),
      ];
      const fromMs = Math.min(...times);
      const receivedMs = Math.max(clock.ms, lastMs);
      const lateFromMs = fromMs < receivedMs - 900_000 ? fromMs : null;
      const stored = await write(rounds, { seq, events, receivedMs, lateFromMs });
      if (stored === "stored") watch.touched({ keys: rounds.map(({ key }) => key), fromMs, rounds });
    },
    async settle(atMs) {
      clock.ms = Math.max(clock.ms + 1_000, atMs);
      await watch.settle();
      if (errors.length > 0) throw errors[0];
    },
    async restart(atMs) {
      clock.ms = atMs;
      watch = open();
      await watch.start();
    },
    reload(next) {
      inventory = next;
    },
    failNextWrite(error) {
      failure = error;
    },
    outages: (asOfMs) => state.outages(asOfMs === undefined ? {} : { asOfMs }),
    async table() {
      return (await state.outages({})).map(contentOf).sort();
    },
    async states() {
      const range = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
      const ofServices = await Promise.all(
        [...inventory.services.keys()].map((service) => state.states({ ...range, service })),
      );
      return [
        ...(await state.states({ ...range, service: "" })),
        ...(await state.linkStates(range)),
        ...ofServices.flat(),
      ];
    },
    blips: (asOfMs) =>
      state.blips({
        fromMs: 0,
        toMs: Number.MAX_SAFE_INTEGER,
        ...(asOfMs === undefined ? {} : { asOfMs }),
      }),
    async [Symbol.asyncDispose]() {
      await watch.stop();
      close();
      dir[Symbol.dispose]();
    },
  };
}

/** Where a view's segments leave a hole, overlap or do not reach now; empty: nowhere. */
export function faultsOfStates(states: readonly StateSegment[]): string[] {
  const faults: string[] = [];
  for (const [view, segments] of Map.groupBy(
    states,
    ({ site, link = "", service }) => `${site}|${link}|${service}`,
  )) {
    for (const [index, { startMs, endMs }] of segments.entries()) {
      const next = segments[index + 1];
      if (endMs !== null && endMs <= startMs) faults.push(`${view}: empty at ${startMs}`);
      if (next === undefined ? endMs !== null : endMs !== next.startMs)
        faults.push(`${view}: ${endMs} is followed by ${next?.startMs ?? "nothing"}`);
    }
  }
  return faults;
}
