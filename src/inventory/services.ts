import { byId, labelOf, textOf } from "./fields.ts";
import type { Service, Site } from "./inventory.ts";
import { createPrivateCheck } from "./private-address.ts";
import type { Entry, ListShape } from "./yaml-entry.ts";

/*
 * services.yaml, one service that citizens use an entry:
 *
 *   id       unique
 *   name     as citizens know it
 *   url      http or https; the default of the targets that check it
 *   control  code of the site whose own check tells a broken service from a broken path: the NOC's
 *   private  true where the service lies in the private parts of the network; else such addresses are refused (false)
 */
export const servicesShape: ListShape = {
  file: "services.yaml",
  keys: ["id", "name", "url", "control", "private"],
  numbers: [],
};

/** Stands in for a mistaken URL while the rest is checked (RFC 2606). */
const standInUrl = "https://service.invalid/";

export function readServices(
  entries: readonly Entry[],
  sites: ReadonlyMap<string, Site>,
): Map<string, Service> {
  const isPrivateHost = createPrivateCheck();
  return byId(entries, (entry, id) => {
    const isPrivate = privateOf(entry);
    const url = urlOf(entry);
    if (!isPrivate && isPrivateHost(new URL(url).hostname)) entry.refuse("url", publicAllowed);
    const [name, control] = [labelOf(entry, "name"), controlOf(entry, sites)];
    return { id, name, url, control, private: isPrivate };
  });
}

const publicAllowed = "an address that is public, or private: true beside it";

function privateOf(entry: Entry): boolean {
  const { private: given = false } = entry.data;
  if (typeof given !== "boolean") entry.refuse("private", "true or false");
  return given === true;
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
