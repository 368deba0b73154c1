import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { makeLinks } from "./links.ts";
import type { DemoLink } from "./links.ts";
import { keepKecamatan, readDemoSites } from "./sites.ts";
import type { DemoSite } from "./sites.ts";

export interface DemoInventory {
  sites: DemoSite[];
  links: DemoLink[];
  /** Code of the kabupaten, where the NOC is. */
  top: string;
}

export interface InventoryOptions {
  /** Folder that the inventory goes into; made when missing. */
  folder: string;
  /** The shipped sites.csv; beside it are population.csv and contracts.yaml. */
  sitesFile: URL;
  seed: string;
  /** Codes of the kecamatan to keep with their villages; empty: the whole district. */
  only: readonly string[];
}

/** Seconds between two rounds of any target of the demonstration. */
const roundIntervalS = 60;

const warning = [
  "DATA DEMO: dibuat oleh `npm run demo`. Tautan, penyedia, nomor sirkuit dan alamat di bawah ini rekaan.",
  "DEMO DATA: made by `npm run demo`. The links, providers, circuit ids and addresses below are invented.",
];

/** Ids of the shipped example contracts, by provider; who has none promised nothing in writing. */
const contractOf: Readonly<Record<string, string>> = {
  "Penyedia Contoh A": "contoh-serat-optik",
  "Penyedia Contoh B": "contoh-tanpa-sla",
};

/** Writes an inventory of the district with invented links. Only the sites and their people are real. */
export function writeDemoInventory({ folder, sitesFile, seed, only }: InventoryOptions): DemoInventory {
  mkdirSync(folder, { recursive: true });
  const csv = keepKecamatan(readFileSync(sitesFile, "utf8"), only);
  const sites = readDemoSites(csv);
  const links = makeLinks(sites, seed);
  const top = sites.find(({ parent }) => parent === null)!.code;
  writeFileSync(join(folder, "sites.csv"), csv);
  const people = readFileSync(new URL("population.csv", sitesFile), "utf8");
  writeFileSync(join(folder, "population.csv"), keepKecamatan(people, only));
  const write = (name: string, entries: readonly object[]) =>
    writeFileSync(
      join(folder, name),
      `${warning.map((line) => `# ${line}`).join("\n")}\n\n${stringify(entries)}`,
    );
  writeFileSync(join(folder, "contracts.yaml"), readFileSync(new URL("contracts.yaml", sitesFile)));
  write("links.yaml", links.map(toEntry(top)));
  write("services.yaml", [
    { id: "lapor", name: "SP4N-LAPOR!", url: "https://www.lapor.go.id", control: top },
  ]);
  write("targets.yaml", targetEntries(links.find(({ site }) => site === top)!.gateway));
  return { sites, links, top };
}

function toEntry(top: string) {
  return ({ parent, ...link }: DemoLink) => {
    const contract = contractOf[link.provider];
    return {
      ...link,
      ...(link.site === top ? {} : { parent }),
      ...(contract === undefined ? {} : { contract }),
    };
  };
}

/** Every site looks at itself, its hub, the NOC, a public address and the service, and at what hangs from it. */
function targetEntries(nocGateway: string): object[] {
  const below = ["kecamatan", "desa", "kelurahan"];
  const all = ["kabupaten", ...below];
  const each = { intervalS: roundIntervalS };
  return [
    { id: "gw", kinds: all, role: "gateway", kind: "icmp", address: "{gateway}", ...each },
    { id: "hub", kinds: below, role: "hub", kind: "icmp", address: "{hub}", ...each },
    { id: "noc", kinds: below, role: "noc", kind: "icmp", address: nocGateway, ...each },
    { id: "anchor", kinds: all, role: "anchor", kind: "icmp", address: "192.0.2.1", ...each },
    { id: "lapor", kinds: all, role: "service", service: "lapor", kind: "http", ...each },
    { id: "lapor-dns", kinds: all, role: "service", service: "lapor", kind: "dns", ...each },
    {
      id: "below",
      kinds: all,
      role: "site",
      of: "children",
      kind: "icmp",
      address: "{of.gateway}",
      ...each,
    },
  ];
}
