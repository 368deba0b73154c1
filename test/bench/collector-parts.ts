import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { keepKecamatan } from "../../probes/demo/sites.ts";
import { createIngest } from "../../src/ingest/ingest.ts";
import type { Ingest } from "../../src/ingest/ingest.ts";
import type { Inventory } from "../../src/inventory/inventory.ts";
import { hashKey, makeKey } from "../../src/state/keys.ts";
import type { AgentRecord } from "../../src/state/state-store.ts";
import { openSqlite } from "../../src/state/sqlite.ts";
import type { SqliteStores } from "../../src/state/sqlite.ts";
import { benchSite } from "./rounds.ts";
import type { BenchTarget } from "./rounds.ts";

const sitesFile = new URL("../../src/inventory/kutai-timur/sites.csv", import.meta.url);

/** Writes an inventory of one kecamatan whose own agent has these targets.yaml entries. */
export function writeBenchInventory(folder: string, targets: readonly object[]): void {
  writeInventory(folder, keepKecamatan(readFileSync(sitesFile, "utf8"), [benchSite]), targets);
}

export function writeInventory(folder: string, sitesCsv: string, targets: readonly object[]): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "sites.csv"), sitesCsv);
  writeFileSync(join(folder, "targets.yaml"), stringify(targets));
}

/** targets.yaml entries for targets that nothing will ever measure: the benchmarks send what was measured. */
export function idleEntries(targets: readonly BenchTarget[]): object[] {
  const own = {
    icmp: { address: "192.0.2.1" },
    http: { url: "https://service.invalid/" },
    dns: { name: "service.invalid" },
    snmp: { address: "192.0.2.1", auth: { version: "2c", community: "bench" } },
    tcp: { address: "192.0.2.1", port: 443 },
  };
  return targets.map(({ id, kind }) => ({
    id,
    site: benchSite,
    role: "device",
    kind,
    intervalS: 30,
    ...own[kind],
  }));
}

export interface Store {
  stores: SqliteStores;
  ingest: Ingest;
  /** A new agent at the site, enrolled as agents are. */
  addAgent: (site: string) => Promise<{ record: AgentRecord; key: string }>;
}

/** The collector's way in, with a real file behind it. Nothing watches. */
export function openStore(file: string, inventory: Inventory): Store {
  const stores = openSqlite(file);
  const ingest = createIngest({
    inventory: () => inventory,
    ...stores,
    now: Date.now,
    agentConfig: { reportIntervalS: 60, dayBytes: null, monthBytes: null, traps: null },
    onStored: () => {},
  });
  return {
    stores,
    ingest,
    async addAgent(site) {
      const token = makeKey("sbe");
      await stores.state.addEnrolToken({
        hash: hashKey(token),
        site,
        prefix: "sbe_test",
        kind: "sambung",
        expiresMs: Date.now() + 60_000,
        nowMs: Date.now(),
      });
      const { key } = await ingest.enrol({ token, hardware: "bench", version: "bench" });
      return { record: (await ingest.authenticateAgent(key))!, key };
    },
  };
}
