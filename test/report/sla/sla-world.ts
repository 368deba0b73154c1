import { writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Inventory, Target } from "../../../src/inventory/inventory.ts";
import type { MaintenancePlan } from "../../../src/inventory/maintenance.ts";
import { commandActor } from "../../../src/state/audit.ts";
import type { Blip } from "../../../src/outage/blips.ts";
import { openTestHttp } from "../../support/http.ts";
import { icmpTarget, makeInventory, makeLink, makeSite } from "../../support/inventory.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { createWriter, icmpRounds } from "../../support/rounds.ts";
import { enrol, makeOutage, writeWatch } from "../../support/watch.ts";
import { drawYear, holidays, minutes, minuteMs, segmentsOf, startMs } from "./year.ts";
import type { Year } from "./year.ts";

/*
 * Villages whose years were drawn, in real stores behind the real HTTP surface. Each has one link, but for every sixth: that has
 * a second one, over which it stays connected, and its first one is told by targets of its own.
 */

export const verifier = fileURLToPath(new URL("../../../docs/verify-evidence.py", import.meta.url));

export interface Village {
  site: string;
  link: string;
  year: Year;
  hasSecond: boolean;
}

export const villages = (count: number): Village[] =>
  Array.from({ length: count }, (_, index) => {
    const site = `64.08.0${1 + (index % 2)}.200${1 + Math.floor(index / 2)}`;
    const [drawn, hasSecond] = [drawYear(index), index % 6 === 5];
    const terms = { ...drawn.terms, noticeHours: index % 2 === 0 ? 72 : null };
    // Of several links nobody knows which one a lost round was of.
    const year = { ...drawn, terms, blips: hasSecond ? [] : drawn.blips };
    return { site, link: `${site}-1`, year, hasSecond };
  });

const everyMinute = (target: Target): Target => ({ ...target, probe: { ...target.probe, intervalS: 60 } });

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
        ...sites
          .filter((_, index) => those[index]!.hasSecond)
          .map((site) => makeLink(site, { id: `${site.code}-2`, provider: "Satelit", technology: "leo" })),
      ],
      targets: those.flatMap(({ site }) => [
        everyMinute(icmpTarget(site, "hub", "hub")),
        everyMinute(icmpTarget("64.08", `to-${site}`, "site", { of: site })),
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
  const http = await openTestHttp({ inventory: inventoryOf(those), rawMs: 14 * 86_400_000 });
  http.clock.ms = startMs + minutes * minuteMs;
  for (const { site, link, year, hasSecond } of those) {
    const segments = segmentsOf(year).map((segment) => ({
      ...segment,
      site,
      ...(hasSecond ? { link } : {}),
    }));
    const down = segments.filter(({ state }) => state === "down");
    const always = { site, service: "", startMs, endMs: null, state: "up" as const, cause: null };
    const known = { site, service: "", replaceFromMs: 0, knownMs: 1 };
    await writeWatch(http.state, {
      blips: { gone: [], found: blipsOf(site, year), knownMs: 1 },
      states: [
        { ...known, segments: hasSecond ? [always] : segments },
        ...(hasSecond ? [{ ...known, link, segments }] : []),
      ],
      outages: down.map(({ startMs: from, endMs, cause }, at) =>
        makeOutage({
          id: `out_${site}_${at}`,
          site,
          link,
          root: site,
          startMs: from,
          endMs,
          cause: cause!,
          ...(hasSecond ? { ofLink: true } : {}),
        }),
      ),
    });
  }
  for (const [knownMs, plan] of plansOf(those))
    await http.state.changeMaintenance(
      () => [{ act: "made", source: "api", plan }],
      knownMs,
      commandActor("test"),
    );
  await writeRounds(http, those[0]!);
  return http;
}

/** Announced work by when it was announced. */
function plansOf(those: readonly Village[]): [knownMs: number, plan: MaintenancePlan][] {
  return those
    .flatMap(({ link, year }) =>
      year.exclusions.flatMap(([from, to, kind, leadH], at): [number, MaintenancePlan][] => {
        if (kind !== "maintenance") return [];
        const [fromMs, toMs] = [startMs + from * minuteMs, startMs + to * minuteMs];
        const told = { repeat: null, untilMs: null, reason: "Ganti antena", author: "BPBD" };
        return [[fromMs - leadH * 60 * minuteMs, { id: `mnt_${link}_${at}`, link, fromMs, toMs, ...told }]];
      }),
    )
    .sort(([a], [b]) => a - b);
}

/** Those that nobody measured meanwhile lie at the parent. */
function blipsOf(site: string, year: Year): Blip[] {
  return year.blips.map(([from, to, standing]) => ({
    site,
    startMs: startMs + from * minuteMs,
    endMs: startMs + to * minuteMs,
    cause: standing === "down" ? "link" : "backhaul",
    measured: standing === "down" ? "link" : "backhaul",
    root: standing === "down" ? site : site.slice(0, 8),
  }));
}

/** Rounds of the first quarter of an hour around some outages, from both ends. */
async function writeRounds(http: Awaited<ReturnType<typeof openTestHttp>>, { site, year }: Village) {
  const segments = segmentsOf(year);
  const agents = await Promise.all([enrol(http.state, site, startMs), enrol(http.state, "64.08", startMs)]);
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

/** What the script of the documentation says of each pack, and its exit code. */
export function verify(packs: readonly (string | Uint8Array)[]): {
  status: number | null;
  said: string[];
  /** What is said beside the verdicts. */
  beside: string[];
} {
  using folder = tempDir();
  const files = packs.map((pack, index) => {
    const file = folder.file(`${index}.jsonl`);
    writeFileSync(file, pack);
    return file;
  });
  const run = spawnSync("python3", [verifier, ...files], { encoding: "utf8", maxBuffer: 10_000_000 });
  const lines = (run.stdout + run.stderr).trimEnd().split("\n");
  const isBeside = (line: string) => line.startsWith("    ");
  return {
    status: run.status,
    said: lines.filter((line) => !isBeside(line)),
    beside: lines.filter(isBeside),
  };
}
