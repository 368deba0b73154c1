import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { InventoryError } from "../../src/inventory/mistakes.ts";
import { readInventory } from "../../src/inventory/read-inventory.ts";
import { addTargets, InventoryExistsError, writeStarterInventory } from "../../src/inventory/starter.ts";
import type { TargetEntry } from "../../src/inventory/starter.ts";
import { inventoryFolder } from "./folder.ts";

/** What the program sets of itself: where it can be checked. */
const door = { SAMBUNG_DOOR: "http://127.0.0.1:8080/livez" };
const gateway: TargetEntry = { id: "gw", site: "64.08", role: "gateway", kind: "icmp", address: "127.0.0.1" };
const resolver: TargetEntry = {
  id: "resolver",
  sites: ["64.08"],
  role: "gateway",
  kind: "dns",
  name: "a.example",
  resolver: "127.0.0.1",
};

describe("a starter inventory", () => {
  it("is a copy that reads without a mistake, in a folder that it makes", () => {
    using place = inventoryFolder({});
    const folder = join(place.path, "new", "inventory");
    const written = writeStarterInventory(folder);
    expect(written.map((path) => path.slice(folder.length + 1)).toSorted()).toEqual(
      readdirSync(folder).toSorted(),
    );
    expect(readdirSync(folder)).toContain("SOURCES.md");
    expect(readInventory(folder, door).sites.size).toBe(160);
  });

  it("overwrites nothing, and leaves nothing half-written", () => {
    using folder = inventoryFolder({ "targets.yaml": "# mine\n" });
    expect(() => writeStarterInventory(folder.path)).toThrow(InventoryExistsError);
    expect(() => writeStarterInventory(folder.path)).toThrow(
      `${join(folder.path, "targets.yaml")} exists already; nothing was written`,
    );
    expect(readdirSync(folder.path)).toEqual(["targets.yaml"]);
    expect(readFileSync(join(folder.path, "targets.yaml"), "utf8")).toBe("# mine\n");
  });

  it("may be written beside other files", () => {
    using folder = inventoryFolder({ "README.md": "mine" });
    expect(() => writeStarterInventory(folder.path)).not.toThrow();
  });
});

describe("adding targets", () => {
  it("keeps every line of the shipped file and adds entries that read", () => {
    using folder = inventoryFolder({});
    writeStarterInventory(folder.path);
    const path = join(folder.path, "targets.yaml");
    const before = readFileSync(path, "utf8");
    addTargets(folder.path, [gateway, resolver]);
    const after = readFileSync(path, "utf8").split("\n");
    for (const line of before.split("\n")) expect(after).toContain(line);
    const keys = [...readInventory(folder.path, door).targets.keys()];
    expect(keys).toEqual([
      "64.08/host",
      "64.08/door",
      "64.08/lapor-dns",
      "64.08/lapor",
      "64.08/gw",
      "64.08/resolver",
    ]);
    expect(readdirSync(folder.path)).not.toContain("targets.yaml.new");
  });

  it("does not fold long lines", () => {
    const line = `  expectText: ${"a long text ".repeat(20).trim()}`;
    const text = `- id: a\n  site: "64.08"\n  role: device\n  kind: http\n  url: http://127.0.0.1/\n${line}\n`;
    using folder = inventoryFolder({ "targets.yaml": text });
    addTargets(folder.path, [gateway]);
    expect(readFileSync(join(folder.path, "targets.yaml"), "utf8").startsWith(text)).toBe(true);
  });

  it("can be done again and again", () => {
    using folder = inventoryFolder({});
    writeStarterInventory(folder.path);
    addTargets(folder.path, [gateway]);
    const once = readFileSync(join(folder.path, "targets.yaml"), "utf8");
    addTargets(folder.path, []);
    expect(readFileSync(join(folder.path, "targets.yaml"), "utf8")).toBe(once);
    addTargets(folder.path, [resolver]);
    expect(readInventory(folder.path, door).targets.size).toBe(6);
  });

  it.each([
    ["no file", null],
    ["an empty file", ""],
    ["a file of comments", "# nothing yet\n"],
    ["an empty list", "# before\n[]\n# after\n"],
    ["a list in brackets", '[{ id: x, site: "64.08", role: device, kind: icmp, address: 127.0.0.1 }]\n'],
  ])("works with %s", (_what, text) => {
    using folder = inventoryFolder({});
    writeStarterInventory(folder.path);
    const path = join(folder.path, "targets.yaml");
    if (text === null) rmSync(path);
    else writeFileSync(path, text);
    addTargets(folder.path, [gateway, resolver]);
    const after = readFileSync(path, "utf8");
    for (const comment of (text ?? "").match(/^#.*$/gm) ?? []) expect(after).toContain(comment);
    expect([...readInventory(folder.path, door).targets.keys()].slice(-2)).toEqual([
      "64.08/gw",
      "64.08/resolver",
    ]);
  });

  it.each([
    ["is no list", "# first\na: 1\n", "targets.yaml:2 (document): "],
    ["is no YAML", "- [\n", "targets.yaml:2 (document): "],
  ])("leaves a file alone that %s", (_what, text, message) => {
    using folder = inventoryFolder({ "targets.yaml": text });
    const add = () => addTargets(folder.path, [gateway]);
    expect(add).toThrow(InventoryError);
    expect(add).toThrow(message);
    expect(readFileSync(join(folder.path, "targets.yaml"), "utf8")).toBe(text);
  });
});
