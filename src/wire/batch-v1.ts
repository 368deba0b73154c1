import { arrayAt, booleanAt, integerAt, join, numberAt, objectAt, oneOfAt, stringAt } from "./check.ts";
import type { Fields } from "./check.ts";
import { limits } from "./units.ts";
import { WireError } from "./wire-error.ts";

/*
 * Batch, version 1: what an agent sends with POST /api/v1/batches.
 *
 * { "v": 1,
 *   "agent": "ag_…",                      who, from enrolment
 *   "boot": "9f1c…",                      random id of this start of the agent program; one boot per batch
 *   "host": { "bootId", "uptimeS" },      the machine's own boot: a new one after a gap is what a power cut leaves
 *   "seq": 42,                            1, 2, 3 … per agent for ever; the collector stores each once
 *   "clock": { "wallMs", "monoMs", "synced" },   one reading of both clocks in this boot
 *   "ledger": { "produced", "thinned", "lost" }, rounds since enrolment, those of this batch included
 *   "rounds": [ one object per target, columns of equal length ],
 *   "events": [ { "monoMs", "type", "detail" } ] }
 *
 * monoMs in rounds: the first is the absolute monotonic time of the round's start in ms, each further one the
 * difference to its predecessor. They never go back, and none lies after clock.monoMs.
 * rttUs (icmp): every reply, flat: recv[i] values for round i, ascending; µs, to 10 µs above 10 ms.
 */

export const phases = ["dns", "connect", "tls", "http", "body", "timeout"] as const;
/** Where an HTTP check broke. */
export type Phase = (typeof phases)[number];

export const kinds = ["icmp", "snmp", "http", "dns"] as const;
export type Kind = (typeof kinds)[number];

type Ok = 0 | 1;
/** What an SNMP poll may return for one object. Whole numbers above 2^53 travel as decimal strings. */
export type SnmpValue = number | string | null;

export interface IcmpColumns {
  target: string;
  kind: "icmp";
  monoMs: number[];
  /** Echo requests tried per round; 0 when the probe could not try (no socket, no such name): *not measured*, not *lost*. */
  sent: number[];
  recv: number[];
  rttUs: number[];
}

export interface SnmpColumns {
  target: string;
  kind: "snmp";
  monoMs: number[];
  ok: Ok[];
  /** One column per object name, such as `sysUpTime` or `ifHCInOctets.2`. */
  values: Record<string, SnmpValue[]>;
}

export interface HttpColumns {
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
}

export interface DnsColumns {
  target: string;
  kind: "dns";
  monoMs: number[];
  ok: Ok[];
  /** Name of the response code, such as NOERROR or NXDOMAIN; null when nothing answered. */
  rcode: (string | null)[];
  totalMs: (number | null)[];
}

export type RoundColumns = IcmpColumns | SnmpColumns | HttpColumns | DnsColumns;

export interface AgentEvent {
  monoMs: number;
  /** Dotted name, such as `agent.start`. */
  type: string;
  detail: Record<string, string | number | boolean | null>;
}

export interface BatchV1 {
  v: 1;
  agent: string;
  boot: string;
  host: { bootId: string; uptimeS: number };
  seq: number;
  clock: { wallMs: number; monoMs: number; synced: boolean };
  ledger: { produced: number; thinned: number; lost: number };
  rounds: RoundColumns[];
  events: AgentEvent[];
}

const idPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const idAllowed = "1 to 64 letters, digits, '.', '_' or '-'";
const counts = Number.MAX_SAFE_INTEGER;

