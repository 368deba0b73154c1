import type { Contract } from "../../src/inventory/contract.ts";
import { noContract } from "../../src/report/sla/sla.ts";
import type {
  Inventory,
  Link,
  Role,
  Service,
  Site,
  SiteKind,
  Target,
} from "../../src/inventory/inventory.ts";

/*
 * Small districts made in code. `makeDistrict()` is
 *
 *   64.08 Kutai Contoh ── 64.08.01 Hulu ── 64.08.01.2001 Atas, 64.08.01.2002 Bawah
 *                     └── 64.08.02 Hilir ── 64.08.02.2001 Muara
 *
 * each with an agent's targets `gw` and `hub` (ICMP, every 30 s) and `lapor` (HTTP, every 60 s).
 */

const byKind: Record<number, SiteKind> = { 5: "kabupaten", 8: "kecamatan", 13: "desa" };

export function makeSite(code: string, name: string, more: Partial<Site> = {}): Site {
  const parent = code.length > 5 ? code.slice(0, code.lastIndexOf(".")) : null;
  return { code, kind: byKind[code.length]!, name, parent, latitude: 0.5, longitude: 117.5, ...more };
}

export function makeLink(site: Site, more: Partial<Link> = {}): Link {
  return {
    id: `${site.code}-1`,
    site: site.code,
    provider: "Telkom",
    technology: "fibre",
    circuitId: null,
    parent: site.parent,
    gateway: "10.0.0.1",
    contract: null,
    ...more,
  };
}

export function icmpTarget(site: string, id: string, role: Role, more: Partial<Target> = {}): Target {
  return {
    key: `${site}/${id}`,
    site,
    role,
    of: null,
    link: null,
    service: null,
    probe: {
      id,
      kind: "icmp",
      intervalS: 30,
      timeoutMs: 2000,
      address: "10.0.0.1",
      count: 5,
      sizeBytes: 56,
      dscp: 0,
      family: null,
    },
    ...more,
  };
}

export function serviceTarget(site: string, service: Service): Target {
  return {
    key: `${site}/${service.id}`,
    site,
    role: "service",
    of: null,
    link: null,
    service: service.id,
    probe: {
      id: service.id,
      kind: "http",
      intervalS: 60,
      timeoutMs: 10_000,
      url: service.url,
      expectStatus: [],
      expectBody: null,
      maxBodyBytes: 524_288,
      redirects: "any",
      httpVersion: "auto",
      family: null,
      maxRedirects: 3,
      verifyTls: true,
    },
  };
}

export function makeInventory(parts: {
  sites: readonly Site[];
  links?: readonly Link[];
  services?: readonly Service[];
  targets?: readonly Target[];
}): Inventory {
  const by = <T>(items: readonly T[] | undefined, key: (item: T) => string) =>
    new Map((items ?? []).map((item) => [key(item), item]));
  return {
    sites: by(parts.sites, (site) => site.code),
    links: by(parts.links, (link) => link.id),
    contracts: new Map(),
    services: by(parts.services, (service) => service.id),
    targets: by(parts.targets, (target) => target.key),
  };
}

export const lapor: Service = {
  id: "lapor",
  name: "SP4N-LAPOR!",
  url: "https://lapor.invalid/",
  control: "64.08",
  private: false,
};

export function makeDistrict(): Inventory {
  const sites = [
    makeSite("64.08", "Kutai Contoh"),
    makeSite("64.08.01", "Hulu"),
    makeSite("64.08.02", "Hilir"),
    makeSite("64.08.01.2001", "Atas"),
    makeSite("64.08.01.2002", "Bawah"),
    makeSite("64.08.02.2001", "Muara"),
  ];
  return makeInventory({
    sites,
    links: sites.map((site) =>
      makeLink(site, site.code === "64.08.02.2001" ? { provider: "BAKTI", technology: "vsat" } : {}),
    ),
    services: [lapor],
    targets: sites.flatMap(({ code }) => [
      icmpTarget(code, "gw", "gateway"),
      icmpTarget(code, "hub", "hub"),
      serviceTarget(code, lapor),
    ]),
  });
}

/** A contract that promises nothing, around the clock. */
export function makeContract(more: Partial<Contract> & Pick<Contract, "id">): Contract {
  return { provider: "Telkom", period: "month", clause: null, ...noContract, ...more };
}
