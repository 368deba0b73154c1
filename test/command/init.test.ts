import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { defaultGateway, init } from "../../src/command/init.ts";
import { commandTexts } from "../../src/command/texts.ts";
import { readConfig } from "../../src/config.ts";
import { readInventory } from "../../src/inventory/read-inventory.ts";
import { tempDir } from "../support/temp-dir.ts";

/* /proc/net/route as Linux 6.1 on little-endian machines writes it; addresses are ours. */
const header =
  "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT                                                       \n";
const viaEth0 =
  "eth0\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0                                                                               \n";
const onLan =
  "eth0\t0001A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0                                                                               \n";
const viaWifi =
  "wlan0\t00000000\t010BA8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0                                                                             \n";
const viaWire =
  "enp3s0\t00000000\tFE0A000A\t0003\t0\t0\t100\t00000000\t0\t0\t0                                                                            \n";
const pointToPoint =
  "ppp0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0                                                                               \n";
const halfOfAll =
  "tun0\t00000000\t0100080A\t0003\t0\t0\t0\t00000080\t0\t0\t0                                                                               \n";

describe("the default gateway", () => {
  it.each([
    ["one route", header + viaEth0 + onLan, "192.168.1.1"],
    ["the route of least metric, wherever it stands", header + viaWifi + viaWire, "10.0.10.254"],
    ["no default route", header + onLan, null],
    ["a link without a gateway", header + pointToPoint, null],
    ["a link without a gateway before one with", header + pointToPoint + viaWifi, "192.168.11.1"],
    ["a tunnel's half of all addresses is no default route", header + halfOfAll, null],
    ["nothing but the header", header, null],
    ["an empty file", "", null],
  ])("%s", (_, table, gateway) => {
    expect(defaultGateway(table)).toBe(gateway);
  });
});

/** Runs init in a folder as on a machine with this table and these resolvers. */
async function initIn(
  folder: string,
  { yes = true, table = header + viaEth0 + onLan, resolvers = ["192.168.1.1", "127.0.0.53"] } = {},
): Promise<string[]> {
  const lines: string[] = [];
  const routeFile = `${folder}/.route`;
  writeFileSync(routeFile, table);
  await init({
    folder,
    yes,
    texts: commandTexts.en.init,
    print: (line) => void lines.push(line),
    env: { SAMBUNG_DOOR: "http://127.0.0.1:8080/livez" },
    routeFile,
    resolvers,
  });
  return lines;
}

const inventoryOf = (folder: string) =>
  readInventory(readConfig({ SAMBUNG_CONFIG: `${folder}/sambung.yaml` }, folder).inventory, {
    SAMBUNG_DOOR: "http://127.0.0.1:8080/livez",
  });

describe("sambung init", () => {
  it("in an empty folder makes a configuration and an inventory, and adds what the machine knows", async () => {
    using dir = tempDir();
    const lines = await initIn(dir.path);
    expect(existsSync(dir.file("sambung.yaml"))).toBe(true);
    expect(readdirSync(dir.file("inventory")).sort()).toEqual(
      [
        "SOURCES.md",
        "aliases.csv",
        "contracts.yaml",
        "exclusions.yaml",
        "holidays.csv",
        "links.yaml",
        "maintenance.yaml",
        "population.csv",
        "services.yaml",
        "sites.csv",
        "supply.yaml",
        "targets.yaml",
      ].sort(),
    );
    const { targets } = inventoryOf(dir.path);
    expect(targets.get("64.08/gw")).toMatchObject({
      role: "gateway",
      probe: { kind: "icmp", address: "192.168.1.1" },
    });
    expect(targets.get("64.08/dns-1")).toMatchObject({
      role: "service",
      probe: { kind: "dns", resolver: "192.168.1.1" },
    });
    expect(targets.has("64.08/dns-2"), "the machine's own stub resolver is not outside").toBe(false);
    expect(lines.filter((line) => line.startsWith("added"))).toEqual([
      "added: target gw",
      "added: target dns-1",
    ]);
  });

  it("a second time adds and changes nothing", async () => {
    using dir = tempDir();
    await initIn(dir.path);
    const before = readFileSync(dir.file("inventory/targets.yaml"), "utf8");
    const config = readFileSync(dir.file("sambung.yaml"), "utf8");
    const lines = await initIn(dir.path);
    expect(readFileSync(dir.file("inventory/targets.yaml"), "utf8")).toBe(before);
    expect(readFileSync(dir.file("sambung.yaml"), "utf8")).toBe(config);
    expect(lines.some((line) => line.startsWith("added"))).toBe(false);
  });

  it("adds nothing unasked where there is no terminal to ask at", async () => {
    using dir = tempDir();
    const lines = await initIn(dir.path, { yes: false });
    expect(inventoryOf(dir.path).targets.has("64.08/gw")).toBe(false);
    expect(lines).toContain("not added: 192.168.1.1");
  });

  it("says that it found nothing on a machine without a network", async () => {
    using dir = tempDir();
    const lines = await initIn(dir.path, { table: header, resolvers: ["127.0.0.53", "::1"] });
    expect(lines).toContain(commandTexts.en.init.nothingFound);
    expect(inventoryOf(dir.path).targets.size).toBeGreaterThan(0);
  });

  it("keeps a configuration that is there, and works on the inventory that it names", async () => {
    using dir = tempDir();
    await initIn(dir.path, { table: header, resolvers: [] });
    const text = "inventory: ./inventory\nlisten: 127.0.0.1:9999\n";
    writeFileSync(dir.file("sambung.yaml"), text);
    await initIn(dir.path);
    expect(readFileSync(dir.file("sambung.yaml"), "utf8")).toBe(text);
    expect(inventoryOf(dir.path).targets.has("64.08/gw")).toBe(true);
  });

  it("overwrites no inventory that nobody named yet", async () => {
    using dir = tempDir();
    await initIn(dir.path);
    const text = "listen: 127.0.0.1:9999\n";
    writeFileSync(dir.file("sambung.yaml"), text);
    await expect(initIn(dir.path)).rejects.toThrow(/exists already; nothing was written/);
    expect(readFileSync(dir.file("sambung.yaml"), "utf8")).toBe(text);
  });

  it.each([
    ["a configuration", "# ours\nlisten: 127.0.0.1:9999 # behind the proxy\n"],
    ["comments alone", "# nothing yet\n"],
    ["an empty file", ""],
  ])("names the inventory that it makes in %s that names none, and says so", async (_, text) => {
    using dir = tempDir();
    writeFileSync(dir.file("sambung.yaml"), text);
    const lines = await initIn(dir.path);
    const after = readFileSync(dir.file("sambung.yaml"), "utf8");
    for (const line of text.split("\n")) expect(after.split("\n")).toContain(line);
    expect(lines).toContain(`changed: ${dir.file("sambung.yaml")} now says inventory: ./inventory`);
    expect(inventoryOf(dir.path).targets.has("64.08/gw")).toBe(true);
    expect(readConfig({}, dir.path).inventory).toBe(dir.file("inventory"));
    expect(readdirSync(dir.path)).not.toContain("sambung.yaml.new");
  });

  it("needs no SAMBUNG_DOOR: its own configuration says where the collector listens", async () => {
    using dir = tempDir();
    writeFileSync(dir.file("sambung.yaml"), "listen: 0.0.0.0:9999\n");
    await init({
      folder: dir.path,
      yes: true,
      texts: commandTexts.en.init,
      print() {},
      env: {},
      routeFile: dir.file("none"),
      resolvers: [],
    });
    expect(existsSync(dir.file("inventory/sites.csv"))).toBe(true);
  });
});
