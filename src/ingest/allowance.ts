import type { AgentEvent } from "#wire/batch-v1.ts";
import type { Rounds } from "../series/series-store.ts";
import { IngestError } from "./ingest-error.ts";

/*
 * How much one agent may have stored. A batch is bounded by its bytes and requests by their rate, but that leaves room for
 * hundreds of millions of rounds a day: enough for one stolen box to fill the disk of the district and to keep the watch
 * busy with its events. Each agent has a bucket of rounds and one of events, which fill at a day's quota a day. What an SNMP
 * round or an event holds has no bound of its own, so that large ones count for several.
 */

export interface AllowanceOptions {
  /**
   * Rounds that an agent may have stored in a day; as many at once. Default of the configuration 5,000,000: 60 targets each
   * second, and three times what a spool holds of 30 days of 20 targets every 30 s. Some 75 to 100 MB on disk.
   */
  roundsPerDay: number;
  /** The same of events. Default of the configuration 50,000: 30 traps a minute, all day, from one source. */
  eventsPerDay: number;
  now: () => number;
}

export interface Allowance {
  /** Throws IngestError (429) while the agent has used up what it may have stored. */
  check(agent: string): void;
  /** Takes what was stored. A batch that is larger than what is left is stored all the same, and what follows waits longer. */
  charge(agent: string, rounds: number, events: number): void;
}

const dayMs = 86_400_000;
/** Of the values of an SNMP round, and of the text in them, what takes on the disk as much as an ICMP round does. */
const perRound = { values: 10, characters: 16 };
/** Text in the detail of an event that is no more than usual. */
const perEvent = { characters: 250 };

export function createAllowance({ roundsPerDay, eventsPerDay, now }: AllowanceOptions): Allowance {
  const buckets = new Map<string, { rounds: number; events: number; atMs: number }>();

  function filled(agent: string): { rounds: number; events: number; atMs: number } {
    const atMs = now();
    const before = buckets.get(agent);
    if (before === undefined) return { rounds: roundsPerDay, events: eventsPerDay, atMs };
    const share = Math.max(0, atMs - before.atMs) / dayMs;
    return {
      rounds: Math.min(roundsPerDay, before.rounds + share * roundsPerDay),
      events: Math.min(eventsPerDay, before.events + share * eventsPerDay),
      atMs,
    };
  }

  return {
    check(agent) {
      const { rounds, events } = filled(agent);
      if (rounds <= 0) throw spent("rounds", roundsPerDay, -rounds);
      if (events <= 0) throw spent("events", eventsPerDay, -events);
    },
    charge(agent, rounds, events) {
      const bucket = filled(agent);
      buckets.set(agent, { ...bucket, rounds: bucket.rounds - rounds, events: bucket.events - events });
    },
  };
}

/** Rounds as they count: an SNMP round of 40 counters for five. */
export function roundsLoad(rounds: readonly Rounds[]): number {
  let load = 0;
  for (const columns of rounds) {
    load += columns.timeMs.length;
    if (columns.kind !== "snmp") continue;
    for (const cells of Object.values(columns.values))
      for (const cell of cells)
        if (cell !== null)
          load += typeof cell === "string" ? cell.length / perRound.characters : 1 / perRound.values;
  }
  return load;
}

/** Events as they count: one with a long text for several. */
export function eventsLoad(events: readonly AgentEvent[]): number {
  return events.reduce((load, { detail }) => load + 1 + textOf(detail) / perEvent.characters, 0);
}

function textOf(detail: AgentEvent["detail"]): number {
  let characters = 0;
  for (const [name, value] of Object.entries(detail))
    characters += name.length + (typeof value === "string" ? value.length : 0);
  return characters;
}

function spent(what: string, quota: number, missing: number): IngestError {
  return new IngestError({
    code: "allowance",
    status: 429,
    title: "Too much",
    detail: `this agent had more than ${quota} ${what} stored in a day; nothing of this batch was stored`,
    // Until there is more than nothing, a minute at least: what is left over is not worth a request each second.
    retryAfterS: Math.max(60, Math.ceil(((missing / quota) * dayMs) / 1000)),
  });
}
