import { kinds } from "#wire/rounds-v1.ts";
import type { Kind } from "#wire/rounds-v1.ts";
import { idAllowed, idPattern, oneOf, optional, textOf } from "./fields.ts";
import { roles } from "./inventory.ts";
import type { Inventory, Role, Service } from "./inventory.ts";
import { readWhere } from "./where.ts";
import type { Entry, ListShape } from "./yaml-entry.ts";
import { allLinksOf } from "./validity.ts";

/*
 * targets.yaml, one template an entry; each makes a target at every site that it names.
 *
 *   where      exactly one of  site: <code> · sites: [<code>, …] · kinds: [kabupaten | kecamatan | desa | kelurahan, …]
 *   id         unique at each site
 *   role       gateway, device, hub, noc, anchor, site or service
 *   kind       icmp, snmp, http, dns or tcp
 *   intervalS  seconds between rounds, 1 to 86400 (default: icmp 30, others 60, or the profile's)
 *   timeoutMs  of a whole round, less than the interval (default: icmp 3000, http 10000, others 5000)
 *   link       id of the link whose path is tested (default: whichever the site uses)
 *   of         role site: the code watched, or `children` for one target `<id>-<code>` per child in the tree of paths
 *   service    role service: its id
 *   icmp       address · count (5) · sizeBytes (56) · dscp (0) · family (null: IPv4 where there is one)
 *   http       url (the service's) · profile (one of service-profiles.ts, for what follows) · expectStatus ([]) ·
 *              expectBody (null, or text, regex, jsonPath with jsonEquals) · maxBodyBytes (524288) · maxRedirects (3) ·
 *              redirects (any) · verifyTls (true) · httpVersion (auto) · family
 *   dns        name (host of the service's url) · recordType (A) · resolver (null: the machine's own) ·
 *              expectRcode ([NOERROR]) · expectAnswer ([])
 *   snmp       address · port (161) · auth · oids (sysUpTime, sysName) · profile (auto; null: oids alone)
 *   tcp        address · port · family
 *
 * Macros in address and resolver: {gateway}, {hub}, {of.gateway}; see macros.ts. A template for `kinds` or `children`
 * leaves out the sites where a macro has no value: there is nothing to measure yet.
 */
const common = [
  "site",
  "sites",
  "kinds",
  "id",
  "role",
  "kind",
  "intervalS",
  "timeoutMs",
  "link",
  "of",
  "service",
];
const kindKeys: Record<Kind, readonly string[]> = {
  icmp: ["address", "count", "sizeBytes", "dscp", "family"],
  http: [
    "url",
    "profile",
    "expectStatus",
    "expectBody",
    "maxBodyBytes",
    "maxRedirects",
    "redirects",
    "verifyTls",
    "httpVersion",
    "family",
  ],
  dns: ["name", "recordType", "resolver", "expectRcode", "expectAnswer"],
  snmp: ["address", "port", "auth", "oids", "profile"],
  tcp: ["address", "port", "family"],
};

export const targetsShape: ListShape = {
  file: "targets.yaml",
  keys: [...new Set([...common, ...Object.values(kindKeys).flat()])],
  numbers: [
    "intervalS",
    "timeoutMs",
    "count",
    "sizeBytes",
    "dscp",
    "family",
    "expectStatus",
    "maxBodyBytes",
    "maxRedirects",
    "port",
  ],
};

export interface Template {
  entry: Entry;
  id: string;
  role: Role;
  kind: Kind;
  /** Codes of the sites that measure. */
  sites: string[];
  /** Whether a site where a macro has no value is left out; otherwise it is a mistake. */
  skips: boolean;
  of: string | null;
  link: string | null;
  service: Service | null;
}

/** Reads an entry as far as it can be judged without the sites' gateways. Null: it has mistakes, and they are noted. */
export function readTemplate(entry: Entry, inventory: Inventory): Template | null {
  let isGood = true;
  const checked: Entry = {
    ...entry,
    refuse(...mistake) {
      isGood = false;
      entry.refuse(...mistake);
    },
  };
  const template = readParts(checked, inventory);
  return isGood ? { ...template, entry } : null;
}

function readParts(entry: Entry, inventory: Inventory): Template {
  const { data } = entry;
  const id = textOf(entry, "id", idPattern, idAllowed);
  const role = oneOf(entry, "role", roles);
  const kind = oneOf(entry, "kind", kinds);
  if (data.kind === kind) checkKeys(entry, kind);
  const link = optional(entry, "link", (at, key) => textOf(at, key, idPattern, idAllowed));
  if (link !== null && link !== "" && !allLinksOf(inventory).has(link)) {
    entry.refuse("link", "the id of a link in links.yaml");
  }
  const of = readOf(entry, role, inventory);
  if (data.role === role) checkMacros(entry, role);
  return {
    entry,
    id,
    role,
    kind,
    sites: readWhere(entry, inventory),
    skips: data.kinds !== undefined || of === "children",
    of,
    link,
    service: readService(entry, role, inventory),
  };
}

/** A key that another kind of target has; one that no kind has was refused when the file was read. */
function checkKeys(entry: Entry, kind: Kind): void {
  const allowed = [...common, ...kindKeys[kind]];
  for (const key of Object.keys(entry.data)) {
    if (targetsShape.keys.includes(key) && !allowed.includes(key)) {
      entry.refuse(key, `one of the keys ${allowed.join(", ")} for ${kind}`, JSON.stringify(key));
    }
  }
}

function readOf(entry: Entry, role: Role, { sites }: Inventory): string | null {
  const of = entry.data.of ?? null;
  if (role !== "site") {
    if (of !== null) entry.refuse("of", `no such key for role ${role}: only role site watches another site`);
    return null;
  }
  if (typeof of !== "string" || (of !== "children" && !sites.has(of))) {
    entry.refuse("of", "the code of a site in sites.csv, or children");
    return null;
  }
  const { address } = entry.data;
  if (of === "children" && !(typeof address === "string" && address.includes("{of.gateway}"))) {
    // Without it each child would be judged by one and the same address.
    entry.refuse("address", "an address with {of.gateway}, in which the targets of children differ");
  }
  return of;
}

function readService(entry: Entry, role: Role, { services }: Inventory): Service | null {
  const id = entry.data.service ?? null;
  if (role !== "service") {
    if (id !== null) entry.refuse("service", `no such key for role ${role}: only role service checks one`);
    return null;
  }
  const service = typeof id === "string" ? services.get(id) : undefined;
  if (service === undefined) entry.refuse("service", "the id of a service in services.yaml");
  return service ?? null;
}

function checkMacros(entry: Entry, role: Role): void {
  const allowed = role === "site" ? ["{gateway}", "{hub}", "{of.gateway}"] : ["{gateway}", "{hub}"];
  for (const key of ["address", "resolver"]) {
    const value = entry.data[key];
    const macros = typeof value === "string" ? (value.match(/\{[^}]*\}?/g) ?? []) : [];
    if (macros.some((macro) => !allowed.includes(macro))) {
      entry.refuse(key, `an address, or one of ${allowed.join(", ")} for role ${role}`);
    }
  }
  for (const key of ["url", "name"]) {
    const value = entry.data[key];
    if (typeof value === "string" && /\{(gateway|hub|of\.gateway)\}/.test(value)) {
      entry.refuse(key, "no macro: address and resolver have them");
    }
  }
}
