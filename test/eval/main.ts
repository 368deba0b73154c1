import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ablations } from "../../src/replay/ablation.ts";
import { runTool, ToolUsageError } from "../tools/run-tool.ts";
import type { Scores } from "./marks.ts";
import { checkEvaluation, profiles, runWorld } from "./run-scenario.ts";
import type { Tools, Variant, World } from "./run-scenario.ts";
import { readSeeds } from "./seeds.ts";
import { showAblations, showContradicted, showProfile } from "./show.ts";

const usage = `npm run eval -- [options]

Worlds of the evaluation's generator through "sambung replay", scored by its scorer, beside its naive baseline.

  --seeds 1-8                seeds of the worlds, such as 1-8 or 1,5,101-104
  --profiles standard,hard   ${Object.keys(profiles).join(", ")}
  --eval FOLDER              generator, scorer and baseline; default: SAMBUNG_EVAL, or ../shared/eval beside the project
  --worlds FOLDER            worlds (340 MB each) stay there and are used again; default: a folder that is removed
  --jobs 2                   worlds at a time
  --no-naive                 without the baseline
  --send-every S             agents collect their rounds so long instead of sending each at once, as shipped ones do (60)
  --ablate 1-3               seeds on which each kind of evidence is left out in turn, or none
  --days 30, --sites 40, --hubs 6

Exit codes: 0 done, 1 failed, 2 wrong usage.
`;

async function main(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      seeds: { type: "string", default: "1-8" },
      profiles: { type: "string", default: "standard,hard" },
      jobs: { type: "string", default: "2" },
      eval: { type: "string", default: process.env["SAMBUNG_EVAL"] ?? "" },
      worlds: { type: "string" },
      "no-naive": { type: "boolean", default: false },
      "send-every": { type: "string" },
      ablate: { type: "string", default: "1-3" },
      days: { type: "string", default: "30" },
      sites: { type: "string", default: "40" },
      hubs: { type: "string", default: "6" },
    },
  });
  const evaluation = values.eval || join(import.meta.dirname, "../../../shared/eval");
  checkEvaluation(evaluation);
  const names = values.profiles.split(",");
  for (const name of names)
    if (profiles[name] === undefined)
      throw new ToolUsageError(`--profiles ${name}: expected ${Object.keys(profiles).join(", ")}`);
  const size = {
    days: readCount("days", values.days),
    sites: readCount("sites", values.sites),
    hubs: readCount("hubs", values.hubs),
  };
  const jobs = readCount("jobs", values.jobs);
  const every = values["send-every"];
  const ours: Variant = {
    name: "ours",
    args: every === undefined ? [] : ["--send-every", String(readCount("send-every", every))],
  };
  const seeds = readSeeds("--seeds", values.seeds);
  const worlds = values.worlds ?? (await mkdtemp(join(tmpdir(), "sambung-eval-")));
  const tools: Tools = { evaluation, worlds, keeps: values.worlds !== undefined };
  try {
    for (const profile of names) {
      const all = seeds.map((seed) => ({ seed, profile, ...size }));
      const scores = await runAll(all, [ours], tools, !values["no-naive"], jobs);
      print(showProfile(profile, values.seeds, scores.get("ours")!, scores.get("naive") ?? []));
      const wrong = showContradicted(profile, seeds, scores.get("ours")!);
      if (wrong !== "") print(wrong);
    }
    if (values.ablate === "none") return 0;
    const variants = [
      { name: "all evidence", args: ["--final-only"] },
      ...ablations.map((name) => ({ name: `no ${name}`, args: ["--final-only", "--ablate", name] })),
    ];
    const all = readSeeds("--ablate", values.ablate).map((seed) => ({ seed, profile: "standard", ...size }));
    print(showAblations(await runAll(all, variants, tools, false, jobs), values.ablate));
    return 0;
  } finally {
    if (!tools.keeps) await rm(worlds, { recursive: true, force: true });
  }
}

/** Scores by variant, in the order of the worlds. */
async function runAll(
  worlds: readonly World[],
  variants: readonly Variant[],
  tools: Tools,
  withNaive: boolean,
  jobs: number,
): Promise<Map<string, Scores[]>> {
  const results: ReadonlyMap<string, Scores>[] = [];
  let next = 0;
  let done = 0;
  const work = async () => {
    for (let place = next++; place < worlds.length; place = next++) {
      results[place] = await runWorld(worlds[place]!, variants, tools, withNaive);
      done += 1;
      if (process.stderr.isTTY)
        process.stderr.write(`\r\u001b[K${worlds[place]!.profile}: ${done} of ${worlds.length} worlds`);
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
  const names = [...variants.map(({ name }) => name), ...(withNaive ? ["naive"] : [])];
  return new Map(names.map((name) => [name, results.map((scores) => scores.get(name)!)]));
}

function readCount(name: string, text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new ToolUsageError(`--${name} ${text}: expected a whole number from 1`);
  return Number(text);
}

const print = (text: string) => void process.stdout.write(`${text}\n\n`);

process.exit(await runTool(usage, process.argv.slice(2), main));
