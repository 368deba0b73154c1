import { arrayAt, booleanAt, integerAt, numberAt, objectAt, stringAt } from "./check.ts";
import { parseFixes } from "./clock-fixes.ts";
import type { ClockFix } from "./clock-fixes.ts";
import { idAllowed, idPattern, parseColumns } from "./rounds-v1.ts";
import type { RoundColumns } from "./rounds-v1.ts";
import { limits } from "./units.ts";
import { WireError } from "./wire-error.ts";

/*
 * Batch, version 1: what an agent sends with POST /api/v1/batches.
 *
 * { "v": 1,
 *   "agent": "ag_…",                      who, from enrolment
 *   "boot": "9f1c…",                      random id of this start of the agent program; one boot per batch
 *   "start": 7,                           number of that start, 1, 2, 3 …, so that starts have an order; optional
 *   "host": { "bootId", "uptimeS" },      the machine's own boot: a new one after a gap is what a power cut leaves
 *   "seq": 42,                            1, 2, 3 … per agent for ever; the collector stores each once
 *   "clock": { "wallMs", "monoMs", "synced",   one reading of both clocks in this boot
 *     "fixes" },                          where its monotonic clock lies in the collector's time: clock-fixes.ts; optional
 *   "ledger": { "produced", "thinned", "lost",   rounds since enrolment, those of this batch included
 *     "waiting", "oldestMs",              rounds left in the spool, and the age of the oldest; optional
 *     "sentBytes" },                      bytes on the wire since enrolment, both ways; optional
 *   "rounds": [ one object per target, columns of equal length ],
 *   "events": [ { "monoMs", "type", "detail" } ] }
 *
 * Rounds: rounds-v1.ts. None lies after clock.monoMs.
 */

export interface AgentEvent {
  monoMs: number;
  /** Dotted name, such as `agent.start`. */
  type: string;
  detail: Record<string, string | number | boolean | null>;
}

/**
 * Rounds since the agent was enrolled, this batch included: produced = those in batches + thinned + lost. A summary is one
 * round in a batch, and thins what was merged into it less one.
 */
export interface LedgerV1 {
  produced: number;
  thinned: number;
  lost: number;
  /** Optional. Rounds in the agent's spool that are not in this batch and not acknowledged. */
  waiting?: number;
  /** Optional. Age of the oldest of them, ms; left out where none waits. */
  oldestMs?: number;
  /** Optional. Bytes on the wire since enrolment, what TCP/IP and TLS add estimated. */
  sentBytes?: number;
}

export interface BatchV1 {
  v: 1;
  agent: string;
  boot: string;
  start?: number;
  host: { bootId: string; uptimeS: number };
  seq: number;
  clock: { wallMs: number; monoMs: number; synced: boolean; fixes?: readonly ClockFix[] };
  ledger: LedgerV1;
  rounds: RoundColumns[];
  events: AgentEvent[];
}

const counts = Number.MAX_SAFE_INTEGER;

/** Reads a decoded JSON document as a batch. Throws WireError at the first thing that is not as agreed. */
export function parseBatch(input: unknown): BatchV1 {
  const batch = objectAt("", input, [
    "v",
    "agent",
    "boot",
    "start",
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
  const parsed: BatchV1 = {
    v: 1,
    agent: stringAt("agent", batch.agent, idPattern, idAllowed),
    boot: stringAt("boot", batch.boot, idPattern, idAllowed),
    ...(batch.start === undefined ? {} : { start: integerAt("start", batch.start, 1, counts) }),
    host: {
      bootId: stringAt("host.bootId", host.bootId, idPattern, idAllowed),
      uptimeS: numberAt("host.uptimeS", host.uptimeS, 0, limits.monoMs / 1000),
    },
    seq: integerAt("seq", batch.seq, 1, counts),
    clock,
    ledger: parseLedger(batch.ledger),
    rounds: rounds.map((columns, index) => parseColumns(`rounds[${index}]`, columns, clock.monoMs)),
    events: events.map((event, index) => parseEvent(`events[${index}]`, event, clock.monoMs)),
  };
  refuseRepeatedTargets(parsed.rounds);
  return parsed;
}

/** How many rounds a batch carries. */
export function countRounds(batch: { rounds: readonly RoundColumns[] }): number {
  let rounds = 0;
  for (const columns of batch.rounds) rounds += columns.monoMs.length;
  return rounds;
}

/** Numbers that cannot be true together are for the collector's ledger to note: the rounds are good all the same. */
function parseLedger(value: unknown): LedgerV1 {
  const names = ["produced", "thinned", "lost"] as const;
  const optional = ["waiting", "oldestMs", "sentBytes"] as const;
  const ledger = objectAt("ledger", value, [...names, ...optional]);
  const read = (name: string) => integerAt(`ledger.${name}`, ledger[name], 0, counts);
  const parsed: LedgerV1 = { produced: read("produced"), thinned: read("thinned"), lost: read("lost") };
  for (const name of optional) if (ledger[name] !== undefined) parsed[name] = read(name);
  return parsed;
}

function parseClock(value: unknown): BatchV1["clock"] {
  const clock = objectAt("clock", value, ["wallMs", "monoMs", "synced", "fixes"]);
  const synced = booleanAt("clock.synced", clock.synced);
  // A clock that its own agent does not trust may say 1970; one that is said to be right may not.
  const earliest = synced ? limits.earliestWallMs : 0;
  return {
    wallMs: integerAt("clock.wallMs", clock.wallMs, earliest, limits.latestMs),
    monoMs: integerAt("clock.monoMs", clock.monoMs, 0, limits.monoMs),
    synced,
    ...(clock.fixes === undefined ? {} : { fixes: parseFixes("clock.fixes", clock.fixes) }),
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

function parseEvent(field: string, value: unknown, nowMonoMs: number): AgentEvent {
  const event = objectAt(field, value, ["monoMs", "type", "detail"]);
  const detail = event.detail;
  if (typeof detail !== "object" || detail === null || Array.isArray(detail)) {
    throw new WireError(`${field}.detail`, detail, "an object");
  }
  if (Object.keys(detail).length > 32)
    throw new WireError(`${field}.detail`, "more than 32 keys", "at most 32 keys");
  for (const [key, cell] of Object.entries(detail)) {
    if (key.length > limits.detailLength)
      throw new WireError(`${field}.detail`, key, `keys of at most ${limits.detailLength} characters`);
    if (!isDetail(cell))
      throw new WireError(
        `${field}.detail.${key}`,
        cell,
        `a string of at most ${limits.detailLength} characters, a number, true, false or null`,
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

const isDetail = (cell: unknown) =>
  cell === null ||
  typeof cell === "boolean" ||
  (typeof cell === "number" && Number.isFinite(cell)) ||
  (typeof cell === "string" && cell.length <= limits.detailLength);
