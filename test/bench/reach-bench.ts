import { createPages } from "../../src/pages/create-pages.ts";
import type { StateSegment } from "../../src/outage/table.ts";
import { createReader } from "../../src/report/create-reader.ts";
import type { Rounds } from "../../src/series/series-store.ts";
import { openSqlite } from "../../src/state/sqlite.ts";
import type { SqliteStores } from "../../src/state/sqlite.ts";
import { makeInventory, makeSite, icmpTarget, makeLink, serviceTarget } from "../support/inventory.ts";
import { seededRandom } from "../support/random.ts";
import { tempDir } from "../support/temp-dir.ts";
import { quantile, rowOf } from "./table.ts";
import type { Row } from "./table.ts";

const sites = 160;
const days = 30;
const requests = 20;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const zoneMs = 8 * hourMs;
/** A month that is over, from its first midnight in the zone on. */
const fromMs = Date.UTC(2026, 8, 1) - zoneMs;
const toMs = fromMs + days * dayMs;
const nowMs = toMs + 2 * dayMs;
const services = ["lapor", "ppid", "wa"];

/**
 * Reading for people: a month of a district of 160 sites and three services. Each site is cut off once a day, a check a
 * minute; beside the checks lie the rounds of a gateway, as they would in a store in use.
 */
export async function benchReach(): Promise<Row[]> {
  using dir = tempDir();
  const inventory = makeDistrict();
  const stores = openSqlite(dir.file("sambung.db"));
  try {
    await writeStates(stores, [...inventory.sites.keys()]);
    await writeRounds(stores, [...inventory.sites.keys()]);
    const { state, series } = stores;
    const reader = createReader({ inventory: () => inventory, state, series, nowMs: () => nowMs });
    const rows: Row[] = [];
    const time = async (name: string, work: () => Promise<unknown>, atMostMs?: number) => {
      const startMs = performance.now();
      await work();
      rows.push(
        rowOf(
          name,
          performance.now() - startMs,
          "ms",
          ...(atMostMs === undefined ? [] : [{ atMost: atMostMs }]),
        ),
      );
    };
    const month = { fromMs, toMs };
    await time(
      `availability, a month of ${sites} sites × 3 services by site, first`,
      async () => {
        for (const service of services) await reader.availability({ ...month, service, by: "site" });
      },
      1_000,
    );
    await time("availability, the same by kecamatan and day, first", async () => {
      for (const service of services)
        await reader.availability({ ...month, service, by: "kecamatan", step: "day" });
    });
    const page = createPages({
      reader,
      now: () => nowMs,
      services: () => services.map((id) => ({ id, name: id })),
      openData: { sets: async () => [] },
      version: "bench",
    });
    const ask = async () => page.request("/layanan-aduan?bulan=2026-09&layanan=lapor");
    await time("page layanan aduan of that month, first", ask);
    const tookMs: number[] = [];
    for (let request = 0; request < requests; request++) {
      const startMs = performance.now();
      const response = await ask();
      tookMs.push(performance.now() - startMs);
      if (response.status !== 200) throw new Error(`the page answered ${response.status}`);
    }
    rows.push(
      rowOf(`page layanan aduan from what is kept, p95 of ${requests}`, quantile(tookMs, 0.95), "ms", {
        atMost: 50,
      }),
    );
    const asked = { service: "lapor", exposure: "down", fromMs, days } as const;
    await time(
      `association, ${days} days of ${sites} sites, rounds read`,
      () => reader.association(asked),
      3_000,
    );
    await time("association, the same window again", () => reader.association(asked));
    await time("association, another exposure of the days that were read", () =>
      reader.association({ ...asked, exposure: "degraded" }),
    );
    return rows;
  } finally {
    stores.close();
  }
}

function makeDistrict() {
  const top = makeSite("64.08", "Kabupaten");
  const places = [top];
  for (let kecamatan = 1; places.length < sites; kecamatan++) {
    const code = `64.08.${String(kecamatan).padStart(2, "0")}`;
    places.push(makeSite(code, `Kecamatan ${kecamatan}`));
    for (let n = 1; n <= 8 && places.length < sites; n++)
      places.push(makeSite(`${code}.200${n}`, `Desa ${kecamatan} ${n}`));
  }
  const all = services.map((id) => ({
    id,
    name: id,
    url: `https://${id}.invalid/`,
    control: "64.08",
    private: false,
  }));
  return makeInventory({
    sites: places,
    links: places.map((site) => makeLink(site)),
    services: all,
    targets: places.flatMap(({ code }) => [
      icmpTarget(code, "hub", "hub"),
      ...all.map((service) => serviceTarget(code, service)),
    ]),
  });
}

/** When the site is cut off on a day: an hour of it, another one for each site and day. */
function cutOf(site: number, day: number): { startMs: number; endMs: number } {
  const startMs = fromMs + day * dayMs + ((site * 7 + day * 5) % 22) * hourMs;
  return { startMs, endMs: startMs + hourMs };
}

async function writeStates({ state }: SqliteStores, codes: readonly string[]): Promise<void> {
  const states = codes.flatMap((site, at) =>
    ["", ...services].map((service) => {
      const segments: StateSegment[] = [];
      let startMs = fromMs;
      for (let day = 0; day < days; day++) {
        const cut = cutOf(at, day);
        segments.push({ site, service, startMs, endMs: cut.startMs, state: "up", cause: null });
        segments.push({
          site,
          service,
          ...cut,
          state: service === "" ? "down" : "unreachable",
          cause: "link",
        });
        startMs = cut.endMs;
      }
      segments.push({ site, service, startMs, endMs: null, state: "up", cause: null });
      return { site, service, replaceFromMs: 0, knownMs: toMs, segments };
    }),
  );
  await state.writeWatch({ outages: [], states, alerts: [], messages: [] });
}

/** A day of a site in one batch: the store makes rows of hours of it, as it does of what it joins. */
async function writeRounds({ series }: SqliteStores, codes: readonly string[]): Promise<void> {
  const random = seededRandom(1);
  for (const [at, site] of codes.entries()) {
    for (let day = 0; day < days; day++) {
      const startMs = fromMs + day * dayMs;
      const cut = cutOf(at, day);
      const timeMs = Array.from({ length: 1440 }, (_, minute) => startMs + minute * 60_000 + at * 100);
      const failed = timeMs.map((ms) => (ms >= cut.startMs && ms < cut.endMs) || random() < 0.0002);
      const each = (share: number) =>
        failed.map((bad) => (bad ? null : Math.round(100 * share + 20 * random())));
      const rounds: Rounds[] = [
        {
          key: `${site}/lapor`,
          kind: "http",
          timeMs,
          ok: failed.map((bad) => (bad ? 0 : 1)),
          phase: failed.map((bad) => (bad ? "connect" : null)),
          status: failed.map((bad) => (bad ? null : 200)),
          dnsMs: each(0.1),
          connectMs: each(0.3),
          tlsMs: each(0.5),
          ttfbMs: each(0.8),
          totalMs: failed.map(() => 120),
          certExpiresS: failed.map((bad) => (bad ? null : 5_000_000)),
        },
        {
          key: `${site}/hub`,
          kind: "icmp",
          timeMs,
          sent: failed.map(() => 5),
          recv: failed.map((bad) => (bad ? 0 : 5)),
          rttUs: failed.flatMap((bad) => (bad ? [] : [20_000, 20_100, 20_300, 20_400, 21_000])),
        },
      ];
      await series.append({ agent: `ag_${at}`, seq: day + 1 }, rounds);
    }
  }
}
