import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { LiveResult, ReplayResult } from "../../src/replay/result.ts";
import { pooledMacroF1 } from "./marks.ts";
import { ToolUsageError } from "../tools/run-tool.ts";
import type { Scores } from "./marks.ts";

/*
 * One world: made by the generator, replayed by `sambung replay`, scored by the scorer. Python and Node each in a process
 * of their own.
 */

export interface World {
  seed: number;
  profile: string;
  days: number;
  sites: number;
  hubs: number;
}

export interface Tools {
  /** Folder of gen.py, naive.py and score.py. */
  evaluation: string;
  /** Folder in which worlds are made. */
  worlds: string;
  /** Worlds stay, and those that are there are not made again. */
  keeps: boolean;
}

const run = promisify(execFile);
const generous = { maxBuffer: 64 * 2 ** 20 };
const project = join(import.meta.dirname, "../..");

/** Profiles as options of the generator. */
export const profiles: Readonly<Record<string, readonly string[]>> = { standard: [], hard: ["--hard"] };

export interface Variant {
  name: string;
  /** Further arguments of `sambung replay`. */
  args: readonly string[];
}

/** Scores by the name of the variant, that of the naive baseline under `naive`. */
export async function runWorld(
  world: World,
  variants: readonly Variant[],
  { evaluation, worlds, keeps }: Tools,
  withNaive: boolean,
): Promise<ReadonlyMap<string, Scores>> {
  const { seed, profile, days, sites, hubs } = world;
  const folder = join(worlds, `${profile}-${seed}-${days}x${sites}x${hubs}`);
  if (!existsSync(join(folder, "records.ndjson"))) {
    await mkdir(folder, { recursive: true });
    const size = ["--seed", seed, "--days", days, "--sites", sites, "--hubs", hubs].map(String);
    await python(evaluation, ["gen.py", ...size, ...profiles[profile]!, "--out", folder]);
  }
  try {
    const scores = new Map<string, Scores>();
    if (withNaive) {
      await python(evaluation, ["naive.py", folder]);
      scores.set("naive", await score(evaluation, folder, "naive.json"));
    }
    for (const { name, args } of variants) {
      const out = `${name}.json`;
      const cpuS = await replay(folder, ["--out", join(folder, out), ...args]);
      const said = JSON.parse(readFileSync(join(folder, out), "utf8")) as LiveResult & ReplayResult;
      const { live_causes, passed_while_cut } = said;
      scores.set(name, {
        ...(await score(evaluation, folder, out)),
        cpu_s: cpuS,
        live_causes,
        passed_while_cut,
      });
    }
    return scores;
  } finally {
    if (!keeps) await rm(folder, { recursive: true, force: true });
  }
}

async function python(evaluation: string, [file, ...args]: readonly string[]): Promise<string> {
  // The evaluation's folder may be read-only.
  const { stdout } = await run("python3", ["-B", join(evaluation, file!), ...args], generous);
  return stdout;
}

/** CPU seconds that the command says it took. */
async function replay(folder: string, args: readonly string[]): Promise<number> {
  const { stdout } = await run(process.execPath, ["src/main.ts", "replay", folder, ...args], {
    ...generous,
    cwd: project,
    env: { ...process.env, SAMBUNG_LANG: "en" },
  });
  const said = /\(([\d.]+) s CPU\)/.exec(stdout);
  if (said === null) throw new Error(`sambung replay said nothing of its CPU time: ${stdout}`);
  return Number(said[1]);
}

const scorer = `
import json, sys
sys.path.insert(0, sys.argv[1])
import score
out = score.run(sys.argv[2], sys.argv[3])
out["_conf"] = [[a, b, n] for (a, b), n in out["_conf"].items()]
print(json.dumps(out))
`;

async function score(evaluation: string, folder: string, file: string): Promise<Scores> {
  const { stdout } = await run("python3", ["-B", "-c", scorer, evaluation, folder, file], generous);
  const scores = JSON.parse(stdout) as Scores;
  return { ...scores, macro_f1: pooledMacroF1([scores]) };
}

/** Throws an Error that says what of the evaluation is missing. */
export function checkEvaluation(folder: string): void {
  for (const file of ["gen.py", "score.py", "naive.py", "load.py", "intervals.py"])
    if (!existsSync(join(folder, file)))
      throw new ToolUsageError(
        `${folder}: no ${file} there; name the folder of the evaluation with --eval or SAMBUNG_EVAL`,
      );
  readFileSync(join(folder, "gen.py"));
}
