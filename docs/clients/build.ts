import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pino } from "pino";
import { createApp } from "../../src/app.ts";
import { readConfig } from "../../src/config.ts";
import { readInventory } from "../../src/inventory/read-inventory.ts";
import { generateClient } from "./generate.ts";
import type { OpenApiDocument } from "./generate.ts";

/* `npm run client`: writes the client anew from the document of a collector that is made for it, and listens nowhere. */

const file = fileURLToPath(new URL("./typescript/sambung.ts", import.meta.url));

async function readDocument(): Promise<OpenApiDocument> {
  const folder = mkdtempSync(join(tmpdir(), "sambung-client-"));
  const config = readConfig({ SAMBUNG_DATA: folder }, folder);
  const app = createApp(config, {
    logger: pino({ level: "silent" }),
    now: Date.now,
    random: Math.random,
    // The shipped inventory names a door that is nobody's here.
    readInventory: () => readInventory(config.inventory, { SAMBUNG_DOOR: "http://127.0.0.1:8080/livez" }),
    version: "0",
  });
  try {
    const response = await app.fetch(new Request("http://127.0.0.1/openapi.json"));
    return (await response.json()) as OpenApiDocument;
  } finally {
    await app.stop();
    rmSync(folder, { recursive: true });
  }
}

if (import.meta.main) {
  writeFileSync(file, generateClient(await readDocument()));
  // As everything else here is formatted.
  execFileSync(process.execPath, [
    fileURLToPath(new URL("../../node_modules/oxfmt/bin/oxfmt", import.meta.url)),
    file,
  ]);
}
