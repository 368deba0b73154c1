import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { format, quantile } from "../bench/table.ts";
import { runTool } from "../tools/run-tool.ts";
import { compare, judgeTraces } from "./judge-traces.ts";
import { readAtlas, readLoss, readValues } from "./read-traces.ts";
import type { Trace } from "./read-traces.ts";

const readers: Record<string, (text: string, file: string) => Trace[]> = {
  "rs_5min_losspct.csv": readLoss,
  "starlink_atlas_ping_24h.csv": readAtlas,
  "nab_ec2_request_latency_system_failure.csv": readValues,
};

const usage = `npm run traces -- --folder FOLDER

The detector over real traces, against their runs of total loss. Reads what is there of these files, and leaves out the rest
by name:
${Object.keys(readers)
  .map((name) => `  ${name}`)
  .join("\n")}

Exit codes: 0 judged, 1 none of them is there, 2 wrong usage.
`;

function showTraces(path: string, read: (text: string, file: string) => Trace[]): string {
  const verdict = compare(judgeTraces(read(readFileSync(path, "utf8"), basename(path))));
  const partial = (100 * verdict.partialSamples) / Math.max(1, verdict.samples);
  const edges =
    verdict.edgesS.length === 0
      ? "none"
      : `median ${format(quantile(verdict.edgesS, 0.5))} s, most ${format(quantile(verdict.edgesS, 1))} s`;
  return [
    basename(path),
    `  traces                                     ${verdict.traces}, never answered: ${verdict.neverAnswered.join(", ") || "none"}`,
    `  samples of those that answered             ${verdict.samples}, partial loss ${format(partial)} %`,
    `  runs of total loss, two samples or more    ${verdict.lossRuns}, found ${verdict.found}`,
    `  runs of a single sample                    ${verdict.singles}, told as an outage ${verdict.singlesFound}`,
    `  outages                                    ${verdict.outages}, without a sample of total loss ${verdict.withoutTotalLoss}`,
    `  flaps: begun within 3 samples of an end    ${verdict.flaps}`,
    `  partial samples within an outage           ${verdict.partialInside}`,
    `  edges against the run's                    ${edges}`,
  ].join("\n");
}

function main(argv: readonly string[]): number {
  const { values } = parseArgs({ args: [...argv], options: { folder: { type: "string" } } });
  const { folder } = values;
  if (folder === undefined || !existsSync(folder)) {
    process.stderr.write(
      `--folder ${folder ?? "is missing"}: expected the folder of the traces, with some of ${Object.keys(readers).join(", ")}\n`,
    );
    return 2;
  }
  const found = Object.entries(readers).filter(([name]) => existsSync(join(folder, name)));
  const missing = Object.keys(readers).filter((name) => !existsSync(join(folder, name)));
  for (const [name, read] of found) process.stdout.write(`${showTraces(join(folder, name), read)}\n\n`);
  if (missing.length > 0) process.stdout.write(`left out, not there: ${missing.join(", ")}\n`);
  return found.length > 0 ? 0 : 1;
}

if (import.meta.main) process.exit(await runTool(usage, process.argv.slice(2), async (argv) => main(argv)));
