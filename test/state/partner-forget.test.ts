import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createPartnerFeed } from "../../src/report/partner-feed.ts";
import type { PartnerHook } from "../../src/state/partner-store.ts";
import { openSqlite } from "../../src/state/sqlite.ts";
import type { SqliteStores } from "../../src/state/sqlite.ts";
import type { OutageRecord } from "../../src/state/state-store.ts";
import { addPartnerKey, outageRow, twoProviders } from "../support/partners.ts";
import { tempDir } from "../support/temp-dir.ts";

const dayMs = 86_400_000;
const startMs = Date.UTC(2026, 8, 21);
const by = { id: "key_telkom", name: "Telkom NOC", address: null };

let dir: ReturnType<typeof tempDir>;
let stores: SqliteStores;
let clockMs: number;
let follow: () => Promise<void>;

beforeEach(async () => {
  dir = tempDir();
  stores = openSqlite(join(dir.path, "sambung.db"));
  clockMs = startMs;
  const inventory = twoProviders();
  follow = createPartnerFeed(
    stores.state,
    () => inventory,
    () => clockMs,
  );
  await addPartnerKey(stores.state, "Telkom", startMs);
});
afterEach(() => {
  stores.close();
  dir[Symbol.dispose]();
});

const write = (...outages: OutageRecord[]) =>
  stores.state.writeWatch({ outages, states: [], alerts: [], messages: [] });
const past = (id: string, more: Partial<OutageRecord> = {}) =>
  outageRow(id, { startMs: startMs - 120_000, endMs: startMs - 60_000, knownMs: startMs, ...more });
const shown = async () =>
  (await stores.state.partnerOutages({ provider: "Telkom", hidden: () => false, limit: 1_000 })).map(
    ({ outage, number, seq }) => [outage, number, seq],
  );
const hook: PartnerHook = {
  id: "whk_1",
  provider: "Telkom",
  kind: "webhook",
  key: "key_telkom",
  url: "https://noc.example.id/",
  types: [],
  query: null,
  secrets: [],
  madeMs: startMs,
  disabledMs: null,
  disabledReason: null,
  dropped: 0,
};
const standing = async () => (await stores.state.hooks("Telkom", "webhook"))[0]!;

describe("records of providers", () => {
  it("go 13 months after the last change of what is over, and numbers and places go on", async () => {
    await write(
      past("out_a"),
      past("out_b"),
      past("out_open", { endMs: null }),
      past("out_taken", { endMs: null, withdrawn: true }),
    );
    await follow();
    expect((await shown()).map(([id]) => id).toSorted()).toEqual(["out_a", "out_b", "out_open", "out_taken"]);
    clockMs = startMs + 100 * dayMs;
    const b = (await stores.state.partnerRecordsOf("out_b"))[0]!;
    await stores.state.actOnOutages(
      "Telkom",
      [b.id],
      { kind: "comment", text: "Masih dipersoalkan", user: null, system: null },
      clockMs,
      by,
    );
    clockMs = startMs + 399 * dayMs;
    await follow();
    expect(await shown()).toHaveLength(4);
    clockMs = startMs + 401 * dayMs;
    await follow();
    expect((await shown()).map(([id]) => id)).toEqual(["out_open", "out_b"]);
    expect(await stores.state.partnerChanges("Telkom", b.id)).toHaveLength(2);
    clockMs = startMs + 600 * dayMs;
    await follow();
    await write(past("out_new", { startMs: clockMs - 60_000, endMs: clockMs, knownMs: clockMs }));
    await follow();
    expect(await shown()).toEqual([
      ["out_open", expect.any(Number), expect.any(Number)],
      ["out_new", 5, 6],
    ]);
  });

  it("that were given up are not begun anew by a late revision", async () => {
    await write(past("out_a"));
    await follow();
    clockMs = startMs + 401 * dayMs;
    await follow();
    await write({ ...past("out_a"), revision: 2, cause: "power", knownMs: clockMs });
    await follow();
    expect(await shown()).toEqual([]);
  });

  it("that wait for a webhook which is disabled are dropped after 30 days, and counted", async () => {
    await stores.state.addHook(hook, by);
    await write(...Array.from({ length: 250 }, (_, at) => past(`out_${at}`)));
    await follow();
    await stores.state.disableHook("whk_1", "answered 410", clockMs);
    clockMs = startMs + 29 * dayMs;
    await write(past("out_late", { startMs: clockMs, endMs: null, knownMs: clockMs }));
    await follow();
    expect(await standing()).toMatchObject({ waiting: 251, dropped: 0 });
    clockMs = startMs + 31 * dayMs;
    await follow();
    expect(await standing()).toMatchObject({ waiting: 1, dropped: 250, disabledReason: "answered 410" });
    const once = { provider: "Telkom", key: "k", fingerprint: "f", atMs: clockMs, status: 202, body: "{}" };
    // What was dropped can be asked for.
    expect(
      await stores.state.replayHook(
        hook,
        startMs - dayMs,
        () => false,
        () => once,
      ),
    ).toBe(251);
  });
});
