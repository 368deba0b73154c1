import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Inventory, Link, Service, Site } from "../inventory/inventory.ts";
import type { MaintenanceWindow } from "../inventory/maintenance.ts";

/*
 * The network of a recorded scenario: a centre, hubs below it, sites below the hubs, below other sites or straight below
 * the centre. README.md of the evaluation describes the files.
 */

const siteEntry = z.object({
  id: z.string(),
  kec: z.string(),
  parent: z.string(),
  link: z.enum(["fiber", "radio", "vsat"]),
});

const document = z.object({
  t0: z.int(),
  days: z.int().min(1),
  step: z.int().min(1),
  noc: z.string(),
  hubs: z.array(z.string()),
  services: z.array(z.string()),
  sites: z.array(siteEntry),
  maintenance: z.array(z.object({ asset: z.string(), s: z.int(), e: z.int() })),
});

export interface Scenario {
  /** Beginning and end, epoch ms. */
  fromMs: number;
  toMs: number;
  /** Time between two rounds, ms. */
  stepMs: number;
  centre: string;
  hubs: readonly string[];
  sites: readonly string[];
  services: readonly string[];
  inventory: Inventory;
  maintenance: readonly MaintenanceWindow[];
  /** The hub that a site's hub echoes ask for; null: it hangs on none. */
  hubOf(site: string): string | null;
}

/** Reads `inventory.json` of the folder. Throws an Error that names the file and what is wrong in it. */
export function readScenario(folder: string): Scenario {
  const file = join(folder, "inventory.json");
  const parsed = document.safeParse(readJson(folder, file));
  if (!parsed.success) throw new Error(`${file}: ${z.prettifyError(parsed.error)}`);
  const { t0, days, step, noc, hubs, services, sites, maintenance } = parsed.data;
  const parents = new Map(sites.map(({ id, parent }) => [id, parent]));
  const known = new Set([noc, ...hubs, ...parents.keys()]);
  for (const { id, parent, kec } of sites) {
    if (!known.has(parent))
      throw new Error(`${file}: site ${id}: parent ${parent} is neither a site nor a hub`);
    if (!hubs.includes(kec)) throw new Error(`${file}: site ${id}: kec ${kec} is not a hub`);
  }
  const fromMs = t0 * 1000;
  return {
    fromMs,
    toMs: fromMs + days * 86_400_000,
    stepMs: step * 1000,
    centre: noc,
    hubs,
    services,
    sites: sites.map(({ id }) => id),
    inventory: toInventory(parsed.data),
    maintenance: maintenance.map(({ asset, s, e }, index) => ({
      id: `m${index + 1}`,
      site: asset,
      fromMs: fromMs + s * 1000,
      toMs: fromMs + e * 1000,
      reason: "announced",
      author: "scenario",
    })),
    hubOf(site) {
      const parent = parents.get(site)!;
      if (hubs.includes(parent)) return parent;
      const above = parents.get(parent);
      return above !== undefined && hubs.includes(above) ? above : null;
    },
  };
}

function readJson(folder: string, file: string): unknown {
  if (!existsSync(file)) throw new Error(`${folder}: not a scenario: it has no inventory.json`);
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new Error(`${file}: ${(error as Error).message}`, { cause: error });
  }
}

function toInventory({ noc, hubs, services, sites }: z.infer<typeof document>): Inventory {
  const technology = { fiber: "fibre", radio: "radio", vsat: "vsat" } as const;
  // A village belongs to its kecamatan, wherever its link hangs from.
  const places: {
    kind: Site["kind"];
    code: string;
    area: string | null;
    from: string | null;
    by: keyof typeof technology;
  }[] = [
    { kind: "kabupaten", code: noc, area: null, from: null, by: "fiber" },
    ...hubs.map((code) => ({ kind: "kecamatan", code, area: noc, from: noc, by: "fiber" }) as const),
    ...sites.map(
      ({ id, kec, parent, link }) => ({ kind: "desa", code: id, area: kec, from: parent, by: link }) as const,
    ),
  ];
  return {
    sites: new Map(
      places.map(({ kind, code, area }) => [
        code,
        { code, kind, name: code, parent: area, latitude: 0, longitude: 0 } satisfies Site,
      ]),
    ),
    links: new Map(places.map(({ code, from, by }) => [code, toLink(code, from, technology[by])])),
    contracts: new Map(),
    services: new Map(
      services.map((id) => [
        id,
        { id, name: id, url: `http://${id}.test/`, control: noc, private: true } satisfies Service,
      ]),
    ),
    targets: new Map(),
  };
}

function toLink(site: string, parent: string | null, technology: Link["technology"]): Link {
  return { id: site, site, provider: "", technology, circuitId: null, parent, gateway: null, contract: null };
}
