import fc from "fast-check";
import type { AgentTarget } from "#wire/targets-v1.ts";
import type { Inventory, Role, Target } from "../../src/inventory/inventory.ts";
import { lapor, makeInventory, makeLink, makeSite } from "./inventory.ts";

/*
 * Districts that chance draws up, and what befalls them: the worlds of the property tests. A district is a tree of the
 * office, kecamatan and villages, some of them behind another village that relays for them; every site has an agent that
 * looks at its gateway, its hub, the centre and the complaint service, and every kecamatan looks down at its villages.
 */

export const centre = "64.08";
export const intervalS = 60;

/** One target of the model, and what has to be well for a round of it to come back. */
export interface Way {
  key: string;
  site: string;
  role: Role;
  /** Sites whose uplinks it leads over. */
  links: readonly string[];
  /** Sites beside its own whose routers have to have power. */
  routers: readonly string[];
}

export interface RandomDistrict {
  inventory: Inventory;
  /** Parents before children. */
  sites: readonly string[];
  ways: readonly Way[];
  /** The links and routers between a site and the centre, its own among them. */
  pathOf(site: string): Pick<Way, "links" | "routers">;
}

export const faultKinds = ["cut", "silent", "power", "service"] as const;
/**
 * cut: the site's uplink · silent: its agent measures nothing, the network is fine · power: agent, router and all are off,
 * and the machine says so when it is back · service: the service answers nobody, wherever the site is.
 */
export interface Fault {
  kind: (typeof faultKinds)[number];
  site: string;
  /** Seconds of the world. */
  fromS: number;
  toS: number;
}

/** A kecamatan for each list, a village for each of its items: true hangs behind the one before it. */
const shapes = fc.array(fc.array(fc.boolean(), { minLength: 1, maxLength: 3 }), {
  minLength: 1,
  maxLength: 3,
});

export const districts: fc.Arbitrary<RandomDistrict> = shapes.map(districtOf);

/** A district with up to six faults in [0, toS), of every length, most of them short. */
export function troubledDistricts(
  toS: number,
  kinds: readonly Fault["kind"][] = faultKinds,
): fc.Arbitrary<{ district: RandomDistrict; faults: readonly Fault[] }> {
  return districts.chain((district) =>
    fc.record({
      district: fc.constant(district),
      faults: fc.array(
        fc
          .record({
            kind: fc.constantFrom(...kinds),
            site: fc.constantFrom(...district.sites),
            fromS: fc.nat(toS),
            lengthS: fc.oneof(
              { weight: 3, arbitrary: fc.integer({ min: 30, max: 1_200 }) },
              { weight: 1, arbitrary: fc.integer({ min: 30, max: toS }) },
            ),
          })
          .map(({ lengthS, ...fault }) => ({ ...fault, toS: fault.fromS + lengthS })),
        { maxLength: 6 },
      ),
    }),
  );
}

function districtOf(shape: readonly (readonly boolean[])[]): RandomDistrict {
  const parents = new Map<string, string | null>([[centre, null]]);
  for (const [at, villages] of shape.entries()) {
    const kecamatan = `${centre}.0${at + 1}`;
    parents.set(kecamatan, centre);
    for (const [index, isBehind] of villages.entries())
      parents.set(
        `${kecamatan}.200${index + 1}`,
        isBehind && index > 0 ? `${kecamatan}.200${index}` : kecamatan,
      );
  }
  const pathOf = (site: string) => {
    const up: string[] = [];
    for (let at = site; at !== centre; at = parents.get(at)!) up.push(at);
    return { links: up, routers: [...up.slice(1), ...(up.length > 0 ? [centre] : [])] };
  };
  const sites = [...parents.keys()];
  const ways = sites.flatMap((site) => waysOf(site, parents, pathOf));
  const inventory = makeInventory({
    sites: sites.map((code) => makeSite(code, `Lokasi ${code}`)),
    links: sites.map((code) => makeLink(makeSite(code, code), { parent: parents.get(code)! })),
    services: [lapor],
    targets: ways.map(({ key, site, role, links }) => toTarget(key, site, role, links[0]!)),
  });
  return { inventory, sites, ways, pathOf };
}

function waysOf(
  site: string,
  parents: ReadonlyMap<string, string | null>,
  pathOf: RandomDistrict["pathOf"],
): Way[] {
  const way = (id: string, role: Role, links: readonly string[], routers: readonly string[]): Way => ({
    key: `${site}/${id}`,
    site,
    role,
    links,
    routers,
  });
  const parent = parents.get(site)!;
  const { links, routers } = pathOf(site);
  // Whatever is further down is looked at by the kecamatan, over the villages in between.
  const below = [...parents.keys()].filter((code) =>
    site === centre ? parents.get(code) === centre : code.startsWith(`${site}.`),
  );
  const down = below.map((code) => {
    const own = pathOf(code).links;
    const between = own.slice(0, site === centre ? undefined : own.indexOf(site));
    return way(`below-${code}`, "site", between, between);
  });
  return [
    way("gw", "gateway", [], []),
    ...(site === centre ? [way("anchor", "anchor", [centre], [])] : [way("noc", "noc", links, routers)]),
    ...(parent === null || parent === centre ? [] : [way("hub", "hub", [site], [parent])]),
    way("lapor", "service", [...links, centre], routers),
    ...down,
  ];
}

function toTarget(key: string, site: string, role: Role, firstLink: string): Target {
  const id = key.slice(site.length + 1);
  const common = { id, intervalS, timeoutMs: 1_000 };
  const probe: AgentTarget =
    role === "service"
      ? { ...common, kind: "tcp", address: "192.0.2.1", port: 443, family: null }
      : { ...common, kind: "icmp", address: "192.0.2.1", count: 1, sizeBytes: 56, dscp: 0, family: null };
  const service = role === "service" ? lapor.id : null;
  return { key, site, role, of: role === "site" ? firstLink : null, link: null, service, probe };
}
