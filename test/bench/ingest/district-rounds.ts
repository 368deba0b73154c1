import { readFileSync } from "node:fs";
import { createRandom } from "../../../probes/demo/random.ts";
import { readDemoSites } from "../../../probes/demo/sites.ts";
import type { Round } from "../../../probes/compose.ts";
import type { IcmpSample } from "../../../probes/probe.ts";
import { fibre, sampleOf, vsat } from "../rounds.ts";
import type { Path } from "../rounds.ts";

/*
 * Rounds of a district for the comparison: the shipped sites, ten ICMP targets each, every 30 s, 5 echoes a round. Sites
 * hang on fibre, on 4G or on a satellite; some lose a reply now and then, some are cut off for a while, so that the
 * detection has something to find. The same seed gives the same rounds, whichever server they go to.
 */
export const sitesFile = new URL("../../../src/inventory/kutai-timur/sites.csv", import.meta.url);
export const intervalMs = 30_000;
const cutMs = 12 * 60_000;
/** The machines booted a day before the first round. */
export const bootedMs = 86_400_000;

const roles = ["gateway", "hub", "noc", "anchor", "anchor", "device", "device", "device", "device", "device"];
export const targetIds = roles.map((role, index) => `${role}-${index + 1}`);

/** targets.yaml: these targets at every site. */
export const districtTargets = targetIds.map((id, index) => ({
  id,
  kinds: ["kabupaten", "kecamatan", "desa", "kelurahan"],
  role: roles[index],
  kind: "icmp",
  address: `192.0.2.${index + 1}`,
  intervalS: intervalMs / 1000,
}));

export const districtSites = (): string[] =>
  readDemoSites(readFileSync(sitesFile, "utf8")).map(({ code }) => code);

const fourG: Path = { baseMs: 45, queueMs: 12, lossRatio: 0.01 };
const cut: Path = { ...fibre, lossRatio: 1 };

const pathOf = (siteIndex: number): Path => {
  const share = siteIndex % 10;
  return share < 5 ? fibre : share < 8 ? fourG : vsat;
};

export type IcmpRound = Round & { sample: IcmpSample };

/** The rounds of one site, in steps of its interval: one of each target a step. Times are of the monotonic clock. */
export function siteRounds(site: string, siteIndex: number, steps: number): IcmpRound[][] {
  const random = createRandom(`ingest/${site}`);
  const usual = pathOf(siteIndex);
  // Every twentieth site is cut off once, at a moment of its own.
  const cutFrom = siteIndex % 20 === 3 ? Math.floor(random.next() * (steps - cutMs / intervalMs)) : Infinity;
  return Array.from({ length: steps }, (_, step) => {
    const isCut = step >= cutFrom && step < cutFrom + cutMs / intervalMs;
    return targetIds.map((target, index) => {
      const spread = Math.floor((index * intervalMs) / targetIds.length);
      // A scheduler starts a round within a few ms of its time.
      const late = Math.floor(3 * random.exponential());
      const monoMs = bootedMs + step * intervalMs + spread + late;
      // The gateway is inside the site, and stays.
      const path = isCut && index > 0 ? cut : usual;
      return { target, monoMs, sample: sampleOf("icmp", path, monoMs, random) as IcmpSample };
    });
  });
}
