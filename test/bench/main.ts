import { benchAnswers } from "./answers-bench.ts";
import { benchDisk } from "./disk-bench.ts";
import { benchIngest } from "./ingest-bench.ts";
import { benchMemory } from "./memory-bench.ts";
import { machineLine, showTable } from "./table.ts";
import type { Row } from "./table.ts";
import { benchWire } from "./wire-bench.ts";

/*
 * npm run bench [-- part …]: what the program costs, on this machine. Nothing here passes or fails: a figure that misses
 * its mark says so in the table. Measurements are made up where the cost does not depend on them; programs, files and
 * sockets are real.
 */
const parts: Record<string, () => Promise<Row[]>> = {
  ingest: benchIngest,
  wire: benchWire,
  disk: benchDisk,
  answers: benchAnswers,
  memory: benchMemory,
};

async function main(argv: readonly string[]): Promise<number> {
  const unknown = argv.filter((name) => parts[name] === undefined);
  if (unknown.length > 0) {
    process.stderr.write(
      `${unknown.join(", ")}: no such part; expected some of ${Object.keys(parts).join(", ")}\n`,
    );
    return 2;
  }
  const rows: Row[] = [];
  for (const name of argv.length > 0 ? argv : Object.keys(parts)) {
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${name} …`);
    rows.push(...(await parts[name]!()));
  }
  if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
  process.stdout.write(`${showTable(rows)}\n\n${machineLine()}\n`);
  return 0;
}

if (import.meta.main) process.exit(await main(process.argv.slice(2)));
