import { siteKinds } from "./inventory.ts";
import type { Inventory, SiteKind } from "./inventory.ts";
import type { Entry } from "./yaml-entry.ts";

/** Codes of the sites that an entry names: `site`, `sites` or `kinds`, and only one of them. */
export function readWhere(entry: Entry, { sites }: Inventory): string[] {
  const { data } = entry;
  const given = ["site", "sites", "kinds"].filter((key) => data[key] !== undefined);
  if (given.length !== 1) {
    const [first, second] = given;
    const beside = first === undefined ? "" : `nothing beside ${first}: `;
    entry.refuse(second ?? "site", `${beside}exactly one of site, sites, kinds`);
    return [];
  }
  if (given[0] === "kinds") {
    const wanted = listOf(entry, "kinds", siteKinds.join(", "), (kind) =>
      siteKinds.includes(kind as SiteKind),
    );
    return [...sites.values()].filter(({ kind }) => wanted.includes(kind)).map(({ code }) => code);
  }
  const isCode = (code: unknown) => typeof code === "string" && sites.has(code);
  if (given[0] === "sites") return listOf(entry, "sites", "the codes of sites in sites.csv", isCode);
  if (isCode(data.site)) return [data.site as string];
  entry.refuse("site", "the code of a site in sites.csv");
  return [];
}

function listOf(entry: Entry, key: string, allowed: string, isGood: (item: unknown) => boolean): string[] {
  const items = entry.data[key];
  if (!Array.isArray(items) || items.length === 0) {
    entry.refuse(key, `a list of ${allowed}`);
    return [];
  }
  const bad = items.findIndex((item, index) => !isGood(item) || items.indexOf(item) !== index);
  if (bad >= 0) entry.refuse(`${key}[${bad}]`, `one of ${allowed}, each once`);
  return items as string[];
}
