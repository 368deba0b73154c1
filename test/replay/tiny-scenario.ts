import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/*
 * A scenario of one day in the evaluation's format, with faults that the test itself knows: a centre, a hub, three villages
 * below it, of which one cannot be pinged.
 */

export const t0 = 1_735_660_800;
export const villages = ["D1", "D2", "D3"] as const;

/** Seconds from the beginning. */
export interface Faults {
  /** The village's link is cut: its rounds are lost, and wait in its spool until then. */
  link: { site: string; s: number; e: number };
  /** Its supply is gone: no round, and another boot. */
  power: { site: string; s: number; e: number };
  service: { s: number; e: number };
}

export const faults: Faults = {
  link: { site: "D1", s: 10_000, e: 12_000 },
  power: { site: "D3", s: 30_000, e: 34_000 },
  service: { s: 50_000, e: 51_500 },
};

const stepS = 60;
export const daysS = 86_400;

/** Folder with the scenario; gone at the end. */
export async function tinyScenario(change: (lines: string[]) => readonly string[] = (lines) => lines) {
  const folder = await mkdtemp(join(tmpdir(), "sambung-scenario-"));
  await writeFile(join(folder, "inventory.json"), JSON.stringify(inventory()));
  await writeFile(
    join(folder, "records.ndjson"),
    change(records())
      .map((line) => `${line}\n`)
      .join(""),
  );
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

function inventory() {
  const site = (id: string) => ({ id, kec: "K1", link: "radio", parent: "K1", backup: null });
  return {
    t0,
    days: 1,
    step: stepS,
    noc: "NOC",
    hubs: ["K1"],
    services: ["lapor"],
    sites: villages.map(site),
    maintenance: [],
  };
}

function records(): string[] {
  const arrived: { arr: number; record: object }[] = [];
  for (const [place, site] of villages.entries()) arrived.push(...ofVillage(site, 7 + 13 * place));
  for (let t = 30; t < daysS; t += stepS) arrived.push({ arr: t + 0.2, record: ofCentre(t) });
  arrived.sort((a, b) => a.arr - b.arr);
  return arrived.map(({ arr, record }) => JSON.stringify({ ...record, arr: t0 + arr }));
}

function ofVillage(site: string, phase: number) {
  const { link, power, service } = faults;
  const arrived: { arr: number; record: object }[] = [];
  let [boot, bootedAt, seq] = [1, -1_000, 0];
  for (let t = phase; t < daysS; t += stepS) {
    if (site === power.site && within(t, power)) continue;
    if (site === power.site && t >= power.e && boot === 1) [boot, bootedAt, seq] = [2, power.e, 0];
    const lost = site === link.site && within(t, link);
    const record = {
      k: "r",
      a: site,
      b: boot,
      p: boot,
      q: seq++,
      t: t0 + t,
      y: 1,
      m: t - bootedAt,
      gw: 0,
      hub: lost ? 5 : 0,
      noc: lost ? 5 : 0,
      anc: lost ? 10 : 0,
      svc: lost ? "2" : within(t, service) ? "1" : "0",
      rt: t - bootedAt,
      ups: -1,
      sig: null,
    };
    arrived.push({ arr: lost ? link.e + 20 + t / 1e5 : t + 0.5, record });
  }
  return arrived;
}

function ofCentre(t: number) {
  const { link, power, service } = faults;
  const pinged = (site: string) =>
    (site === link.site && within(t, link)) || (site === power.site && within(t, power)) ? "4" : "0";
  return {
    k: "n",
    a: "NOC",
    b: 1,
    p: 1,
    q: (t - 30) / stepS,
    t: t0 + t,
    y: 1,
    m: t,
    hubs: "0",
    sites: villages.map((site) => (site === "D2" ? "-" : pinged(site))).join(""),
    anc: 0,
    dns: 1,
    svc: within(t, service) ? "1" : "0",
    hu: null,
  };
}

const within = (t: number, { s, e }: { s: number; e: number }) => t >= s && t < e;
