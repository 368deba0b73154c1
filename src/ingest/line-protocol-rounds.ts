import type { SnmpValue } from "#wire/rounds-v1.ts";
import type { Rounds } from "../series/series-store.ts";
import type { Point } from "./line-protocol.ts";
import { readPing, readPoll, readQuery } from "./line-protocol-rows.ts";
import type { DnsRow, IcmpRow, SnmpRow } from "./line-protocol-rows.ts";
import type { TelegrafTarget } from "./line-protocol-target.ts";

/** Rows by target key, then by moment, epoch ms. */
type Rows<Row> = Map<string, Map<number, Row>>;

export interface RoundsBuilder {
  /** Throws LineError, and has taken nothing of the line then. */
  add(target: TelegrafTarget, timeMs: number, point: Point): void;
  /** First and last moment; null: there is nothing. */
  range(): { keys: string[]; fromMs: number; toMs: number } | null;
  /**
   * Leaves out what is stored: Telegraf sends a write again whose answer it did not get, and cuts it otherwise then. What
   * came first stays. A poll comes as several lines, which two writes may share: of it the objects that are new remain.
   */
  leaveOut(stored: readonly Rounds[]): void;
  /** Ascending in time, one entry a target. */
  rounds(): Rounds[];
}

/** Gathers lines into rounds. A line that comes twice counts once. */
export function createRoundsBuilder(site: string): RoundsBuilder {
  const icmp: Rows<IcmpRow> = new Map();
  const dns: Rows<DnsRow> = new Map();
  const snmp: Rows<SnmpRow> = new Map();

  return {
    add(target, timeMs, point) {
      const key = `${site}/${target.id}`;
      switch (target.kind) {
        case "icmp":
          addRow(icmp, key, timeMs, readPing(point));
          break;
        case "dns":
          addRow(dns, key, timeMs, readQuery(point, target));
          break;
        case "snmp": {
          const read = readPoll(point);
          const row = addRow(snmp, key, timeMs, new Map());
          for (const [name, value] of read) setOnce(row, name, value);
          break;
        }
      }
    },
    range() {
      const filled = [...icmp, ...dns, ...snmp].filter(([, rows]) => rows.size > 0);
      if (filled.length === 0) return null;
      let fromMs = Infinity;
      let toMs = -Infinity;
      for (const [, rows] of filled) {
        for (const timeMs of rows.keys()) {
          fromMs = Math.min(fromMs, timeMs);
          toMs = Math.max(toMs, timeMs);
        }
      }
      return { keys: filled.map(([key]) => key), fromMs, toMs };
    },
    leaveOut(stored) {
      for (const { key, ...known } of stored) {
        if (known.kind === "snmp") dropCells(snmp.get(key), known.timeMs, known.values);
        const rows = known.kind === "icmp" ? icmp.get(key) : known.kind === "dns" ? dns.get(key) : undefined;
        for (const timeMs of known.timeMs) rows?.delete(timeMs);
      }
    },
    rounds: () => [...roundsOf(icmp, toIcmp), ...roundsOf(dns, toDns), ...roundsOf(snmp, toSnmp)],
  };
}

function addRow<Row>(rows: Rows<Row>, key: string, timeMs: number, row: Row): Row {
  return setOnce(setOnce(rows, key, new Map<number, Row>()), timeMs, row);
}

function setOnce<K, V>(map: Map<K, V>, key: K, value: V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  map.set(key, value);
  return value;
}

function dropCells(
  rows: Map<number, SnmpRow> | undefined,
  timeMs: readonly number[],
  values: Readonly<Record<string, SnmpValue[]>>,
): void {
  if (rows === undefined) return;
  for (const [place, ms] of timeMs.entries()) {
    const row = rows.get(ms);
    if (row === undefined) continue;
    for (const name of row.keys()) {
      const cell = values[name]?.[place];
      if (cell !== undefined && cell !== null) row.delete(name);
    }
    if (row.size === 0) rows.delete(ms);
  }
}

function roundsOf<Row>(
  rows: Rows<Row>,
  toRounds: (key: string, timeMs: number[], rows: Row[]) => Rounds,
): Rounds[] {
  return [...rows].flatMap(([key, byTime]) => {
    if (byTime.size === 0) return [];
    const timeMs = [...byTime.keys()].toSorted((a, b) => a - b);
    return [
      toRounds(
        key,
        timeMs,
        timeMs.map((ms) => byTime.get(ms)!),
      ),
    ];
  });
}

function toIcmp(key: string, timeMs: number[], rows: IcmpRow[]): Rounds {
  const unsent = rows.map((row) => row.unsent);
  return {
    key,
    kind: "icmp",
    timeMs,
    sent: rows.map(({ sent }) => sent),
    recv: rows.map(({ recv }) => recv),
    rttUs: rows.flatMap(({ rttUs }) => rttUs),
    ...(unsent.every((why) => why === null) ? {} : { unsent }),
  };
}

function toDns(key: string, timeMs: number[], rows: DnsRow[]): Rounds {
  return {
    key,
    kind: "dns",
    timeMs,
    ok: rows.map(({ ok }) => ok),
    rcode: rows.map(({ rcode }) => rcode),
    totalMs: rows.map(({ totalMs }) => totalMs),
  };
}

function toSnmp(key: string, timeMs: number[], rows: SnmpRow[]): Rounds {
  const names = new Set(rows.flatMap((row) => [...row.keys()]));
  const values: Record<string, SnmpValue[]> = {};
  for (const name of names) values[name] = rows.map((row) => row.get(name) ?? null);
  return { key, kind: "snmp", timeMs, ok: rows.map(() => 1 as const), values };
}
