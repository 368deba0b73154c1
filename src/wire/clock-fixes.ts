import { arrayAt, integerAt } from "./check.ts";
import { limits } from "./units.ts";
import { WireError } from "./wire-error.ts";

/*
 * Where the monotonic clock of a host boot lies in the collector's time, as the agent learned it: each answer of the
 * collector bears its time, and the request left before and the answer came after it. So at the middle of the exchange
 * the collector's clock said `serverMs`, give or take half the round trip, whatever the wall clock of the board says.
 *
 *   "fixes": [[monoMs, serverMs, errorMs], …]      ascending in both, at most 32
 *
 * Between two fixes time runs straight from one to the other, before the first and after the last as fast as the
 * monotonic clock does. The agent adds a fix where the line no longer fits what it hears, and never changes the line
 * behind the last exchange: rounds of one boot keep their order.
 */
export type ClockFix = readonly [monoMs: number, serverMs: number, errorMs: number];

/** By how much a machine's clock may run wrong: what the kernel itself corrects at most (adjtimex), 500 ppm. */
export const maxDrift = 0.0005;
/**
 * By how much that rate itself may change between two fixes: a quartz of 32 kHz loses 0.035 ppm per square of a degree,
 * 20 ppm at 24 °C from where it was (data sheets of tuning-fork crystals); 50 ppm with room to spare.
 */
export const maxWander = 0.00005;

/** What may be sent of them; an agent keeps fewer. */
const maxFixes = 32;

export function parseFixes(field: string, value: unknown): ClockFix[] {
  const fixes = arrayAt(field, value, maxFixes).map((entry, index) => parseFix(`${field}[${index}]`, entry));
  if (fixes.length === 0) throw new WireError(field, "no entries", "at least one");
  for (const [index, [monoMs, serverMs]] of fixes.entries()) {
    const before = fixes[index - 1];
    if (before === undefined || (monoMs > before[0] && serverMs > before[1])) continue;
    throw new WireError(`${field}[${index}]`, `${monoMs}, ${serverMs}`, "later than the one before it");
  }
  return fixes;
}

function parseFix(field: string, value: unknown): ClockFix {
  const fix = arrayAt(field, value, 3);
  return [
    integerAt(`${field}[0]`, fix[0], 0, limits.monoMs),
    integerAt(`${field}[1]`, fix[1], limits.earliestWallMs, limits.latestMs),
    integerAt(`${field}[2]`, fix[2], 0, limits.monoMs),
  ];
}
