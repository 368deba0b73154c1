import { arrayAt, integerAt, join, objectAt, oneOfAt, stringAt } from "./check.ts";
import type { Fields } from "./check.ts";
import { parseSummaries, repliesKept } from "./summary-v1.ts";
import type { SummaryColumns } from "./summary-v1.ts";
import { limits } from "./units.ts";
import { WireError } from "./wire-error.ts";

/*
 * Rounds as they cross the network: one object per target, columns of equal length.
 *
 * monoMs: the first is the absolute monotonic time of the round's start in ms, each further one the difference to its
 * predecessor. They never go back.
 * rttUs (icmp): every reply, flat: recv[i] values for round i, ascending; µs, to 10 µs above 10 ms.
 * A column marked optional is left out where all its cells would be null, which is nearly always.
 * merged, spanMs: of rounds that a full spool merged, summary-v1.ts.
 */

export const phases = ["dns", "connect", "refused", "tls", "http", "body", "timeout"] as const;
/**
 * Where an HTTP or TCP check broke. `refused`: while connecting, by a word from the other end, so that the way to it stood ·
 * `connect`: without one. TCP knows `dns`, `connect`, `refused` and `timeout` alone.
 */
export type Phase = (typeof phases)[number];
const tcpPhases: readonly Phase[] = ["dns", "connect", "refused", "timeout"];

export const kinds = ["icmp", "snmp", "http", "dns", "tcp"] as const;
export type Kind = (typeof kinds)[number];

export const unsentReasons = ["route", "name", "local"] as const;
/**
 * Why echo requests of a round could not be sent. `route`: this machine has no way to the address, so that nothing can
 * pass · `name`: the name did not resolve · `local`: no permission, no socket, no memory. None of them counts as lost.
 */
export type Unsent = (typeof unsentReasons)[number];

export const snmpFailures = [
  "name",
  "route",
  "refused",
  "timeout",
  "auth",
  "engine",
  "garbage",
  "loop",
  "truncated",
  "error",
] as const;
/**
 * Why a poll gave no, or not all, values. `refused`: nothing listens on the port · `timeout`: silence, which is also
 * what a wrong community or privacy key gets · `auth`: the device does not accept user, key or level · `engine`: its
 * engine time cannot be agreed on · `garbage`: an answer that is no SNMP, or not to the question · `loop`: a walk that
 * does not go forward · `truncated`: the device stopped half-way, or has more objects than a poll may read · `error`: an
 * error status for everything asked.
 */
export type SnmpFailure = (typeof snmpFailures)[number];

type Ok = 0 | 1;
/** What an SNMP poll may return for one object. Whole numbers above 2^53 travel as decimal strings. */
export type SnmpValue = number | string | null;

export interface IcmpColumns extends SummaryColumns {
  target: string;
  kind: "icmp";
  monoMs: number[];
  /**
   * Echo requests sent per round, in all of them where several are merged; 0 when none could be (no route, no such name,
   * no socket): *not measured*, not *lost*.
   */
  sent: number[];
  recv: number[];
  rttUs: number[];
  /** Optional. Why echo requests were not sent, of rounds in which that happened; `sent` counts those that were. */
  unsent?: (Unsent | null)[];
  /**
   * Optional. Longest run of consecutive lost echoes, where `sent` and `recv` leave it open: at least two lost and one
   * answered.
   */
  lossRun?: (number | null)[];
}

export interface SnmpColumns extends SummaryColumns {
  target: string;
  kind: "snmp";
  monoMs: number[];
  ok: Ok[];
  /** One column per object name, such as `sysUpTime` or `ifHCInOctets.2`. */
  values: Record<string, SnmpValue[]>;
  /** Optional. What kept the poll from being whole; ok may be 1 beside it, where some objects were read. */
  why?: (SnmpFailure | null)[];
}

export interface HttpColumns extends SummaryColumns {
  target: string;
  kind: "http";
  monoMs: number[];
  ok: Ok[];
  /** null when the check passed. */
  phase: (Phase | null)[];
  status: (number | null)[];
  dnsMs: (number | null)[];
  connectMs: (number | null)[];
  tlsMs: (number | null)[];
  ttfbMs: (number | null)[];
  totalMs: (number | null)[];
  /** Seconds until the earliest certificate of the chain expires; negative when it has. */
  certExpiresS: (number | null)[];
  /** Optional. What is wrong with the certificate chain: OpenSSL's name, such as CERT_HAS_EXPIRED. */
  tlsError?: (string | null)[];
}

