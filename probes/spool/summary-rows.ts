import type { RoundColumns, SnmpValue } from "#wire/rounds-v1.ts";
import {
  badLossRatio,
  expandReplies,
  keepReplies,
  lossRatioOf,
  repliesKept,
  weakLossRatio,
} from "#wire/summary-v1.ts";
import { roundMs } from "#wire/units.ts";

type Cell = number | string | null;

/** A round, or what was merged into one, out of its columns. */
export interface Row {
  firstMs: number;
  merged: number;
  spanMs: number;
  /** Of every column but those above and the two below. */
  cells: Record<string, Cell>;
  /** icmp. */
  rttUs: number[];
  /** snmp. */
  values: Record<string, SnmpValue>;
}

/** Columns that only some rounds have anything to say in; left out where none has. */
const optional: readonly string[] = ["unsent", "lossRun", "why", "tlsError"];

export function* rowsOf(columns: RoundColumns): Generator<Row> {
  const named = Object.entries(columns).filter(
    ([name, cells]) => Array.isArray(cells) && !["monoMs", "merged", "spanMs", "rttUs"].includes(name),
  ) as [string, Cell[]][];
  let firstMs = 0;
  let replies = 0;
  for (const [index, step] of columns.monoMs.entries()) {
    firstMs += step;
    const merged = columns.merged?.[index] ?? 1;
    const row: Row = {
      firstMs,
      merged,
      spanMs: columns.spanMs?.[index] ?? 0,
      cells: Object.fromEntries(named.map(([name, cells]) => [name, cells[index]!])),
      rttUs: [],
      values: {},
    };
    if (columns.kind === "icmp") {
      const from = replies;
      replies += repliesKept(columns.recv[index]!, merged);
      row.rttUs = columns.rttUs.slice(from, replies);
    }
    if (columns.kind === "snmp")
      for (const [name, cells] of Object.entries(columns.values)) row.values[name] = cells[index]!;
    yield row;
  }
}

/** Rows of one target, ascending in time, at least one. */
export function columnsOf(target: string, kind: RoundColumns["kind"], rows: readonly Row[]): RoundColumns {
  const columns: Record<string, unknown> = { target, kind };
  columns["monoMs"] = rows.map(({ firstMs }, index) => firstMs - (rows[index - 1]?.firstMs ?? 0));
  for (const name of namesOf(rows.map(({ cells }) => cells))) {
    const cells = rows.map((row) => row.cells[name] ?? null);
    if (!optional.includes(name) || cells.some((cell) => cell !== null)) columns[name] = cells;
  }
  if (kind === "icmp") columns["rttUs"] = rows.flatMap(({ rttUs }) => rttUs);
  if (kind === "snmp") {
    const names = [...namesOf(rows.map(({ values }) => values))];
    columns["values"] = Object.fromEntries(
      names.map((name) => [name, rows.map(({ values }) => values[name] ?? null)]),
    );
  }
  if (rows.some(({ merged }) => merged > 1)) {
    columns["merged"] = rows.map(({ merged }) => merged);
    columns["spanMs"] = rows.map(({ spanMs }) => spanMs);
  }
  return columns as unknown as RoundColumns;
}

const namesOf = (objects: readonly object[]) => new Set(objects.flatMap((object) => Object.keys(object)));

/** What a round says of its target, as text: rounds may be merged where it is the same. See wire/summary-v1.ts. */
export function saying(kind: RoundColumns["kind"], { cells }: Row): string {
  const same = (...names: string[]) => names.map((name) => cells[name] ?? "").join(" ");
  switch (kind) {
    case "icmp":
      return `${lossOf(Number(cells["sent"]), Number(cells["recv"]))} ${same("unsent")}`;
    case "snmp":
      return same("ok", "why");
    case "http":
      return `${same("ok", "phase", "status", "tlsError")} ${cells["certExpiresS"] === null}`;
    case "dns":
      return same("ok", "rcode");
    case "tcp":
      return same("ok", "phase");
  }
}

function lossOf(sent: number, recv: number): "unsent" | "lost" | "bad" | "weak" | "good" {
  if (sent === 0) return "unsent";
  if (recv === 0) return "lost";
  const lossRatio = lossRatioOf(sent, recv);
  return lossRatio >= badLossRatio ? "bad" : lossRatio >= weakLossRatio ? "weak" : "good";
}

/** Makes one of rows that say the same, ascending in time. */
export function mergeRows(kind: RoundColumns["kind"], rows: readonly Row[]): Row {
  const first = rows[0]!;
  const last = rows.at(-1)!;
  if (rows.length === 1) return first;
  const row: Row = {
    firstMs: first.firstMs,
    merged: rows.reduce((sum, { merged }) => sum + merged, 0),
    spanMs: last.firstMs + last.spanMs - first.firstMs,
    cells: { ...first.cells },
    rttUs: [],
    values: last.values,
  };
  if (kind === "icmp") mergeEchoes(row, rows);
  for (const name of Object.keys(row.cells)) if (name.endsWith("Ms")) row.cells[name] = medianOf(rows, name);
  if (kind === "http")
    row.cells["certExpiresS"] = least(rows.map(({ cells }) => cells["certExpiresS"] ?? null));
  return row;
}

function mergeEchoes(row: Row, rows: readonly Row[]): void {
  const sum = (name: string) => rows.reduce((total, { cells }) => total + Number(cells[name]), 0);
  row.cells["sent"] = sum("sent");
  row.cells["recv"] = sum("recv");
  const replies = rows.flatMap(({ rttUs, cells }) => expandReplies(rttUs, Number(cells["recv"])));
  row.rttUs = keepReplies(replies.sort((a, b) => a - b));
  const longest = rows.map(longestLoss).reduce((a, b) => Math.max(a, b));
  row.cells["lossRun"] = longest === 0 ? null : longest;
}

/** A round as measured leaves its run of losses out where it is one, or all of them. */
function longestLoss({ cells, merged }: Row): number {
  const lost = Number(cells["sent"]) - Number(cells["recv"]);
  return Number(cells["lossRun"] ?? (merged === 1 ? lost : 0));
}

/** Each row weighs as many rounds as were merged into it; what was not measured weighs nothing. */
function medianOf(rows: readonly Row[], name: string): number | null {
  const measured = rows.flatMap(({ cells, merged }) => {
    const ms = cells[name] ?? null;
    return ms === null ? [] : [{ ms: Number(ms), merged }];
  });
  if (measured.length === 0) return null;
  measured.sort((a, b) => a.ms - b.ms);
  const half = measured.reduce((sum, { merged }) => sum + merged, 0) / 2;
  let below = 0;
  for (const [index, { ms, merged }] of measured.entries()) {
    below += merged;
    if (below > half) return ms;
    // Exactly half of them lie below: midway to the next, as with a list of even length.
    if (below === half) return roundMs((ms + measured[index + 1]!.ms) / 2);
  }
  return null;
}

function least(cells: readonly Cell[]): number | null {
  const numbers = cells.filter((cell) => cell !== null).map(Number);
  return numbers.length === 0 ? null : numbers.reduce((a, b) => Math.min(a, b));
}
