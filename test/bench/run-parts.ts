import { machineLine, showTable } from "./table.ts";
import type { Row } from "./table.ts";

/**
 * Runs the named parts of a benchmark, or all, and prints one table. Nothing here passes or fails: a figure that misses
 * its mark says so in the table. Resolves to the exit code.
 */
export async function runParts(
  parts: Record<string, () => Promise<Row[]>>,
  argv: readonly string[],
): Promise<number> {
  const names = Object.keys(parts).join(", ");
  if (argv.includes("--help")) {
    process.stdout.write(`A benchmark. Arguments: some of its parts (${names}); all where none is named.\n`);
    return 0;
  }
  const unknown = argv.filter((name) => parts[name] === undefined);
  if (unknown.length > 0) {
    process.stderr.write(`${unknown.join(", ")}: no such part; expected some of ${names}\n`);
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
