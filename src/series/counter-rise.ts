import type { SnmpValue } from "#wire/rounds-v1.ts";
import type { SnmpRounds } from "./series-store.ts";

/*
 * The rate of a counter, and what a counter that fell means.
 *
 * A 32-bit octet counter passes zero every 5.7 minutes at 100 Mbit/s, and a device that restarts begins at zero: the
 * same fall, and very different traffic. Which it was is told by the sysUpTime of the same polls. Where it grew by the
 * time between the polls the counter wrapped, and the missing 2^32 is added. Where it fell, or was not read, or the
 * counter has 64 bits, which nobody's link fills, that piece is left out instead of guessed.
 */

/** sysUpTime and the poll's own time may differ by so much, ms: timers of small devices, and how long the poll took. */
const uptimeSlackMs = 30_000;
const wrap32 = 1n << 32n;
/** sysUpTime itself counts hundredths of a second in 32 bits and passes zero every 497 days. */
const uptimeWrapMs = 2 ** 32 * 10;

/** By how much a counter rose, and over which time; 0 ms where no two polls can be compared. */
export interface Rise {
  rise: number;
  overMs: number;
}

/**
 * The rise within rounds [from, to), the poll before them included. Parts of one summary are one poll, made at its end, so
 * that each step that it covers has the rise since the poll before it.
 */
export function counterRise(
  { values, timeMs, readMs = timeMs }: SnmpRounds & { readMs?: readonly number[] },
  name: string,
  step: { from: number; to: number },
): Rise {
  const cells = values[name];
  if (cells === undefined) return { rise: 0, overMs: 0 };
  const uptimes = values["sysUpTime"];
  let before: { value: bigint; atMs: number; uptimeMs: number | null } | null = null;
  let rise = 0n;
  let overMs = 0;
  // The poll before the step counts too, else a step as short as the interval would have no rate.
  let from = step.from - 1;
  while (from >= 0 && readMs[from] === readMs[step.from]) from--;
  for (let i = Math.max(0, from); i < step.to; i++) {
    const value = toCounter(cells[i] ?? null);
    if (value === null || before?.atMs === readMs[i]) continue;
    const now = { value, atMs: readMs[i]!, uptimeMs: toUptimeMs(uptimes?.[i] ?? null) };
    const difference = before === null ? null : differenceOf(before, now, name);
    if (before !== null && difference !== null) {
      rise += difference;
      overMs += now.atMs - before.atMs;
    }
    before = now;
  }
  return { rise: Number(rise), overMs };
}

interface Reading {
  value: bigint;
  atMs: number;
  uptimeMs: number | null;
}

function differenceOf(before: Reading, now: Reading, name: string): bigint | null {
  const ran = ranOn(before, now);
  // A device that restarted may have counted beyond its former value already.
  if (ran === false) return null;
  if (now.value >= before.value) return now.value - before.value;
  const has32Bits = !name.startsWith("ifHC") && before.value < wrap32;
  return ran === true && has32Bits ? now.value + wrap32 - before.value : null;
}

/** Whether the device ran on between two polls; null: it did not say. */
function ranOn(before: Reading, now: Reading): boolean | null {
  if (before.uptimeMs === null || now.uptimeMs === null) return null;
  const passedMs = now.atMs - before.atMs;
  const grownMs = now.uptimeMs - before.uptimeMs;
  return [grownMs, grownMs + uptimeWrapMs].some((ms) => Math.abs(ms - passedMs) <= uptimeSlackMs);
}

/** Counters above 2^53 travel as decimal strings; their differences are exact in bigint alone. */
function toCounter(cell: SnmpValue): bigint | null {
  if (typeof cell === "number") return Number.isInteger(cell) ? BigInt(cell) : null;
  return cell !== null && /^\d{1,20}$/.test(cell) ? BigInt(cell) : null;
}

function toUptimeMs(cell: SnmpValue): number | null {
  return typeof cell === "number" ? cell * 10 : null;
}
