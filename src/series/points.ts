import type { Kind } from "#wire/rounds-v1.ts";
import { keptReplies } from "./join.ts";
import type { Rounds, RoundsOrigin } from "./series-store.ts";

/*
 * Rounds as points of a time-series engine, a point for each round, and back again, exactly.
 *
 *   measurement  sambung_<kind>
 *   tags         site · target · agent: who wrote it, since two agents may measure one target
 *   fields       icmp: sent, recv, rtt1 … rttN in µs, ascending; merged, spanMs of summaries; unsent, lossRun
 *                snmp: poll_ok, poll_why, poll_merged, poll_spanMs; objects as o_<name>, those with texts as o_<name>_text
 *                others: their columns by the names that they have in a batch
 *
 * A field that is null is not written. Whoever sends a batch chooses the names of objects: one that was called as a tag would
 * take its place in InfluxDB, for all rounds of the kind and for good, so that they have a prefix. They have no underscore.
 */

export type FieldValue = { int: number } | { float: number } | { text: string };

export interface Point {
  measurement: string;
  tags: { site: string; target: string; agent: string };
  fields: [name: string, value: FieldValue][];
  timeMs: number;
  /** Number of the batch; and which of its points of the same target and millisecond this is, from 0. */
  seq: number;
  nth: number;
}

/** A point as it was read: its fields by their names. */
export interface PointRow {
  timeMs: number;
  fields: Readonly<Record<string, number | string | null>>;
}

export const measurementOf = (kind: Kind): string => `sambung_${kind}`;

/** Columns of a kind, and of what type; those of `optional` are there only where they say something. */
const columns = {
  icmp: { sent: "int", recv: "int" },
  snmp: { ok: "int" },
  http: {
    ok: "int",
    phase: "text",
    status: "int",
    dnsMs: "float",
    connectMs: "float",
    tlsMs: "float",
    ttfbMs: "float",
    totalMs: "float",
    certExpiresS: "int",
  },
  dns: { ok: "int", rcode: "text", totalMs: "float" },
  tcp: { ok: "int", phase: "text", connectMs: "float" },
} as const satisfies Record<Kind, Record<string, "int" | "float" | "text">>;

const optional: Record<Kind, Record<string, "int" | "text">> = {
  icmp: { unsent: "text", lossRun: "int" },
  snmp: { why: "text" },
  http: { tlsError: "text" },
  dns: {},
  tcp: {},
};

const summaries = { merged: "int", spanMs: "int" } as const;
const objectPrefix = "o_";
const textSuffix = "_text";

const fieldName = (kind: Kind, column: string) => (kind === "snmp" ? `poll_${column}` : column);

const valueOf = (type: "int" | "float" | "text", cell: number | string): FieldValue =>
  typeof cell === "string" ? { text: cell } : type === "int" ? { int: cell } : { float: cell };

export function* pointsOf({ agent, seq }: RoundsOrigin, rounds: Rounds): Generator<Point> {
  const { key, kind, timeMs } = rounds;
  const slash = key.indexOf("/");
  const tags = { site: key.slice(0, slash), target: key.slice(slash + 1), agent };
  const named = Object.entries({ ...columns[kind], ...optional[kind], ...summaries }).flatMap(
    ([column, type]) => {
      const cells = (rounds as unknown as Record<string, (number | string | null)[] | undefined>)[column];
      return cells === undefined ? [] : [{ name: fieldName(kind, column), type, cells }];
    },
  );
  const replies = rounds.kind === "icmp" ? keptReplies(rounds) : [];
  const objects = rounds.kind === "snmp" ? Object.entries(rounds.values) : [];
  let reply = 0;
  let nth = 0;
  for (const [row, ms] of timeMs.entries()) {
    nth = row > 0 && timeMs[row - 1] === ms ? nth + 1 : 0;
    const fields: Point["fields"] = [];
    for (const { name, type, cells } of named) {
      const cell = cells[row]!;
      if (cell !== null) fields.push([name, valueOf(type, cell)]);
    }
    if (rounds.kind === "icmp")
      for (let at = 1; at <= replies[row]!; at++) fields.push([`rtt${at}`, { int: rounds.rttUs[reply++]! }]);
    for (const [name, cells] of objects) {
      const cell = cells[row]!;
      if (typeof cell === "number") fields.push([objectPrefix + name, { float: cell }]);
      else if (cell !== null) fields.push([objectPrefix + name + textSuffix, { text: cell }]);
    }
    yield { measurement: measurementOf(kind), tags, fields, timeMs: ms, seq, nth };
  }
}

/** Rows of one target, ascending in time; null of none. */
export function roundsOfPoints(key: string, kind: Kind, rows: readonly PointRow[]): Rounds | null {
  if (rows.length === 0) return null;
  const cells = (column: string) => rows.map(({ fields }) => fields[fieldName(kind, column)] ?? null);
  const made: Record<string, unknown> = { key, kind, timeMs: rows.map(({ timeMs }) => timeMs) };
  for (const column of Object.keys(columns[kind])) made[column] = cells(column);
  for (const column of Object.keys(optional[kind])) {
    const own = cells(column);
    if (own.some((cell) => cell !== null)) made[column] = own;
  }
  const merged = cells("merged");
  if (merged.some((cell) => cell !== null)) {
    made["merged"] = merged.map((cell) => cell ?? 1);
    made["spanMs"] = cells("spanMs").map((cell) => cell ?? 0);
  }
  if (kind === "icmp") made["rttUs"] = rows.flatMap(({ fields }) => repliesOf(fields));
  if (kind === "snmp") made["values"] = valuesOf(rows);
  return made as unknown as Rounds;
}

function repliesOf(fields: PointRow["fields"]): number[] {
  const replies: number[] = [];
  for (let at = 1; ; at++) {
    const us = fields[`rtt${at}`] ?? null;
    if (us === null) return replies;
    replies.push(us as number);
  }
}

function valuesOf(rows: readonly PointRow[]): Record<string, (number | string | null)[]> {
  const names = new Set<string>();
  for (const { fields } of rows)
    for (const [name, cell] of Object.entries(fields))
      if (cell !== null && name.startsWith(objectPrefix))
        names.add(name.slice(objectPrefix.length).replace(textSuffix, ""));
  return Object.fromEntries(
    [...names].map((name) => [
      name,
      rows.map(
        ({ fields }) => fields[objectPrefix + name] ?? fields[objectPrefix + name + textSuffix] ?? null,
      ),
    ]),
  );
}
