import type { BatchV1 } from "#wire/batch-v1.ts";
import type { ClockReading } from "../clock.ts";
import type { BootState, Book } from "./book.ts";

/** What lies in the spool beside one batch: rounds, and the age of the oldest, so that the collector can show it. */
export function backlogBeside(
  book: Book,
  seq: number,
  now: ClockReading & { hostBootId: string },
): Pick<BatchV1["ledger"], "waiting" | "oldestMs"> {
  const oldest = new Map<number, number>();
  let waiting = 0;
  for (const frame of book.frames) {
    if (frame.seq === seq || frame.rounds === 0) continue;
    waiting += frame.rounds;
    oldest.set(frame.boot, Math.min(oldest.get(frame.boot) ?? Infinity, frame.fromMonoMs));
  }
  if (waiting === 0) return { waiting };
  const ages = book.boots
    .filter(({ row }) => oldest.has(row))
    .map((boot) => ageMs(boot, oldest.get(boot.row)!, now));
  return { waiting, oldestMs: Math.max(0, ...ages) };
}

/**
 * Within a boot of the machine its monotonic clock tells. Of an earlier one the wall clock does, where it can be trusted
 * at both ends; else it is only known that it was before this boot.
 */
function ageMs(boot: BootState, fromMonoMs: number, now: ClockReading & { hostBootId: string }): number {
  if (boot.hostBootId === now.hostBootId) return now.monoMs - fromMonoMs;
  const isKnown = boot.synced && now.synced;
  return isKnown ? now.wallMs - (boot.wallMs - boot.monoMs + fromMonoMs) : now.monoMs;
}
