import type { Inventory, Site } from "../inventory/inventory.ts";
import { peopleAt } from "../inventory/population.ts";
import { createTree } from "../inventory/tree.ts";
import { statementsOf } from "../outage/speaks.ts";
import type { Statement } from "../outage/speaks.ts";
import type { Standings } from "../outage/standing.ts";
import type { OutageRecord } from "../state/state-store.ts";
import type { Notice } from "./decide.ts";
import type { AlertFacts, Said } from "./payload.ts";
import { severityOf } from "./severity.ts";
import { mainRow } from "./working.ts";

export interface DescribeOptions {
  /** The inventory in force. A function, since it may be reloaded between two messages. */
  inventory: () => Inventory;
  /** A sentence for one piece of evidence. */
  sentence: (statement: Statement) => Said;
  /** Where people can look at what lies at this root; null: nowhere. */
  url: (root: string) => string | null;
  /** Sites behind the root that are named, the rest are only counted. Default 5, from 0. */
  namedSites?: number;
}

export type Describe = (
  notice: Pick<Notice, "alert" | "face" | "outages">,
  standings: Standings,
) => AlertFacts;

/** Makes the function that turns the rows of an alert into what people need to know of it. There is at least one row. */
export function createDescribe(options: DescribeOptions): Describe {
  const { namedSites = 5 } = options;
  return ({ alert, face, outages }, standings) => {
    const inventory = options.inventory();
    const { root } = face;
    const main = mainRow(outages);
    const behind = sitesBehind(inventory, root, alert.sites);
    const startMs = Math.min(...alert.parts.map((part) => part.startMs));
    const dark = unmeasuredBelow(inventory, root, alert.sites, standings, startMs);
    const names = (codes: readonly string[]) =>
      codes.slice(0, namedSites).map((code) => rootName(inventory, code));
    return {
      alert: alert.id,
      incident: alert.incident,
      kind: face.kind,
      root,
      name: rootName(inventory, root),
      kecamatan: kecamatanOf(inventory, root),
      startMs,
      endMs: lastEndMs(alert.parts),
      cause: face.cause,
      confidence: main.cause === face.cause ? main.confidence : "low",
      evidence: statementsOf(main).map(options.sentence),
      behind: { count: behind.length, names: names(behind) },
      service: face.isService ? onlyService(inventory, outages) : null,
      link: linkOf(inventory, main.link),
      url: options.url(root),
      partOf: null,
      severity: severityOf(
        {
          root,
          sites: alert.sites.length,
          isService: face.isService,
          isUnstable: face.kind === "unstable",
        },
        inventory,
      ),
      sites: alert.sites,
      providers: providersOf(inventory, alert.parts, outages),
      people: peopleOf(inventory, alert.sites),
      unmeasured: { count: dark.length, names: names(dark) },
    };
  };
}

/** What a root is called in words. */
export function createNames(inventory: () => Inventory): (root: string) => string {
  return (root) => rootName(inventory(), root);
}

function sitesBehind(inventory: Inventory, root: string, sites: readonly string[]): string[] {
  const cut = new Set(sites);
  cut.delete(root);
  const known = [...inventory.sites.keys()].filter((code) => cut.has(code));
  return [...known, ...[...cut].filter((code) => !inventory.sites.has(code)).sort()];
}

/**
 * Sites that hang below the root and are measured, of which no word came since it began: whether they are cut off as well
 * nobody can tell. Of a service, and of several that fell together, nothing hangs below the root.
 */
function unmeasuredBelow(
  inventory: Inventory,
  root: string,
  sites: readonly string[],
  standings: Standings,
  startMs: number,
): string[] {
  if (!sites.includes(root)) return [];
  const tree = createTree(inventory);
  return tree.subtreeOf(root).filter((code) => {
    if (sites.includes(code)) return false;
    const standing = standings.get(code);
    return standing !== undefined && Math.max(standing.goodMs ?? 0, standing.badMs ?? 0) < startMs;
  });
}

/** Of the links that failed; where none is known, of the primary links of the sites that it began at. */
function providersOf(
  inventory: Inventory,
  parts: Notice["alert"]["parts"],
  outages: readonly OutageRecord[],
): string[] {
  const failed = outages.flatMap(({ link, site, root }) => (link !== null && site === root ? [link] : []));
  const roots = new Set(parts.map((part) => part.root));
  const primary = [...roots].flatMap((root) => {
    const first = [...inventory.links.values()].find(({ site }) => site === root);
    return first === undefined ? [] : [first.id];
  });
  const links = failed.length > 0 ? failed : primary;
  return [...new Set(links.flatMap((id) => inventory.links.get(id)?.provider ?? []))].sort();
}

function peopleOf(inventory: Inventory, sites: readonly string[]): AlertFacts["people"] {
  const villages = sites.filter((code) =>
    ["desa", "kelurahan"].includes(inventory.sites.get(code)?.kind ?? ""),
  );
  const counts = villages.map((code) => peopleAt(inventory, code));
  return {
    known: counts.reduce<number>((sum, count) => sum + (count ?? 0), 0),
    unknownSites: counts.filter((count) => count === null).length,
  };
}

function lastEndMs(parts: Notice["alert"]["parts"]): number | null {
  const ends = parts.flatMap(({ endMs }) => endMs ?? []);
  return ends.length < parts.length ? null : Math.max(...ends);
}

/** A site or service that a reload took out of the inventory is called by its code. */
function rootName(inventory: Inventory, root: string): string {
  const service = serviceId(root);
  if (service !== null) return inventory.services.get(service)?.name ?? service;
  return inventory.sites.get(root)?.name ?? root;
}

export function kecamatanOf(inventory: Inventory, root: string): string | null {
  const parentOf = (site: Site | undefined) =>
    site === undefined || site.parent === null ? undefined : inventory.sites.get(site.parent);
  for (let at = parentOf(inventory.sites.get(root)); at !== undefined; at = parentOf(at)) {
    if (at.kind === "kecamatan") return at.name;
  }
  return null;
}

function onlyService(inventory: Inventory, outages: readonly OutageRecord[]): AlertFacts["service"] {
  const id = outages.find(({ service }) => service !== null)?.service ?? null;
  if (id === null) return null;
  return { id, name: rootName(inventory, `service:${id}`) };
}

function linkOf(inventory: Inventory, id: string | null): AlertFacts["link"] {
  const link = id === null ? undefined : inventory.links.get(id);
  if (link === undefined) return null;
  return { id: link.id, provider: link.provider, technology: link.technology, circuitId: link.circuitId };
}

function serviceId(root: string): string | null {
  return root.startsWith("service:") ? root.slice("service:".length) : null;
}