/** Reads a decoded JSON document as a batch. Throws WireError at the first thing that is not as agreed. */
export function parseBatch(input: unknown): BatchV1 {
  const batch = objectAt("", input, [
    "v",
    "agent",
    "boot",
    "host",
    "seq",
    "clock",
    "ledger",
    "rounds",
    "events",
  ]);
  if (batch.v !== 1) throw new WireError("v", batch.v, "1");
  const clock = parseClock(batch.clock);
  const rounds = arrayAt("rounds", batch.rounds, limits.targetsPerBatch);
  const events = arrayAt("events", batch.events, limits.eventsPerBatch);
  const host = objectAt("host", batch.host, ["bootId", "uptimeS"]);
  const ledger = objectAt("ledger", batch.ledger, ["produced", "thinned", "lost"]);
  const parsed: BatchV1 = {
    v: 1,
    agent: stringAt("agent", batch.agent, idPattern, idAllowed),
    boot: stringAt("boot", batch.boot, idPattern, idAllowed),
    host: {
      bootId: stringAt("host.bootId", host.bootId, idPattern, idAllowed),
      uptimeS: numberAt("host.uptimeS", host.uptimeS, 0, limits.monoMs / 1000),
    },
    seq: integerAt("seq", batch.seq, 1, counts),
    clock,
    ledger: {
      produced: integerAt("ledger.produced", ledger.produced, 0, counts),
      thinned: integerAt("ledger.thinned", ledger.thinned, 0, counts),
      lost: integerAt("ledger.lost", ledger.lost, 0, counts),
    },
    rounds: rounds.map((columns, index) => parseColumns(`rounds[${index}]`, columns, clock.monoMs)),
    events: events.map((event, index) => parseEvent(`events[${index}]`, event, clock.monoMs)),
  };
  refuseRepeatedTargets(parsed.rounds);
  const inBatch = countRounds(parsed);
  const { produced, thinned, lost } = parsed.ledger;
  if (produced < inBatch + thinned + lost) {
    throw new WireError(
      "ledger.produced",
      produced,
      `at least the rounds of this batch with thinned and lost, ${inBatch + thinned + lost}`,
    );
  }
  return parsed;
}

/** How many rounds a batch carries. */
export function countRounds(batch: { rounds: readonly RoundColumns[] }): number {
  let rounds = 0;
  for (const columns of batch.rounds) rounds += columns.monoMs.length;
  return rounds;
}

function parseClock(value: unknown): BatchV1["clock"] {
  const clock = objectAt("clock", value, ["wallMs", "monoMs", "synced"]);
  const synced = booleanAt("clock.synced", clock.synced);
  // A clock that its own agent does not trust may say 1970; one that is said to be right may not.
  const earliest = synced ? limits.earliestWallMs : 0;
  return {
    wallMs: integerAt("clock.wallMs", clock.wallMs, earliest, 253_402_300_799_999),
    monoMs: integerAt("clock.monoMs", clock.monoMs, 0, limits.monoMs),
    synced,
  };
}

function refuseRepeatedTargets(rounds: readonly RoundColumns[]): void {
  const seen = new Set<string>();
  for (const [index, { target }] of rounds.entries()) {
    if (seen.has(target))
      throw new WireError(`rounds[${index}].target`, target, "each target once in a batch");
    seen.add(target);
  }
}

function parseColumns(field: string, value: unknown, nowMonoMs: number): RoundColumns {
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
  }
}

function parseIcmp(field: string, value: unknown, nowMonoMs: number): IcmpColumns {
  const columns = objectAt(field, value, ["target", "kind", "monoMs", "sent", "recv", "rttUs"]);
  const monoMs = parseTimes(field, columns.monoMs, nowMonoMs);
  const sent = column(field, "sent", columns.sent, monoMs.length) as number[];
  const recv = column(field, "recv", columns.recv, monoMs.length) as number[];
  let replies = 0;
  for (let i = 0; i < monoMs.length; i++) {
    if (!isWhole(sent[i], 0, limits.echoesPerRound))
      integerAt(`${field}.sent[${i}]`, sent[i], 0, limits.echoesPerRound);
    if (!isWhole(recv[i], 0, sent[i]!)) integerAt(`${field}.recv[${i}]`, recv[i], 0, sent[i]!);
    replies += recv[i]!;
  }
  const rttUs = column(field, "rttUs", columns.rttUs, replies) as number[];
  let at = 0;
  for (const received of recv) {
    let previous = 0;
    for (const end = at + received; at < end; at++) {
      if (!isWhole(rttUs[at], previous, limits.rttUs))
        integerAt(`${field}.rttUs[${at}]`, rttUs[at], previous, limits.rttUs);
      previous = rttUs[at]!;
    }
  }
  return {
    target: target(field, columns),
    kind: "icmp",
    monoMs,
    sent,
    recv,
    rttUs,
  };
}

