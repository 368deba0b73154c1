import { appendFileSync, cpSync, writeFileSync } from "node:fs";
import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createApp } from "../../src/app.ts";
import type { App } from "../../src/app.ts";
import { readConfig } from "../../src/config.ts";
import { shippedInventory } from "../../src/inventory/starter.ts";
import { readInventory } from "../../src/inventory/read-inventory.ts";
import { commandActor } from "../../src/state/audit.ts";
import { tempDir } from "../support/temp-dir.ts";

/* maintenance.yaml on its way through a collector: taken over at the start and at each reload, refused where it meets. */

const nowMs = Date.parse("2026-11-22T12:00:00Z");
const operator = commandActor("test");
const entry = (id: string, hour: string) =>
  `- { id: ${id}, site: "64.08.06", from: 2026-11-24T${hour}:00:00+08:00, to: 2026-11-25T02:00:00+08:00, reason: r, author: a }\n`;

let dir: ReturnType<typeof tempDir>;
let app: App;

beforeEach(async () => {
  dir = tempDir();
  cpSync(shippedInventory, dir.file("inventory"), { recursive: true });
  writeFileSync(dir.file("inventory/maintenance.yaml"), entry("m1", "22"));
  const config = {
    ...readConfig({ SAMBUNG_DATA: dir.path, SAMBUNG_LISTEN: "127.0.0.1:0" }, dir.path),
    inventory: dir.file("inventory"),
  };
  app = createApp(config, {
    logger: pino({ level: "silent" }),
    now: () => nowMs,
    random: () => 0.5,
    readInventory: () =>
      readInventory(config.inventory, { SAMBUNG_DOOR: "http://127.0.0.1/livez" }, config.timeZone),
    version: "0.0.0",
  });
  await app.start();
});
afterEach(async () => {
  await app.stop();
  dir[Symbol.dispose]();
});

const known = async () => (await app.state.maintenance()).map(({ id }) => id);

describe("maintenance.yaml in a collector", () => {
  it("is in force from the start, and a reload takes over what is added", async () => {
    expect(await known()).toEqual(["m1"]);
    appendFileSync(dir.file("inventory/maintenance.yaml"), entry("m2", "22").replace("64.08.06", "64.08.05"));
    await app.reload(operator);
    expect(await known()).toEqual(["m1", "m2"]);
    const [latest, earlier] = await app.state.audit({ limit: 2 });
    expect([latest!.action, earlier!.action]).toEqual(["inventory.reloaded", "maintenance.made"]);
  });

  it("leaves the old inventory in force when it overlaps itself, or work of the API", async () => {
    writeFileSync(dir.file("inventory/maintenance.yaml"), entry("m1", "22") + entry("m2", "23"));
    await expect(app.reload(operator)).rejects.toThrow("maintenance.yaml:2 from");
    const [record] = await app.state.maintenance();
    const { source: _source, knownMs: _known, ...plan } = record!;
    const other = { ...plan, id: "mnt_1", site: "64.08.05" };
    await app.state.changeMaintenance(() => [{ act: "made", plan: other, source: "api" }], nowMs, operator);
    writeFileSync(dir.file("inventory/maintenance.yaml"), entry("m3", "23").replace("64.08.06", "64.08.05"));
    await expect(app.reload(operator)).rejects.toThrow("m3 (site:64.08.05) overlaps mnt_1");
    expect(await known()).toEqual(["m1", "mnt_1"]);
  });
});
