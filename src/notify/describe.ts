import type { Inventory, Site } from "../inventory/inventory.ts";
import { statementsOf } from "../outage/speaks.ts";
import type { Statement } from "../outage/speaks.ts";
import type { OutageRecord } from "../state/state-store.ts";
import type { Notice } from "./decide.ts";
import type { AlertFacts, Said } from "./payload.ts";
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

export type Describe = (notice: Pick<Notice, "alert" | "face" | "outages">) => AlertFacts;

/** Makes the function that turns the rows of an alert into what people need to know of it. There is at least one row. */
export function createDescribe(options: DescribeOptions): Describe {
  const { namedSites = 5 } = options;
  return ({ alert, face, outages }) => {
    const inventory = options.inventory();
    const { root } = face;
    const main = mainRow(outages);
    const behind = sitesBehind(inventory, root, alert.sites);
    return {
      alert: alert.id,
      incident: alert.incident,
      kind: face.kind,
      root,
      name: rootName(inventory, root),
      kecamatan: kecamatanOf(inventory, root),
      startMs: Math.min(...alert.parts.map(({ startMs }) => startMs)),
      endMs: lastEndMs(alert.parts),
      cause: face.cause,
      confidence: main.cause === face.cause ? main.confidence : "low",
      evidence: statementsOf(main).map(options.sentence),
      behind: {
        count: behind.length,
        names: behind.slice(0, namedSites).map((code) => rootName(inventory, code)),
      },
      service: face.isService ? onlyService(inventory, outages) : null,
      link: linkOf(inventory, main.link),
      url: options.url(root),
      partOf: null,
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

function kecamatanOf(inventory: Inventory, root: string): string | null {
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
