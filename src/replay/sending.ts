import type { ReplayRecord } from "./read-records.ts";
import { toldBy } from "./sayings.ts";
import type { Scenario } from "./scenario.ts";

/*
 * When the records come to the collector. Agents of a scenario send each round as it is taken; shipped ones collect their
 * rounds and send them each minute, and at once where a target stopped answering or answers again (probes/uplink.ts).
 */

/** A record, and when it comes, epoch ms; in the order in which they come. */
export type Sent = readonly [record: ReplayRecord, atMs: number];

export function* sendAtOnce(records: Iterable<ReplayRecord>): Generator<Sent> {
  for (const record of records) yield [record, record.arr * 1000];
}

/** What an agent holds back, and when it sends it at the latest. */
interface Held {
  records: ReplayRecord[];
  dueMs: number;
  /** Whether each of its targets answered in its last round. */
  answered: readonly boolean[];
  says: (record: ReplayRecord) => boolean[];
}

/** With every record that arrives in the scenario as one that its agent has taken then. `everyMs`: time between two reports. */
export function* sendEvery(
  records: Iterable<ReplayRecord>,
  everyMs: number,
  scenario: Scenario,
): Generator<Sent> {
  const agents = new Map<string, Held>();
  let nextMs = Infinity;

  function* sendDue(nowMs: number): Generator<Sent> {
    while (nextMs <= nowMs) {
      const atMs = nextMs;
      for (const held of agents.values()) if (held.dueMs === atMs) yield* send(held, atMs);
      nextMs = earliestDue();
    }
  }

  function* send(held: Held, atMs: number): Generator<Sent> {
    const { records: waiting } = held;
    held.records = [];
    held.dueMs = atMs + everyMs;
    for (const record of waiting) yield [record, atMs];
  }

  const earliestDue = () =>
    [...agents.values()].reduce((least, { dueMs }) => Math.min(least, dueMs), Infinity);

  for (const record of records) {
    const takenMs = record.arr * 1000;
    yield* sendDue(takenMs);
    let held = agents.get(record.a);
    if (held === undefined) {
      const told = toldBy(record.a, scenario);
      // Reports of all agents are spread over the time between two.
      const dueMs = takenMs + everyMs * ((agents.size * 0.618) % 1);
      const says = (one: ReplayRecord) => told.map(({ say }) => answers(say(one)));
      agents.set(record.a, (held = { records: [], dueMs, answered: says(record), says }));
      nextMs = Math.min(nextMs, dueMs);
    }
    held.records.push(record);
    const before = held.answered;
    held.answered = held.says(record);
    if (held.answered.every((is, place) => is === before[place])) continue;
    yield* send(held, takenMs);
    nextMs = earliestDue();
  }
  // What is held back at the end is sent as well.
  if (nextMs < Infinity) yield* sendDue(nextMs + everyMs);
}

/** 0: it says nothing of this target · 1, 2: echoes came back, or the check passed; sayings.ts. */
const answers = (said: number) => said <= 2;
