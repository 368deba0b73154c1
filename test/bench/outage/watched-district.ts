import type { Inventory, Role } from "../../../src/inventory/inventory.ts";
import { createDescribe, createNames } from "../../../src/notify/describe.ts";
import { createPlanner } from "../../../src/notify/planner.ts";
import { defaultDetectOptions } from "../../../src/outage/signal.ts";
import { createWords } from "../../../src/report/words.ts";
import type { IcmpRounds, Rounds } from "../../../src/series/series-store.ts";
import { openSqlite } from "../../../src/state/sqlite.ts";
import type { StateStore } from "../../../src/state/state-store.ts";
import { createWatch } from "../../../src/watch/watch.ts";
import { icmpTarget, makeInventory, makeLink, makeSite } from "../../support/inventory.ts";
import { createWriter } from "../../support/rounds.ts";
import { tempDir } from "../../support/temp-dir.ts";

/*
 * A district of any size under the real watch, whose clock the benchmark moves. Rounds go into the real store as ingest
 * puts them there and to the watch, which has the real planner of alerts behind it; the way in over HTTP is left out, since
 * npm run bench:ingest measures that. Ten ICMP targets a site, eight kecamatan's villages under each kecamatan.
 */

const villagesEach = 8;
const roles: readonly Role[] = [
  "gateway",
  "hub",
  "noc",
  "anchor",
  "anchor",
  ...Array<Role>(5).fill("device"),
];
export const targetsEach = roles.length;

export interface WatchedDistrict extends AsyncDisposable {
  state: StateStore;
  sites: readonly string[];
  clock: { ms: number };
  /**
   * A site's rounds in [fromMs, toMs) arrive; `isCut`: whether nothing beyond its gateway answers then. `tells` false: they
   * are in the store before the collector looks for the first time.
   */
  arrive(
    site: string,
    fromMs: number,
    toMs: number,
    more?: { isCut?: (ms: number) => boolean; tells?: boolean },
  ): Promise<number>;
  /** The watch starts again, with what is in the store and nothing else. */
  restart(): Promise<void>;
  /** A look of the watch: CPU and wall time, ms. */
  look(): Promise<{ cpuMs: number; wallMs: number }>;
}

export function openWatchedDistrict(count: number, intervalS: number, nowMs: number): WatchedDistrict {
  const dir = tempDir();
  const inventory = inventoryOf(count, intervalS);
  const clock = { ms: nowMs };
  const stores = openSqlite(dir.file("sambung.db"));
  const inForce = () => inventory;
  const words = { id: createWords("id", "Asia/Makassar"), en: createWords("en", "Asia/Makassar") };
  const open = () =>
    createWatch({
      inventory: inForce,
      ...stores,
      now: () => clock.ms,
      options: {
        ...defaultDetectOptions,
        windowMs: 86_400_000,
        reachMs: 172_800_000,
        minPassMs: 1_000,
        tickMs: 5_000,
      },
      planAlerts: createPlanner({
        inventory: inForce,
        nameOf: createNames(inForce),
        channels: [{ id: "bench" }],
        describe: createDescribe({
          inventory: inForce,
          sentence: (said) => ({ id: words.id.statement(said), en: words.en.statement(said) }),
          url: () => null,
        }),
      }),
      onMessages() {},
      onError(error) {
        throw error;
      },
    });
  let watch = open();
  const writers = new Map<string, ReturnType<typeof createWriter>>();
  const sites = [...inventory.sites.keys()];
  return {
    state: stores.state,
    sites,
    clock,
    async arrive(site, fromMs, toMs, { isCut = () => false, tells = true } = {}) {
      const all = roundsOf(site, fromMs, toMs, intervalS * 1000, isCut);
      const rounds = all.filter(({ timeMs }) => timeMs.length > 0);
      if (rounds.length === 0) return 0;
      const write = writers.get(site) ?? createWriter(stores.batchLog, { id: `ag_${site}`, site });
      writers.set(site, write);
      const lateFromMs = tells && fromMs < clock.ms - 900_000 ? fromMs : null;
      await write(rounds, { receivedMs: clock.ms, lateFromMs });
      if (tells) watch.touched({ keys: rounds.map(({ key }) => key), fromMs, rounds });
      return rounds.reduce((sum, { timeMs }) => sum + timeMs.length, 0);
    },
    async restart() {
      await watch.stop();
      watch = open();
      await watch.settle();
    },
    async look() {
      const [startCpu, startMs] = [process.cpuUsage(), performance.now()];
      await watch.settle();
      const { user, system } = process.cpuUsage(startCpu);
      return { cpuMs: (user + system) / 1000, wallMs: performance.now() - startMs };
    },
    async [Symbol.asyncDispose]() {
      await watch.stop();
      stores.close();
      dir[Symbol.dispose]();
    },
  };
}

function inventoryOf(count: number, intervalS: number): Inventory {
  const codes = ["64.08"];
  for (let kecamatan = 1; codes.length < count; kecamatan++) {
    const code = `64.08.${String(kecamatan).padStart(2, "0")}`;
    codes.push(code);
    for (let village = 1; village <= villagesEach && codes.length < count; village++)
      codes.push(`${code}.${2000 + village}`);
  }
  const sites = codes.map((code) =>
    makeSite(code, `Lokasi ${code}`, {
      // More kecamatan than two digits hold are still kecamatan.
      kind: (["kabupaten", "kecamatan", "desa"] as const)[code.split(".").length - 2]!,
    }),
  );
  return makeInventory({
    sites,
    links: sites.map((site) => makeLink(site)),
    targets: codes.flatMap((code) =>
      roles.map((role, index) => {
        const target = icmpTarget(code, `t${index}`, role);
        return { ...target, probe: { ...target.probe, intervalS } };
      }),
    ),
  });
}

function roundsOf(
  site: string,
  fromMs: number,
  toMs: number,
  intervalMs: number,
  isCut: (ms: number) => boolean,
): Rounds[] {
  return roles.map((role, index): IcmpRounds => {
    const timeMs: number[] = [];
    const phaseMs = Math.floor((index * intervalMs) / roles.length);
    const firstMs = Math.ceil((fromMs - phaseMs) / intervalMs) * intervalMs + phaseMs;
    for (let ms = firstMs; ms < toMs; ms += intervalMs) timeMs.push(ms);
    // The gateway and what hangs on it are inside the site, and stay.
    const recv = timeMs.map((ms) => (role !== "gateway" && role !== "device" && isCut(ms) ? 0 : 5));
    return {
      key: `${site}/t${index}`,
      kind: "icmp",
      timeMs,
      sent: timeMs.map(() => 5),
      recv,
      rttUs: recv.flatMap((count, row) =>
        count === 0 ? [] : [20_000, 20_010, 20_020, 20_100, 20_400 + (row % 90)],
      ),
    };
  });
}
