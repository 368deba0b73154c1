import { isIP } from "node:net";
import { byId, labelOf, oneOf, optional, textOf } from "./fields.ts";
import { technologies } from "./inventory.ts";
import type { Contract } from "./contract.ts";
import type { Link, Site } from "./inventory.ts";
import { contractsOf, validityOf } from "./read-validity.ts";
import { validSpan } from "./validity.ts";
import type { Entry, ListShape } from "./yaml-entry.ts";

/*
 * links.yaml, one uplink an entry; the first link of a site is its primary one:
 *
 *   id          unique, for ever: outages and reports are kept under it
 *   site        code of the site that it serves
 *   provider    as on the contract
 *   technology  fibre, 4g, radio, vsat or leo
 *   circuitId   the provider's own number (default: none)
 *   parent      code of the site that it hangs from (default: the administrative parent; for the top: none)
 *   gateway     IP address of the site's gateway on this link (default: none, and no target uses it)
 *   contract    id in contracts.yaml, or a list of them one after another, each an id or { id, from, to } (default: none)
 *   from, to    first and last day on which there is this link, YYYY-MM-DD (default: open)
 */
export const linksShape: ListShape = {
  file: "links.yaml",
  keys: ["id", "site", "provider", "technology", "circuitId", "parent", "gateway", "contract", "from", "to"],
  numbers: [],
};

/**
 * The gateway that stands in for a mistaken one while the rest is checked (RFC 5737, documentation only), so that
 * targets which use it are not refused as well.
 */
const standInGateway = "192.0.2.1";

export function readLinks(
  entries: readonly Entry[],
  sites: ReadonlyMap<string, Site>,
  contracts: ReadonlyMap<string, Contract>,
): Map<string, Link> {
  const entryOf = new Map<string, Entry>();
  const links = byId(entries, (entry, id): Link => {
    if (!entryOf.has(id)) entryOf.set(id, entry);
    return readLink(entry, id, sites, contracts);
  });
  checkPaths(links, entryOf, sites);
  return links;
}

function readLink(
  entry: Entry,
  id: string,
  sites: ReadonlyMap<string, Site>,
  contracts: ReadonlyMap<string, Contract>,
): Link {
  const code = textOf(entry, "site", /./, "the code of a site in sites.csv");
  const site = sites.get(code);
  if (site === undefined && code !== "") entry.refuse("site", "the code of a site in sites.csv");
  const valid = validityOf(entry);
  const provider = labelOf(entry, "provider");
  return {
    id,
    site: code,
    provider,
    technology: oneOf(entry, "technology", technologies),
    circuitId: optional(entry, "circuitId", labelOf),
    parent: site === undefined ? null : parentOf(entry, site, sites),
    gateway: optional(entry, "gateway", gatewayOf),
    contract: contractsOf(entry, { contracts, provider }, valid),
    ...valid,
  };
}

function parentOf(entry: Entry, site: Site, sites: ReadonlyMap<string, Site>): string | null {
  if (!("parent" in entry.data)) return site.parent;
  const parent = entry.data.parent;
  if (site.parent === null) {
    if (parent !== null) entry.refuse("parent", `null: the links of ${site.code}, the top, lead out`);
    return null;
  }
  if (typeof parent === "string" && parent !== site.code && sites.has(parent)) return parent;
  entry.refuse("parent", "the code of another site in sites.csv; only the links of the top lead out");
  return site.parent;
}

function gatewayOf(entry: Entry, key: string): string {
  const value = entry.data[key];
  if (typeof value === "string" && isIP(value) !== 0) return value;
  entry.refuse(key, "an IP address such as 10.8.1.1, or null");
  return standInGateway;
}

/** Every site's path by primary links has to end at the top, whenever a link begins or ends. */
function checkPaths(
  links: ReadonlyMap<string, Link>,
  entryOf: ReadonlyMap<string, Entry>,
  sites: ReadonlyMap<string, Site>,
): void {
  const spans = [...links.values()].map((link) => ({ link, ...validSpan(link, "UTC") }));
  const refused = new Set<string>();
  for (const atMs of new Set([-Infinity, ...spans.flatMap(({ fromMs, toMs }) => [fromMs, toMs])])) {
    const inForce = spans.filter(({ fromMs, toMs }) => atMs >= fromMs && atMs < toMs);
    for (const [link, shown] of circlesOf(
      inForce.map((each) => each.link),
      sites,
    )) {
      if (!refused.has(link)) entryOf.get(link)!.refuse("parent", "a path that ends at the top", shown);
      refused.add(link);
    }
  }
}

/** Paths that come back to themselves, each once: one of its links, and the way. */
function circlesOf(
  links: readonly Link[],
  sites: ReadonlyMap<string, Site>,
): [link: string, shown: string][] {
  const circles: [string, string][] = [];
  const primary = new Map<string, Link>();
  for (const link of links) if (!primary.has(link.site)) primary.set(link.site, link);
  const above = (code: string): string | null => (primary.get(code) ?? sites.get(code))?.parent ?? null;
  const ends = new Set<string>();
  for (const start of primary.keys()) {
    const path: string[] = [];
    let at: string | null = start;
    while (at !== null && !ends.has(at) && !path.includes(at)) {
      path.push(at);
      at = above(at);
    }
    const circle = at !== null && path.includes(at) ? path.slice(path.indexOf(at)) : [];
    for (const code of path) ends.add(code);
    if (circle.length === 0) continue;
    // The administrative parents alone make no circle: one of its links chose another.
    const link = [...primary.values()].find(
      ({ site, parent }) => circle.includes(site) && parent !== sites.get(site)?.parent,
    )!;
    circles.push([link.id, [...circle, circle[0]].join(" → ")]);
  }
  return circles;
}
