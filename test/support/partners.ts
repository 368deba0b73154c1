import type { LookupAddress } from "node:dns";
import type { HttpDeps } from "../../src/http/create-http.ts";
import type { Inventory, Link } from "../../src/inventory/inventory.ts";
import { createCallback } from "../../src/notify/callback.ts";
import { hashKey, keyPrefix, makeKey } from "../../src/state/keys.ts";
import type { OutageRecord, StateStore } from "../../src/state/state-store.ts";
import { makeInventory, makeLink, makeSite } from "./inventory.ts";

/** What the surface of providers is given in tests: callbacks may lead to the loopback, and names resolve as told. */
export function testPartners(
  resolve?: (name: string) => Promise<readonly LookupAddress[]>,
): HttpDeps["partners"] {
  const callback = createCallback({
    networks: ["127.0.0.0/8"],
    ...(resolve === undefined ? {} : { resolve }),
  });
  return { origin: "", checkCallback: callback.check, poke() {} };
}

export async function addPartnerKey(state: StateStore, provider: string, createdMs: number): Promise<string> {
  const key = makeKey("sbk");
  await state.addApiKey({
    id: `key_${provider.toLowerCase()}`,
    name: `${provider} NOC`,
    prefix: keyPrefix(key),
    hash: hashKey(key),
    scopes: ["partner"],
    provider,
    createdMs,
    revokedMs: null,
  });
  return key;
}

/**
 * Two providers: Telkom has the centre, Hulu and one of two links of Atas; BAKTI has Hilir, Muara, and the other link of Atas.
 *
 *   64.08 (Telkom) ── 64.08.01 Hulu (Telkom) ── 64.08.01.2001 Atas (Telkom, BAKTI)
 *                 └── 64.08.02 Hilir (BAKTI) ── 64.08.02.2001 Muara (Telkom), 64.08.02.2002 Kuala (BAKTI)
 */
export function twoProviders(more: { bakti?: string } = {}): Inventory {
  const { bakti = "BAKTI" } = more;
  const sites = [
    makeSite("64.08", "Kutai Contoh"),
    makeSite("64.08.01", "Hulu"),
    makeSite("64.08.02", "Hilir"),
    makeSite("64.08.01.2001", "Atas"),
    makeSite("64.08.02.2001", "Muara"),
    makeSite("64.08.02.2002", "Kuala"),
  ];
  const link = (at: number, id: string, own: Partial<Link> = {}) =>
    makeLink(sites[at]!, { id, circuitId: `C-${id}`, ...own });
  const other: Partial<Link> = { provider: bakti, technology: "vsat" };
  return makeInventory({
    sites,
    links: [
      link(0, "pusat"),
      link(1, "hulu"),
      link(2, "hilir", other),
      link(3, "atas-1"),
      link(3, "atas-2", other),
      link(4, "muara"),
      link(5, "kuala", other),
    ],
  });
}

/** A row of the outage table with its place among revisions. */
export function outageRow(id: string, more: Partial<OutageRecord> = {}): OutageRecord {
  const site = more.site ?? "64.08.01";
  return {
    id,
    site,
    link: null,
    service: null,
    startMs: Date.UTC(2026, 8, 21, 10),
    endMs: null,
    cause: "link",
    confidence: "high",
    evidence: [{ fact: "gateway.answers", target: `${site}/gw`, detail: {} }],
    root: site,
    incident: `inc_${id}`,
    revision: 1,
    knownMs: Date.UTC(2026, 8, 21, 10, 2),
    withdrawn: false,
    ...more,
  };
}
