import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { replay } from "../replay/replay.ts";
import type { ReplayOptions } from "../replay/replay.ts";

export interface ReplayCommand extends Omit<ReplayOptions, "onProgress"> {
  folder: string;
  /** Where the result is written; null: `sambung.json` in the folder. */
  out: string | null;
}

export interface ReplayTexts {
  progress: (share: number) => string;
  done: (counts: {
    records: number;
    duplicates: number;
    seconds: string;
    cpuSeconds: string;
    path: string;
  }) => string;
}

/** Feeds a recorded scenario through detection and writes what came of it. Throws an Error that names what cannot be read. */
export function runReplay(
  { folder, out, ...options }: ReplayCommand,
  texts: ReplayTexts,
  print: (line: string) => void,
): void {
  const startedMs = performance.now();
  const isTerminal = process.stderr.isTTY;
  const { result, records, duplicates } = replay(folder, {
    ...options,
    onProgress: (share) => {
      if (isTerminal) process.stderr.write(`\r\u001b[K${texts.progress(share)}`);
    },
  });
  if (isTerminal) process.stderr.write("\r\u001b[K");
  const path = out ?? join(folder, "sambung.json");
  writeFileSync(path, JSON.stringify(result));
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  const { user, system } = process.cpuUsage();
  const cpuSeconds = ((user + system) / 1e6).toFixed(1);
  print(texts.done({ records, duplicates, seconds, cpuSeconds, path }));
}
