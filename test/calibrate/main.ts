import { parseArgs } from "node:util";
import type { Row } from "../bench/table.ts";
import { machineLine, showTable } from "../bench/table.ts";
import { runTool, ToolUsageError } from "../tools/run-tool.ts";
import { coverageRows, powerRows, sizeRows } from "./association-runs.ts";
import { complaintRows } from "./complaint-runs.ts";

const usage = `npm run calibrate -- [options]

Districts in which the truth is known, drawn from a seed, through the statistics of src/relation: how often the tests say what
is not so, how often the intervals hold the truth, and how often an effect is seen. ± is the Monte Carlo error.

  --worlds 1000   worlds without an effect, for sizes; half as many for each coverage and power
  --seed 1        of the first world
  --days 30,90    lengths of the window
  --parts size,power,coverage,complaints

Exit codes: 0 every mark is met, 1 one is not, 2 wrong usage.
`;

async function main(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      worlds: { type: "string", default: "1000" },
      seed: { type: "string", default: "1" },
      days: { type: "string", default: "30,90" },
      parts: { type: "string", default: "size,power,coverage,complaints" },
    },
  });
  const worlds = readWhole("worlds", values.worlds, 10);
  const seed = readWhole("seed", values.seed, 0);
  const days = values.days.split(",").map((text) => readWhole("days", text, 20));
  const half = { days, seed: seed + worlds, worlds: Math.ceil(worlds / 2) };
  const parts: Record<string, () => Row[]> = {
    size: () => sizeRows({ days, seed, worlds }),
    power: () => powerRows(half),
    coverage: () => coverageRows(half),
    complaints: () => complaintRows(worlds, seed),
  };
  const names = values.parts.split(",");
  for (const name of names)
    if (parts[name] === undefined)
      throw new ToolUsageError(`--parts ${name}: expected ${Object.keys(parts).join(", ")}`);
  print(`${machineLine()}; --worlds ${worlds} --seed ${seed} --days ${days.join(",")}`);
  let isMet = true;
  for (const name of names) {
    const startMs = performance.now();
    const rows = parts[name]!();
    isMet &&= rows.every(({ met }) => met !== false);
    print(`${name}, ${((performance.now() - startMs) / 1000).toFixed(0)} s\n${showTable(rows)}`);
  }
  return isMet ? 0 : 1;
}

function readWhole(name: string, text: string, least: number): number {
  if (!/^\d{1,9}$/.test(text) || Number(text) < least)
    throw new ToolUsageError(`--${name} ${text}: expected a whole number from ${least}`);
  return Number(text);
}

const print = (text: string) => void process.stdout.write(`${text}\n\n`);

if (import.meta.main) process.exit(await runTool(usage, process.argv.slice(2), main));
