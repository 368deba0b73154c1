import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readInventory } from "../../src/inventory/read-inventory.ts";
import { shippedInventory } from "../../src/inventory/starter.ts";
import { createTree } from "../../src/inventory/tree.ts";
import { inventoryFolder } from "./folder.ts";

/** What the program sets of itself: where it can be checked. */
const door = { SAMBUNG_DOOR: "http://127.0.0.1:8080/livez" };

describe("the inventory of Kutai Timur", () => {
  const inventory = readInventory(shippedInventory, door);
  const sites = [...inventory.sites.values()];

  it("has 160 sites: a kabupaten, 18 kecamatan, 139 desa and 2 kelurahan", () => {
    const counts = Object.groupBy(sites, ({ kind }) => kind);
    expect(sites).toHaveLength(160);
    expect(counts.kabupaten).toHaveLength(1);
    expect(counts.kecamatan).toHaveLength(18);
    expect(counts.desa).toHaveLength(139);
    expect(counts.kelurahan).toHaveLength(2);
  });

  it("has 4 to 15 villages in each kecamatan", () => {
    const villages = sites.filter(({ kind }) => kind === "desa" || kind === "kelurahan");
    const perKecamatan = Object.values(Object.groupBy(villages, ({ parent }) => parent!)).map(
      (group) => group!.length,
    );
    expect(perKecamatan).toHaveLength(18);
    expect(Math.min(...perKecamatan)).toBe(4);
    expect(Math.max(...perKecamatan)).toBe(15);
  });

  it("lies within the bounds that its source states", () => {
    const latitudes = sites.map(({ latitude }) => latitude);
    const longitudes = sites.map(({ longitude }) => longitude);
    expect(Math.min(...latitudes)).toBeCloseTo(0.056, 3);
    expect(Math.max(...latitudes)).toBeCloseTo(1.52, 3);
    expect(Math.min(...longitudes)).toBeCloseTo(116.24, 3);
    expect(Math.max(...longitudes)).toBeCloseTo(118.932, 3);
  });

  it("keeps the six villages apart that share the name of their kecamatan", () => {
    const shared = sites.filter(
      ({ name, parent }) => parent !== null && inventory.sites.get(parent)!.name === name,
    );
    expect(shared.map(({ name }) => name).toSorted()).toEqual([
      "Kaliorang",
      "Muara Wahau",
      "Sandaran",
      "Sangatta Selatan",
      "Sangatta Utara",
      "Teluk Pandan",
    ]);
  });

  it("makes one tree with parents before children", () => {
    const order = createTree(inventory).order.map(({ code }) => code);
    expect(order).toHaveLength(160);
    expect(order[0]).toBe("64.08");
    const codes = [...inventory.sites.keys()];
    const late = sites.filter(
      ({ code, parent }) => parent !== null && codes.indexOf(parent) > codes.indexOf(code),
    );
    expect(late).toEqual([]);
  });

  it("sends nothing anywhere but to this host and to the complaint service", () => {
    const places = [...inventory.targets.values()].map(({ key, role, service, probe }) => ({
      key,
      role,
      service,
      to: "url" in probe ? new URL(probe.url).hostname : "name" in probe ? probe.name : probe.address,
    }));
    expect(places).toEqual([
      { key: "64.08/host", role: "device", service: null, to: "127.0.0.1" },
      { key: "64.08/door", role: "device", service: null, to: "127.0.0.1" },
      { key: "64.08/lapor-dns", role: "service", service: "lapor", to: "www.lapor.go.id" },
      { key: "64.08/lapor", role: "service", service: "lapor", to: "www.lapor.go.id" },
    ]);
  });

  it("has an example of a village with two links of two providers", () => {
    const links = createTree(inventory).linksOf("64.08.06.2004");
    expect(links.map(({ technology, parent }) => [technology, parent])).toEqual([
      ["radio", "64.08.06"],
      ["leo", "64.08"],
    ]);
    expect(new Set(links.map(({ provider }) => provider)).size).toBe(2);
    expect([...inventory.contracts.values()].map(({ slaRatio }) => slaRatio)).toEqual([0.98, null]);
  });

  it("has commented examples that work once they are opened", () => {
    const text = readFileSync(join(shippedInventory, "targets.yaml"), "utf8");
    const examples = text.slice(text.indexOf("# ---- "));
    const opened = examples.replaceAll(/^# (- |  )/gm, "$1");
    const links = `- { id: a, site: 64.08, provider: A, technology: fibre, gateway: 10.0.0.1 }
- { id: b, site: 64.08.04, provider: A, technology: fibre, gateway: 10.4.0.1 }
- { id: c, site: 64.08.06, provider: A, technology: radio, gateway: 10.6.0.1 }
`;
    using folder = inventoryFolder({
      "sites.csv": readFileSync(join(shippedInventory, "sites.csv")),
      "links.yaml": links,
      "targets.yaml": opened,
    });
    const env = { ...door, SNMP_AUTH_KEY: "an-auth-key", SNMP_PRIV_KEY: "a-priv-key" };
    const keys = [...readInventory(folder.path, env).targets.keys()];
    expect(keys.slice(0, 5)).toEqual([
      "64.08/anchor-1",
      "64.08/gw",
      "64.08.04/gw",
      "64.08.06/gw",
      "64.08.01/hub",
    ]);
    expect(keys).toContain("64.08.06/router");
    expect(keys).toContain("64.08/below-64.08.06");
  });
});
