import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InventoryError } from "../../src/inventory/mistakes.ts";
import { readInventory } from "../../src/inventory/read-inventory.ts";
import type { Inventory } from "../../src/inventory/inventory.ts";
import type { Environment } from "../../src/inventory/secrets.ts";

export type Files = Record<string, string | Uint8Array>;

export const header = "code,kind,name,parent_code,lat,lon,coord_precision\n";

/** A small inventory without a mistake: a kabupaten, a kecamatan, a desa and a kelurahan. */
export const goodFiles: Files = {
  "sites.csv": `${header}64.08,kabupaten,Kutai Timur,,0.98987,117.12915,kabupaten_polygon_centroid
64.08.05,kecamatan,Sangkulirang,64.08,1.06474,118.04894,kecamatan_polygon_centroid
64.08.05.2001,desa,Kerayaan,64.08.05,1.08954,118.20740,surveyed
64.08.05.1002,kelurahan,Contoh,64.08.05,1.0,118.0,desa_polygon_centroid
`,
  "contracts.yaml": "- { id: c1, provider: A, slaRatio: 0.98 }\n",
  "links.yaml": `- { id: top, site: 64.08, provider: A, technology: fibre, gateway: 10.0.0.1, contract: c1 }
- { id: hub, site: 64.08.05, provider: A, technology: radio, gateway: 10.5.0.1 }
- { id: village, site: 64.08.05.2001, provider: A, technology: radio, gateway: 10.5.1.1 }
- { id: backup, site: 64.08.05.2001, provider: B, technology: leo, parent: 64.08, gateway: 10.9.1.1 }
`,
  "services.yaml": "- { id: lapor, name: LAPOR, url: https://lapor.example/a, control: 64.08 }\n",
};

/** A folder that holds the files and goes away at the end of the block. */
export function inventoryFolder(files: Files): { path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), "sambung-inventory-"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

/** Reads the small inventory with some files replaced. */
export function read(files: Files, env: Environment = {}, nowMs?: number): Inventory {
  using folder = inventoryFolder({ ...goodFiles, ...files });
  return readInventory(folder.path, env, undefined, nowMs);
}

/** What an operator reads, one message a mistake; none when the inventory is good. */
export function messagesOf(files: Files, env: Environment = {}): string[] {
  try {
    read(files, env);
    return [];
  } catch (error) {
    if (!(error instanceof InventoryError)) throw error;
    return error.message.split("\n");
  }
}
