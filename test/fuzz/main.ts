import { parseArgs } from "node:util";
import { tempDir } from "../support/temp-dir.ts";
import { runTool, ToolUsageError } from "../tools/run-tool.ts";
import { runFuzz } from "./run-fuzz.ts";
import { openUnderFire } from "./under-fire.ts";

const usage = `npm run fuzz -- [--runs 100000] [--seed N] [--config 'key: value']

Mutated batches and requests, bombs and half-open requests at a running collector, which it starts and ends itself.

  --runs N       mutated batches and requests in all
  --seed N       the same cases again; drawn by the clock where it is left out, and printed
  --config TEXT  lines for the collector's sambung.yaml, in place of limits that nothing reaches

Prints how often each status was answered.
Exit codes: 0 all held, 1 something did not (the smallest case for it is printed), 2 wrong usage.
`;

async function main(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      runs: { type: "string", default: "100000" },
      seed: { type: "string", default: String(Date.now() % 1_000_000) },
      config: { type: "string", default: "" },
    },
  });
  const [runs, seed] = [Number(values.runs), Number(values.seed)];
  if (!Number.isInteger(runs) || runs < 1)
    throw new ToolUsageError(`--runs: ${values.runs} is not allowed; expected a whole number from 1`);
  if (!Number.isInteger(seed))
    throw new ToolUsageError(`--seed: ${values.seed} is not allowed; expected a whole number`);
  using dir = tempDir();
  await using target = await openUnderFire(dir.path, values.config === "" ? undefined : `${values.config}\n`);
  const startMs = performance.now();
  const { failures, ...result } = await runFuzz(target, {
    runs,
    seed,
    halfOpen: 500,
    bombs: 10,
    toleranceBytes: 64_000_000,
    onStep: (text) => process.stderr.isTTY && process.stderr.write(`\r\u001b[K${text}`),
  });
  if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
  const seconds = Math.round((performance.now() - startMs) / 1_000);
  process.stdout.write(`${JSON.stringify({ seed, seconds, ...result }, null, 2)}\n`);
  for (const failure of failures) process.stdout.write(`\nDID NOT HOLD: ${failure}\n`);
  return failures.length === 0 ? 0 : 1;
}

if (import.meta.main) process.exit(await runTool(usage, process.argv.slice(2), main));