export interface DnsColumns extends SummaryColumns {
  target: string;
  kind: "dns";
  monoMs: number[];
  ok: Ok[];
  /** Name of the response code, such as NOERROR or NXDOMAIN; null when nothing answered. */
  rcode: (string | null)[];
  totalMs: (number | null)[];
}

export interface TcpColumns extends SummaryColumns {
  target: string;
  kind: "tcp";
  monoMs: number[];
  ok: Ok[];
  /** null when the connection stood. */
  phase: (Phase | null)[];
  /** Time to the connection, the look-up of the name not included. */
  connectMs: (number | null)[];
}

export type RoundColumns = IcmpColumns | SnmpColumns | HttpColumns | DnsColumns | TcpColumns;

export const idPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
export const idAllowed = "1 to 64 letters, digits, '.', '_' or '-'";
const summaryNames = ["merged", "spanMs"];

/** Reads the rounds of one target; none may lie after `nowMonoMs`. Throws WireError. */
export function parseColumns(field: string, value: unknown, nowMonoMs: number): RoundColumns {
  if (typeof value !== "object" || value === null) throw new WireError(field, value, "an object");
  const kind = oneOfAt(join(field, "kind"), (value as Fields).kind, kinds);
  switch (kind) {
    case "icmp":
      return parseIcmp(field, value, nowMonoMs);
    case "snmp":
      return parseSnmp(field, value, nowMonoMs);
    case "http":
      return parseHttp(field, value, nowMonoMs);
    case "dns":
      return parseDns(field, value, nowMonoMs);
    case "tcp":
      return parseTcp(field, value, nowMonoMs);
  }
}

function parseIcmp(field: string, value: unknown, nowMonoMs: number): IcmpColumns {
  const columns = objectAt(field, value, [
    "target",
    "kind",
    "monoMs",
    "sent",
    "recv",
    "rttUs",
    "unsent",
    "lossRun",
    ...summaryNames,
  ]);
  const monoMs = parseTimes(field, columns.monoMs, nowMonoMs);
  const summaries = parseSummaries(field, columns, monoMs, nowMonoMs);
  const { merged } = summaries;
  const sent = column(field, "sent", columns.sent, monoMs.length) as number[];
  const recv = column(field, "recv", columns.recv, monoMs.length) as number[];
  let replies = 0;
  for (let i = 0; i < monoMs.length; i++) {
    const most = limits.echoesPerRound * (merged?.[i] ?? 1);
    if (!isWhole(sent[i], 0, most)) integerAt(`${field}.sent[${i}]`, sent[i], 0, most);
    if (!isWhole(recv[i], 0, sent[i]!)) integerAt(`${field}.recv[${i}]`, recv[i], 0, sent[i]!);
    replies += repliesKept(recv[i]!, merged?.[i] ?? 1);
  }
  const rttUs = column(field, "rttUs", columns.rttUs, replies) as number[];
  let at = 0;
  for (const [i, received] of recv.entries()) {
    let previous = 0;
    for (const end = at + repliesKept(received, merged?.[i] ?? 1); at < end; at++) {
      if (!isWhole(rttUs[at], previous, limits.rttUs))
        integerAt(`${field}.rttUs[${at}]`, rttUs[at], previous, limits.rttUs);
      previous = rttUs[at]!;
    }
  }
  const unsent = optionalCells<Unsent>(
    `${field}.unsent`,
    columns.unsent,
    monoMs.length,
    isUnsent,
    `null or one of ${unsentReasons.join(", ")}`,
  );
  const lossRun = optionalCells<number>(
    `${field}.lossRun`,
    columns.lossRun,
    monoMs.length,
    isLossRun,
    `null or a whole number from 1 to ${limits.echoesPerRound}`,
  );
  for (const [i, run] of (lossRun ?? []).entries()) {
    if (run !== null) integerAt(`${field}.lossRun[${i}]`, run, 1, sent[i]! - recv[i]!);
  }
  return {
    target: target(field, columns),
    kind: "icmp",
    monoMs,
    sent,
    recv,
    rttUs,
    ...(unsent === null ? {} : { unsent }),
    ...(lossRun === null ? {} : { lossRun }),
    ...summaries,
  };
}

/** Name of what an SNMP poll reads, in rounds and where it is asked for. */
export const objectName = /^[A-Za-z][A-Za-z0-9]*(\.[A-Za-z0-9.]+)?$/;
export const objectNameAt = (field: string, name: string): string =>
  stringAt(field, name, objectName, "an object name such as ifHCInOctets.2");

