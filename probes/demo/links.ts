import { createRandom } from "./random.ts";
import type { Random } from "./random.ts";
import type { DemoSite } from "./sites.ts";

export type DemoTechnology = "fibre" | "4g" | "radio" | "vsat" | "leo";

export interface DemoLink {
  id: string;
  site: string;
  technology: DemoTechnology;
  provider: string;
  circuitId: string;
  /**
   * Where the path leads: the administrative parent, or for satellites the top, since they pass no kecamatan. One village by
   * radio of each kecamatan that has several hangs from another of them, which relays for it.
   */
  parent: string | null;
  /** In 10.64.0.0/16. Nothing is ever sent there. */
  gateway: string;
}

/**
 * Shares of technologies among villages, after a province-wide count of 672 villages by provider (10 November 2025):
 * fibre 30 %, wireless to the nearest station 34 %, 4G 20 %, satellites in low orbit 16 %. A few geostationary ones
 * are added, since they are what a rule with one limit for all would get wrong.
 */
const villageMix: readonly (readonly [DemoTechnology, number])[] = [
  ["fibre", 0.28],
  ["radio", 0.33],
  ["4g", 0.19],
  ["leo", 0.14],
  ["vsat", 0.06],
];
const kecamatanMix: readonly (readonly [DemoTechnology, number])[] = [
  ["fibre", 0.6],
  ["radio", 0.3],
  ["4g", 0.1],
];

const providerOf: Record<DemoTechnology, readonly string[]> = {
  fibre: ["Penyedia Contoh A", "Penyedia Contoh B"],
  "4g": ["Penyedia Contoh A"],
  radio: ["Penyedia Contoh B"],
  vsat: ["Penyedia Contoh C"],
  leo: ["Penyedia Contoh C"],
};

/** One link for each site: technology, provider and address by chance, the same for the same seed. */
export function makeLinks(sites: readonly DemoSite[], seed: string): DemoLink[] {
  const random = createRandom(`${seed}/links`);
  const top = sites.find(({ parent }) => parent === null)!;
  const isKecamatan = ({ parent }: DemoSite) => parent === top.code;
  const kecamatanCount = sites.filter(isKecamatan).length;
  const forKecamatan = deal(kecamatanMix, kecamatanCount, random);
  const forVillages = deal(villageMix, sites.length - kecamatanCount - 1, random);
  const kecamatanNo = new Map<string, number>();
  const villages = new Map<string, number>();
  const links = sites.map((site, index): DemoLink => {
    const technology = site === top ? "fibre" : (isKecamatan(site) ? forKecamatan : forVillages).pop()!;
    const viaSatellite = technology === "vsat" || technology === "leo";
    return {
      id: `${site.code}-${technology}`,
      site: site.code,
      technology,
      provider: random.pick(providerOf[technology]),
      circuitId: `CONTOH-${String(index + 1).padStart(4, "0")}`,
      parent: viaSatellite ? top.code : site.parent,
      gateway: gatewayOf(site, top.code, kecamatanNo, villages),
    };
  });
  return withRelays(links, new Set(sites.filter(isKecamatan).map(({ code }) => code)));
}

function withRelays(links: readonly DemoLink[], kecamatan: ReadonlySet<string>): DemoLink[] {
  const byRadio = links.filter(
    ({ technology, parent }) => technology === "radio" && kecamatan.has(parent ?? ""),
  );
  const relayOf = new Map(
    [...Map.groupBy(byRadio, ({ parent }) => parent).values()]
      .filter((villages) => villages.length > 1)
      .map((villages) => [villages.at(-1)!.site, villages[0]!.site]),
  );
  return links.map((link) => ({ ...link, parent: relayOf.get(link.site) ?? link.parent }));
}

/** Technologies in their shares, in an order by chance: even a few sites have, rarest first, one of each. */
function deal(
  mix: readonly (readonly [DemoTechnology, number])[],
  count: number,
  random: Random,
): DemoTechnology[] {
  const rarestFirst = mix.toSorted((a, b) => a[1] - b[1]);
  const cards = rarestFirst.flatMap(([technology, share]) =>
    Array.from({ length: Math.max(1, Math.round(share * count)) }, () => technology),
  );
  const commonest = rarestFirst.at(-1)![0];
  const dealt = Array.from({ length: count }, (_, at) => cards[at] ?? commonest);
  return dealt
    .map((technology) => ({ technology, order: random.next() }))
    .toSorted((a, b) => a.order - b.order)
    .map(({ technology }) => technology);
}

/** 10.64.0.1 for the top, 10.64.k.1 for the k-th kecamatan, 10.64.k.10 and on for its villages. */
function gatewayOf(
  site: DemoSite,
  top: string,
  kecamatanNo: Map<string, number>,
  villages: Map<string, number>,
): string {
  if (site.parent === null) return "10.64.0.1";
  if (site.parent === top) {
    kecamatanNo.set(site.code, kecamatanNo.size + 1);
    return `10.64.${kecamatanNo.get(site.code)}.1`;
  }
  const count = villages.get(site.parent) ?? 0;
  villages.set(site.parent, count + 1);
  return `10.64.${kecamatanNo.get(site.parent)}.${10 + count}`;
}
