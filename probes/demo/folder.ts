import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Fault } from "./world.ts";

/** A folder that holds something; nothing was touched. */
export class DemoFolderError extends Error {
  readonly code = "demo.folder";
  readonly folder: string;
  readonly isDemo: boolean;

  constructor(folder: string, isDemo: boolean) {
    super(`${folder} is not empty`);
    this.name = "DemoFolderError";
    this.folder = folder;
    this.isDemo = isDemo;
  }
}

/** What a demonstration writes into its folder. */
const made = ["inventory", "collector", "sambung.yaml", "collector.log", "scenario.json"];

/** Only what an earlier demonstration made is ever removed. */
export function prepareFolder({ folder, fresh }: { folder: string; fresh: boolean }): void {
  mkdirSync(folder, { recursive: true });
  const left = made.filter((name) => existsSync(join(folder, name)));
  if (left.length === 0) return;
  const isDemo = left.includes("scenario.json");
  if (!fresh || !isDemo) throw new DemoFolderError(folder, isDemo);
  for (const name of left) rmSync(join(folder, name), { recursive: true });
}

interface Scenario {
  seed: string;
  fromMs: number;
  toMs: number;
  faults: readonly Fault[];
}

export function writeScenario(file: string, { seed, fromMs, toMs, faults }: Scenario): void {
  const iso = (ms: number) => new Date(ms).toISOString();
  const told = {
    note: "DATA DEMO / DEMO DATA: simulated faults, written by npm run demo",
    seed,
    from: iso(fromMs),
    to: iso(toMs),
    faults: faults.map(({ kind, site, startMs, endMs }) => ({
      kind,
      site,
      start: iso(startMs),
      end: iso(endMs),
    })),
  };
  writeFileSync(file, `${JSON.stringify(told, null, 2)}\n`);
}
