import { parseArgs } from "node:util";
import { tempDir } from "../support/temp-dir.ts";
import { runFuzz } from "./run-fuzz.ts";
import { openUnderFire } from "./under-fire.ts";

/*
 * npm run fuzz [-- --runs 100000 --seed 1 --config 'limits: …']: mutated batches and requests at a running collector. Ends
 * with 1 where something did not hold. --config: lines for sambung.yaml.
 */
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
  if (!Number.isInteger(runs) || runs < 1 || !Number.isInteger(seed)) {
    process.stderr.write("expected --runs, a whole number from 1, and --seed, a whole number\n");
    return 2;
  }
  using dir = tempDir();
  await using target = await openUnderFire(dir.path, values.config === "" ? "" : `${values.config}\n`);
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

if (import.meta.main) process.exit(await main(process.argv.slice(2)));