function parseSnmp(field: string, value: unknown, nowMonoMs: number): SnmpColumns {
  const columns = objectAt(field, value, ["target", "kind", "monoMs", "ok", "values"]);
  const monoMs = parseTimes(field, columns.monoMs, nowMonoMs);
  const values: Record<string, SnmpValue[]> = {};
  const given = columns.values;
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new WireError(`${field}.values`, given, "an object of columns");
  }
  for (const [name, cells] of Object.entries(given)) {
    const at = `${field}.values.${name}`;
    stringAt(at, name, /^[A-Za-z][A-Za-z0-9]*(\.[A-Za-z0-9.]+)?$/, "an object name such as ifHCInOctets.2");
    values[name] = cellsOf<SnmpValue>(
      at,
      cells,
      monoMs.length,
      isSnmpValue,
      "a finite number, a string of at most 255 characters, or null",
    );
  }
  return {
    target: target(field, columns),
    kind: "snmp",
    monoMs,
    ok: okColumn(field, columns.ok, monoMs.length),
    values,
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
  ]);
  const monoMs = parseTimes(field, columns.monoMs, nowMonoMs);
  const rows = monoMs.length;
  const ok = okColumn(field, columns.ok, rows);
  const phase = cellsOf<Phase | null>(
    `${field}.phase`,
    columns.phase,
    rows,
    isPhase,
    `null or one of ${phases.join(", ")}`,
  );
  for (let i = 0; i < rows; i++) {
    if ((ok[i] === 1) !== (phase[i] === null)) {
      throw new WireError(
        `${field}.phase[${i}]`,
        phase[i],
        ok[i] === 1 ? "null where ok is 1" : "the failing phase where ok is 0",
      );
    }
  }
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
  };
}

function parseDns(field: string, value: unknown, nowMonoMs: number): DnsColumns {
  const columns = objectAt(field, value, ["target", "kind", "monoMs", "ok", "rcode", "totalMs"]);
  const monoMs = parseTimes(field, columns.monoMs, nowMonoMs);
  const rows = monoMs.length;
  return {
    target: target(field, columns),
    kind: "dns",
    monoMs,
    ok: okColumn(field, columns.ok, rows),
    rcode: cellsOf(`${field}.rcode`, columns.rcode, rows, isRcode, "null or the name of a response code"),
    totalMs: durations(field, "totalMs", columns, rows),
  };
}

function parseEvent(field: string, value: unknown, nowMonoMs: number): AgentEvent {
  const event = objectAt(field, value, ["monoMs", "type", "detail"]);
  const detail = event.detail;
  if (typeof detail !== "object" || detail === null || Array.isArray(detail)) {
    throw new WireError(`${field}.detail`, detail, "an object");
  }
  if (Object.keys(detail).length > 32)
    throw new WireError(`${field}.detail`, "more than 32 keys", "at most 32 keys");
  for (const [key, cell] of Object.entries(detail)) {
    if (!isDetail(cell))
      throw new WireError(
        `${field}.detail.${key}`,
        cell,
        "a string of at most 500 characters, a number, true, false or null",
      );
  }
  return {
    monoMs: integerAt(`${field}.monoMs`, event.monoMs, 0, nowMonoMs),
    type: stringAt(
      `${field}.type`,
      event.type,
      /^[a-z][a-zA-Z]*(\.[a-zA-Z]+){1,3}$/,
      "a dotted name such as agent.start",
    ),
    detail: detail as AgentEvent["detail"],
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

/** The cheap question of the hot loops: the text of an error is only made when there is one. */
const isWhole = (cell: unknown, min: number, max: number) =>
  Number.isInteger(cell) && (cell as number) >= min && (cell as number) <= max;
const isDuration = (cell: unknown) =>
  cell === null || (typeof cell === "number" && cell >= 0 && cell <= 600_000);
const isPhase = (cell: unknown) => cell === null || phases.includes(cell as Phase);
const isStatus = (cell: unknown) =>
  cell === null || (Number.isInteger(cell) && (cell as number) >= 100 && (cell as number) <= 599);
const isNullableInteger = (cell: unknown) => cell === null || Number.isSafeInteger(cell);
const isRcode = (cell: unknown) =>
  cell === null || (typeof cell === "string" && /^[A-Z0-9]{2,16}$/.test(cell));
const isSnmpValue = (cell: unknown) =>
  cell === null ||
  (typeof cell === "number" && Number.isFinite(cell)) ||
  (typeof cell === "string" && cell.length <= 255);
const isDetail = (cell: unknown) =>
  cell === null ||
  typeof cell === "boolean" ||
  (typeof cell === "number" && Number.isFinite(cell)) ||
  (typeof cell === "string" && cell.length <= 500);
