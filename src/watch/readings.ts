import { startsOf } from "#wire/summary-v1.ts";
import type { Rounds } from "../series/series-store.ts";

/** A signal as a radio or a satellite modem told it: epoch ms and dBm. */
export type Reading = readonly [ms: number, dbm: number];

/** Names under which the agent's profiles tell a received signal, the whole device's before that of one of its chains. */
const signalName = /^(signal|rssi|rsrp)Dbm(\.|$)/;

/** Adds the readings that SNMP rounds hold. A device with several signals is known by the first of them, by name. */
export function addReadings(readings: Reading[], rounds: Rounds, sinceMs = -Infinity): void {
  if (rounds.kind !== "snmp") return;
  const name = Object.keys(rounds.values)
    .filter((key) => signalName.test(key))
    .sort()[0];
  if (name === undefined) return;
  for (const [row, ms] of rounds.timeMs.entries()) {
    const dbm = rounds.values[name]![row];
    if (typeof dbm !== "number") continue;
    const merged = rounds.merged?.[row] ?? 1;
    for (const startMs of merged === 1 ? [ms] : startsOf(ms, merged, rounds.spanMs![row]!))
      if (startMs >= sinceMs) readings.push([startMs, dbm]);
  }
}
