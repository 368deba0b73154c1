import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

/*
 * Imports every .ts file of the folders once under plain Node, as `npm run imports`. Node strips types and does nothing
 * more, so an enum, a parameter property, './x.js' for x.ts or a type imported without `type` passes vitest or tsc and
 * fails here. Entry points are guarded by import.meta.main, so importing them starts nothing.
 */

const folders =
  process.argv.slice(2).length > 0 ? process.argv.slice(2) : ["src", "probes", "dashboards", "docs/clients"];

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !file.includes("node_modules"))
    .toSorted();
}

async function importAll(): Promise<number> {
  const files = folders.flatMap(filesOf);
  for (const file of files) {
    try {
      await import(pathToFileURL(resolve(file)).href);
    } catch (error) {
      process.stderr.write(`${file}: ${(error as Error).message}\n`);
      return 1;
    }
  }
  process.stdout.write(`${files.length} files import under Node ${process.versions.node}\n`);
  return files.length > 0 ? 0 : 1;
}

if (import.meta.main) process.exitCode = await importAll();