function parseSnmp(field: string, value: unknown, nowMonoMs: number): SnmpColumns {
  const columns = objectAt(field, value, [
    "target",
    "kind",
    "monoMs",
    "ok",
    "values",
    "why",
    ...summaryNames,
  ]);
  const monoMs = parseTimes(field, columns.monoMs, nowMonoMs);
  const values: Record<string, SnmpValue[]> = {};
  const given = columns.values;
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new WireError(`${field}.values`, given, "an object of columns");
  }
  for (const [name, cells] of Object.entries(given)) {
    const at = `${field}.values.${name}`;
    objectNameAt(at, name);
    values[name] = cellsOf<SnmpValue>(
      at,
      cells,
      monoMs.length,
      isSnmpValue,
      "a finite number, a string of at most 255 characters, or null",
    );
  }
  const why = optionalCells<SnmpFailure>(
    `${field}.why`,
    columns.why,
    monoMs.length,
    isSnmpFailure,
    `null or one of ${snmpFailures.join(", ")}`,
  );
  return {
    target: target(field, columns),
    kind: "snmp",
    monoMs,
    ok: okColumn(field, columns.ok, monoMs.length),
    values,
    ...(why === null ? {} : { why }),
    ...parseSummaries(field, columns, monoMs, nowMonoMs),
  };
}

function parseHttp(field: string, value: unknown, nowMonoMs: number): HttpColumns {
  const columns = objectAt(field, value, [
    "target",
    "kind",
    "monoMs",
    "ok",
    "phase",
    "status",
    "dnsMs",
    "connectMs",
    "tlsMs",
    "ttfbMs",
    "totalMs",
    "certExpiresS",
    "tlsError",
    ...summaryNames,
  ]);
  const monoMs = parseTimes(field, columns.monoMs, nowMonoMs);
  const rows = monoMs.length;
  const ok = okColumn(field, columns.ok, rows);
  const phase = phaseColumn(field, columns.phase, ok);
  const tlsError = optionalCells<string>(
    `${field}.tlsError`,
    columns.tlsError,
    rows,
    isTlsError,
    "null or a name in capitals such as CERT_HAS_EXPIRED",
  );
  return {
    target: target(field, columns),
    kind: "http",
    monoMs,
    ok,
    phase,
    status: cellsOf(`${field}.status`, columns.status, rows, isStatus, "null or a status from 100 to 599"),
    dnsMs: durations(field, "dnsMs", columns, rows),
    connectMs: durations(field, "connectMs", columns, rows),
    tlsMs: durations(field, "tlsMs", columns, rows),
    ttfbMs: durations(field, "ttfbMs", columns, rows),
    totalMs: durations(field, "totalMs", columns, rows),
    certExpiresS: cellsOf(
      `${field}.certExpiresS`,
      columns.certExpiresS,
      rows,
      isNullableInteger,
      "null or whole seconds",
    ),
    ...(tlsError === null ? {} : { tlsError }),
    ...parseSummaries(field, columns, monoMs, nowMonoMs),
  };
}

function parseDns(field: string, value: unknown, nowMonoMs: number): DnsColumns {
  const columns = objectAt(field, value, [
    "target",
    "kind",
    "monoMs",
    "ok",
    "rcode",
    "totalMs",
    ...summaryNames,
  ]);
  const monoMs = parseTimes(field, columns.monoMs, nowMonoMs);
  const rows = monoMs.length;
  return {
    target: target(field, columns),
    kind: "dns",
    monoMs,
    ok: okColumn(field, columns.ok, rows),
    rcode: cellsOf(`${field}.rcode`, columns.rcode, rows, isRcode, "null or the name of a response code"),
    totalMs: durations(field, "totalMs", columns, rows),
    ...parseSummaries(field, columns, monoMs, nowMonoMs),
  };
}

function parseTcp(field: string, value: unknown, nowMonoMs: number): TcpColumns {
  const columns = objectAt(field, value, [
    "target",
    "kind",
    "monoMs",
    "ok",
    "phase",
    "connectMs",
    ...summaryNames,
  ]);
  const monoMs = parseTimes(field, columns.monoMs, nowMonoMs);
  const ok = okColumn(field, columns.ok, monoMs.length);
  return {
    target: target(field, columns),
    kind: "tcp",
    monoMs,
    ok,
    phase: phaseColumn(field, columns.phase, ok, tcpPhases),
    connectMs: durations(field, "connectMs", columns, monoMs.length),
    ...parseSummaries(field, columns, monoMs, nowMonoMs),
  };
}

function target(field: string, columns: Fields): string {
  return stringAt(`${field}.target`, columns.target, idPattern, idAllowed);
}

