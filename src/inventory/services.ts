import { byId, labelOf, textOf } from "./fields.ts";
import type { Service, Site } from "./inventory.ts";
import type { Entry, ListShape } from "./yaml-entry.ts";

/*
 * services.yaml, one service that citizens use an entry:
 *
 *   id       unique
 *   name     as citizens know it
 *   url      http or https; the default of the targets that check it
 *   control  code of the site whose own check tells a broken service from a broken path: the NOC's
 */
export const servicesShape: ListShape = {
  file: "services.yaml",
  keys: ["id", "name", "url", "control"],
  numbers: [],
};

/** Stands in for a mistaken URL while the rest is checked (RFC 2606). */
const standInUrl = "https://service.invalid/";

export function readServices(
  entries: readonly Entry[],
  sites: ReadonlyMap<string, Site>,
): Map<string, Service> {
  return byId(entries, (entry, id) => ({
    id,
    name: labelOf(entry, "name"),
    url: urlOf(entry),
    control: controlOf(entry, sites),
  }));
}

function urlOf(entry: Entry): string {
  const url = entry.data.url;
  if (typeof url === "string" && /^https?:\/\/\S{1,2000}$/.test(url) && URL.canParse(url)) return url;
  entry.refuse("url", "an http or https address");
  return standInUrl;
}

function controlOf(entry: Entry, sites: ReadonlyMap<string, Site>): string {
  const code = textOf(entry, "control", /./, "the code of a site in sites.csv");
  if (code !== "" && !sites.has(code)) entry.refuse("control", "the code of a site in sites.csv");
  return code;
}
