import { writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Inventory } from "../../../src/inventory/inventory.ts";
import { hashKey, keyPrefix, makeKey } from "../../../src/state/keys.ts";
import type { StateStore } from "../../../src/state/state-store.ts";
import { openTestHttp } from "../../support/http.ts";
import { icmpTarget, makeInventory, makeLink, makeSite } from "../../support/inventory.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { createWriter, icmpRounds } from "../../support/rounds.ts";
import { makeOutage, writeWatch } from "../../support/watch.ts";
import { drawYear, holidays, minutes, minuteMs, segmentsOf, startMs } from "./year.ts";
import type { Year } from "./year.ts";

/* Villages with one link each, whose years were drawn, in real stores behind the real HTTP surface. */

export const verifier = fileURLToPath(new URL("../../../docs/verify-evidence.py", import.meta.url));

export interface Village {
  site: string;
  link: string;
  year: Year;
}

export const villages = (count: number): Village[] =>
  Array.from({ length: count }, (_, index) => {
    const site = `64.08.0${1 + (index % 2)}.200${1 + Math.floor(index / 2)}`;
    return { site, link: `${site}-1`, year: drawYear(index) };
  });

export function inventoryOf(those: readonly Village[]): Inventory {
  const areas = [
    makeSite("64.08", "Kutai Contoh"),
    makeSite("64.08.01", "Hulu"),
    makeSite("64.08.02", "Hilir"),
  ];
  const sites = those.map(({ site }) => makeSite(site, `Desa ${site.slice(-4)}`));
  return {
    ...makeInventory({
      sites: [...areas, ...sites],
      links: [
        ...areas.map((site) => makeLink(site)),
        ...sites.map((site, index) =>
          makeLink(site, {
            id: `${site.code}-1`,
            provider: index % 3 === 0 ? "Telkom" : "Icon+",
            contract: `c${index}`,
          }),
        ),
      ],
      targets: those.flatMap(({ site }) => [
        icmpTarget(site, "hub", "hub"),
        icmpTarget("64.08", `to-${site}`, "site", { of: site }),
      ]),
    }),
    contracts: new Map(those.map(({ year }, index) => [`c${index}`, { ...year.terms, id: `c${index}` }])),
    holidays: new Map(holidays.map((day) => [day, { kind: "libur", name: "Libur" }])),
    exclusions: new Map(
      those.flatMap(({ link, year }, index) =>
        year.exclusions
          .filter(([, , kind]) => kind !== "maintenance")
          .map(([from, to, kind], at) => {
            const id = `x${index}-${at}`;
            const span = { fromMs: startMs + from * minuteMs, toMs: startMs + to * minuteMs };
            return [id, { id, kind: kind as "customer", link, ...span, reason: "Banjir", author: "BPBD" }];
          }),
      ),
    ),
  };
}

/** The clock stands after the year. */
export async function openVillages(those: readonly Village[]) {
  const http = await openTestHttp({ inventory: inventoryOf(those) });
  http.clock.ms = startMs + minutes * minuteMs;
  for (const { site, link, year } of those) {
    const segments = segmentsOf(year).map((segment) => ({ ...segment, site }));
    const down = segments.filter(({ state }) => state === "down");
    await writeWatch(http.state, {
      states: [{ site, service: "", replaceFromMs: 0, knownMs: 1, segments }],
      outages: down.map(({ startMs: from, endMs, cause }, at) =>
        makeOutage({ id: `out_${site}_${at}`, site, link, root: site, startMs: from, endMs, cause: cause! }),
      ),
    });
  }
  await writeRounds(http, those[0]!);
  return http;
}

/** Rounds of the first quarter of an hour around some outages, from both ends. */
async function writeRounds(http: Awaited<ReturnType<typeof openTestHttp>>, { site, year }: Village) {
  const segments = segmentsOf(year);
  const agents = await Promise.all([enrol(http.state, site), enrol(http.state, "64.08")]);
  const [here, there] = agents.map((agent) => createWriter(http.batchLog, agent));
  const begins = segments.filter(
    ({ state }, at) => at > 0 && state === "down" && segments[at - 1]!.state === "up",
  );
  for (const { startMs: from } of begins.slice(0, 40)) {
    const replies = Array.from({ length: 30 }, (_, round) => {
      const at = from + (round - 10) * 30_000;
      const isUp = segments.some(({ state, startMs: a, endMs: b }) => state === "up" && a <= at && at < b!);
      return isUp ? [20, 21] : [];
    });
    await here!([icmpRounds(`${site}/hub`, from - 300_000, 30_000, replies)]);
    await there!([icmpRounds(`64.08/to-${site}`, from - 300_000, 30_000, replies)]);
  }
}

async function enrol(state: StateStore, site: string): Promise<{ id: string; site: string }> {
  const [token, key, id] = [makeKey("sbe"), makeKey("sba"), `ag_${site}`];
  await state.addEnrolToken({
    hash: hashKey(token),
    site,
    prefix: "sbe_test",
    kind: "sambung",
    expiresMs: startMs + 1000,
    nowMs: startMs,
  });
  const own = { keyHash: hashKey(key), keyPrefix: keyPrefix(key), hardware: "test", version: "0.0.0" };
  await state.redeemEnrolToken(hashKey(token), startMs, { id, ...own });
  return { id, site };
}

/** What the script of the documentation says of each pack, and its exit code. */
export function verify(packs: readonly (string | Uint8Array)[]): { status: number | null; said: string[] } {
  using folder = tempDir();
  const files = packs.map((pack, index) => {
    const file = folder.file(`${index}.jsonl`);
    writeFileSync(file, pack);
    return file;
  });
  const run = spawnSync("python3", [verifier, ...files], { encoding: "utf8", maxBuffer: 10_000_000 });
  const said = (run.stdout + run.stderr).trimEnd().split("\n");
  return { status: run.status, said: said.filter((line) => !line.startsWith("    ")) };
}
