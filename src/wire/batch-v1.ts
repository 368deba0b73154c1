import { arrayAt, booleanAt, integerAt, numberAt, objectAt, stringAt } from "./check.ts";
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
 *   "host": { "bootId", "uptimeS" },      the machine's own boot: a new one after a gap is what a power cut leaves
 *   "seq": 42,                            1, 2, 3 … per agent for ever; the collector stores each once
 *   "clock": { "wallMs", "monoMs", "synced" },   one reading of both clocks in this boot
 *   "ledger": { "produced", "thinned", "lost" }, rounds since enrolment, those of this batch included
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
