import type { Inventory, Site } from "../inventory/inventory.ts";
import type { EvidenceItem } from "../outage/table.ts";
import type { OutageRecord } from "../state/state-store.ts";
import type { IncidentState } from "./incidents.ts";
import type { AlertFacts, Said } from "./payload.ts";
import { isPageable } from "./plan.ts";

export interface DescribeOptions {
  /** The inventory in force. A function, since it may be reloaded between two messages. */
  inventory: () => Inventory;
  /** A sentence for one piece of evidence; null: nothing worth saying to people. */
  sentence: (item: EvidenceItem) => Said | null;
  /** Where people can look at an incident; null: nowhere. */
  url: (incident: IncidentState) => string | null;
  /** Sites behind the root that are named, the rest are only counted. Default 5, from 0. */
  namedSites?: number;
}

/** Makes the function that turns an incident into what people need to know of it. */
export function createDescribe(options: DescribeOptions): (incident: IncidentState) => AlertFacts {
  const { namedSites = 5 } = options;
  return (incident) => {
    const inventory = options.inventory();
    const told = tellable(incident);
    const main = mainOutage(incident, told);
    const behind = sitesBehind(inventory, incident, told);
    return {
      incident: incident.id,
      root: incident.root,
      name: rootName(inventory, incident.root),
      kecamatan: kecamatanOf(inventory, incident.root),
      startMs: Math.min(...told.map((outage) => outage.startMs)),
      endMs: lastEndMs(told),
      cause: main.cause,
      confidence: main.confidence,
      evidence: sentences(main.evidence, options.sentence),
      behind: {
        count: behind.length,
        names: behind.slice(0, namedSites).map((code) => rootName(inventory, code)),
      },
      service: onlyService(inventory, told),
      link: linkOf(inventory, main.link),
      url: options.url(incident),
      partOf: incident.mergedInto === null ? null : rootName(inventory, incident.mergedInto.root),
    };
  };
}

/** Two targets that say the same make one sentence. */
function sentences(evidence: readonly EvidenceItem[], sentence: DescribeOptions["sentence"]): Said[] {
  const said = evidence.map(sentence).filter((one) => one !== null);
  return [...new Map(said.map((one) => [one.id, one])).values()];
}

/** What pages, else what stands, else what there was: a correction still has to name what it corrects. */
function tellable(incident: IncidentState): OutageRecord[] {
  const pageable = incident.outages.filter(isPageable);
  if (pageable.length > 0) return pageable;
  const standing = incident.outages.filter((outage) => !outage.withdrawn);
  return standing.length > 0 ? standing : incident.outages;
}

/** The root's own outage says best what happened; where it has none, the first one does. */
function mainOutage(incident: IncidentState, told: readonly OutageRecord[]): OutageRecord {
  const own = told.filter((outage) => outage.site === incident.root);
  return own.find((outage) => outage.service === null) ?? own[0] ?? told[0]!;
}

function sitesBehind(inventory: Inventory, incident: IncidentState, told: readonly OutageRecord[]): string[] {
  const cut = new Set(told.map((outage) => outage.site));
  cut.delete(incident.root);
  const known = [...inventory.sites.keys()].filter((code) => cut.has(code));
  return [...known, ...[...cut].filter((code) => !inventory.sites.has(code)).sort()];
}

function lastEndMs(told: readonly OutageRecord[]): number | null {
  let lastMs = -Infinity;
  for (const { endMs } of told) {
    if (endMs === null) return null;
    lastMs = Math.max(lastMs, endMs);
  }
  return lastMs;
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

function onlyService(inventory: Inventory, told: readonly OutageRecord[]): AlertFacts["service"] {
  const id = told[0]!.service;
  if (id === null || told.some((outage) => outage.service === null)) return null;
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
