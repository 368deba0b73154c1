import { parseArgs } from "node:util";
import { fibre, vsat } from "../bench/rounds.ts";
import type { Path } from "../bench/rounds.ts";
import { machineLine, rowOf, showTable } from "../bench/table.ts";
import type { Row } from "../bench/table.ts";
import { runTool, ToolUsageError } from "../tools/run-tool.ts";
import { batchBytes } from "./batch-bytes.ts";
import { boundBytes } from "./rounds.ts";
import { runSlowLink } from "./run-slow-link.ts";

const usage = `npm run slow-link -- [fibre] [satellite] [--hours 72] [--seed 1]

A cut of so many hours at 20 targets every 30 s, then 64 kbit/s both ways with 700 ms and a reset a minute on average: how
soon the backlog is there, and what a round costs on the wire. Of the cut only the last three minutes are waited for; what was
measured before is put into the spool.

  fibre, satellite  what the replies look like; both where none is named
  --hours N         length of the cut
  --seed N          the same rounds and resets again

Nothing here passes or fails: a figure that misses its mark says so in the table.
Exit codes: 0 measured, 2 wrong usage.
`;

const paths: Record<string, { name: string; path: Path; hasMark: boolean }> = {
  fibre: { name: "fibre, 20 ms + 2 ms of queue", path: fibre, hasMark: true },
  satellite: { name: "satellite, 600 ms + 25 ms of queue", path: vsat, hasMark: false },
};

async function wireRows({ name, path, hasMark }: (typeof paths)[string]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [shape, queue, perBatch, batches, atMost] of [
    ["live, 100 rounds a batch", "live", 100, 100, 14],
    ["backlog, 5,000 a batch", "backlog", 5_000, 4, 11],
  ] as const) {
    const { ours, head, lineProtocol, json } = await batchBytes(path, queue, perBatch, batches);
    const mark = hasMark ? { atMost } : undefined;
    const label = `${name}, ${shape}:`;
    rows.push(rowOf(`${label} body`, ours, "B/round", mark));
    rows.push(rowOf(`${label} body, HTTP and TCP/IP`, ours + head, "B/round", mark));
    rows.push(rowOf(`${label} line protocol + gzip, body`, lineProtocol, "B/round"));
    rows.push(rowOf(`${label} JSON + gzip, body`, json, "B/round"));
  }
  rows.push(rowOf(`${name}: entropy of the replies alone`, boundBytes(path), "B/round"));
  return rows;
}

async function deliveryRows(
  { name, path }: (typeof paths)[string],
  { hours, seed }: { hours: number; seed: number },
): Promise<Row[]> {
  const result = await runSlowLink({
    path,
    hours,
    seed,
    bitsPerS: 64_000,
    roundTripMs: 700,
    resetEveryMs: 60_000,
    cutS: 180,
    intervalS: 30,
    reportIntervalS: 60,
    limitS: 3_600,
    onStep: (text) => process.stderr.isTTY && process.stderr.write(`\r\u001b[K${name}: ${text}`),
  });
  const { backlogRounds, liveRounds, up, down } = result;
  const label = `${name}, ${hours} h cut:`;
  const perRound = (bytes: number) => bytes / (backlogRounds + liveRounds);
  return [
    rowOf(`${label} live picture back after`, result.liveS, "s", { atMost: 15 }),
    rowOf(`${label} backlog delivered after`, result.doneS / 60, "min", { atMost: 20 }),
    rowOf(`${label} rounds of the backlog`, backlogRounds, ""),
    rowOf(`${label} of them not stored, or twice`, Math.abs(backlogRounds - result.backlogEchoes / 5), "", {
      atMost: 0,
    }),
    rowOf(`${label} open or lost in the ledger`, result.openRounds + result.lostRounds, "", { atMost: 0 }),
    rowOf(`${label} all sent up, resets and TCP/IP included`, perRound(up.wire), "B/round"),
    rowOf(`${label} all that came down`, perRound(down.wire), "B/round"),
    rowOf(`${label} connections; reset under way`, result.connections, `; ${result.resets}`),
  ];
}

async function main(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: { hours: { type: "string", default: "72" }, seed: { type: "string", default: "1" } },
    allowPositionals: true,
  });
  const [hours, seed] = [Number(values.hours), Number(values.seed)];
  const unknown = positionals.filter((name) => paths[name] === undefined);
  if (unknown.length > 0)
    throw new ToolUsageError(`${unknown.join(", ")}: expected some of ${Object.keys(paths).join(", ")}`);
  if (!(hours > 0))
    throw new ToolUsageError(`--hours: ${values.hours} is not allowed; expected a number above 0`);
  if (!Number.isInteger(seed))
    throw new ToolUsageError(`--seed: ${values.seed} is not allowed; expected a whole number`);
  const chosen = Object.entries(paths).filter(
    ([name]) => positionals.length === 0 || positionals.includes(name),
  );
  const rows: Row[] = [];
  for (const [, path] of chosen) rows.push(...(await wireRows(path)));
  for (const [, path] of chosen) rows.push(...(await deliveryRows(path, { hours, seed })));
  if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
  process.stdout.write(`${showTable(rows)}\n\n${machineLine()}\n`);
  return 0;
}

if (import.meta.main) process.exit(await runTool(usage, process.argv.slice(2), main));