/** Times of a target's rounds: first absolute, then differences; the last must not lie after the clock reading. */
function parseTimes(field: string, value: unknown, nowMonoMs: number): number[] {
  const times = arrayAt(`${field}.monoMs`, value, limits.roundsPerTarget);
  if (times.length === 0) throw new WireError(`${field}.monoMs`, times, "at least one round");
  let at = 0;
  for (let i = 0; i < times.length; i++) {
    const ms = times[i] as number;
    if (!isWhole(ms, 0, limits.monoMs)) integerAt(`${field}.monoMs[${i}]`, ms, 0, limits.monoMs);
    at += ms;
  }
  if (at > nowMonoMs) throw new WireError(`${field}.monoMs`, at, `no round after clock.monoMs, ${nowMonoMs}`);
  return times as number[];
}

function column(field: string, name: string, value: unknown, length: number): unknown[] {
  const cells = arrayAt(`${field}.${name}`, value, limits.roundsPerTarget * 10);
  if (cells.length !== length)
    throw new WireError(
      `${field}.${name}`,
      `${cells.length} values`,
      `${length} values, as its neighbours have`,
    );
  return cells;
}

function cellsOf<T>(
  field: string,
  value: unknown,
  length: number,
  fits: (cell: unknown) => boolean,
  allowed: string,
): T[] {
  const cells = arrayAt(field, value, limits.roundsPerTarget);
  if (cells.length !== length)
    throw new WireError(field, `${cells.length} values`, `${length} values, as its neighbours have`);
  for (let i = 0; i < length; i++) {
    if (!fits(cells[i])) throw new WireError(`${field}[${i}]`, cells[i], allowed);
  }
  return cells as T[];
}

function okColumn(field: string, value: unknown, length: number): Ok[] {
  return cellsOf<Ok>(`${field}.ok`, value, length, (cell) => cell === 0 || cell === 1, "0 or 1");
}

function durations(field: string, name: string, columns: Fields, length: number): (number | null)[] {
  return cellsOf(
    `${field}.${name}`,
    columns[name],
    length,
    isDuration,
    "null or milliseconds from 0 to 600000",
  );
}

function phaseColumn(
  field: string,
  value: unknown,
  ok: readonly Ok[],
  known: readonly Phase[] = phases,
): (Phase | null)[] {
  const allowed = `null or one of ${known.join(", ")}`;
  const isKnown = (cell: unknown) => cell === null || known.includes(cell as Phase);
  const phase = cellsOf<Phase | null>(`${field}.phase`, value, ok.length, isKnown, allowed);
  for (let i = 0; i < ok.length; i++) {
    if ((ok[i] === 1) !== (phase[i] === null)) {
      throw new WireError(
        `${field}.phase[${i}]`,
        phase[i],
        ok[i] === 1 ? "null where ok is 1" : "the failing phase where ok is 0",
      );
    }
  }
  return phase;
}

/** A column that may be left out, and is null then; so is one that says nothing. */
function optionalCells<T>(
  field: string,
  value: unknown,
  length: number,
  fits: (cell: unknown) => boolean,
  allowed: string,
): (T | null)[] | null {
  if (value === undefined) return null;
  const cells = cellsOf<T | null>(field, value, length, fits, allowed);
  return cells.every((cell) => cell === null) ? null : cells;
}

/** The cheap question of the hot loops: the text of an error is only made when there is one. */
const isWhole = (cell: unknown, min: number, max: number) =>
  Number.isInteger(cell) && (cell as number) >= min && (cell as number) <= max;
const isDuration = (cell: unknown) =>
  cell === null || (typeof cell === "number" && cell >= 0 && cell <= 600_000);
const isStatus = (cell: unknown) =>
  cell === null || (Number.isInteger(cell) && (cell as number) >= 100 && (cell as number) <= 599);
const isNullableInteger = (cell: unknown) => cell === null || Number.isSafeInteger(cell);
const isRcode = (cell: unknown) =>
  cell === null || (typeof cell === "string" && /^[A-Z0-9]{2,16}$/.test(cell));
/** Whether a batch may carry this as the value of an object. */
export const isSnmpValue = (cell: unknown): boolean =>
  cell === null ||
  (typeof cell === "number" && Number.isFinite(cell)) ||
  (typeof cell === "string" && cell.length <= 255);
const isUnsent = (cell: unknown) => cell === null || unsentReasons.includes(cell as Unsent);
const isLossRun = (cell: unknown) => cell === null || isWhole(cell, 1, limits.echoesPerRound);
const isSnmpFailure = (cell: unknown) => cell === null || snmpFailures.includes(cell as SnmpFailure);
const isTlsError = (cell: unknown) =>
  cell === null || (typeof cell === "string" && /^[A-Z][A-Z0-9_]{1,63}$/.test(cell));
