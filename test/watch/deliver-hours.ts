import { makeKey, hashKey } from "../../src/state/keys.ts";
import type { SqliteStores } from "../../src/state/sqlite.ts";
import type { StateStore } from "../../src/state/state-store.ts";
import type { EvidenceGate } from "../../src/watch/evidence-gate.ts";
import { createWatch } from "../../src/watch/watch.ts";
import { epochMs } from "../support/evidence.ts";
import { seededRandom } from "../support/random.ts";
import { createWriter } from "../support/rounds.ts";
import { testOptions } from "./delivery.ts";
import { districtOf, kec, measureWorld, noFaults, v1, v2 } from "./world.ts";
import type { Faults } from "./world.ts";

/* Forty hours of a small district, delivered some of them at a time to stores that are opened and closed in between. */

const hourS = 3_600;
export const atMs = (hours: number): number => epochMs + hours * hourS * 1000;
const inventory = districtOf(300);
/** The village whose link is still cut at the end of the first thirty hours. */
export const cutVillage = v1;
const faults: Faults = {
  ...noFaults,
  cut: {
    [kec]: [[5 * hourS, 7 * hourS]],
    [v2]: [[10 * hourS, 14 * hourS]],
    [v1]: [[20 * hourS, 36 * hourS]],
  },
};
const batches = measureWorld(faults, {
  intervalS: 300,
  toS: 40 * hourS,
  batchS: 600,
  random: seededRandom(1),
});

/** As the watch reads where nothing looks after it. */
export const unguarded = (stores: SqliteStores): Pick<EvidenceGate, "series" | "judgedFromMs"> => ({
  series: stores.series,
  judgedFromMs: () => stores.engine.judgedFromMs,
});

/** Delivers what was measured in these hours as it comes, to a watch that begins with it. Answers the table, a line a row. */
export async function deliverHours(
  stores: SqliteStores,
  clock: { ms: number },
  [fromHour, toHour]: readonly [number, number],
  {
    evidence = unguarded(stores),
    onError = (error: unknown) => {
      throw error;
    },
  }: { evidence?: Pick<EvidenceGate, "series" | "judgedFromMs">; onError?: (error: unknown) => void } = {},
): Promise<string[]> {
  const watch = createWatch({
    inventory: () => inventory,
    ...evidence,
    state: stores.state,
    now: () => clock.ms,
    options: { ...testOptions, silenceMs: 900_000 },
    planAlerts: () => ({ alerts: [], messages: [] }),
    onMessages() {},
    onError,
  });
  await watch.settle();
  const writers = new Map<string, ReturnType<typeof createWriter>>();
  for (const { agent, site, seq, rounds, events, lastMs } of batches) {
    if (lastMs <= atMs(fromHour) || lastMs > atMs(toHour)) continue;
    if ((await stores.state.agent(agent)) === null) await enrol(stores.state, agent, site);
    const write = writers.get(agent) ?? createWriter(stores.batchLog, { id: agent, site });
    writers.set(agent, write);
    clock.ms = Math.max(clock.ms, lastMs + 1_000);
    await write(rounds, { seq, events, receivedMs: clock.ms, lateFromMs: null });
    const fromMs = rounds[0]?.timeMs[0] ?? clock.ms;
    watch.touched({ keys: rounds.map(({ key }) => key), fromMs, rounds });
    clock.ms += 1_000;
    await watch.settle();
  }
  await watch.stop();
  const hours = (ms: number | null) => (ms === null ? "open" : ((ms - epochMs) / 3_600_000).toFixed(1));
  const found = await stores.state.outages({});
  return found
    .filter(({ withdrawn }) => !withdrawn)
    .map(({ site, service, startMs, endMs }) => `${site} ${service ?? ""} ${hours(startMs)} ${hours(endMs)}`);
}

export async function enrol(state: StateStore, id: string, site: string): Promise<void> {
  const [token, key] = [makeKey("sbe"), makeKey("sba")];
  const times = { expiresMs: epochMs + 1, nowMs: epochMs };
  await state.addEnrolToken({ hash: hashKey(token), prefix: "sbe_test", site, kind: "sambung", ...times });
  const own = { keyHash: hashKey(key), keyPrefix: "sba_test", hardware: "test", version: "0.0.0" };
  await state.redeemEnrolToken(hashKey(token), epochMs, { id, ...own });
}
