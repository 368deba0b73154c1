import { parseArgs } from "node:util";
import { runTool, ToolUsageError } from "../tools/run-tool.ts";
import { isClosed } from "./account.ts";
import { faultKinds } from "./faults.ts";
import type { FaultKind } from "./faults.ts";
import { showResult } from "./report.ts";
import { runChaos } from "./run-chaos.ts";

const usage = `npm run chaos -- [--rounds 50] [--seed 1] [--kinds a,b] [--keep FOLDER]

Agents and a collector, as programs, under faults drawn from the seed; after each round every measurement is accounted
for. The faults of disks want root, those of clocks the command faketime.

  --rounds N     how many rounds
  --seed N       the same faults again, as far as programs end and answer at the same moments
  --kinds a,b    only these faults: ${faultKinds.join(", ")}
  --keep FOLDER  the files of a run that did not close stay there

A line a round: its faults, then stored + lost + open rounds of each agent.
Exit codes: 0 all closes, 1 something does not, 2 wrong usage.
`;

function readNumber(name: string, text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new ToolUsageError(`--${name}: ${text} is not allowed; expected a whole number from 1`);
  return Number(text);
}

function readKinds(text: string): FaultKind[] {
  return text.split(",").map((name) => {
    const kind = faultKinds.find((known) => known === name);
    if (kind === undefined)
      throw new ToolUsageError(`--kinds: ${name} is not allowed; expected some of ${faultKinds.join(", ")}`);
    return kind;
  });
}

async function main(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      rounds: { type: "string", default: "50" },
      seed: { type: "string", default: "1" },
      kinds: { type: "string" },
      keep: { type: "string" },
    },
  });
  const seed = readNumber("seed", values.seed);
  const stopping = new AbortController();
  // What was mounted and started has to be put away.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stopping.abort());
  const result = await runChaos({
    rounds: readNumber("rounds", values.rounds),
    seed,
    kinds: values.kinds === undefined ? undefined : readKinds(values.kinds),
    keep: values.keep,
    signal: stopping.signal,
    onRound(round, faults, accounts) {
      const what = faults.map(({ kind, agent }) => `${kind}@${agent}`).join(" ");
      const sums = accounts.map(({ stored, lost, open }) => `${stored}+${lost}+${open}`).join(" ");
      process.stderr.write(
        `${round}: ${what}: ${sums} ${accounts.every(isClosed) ? "closes" : "DOES NOT CLOSE"}\n`,
      );
    },
  });
  process.stdout.write(`seed ${seed}: ${showResult(result)}\n`);
  return result.failedRound === null && result.failures.length === 0 ? 0 : 1;
}

if (import.meta.main) process.exit(await runTool(usage, process.argv.slice(2), main));
