import type { Rounds } from "../../src/series/series-store.ts";
import { openSqlite } from "../../src/state/sqlite.ts";
import type { Ledger, StoredEvent } from "../../src/state/state-store.ts";
import { tempDir } from "../support/temp-dir.ts";
import type { CollectorUnit } from "./collector-unit.ts";

/** A round as it is stored. */
export interface StoredRound {
  timeMs: number;
  /** null: the check had no answer. */
  status: number | null;
  /** How long the check took. */
  totalMs: number | null;
  /** How many rounds it stands for. */
  merged: number;
}

/** What the collector has at one moment: rounds, accounts and events. */
export interface Snapshot {
  rounds: ReadonlyMap<string, readonly StoredRound[]>;
  /** By site. */
  ledgers: ReadonlyMap<string, Ledger>;
  eventsOf(site: string): readonly StoredEvent[];
}

export async function takeSnapshot(collector: CollectorUnit, keys: readonly string[]): Promise<Snapshot> {
  using folder = tempDir();
  const stores = openSqlite(collector.copyDatabase(folder.path));
  try {
    const { state, series } = stores;
    const rounds = new Map<string, StoredRound[]>();
    for (const found of await series.read(keys, 0, Number.MAX_SAFE_INTEGER)) {
      rounds.set(found.key, [...(rounds.get(found.key) ?? []), ...toRounds(found)]);
    }
    const ledgers = new Map<string, Ledger>();
    for (const { id, site } of await state.agents()) {
      const ledger = await state.ledger(id);
      if (ledger !== null) ledgers.set(site, ledger);
    }
    const events = await state.events({ fromMs: 0, toMs: Number.MAX_SAFE_INTEGER });
    return { rounds, ledgers, eventsOf: (site) => events.filter((event) => event.site === site) };
  } finally {
    stores.close();
  }
}

function toRounds(found: Rounds): StoredRound[] {
  if (found.kind !== "http") throw new Error(`${found.key} has rounds of kind ${found.kind}`);
  const { merged } = found as { merged?: readonly (number | null)[] };
  return found.timeMs.map((timeMs, row) => ({
    timeMs,
    status: found.status[row] ?? null,
    totalMs: found.totalMs[row] ?? null,
    merged: merged?.[row] ?? 1,
  }));
}
