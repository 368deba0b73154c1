import { join } from "node:path";
import { expect, it } from "vitest";
import { readInventory } from "../../src/inventory/read-inventory.ts";
import type { Inventory, Target } from "../../src/inventory/inventory.ts";
import { createPages } from "../../src/pages/create-pages.ts";
import { createReader } from "../../src/report/create-reader.ts";
import { openSqlite } from "../../src/state/sqlite.ts";
import { tempDir } from "../support/temp-dir.ts";
import { madeOutage, madeSegment } from "./made-reader.ts";

/*
 * The pages over the real Reader, the real stores and the shipped inventory: that what the Reader gives is what the
 * pages take, which tests over a made Reader cannot tell.
 */

const nowMs = Date.UTC(2025, 5, 24, 6, 5);
const hourMs = 3_600_000;
const kecamatan = "64.08.05";
const village = "64.08.05.2001";

const hub: Target = {
  key: `${village}/hub`,
  site: village,
  role: "hub",
  of: null,
  link: null,
  service: null,
  probe: {
    id: "hub",
    kind: "icmp",
    intervalS: 60,
    timeoutMs: 5000,
    address: "192.0.2.2",
    count: 5,
    sizeBytes: 56,
    dscp: 0,
    family: null,
  },
};

function shippedWithHub(): Inventory {
  const shipped = readInventory(join(import.meta.dirname, "../../src/inventory/kutai-timur"), {
    SAMBUNG_DOOR: "http://127.0.0.1:8080/livez",
  });
  return { ...shipped, targets: new Map([...shipped.targets, [hub.key, hub]]) };
}

type Stores = ReturnType<typeof openSqlite>;

/** The kecamatan lost its link two hours ago; the village below it answered until then. All else is unknown. */
async function writeDay({ state, batchLog }: Stores): Promise<void> {
  const sinceMs = nowMs - 2 * hourMs;
  const cut = { incident: "inc_1", root: kecamatan, startMs: sinceMs };
  const evidence = ["hub.answers", "noc.answers"].map((fact) => ({ fact, target: hub.key, detail: {} }));
  const segments = [
    madeSegment(kecamatan, "down", sinceMs, null, "link"),
    madeSegment(village, "up", nowMs - 30 * hourMs, sinceMs),
    madeSegment(village, "unreachable", sinceMs, null, "backhaul"),
  ];
  await state.writeWatch({
    outages: [
      madeOutage(kecamatan, { ...cut, cause: "link", confidence: "high", evidence }),
      madeOutage(village, { ...cut, cause: "backhaul", confidence: "high", evidence }),
    ],
    states: [kecamatan, village].map((site) => ({
      site,
      service: "",
      replaceFromMs: 0,
      knownMs: nowMs,
      segments: segments.filter((segment) => segment.site === site),
    })),
    alerts: [],
    messages: [],
  });
  const timeMs = Array.from({ length: 60 }, (_, minute) => sinceMs - hourMs + minute * 60_000);
  await batchLog.commit(
    {
      agent: "ag_1",
      site: village,
      seq: 1,
      boot: "b",
      hostBoot: "h",
      rounds: 60,
      producedRounds: 60,
      thinnedRounds: 0,
      lostRounds: 0,
      wallMs: sinceMs,
      monoMs: hourMs,
      synced: true,
      receivedMs: sinceMs,
      offsetMs: sinceMs - hourMs,
      uncertaintyMs: 0,
      clockSource: "synced",
      lateFromMs: null,
      events: [],
    },
    [
      {
        key: hub.key,
        kind: "icmp",
        timeMs,
        sent: timeMs.map(() => 1),
        recv: timeMs.map(() => 1),
        rttUs: timeMs.map(() => 24_000),
      },
    ],
  );
}

it("shows the shipped district from the real stores", async () => {
  using dir = tempDir();
  const stores = openSqlite(dir.file("sambung.db"));
  try {
    await writeDay(stores);
    const inventory = shippedWithHub();
    const reader = createReader({ ...stores, inventory: () => inventory, nowMs: () => nowMs });
    const services = () => [...inventory.services.values()];
    const pages = createPages({ reader, now: () => nowMs, services, version: "0" });

    const district = await (await pages.request("/")).text();
    expect(district).toContain("<h1>0 dari 160 lokasi normal, 2 putus, 158 belum diketahui</h1>");
    expect(district).toContain("Penyebab: tautan putus");
    expect(district).toContain("sejak 12.05 WITA (2 jam)");
    expect(district.match(/href="\/lokasi\//g)).toHaveLength(160 + 1);
    expect(Buffer.byteLength(district)).toBeLessThan(60_000);

    const site = await (await pages.request(`/lokasi/${village}`)).text();
    expect(site).toContain("Putus karena induk");
    expect(site).toContain("Gerbang lokasi induk menjawab");
    expect(site).toContain("Sebaliknya: NOC menjawab");
    expect(site).toContain("Median 24 ms; tertinggi 24 ms; kehilangan paket rata-rata 0 %.");
    expect(site).toContain("Putus karena induk 2 jam");
    expect(site).not.toContain("192.0.2.2");
  } finally {
    stores.close();
  }
});
