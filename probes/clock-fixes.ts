import { maxDrift, maxWander } from "#wire/clock-fixes.ts";
import type { ClockFix } from "#wire/clock-fixes.ts";

/*
 * The line from this boot's monotonic clock to the collector's, kept as few fixes: wire/clock-fixes.ts. While what is
 * heard fits the line, only its last fix moves along; where it does not, the line turns there.
 */

/** Fixes that are kept. A steady clock needs two, one that drifts by 100 ppm some more in a day. */
const maxKept = 16;

/** The fixes with one more exchange in them. */
export function addFix(fixes: readonly ClockFix[], fix: ClockFix): readonly ClockFix[] {
  const last = fixes.at(-1);
  if (last === undefined) return [fix];
  const [monoMs, serverMs, errorMs] = fix;
  if (monoMs <= last[0]) return fixes;
  const predictedMs = last[1] + (monoMs - last[0]);
  const apartMs = Math.abs(predictedMs - serverMs);
  if (apartMs <= errorMs) {
    const drifted = Math.ceil(last[2] + (monoMs - last[0]) * maxDrift);
    const end: ClockFix = [monoMs, predictedMs, Math.min(errorMs + apartMs, drifted)];
    return thin([...(isStraight(fixes) ? fixes.slice(0, -1) : fixes), end]);
  }
  // The collector's own clock was set back: what it said before counts no more.
  if (serverMs <= last[1]) return [fix];
  return thin([...fixes, fix]);
}

/** Whether the last fix only prolongs the line as the monotonic clock does. */
function isStraight(fixes: readonly ClockFix[]): boolean {
  const [before, last] = [fixes.at(-2), fixes.at(-1)];
  return before !== undefined && last !== undefined && last[1] - before[1] === last[0] - before[0];
}

/**
 * Leaves out fixes until few are left: first those that a steady clock explains without them, where they lie closest
 * together, then the one that the line misses least, whose neighbours are as wrong as that from there on.
 */
export function thin(fixes: readonly ClockFix[], most = maxKept): readonly ClockFix[] {
  if (fixes.length <= most) return fixes;
  let least = { index: 0, missMs: Infinity, gapMs: Infinity };
  for (let index = 1; index < fixes.length - 1; index++) {
    const found = { index, ...missOf(fixes[index - 1]!, fixes[index]!, fixes[index + 1]!) };
    const isLess =
      found.missMs < least.missMs || (found.missMs === least.missMs && found.gapMs < least.gapMs);
    if (isLess) least = found;
  }
  const left = fixes.flatMap((fix, index): ClockFix[] => {
    if (index === least.index) return [];
    const isBeside = Math.abs(index - least.index) === 1;
    return [isBeside ? [fix[0], fix[1], Math.max(fix[2], Math.ceil(least.missMs))] : fix];
  });
  return thin(left, most);
}

/** How wrong the line may be without a fix; 0: it is no more than what the rate of a clock may change between fixes. */
function missOf(before: ClockFix, fix: ClockFix, after: ClockFix): { missMs: number; gapMs: number } {
  const gapMs = after[0] - before[0];
  const share = (fix[0] - before[0]) / gapMs;
  const apartMs = Math.abs(before[1] + (after[1] - before[1]) * share - fix[1]);
  const nearerMs = Math.min(fix[0] - before[0], after[0] - fix[0]);
  const explainedMs = before[2] + (after[2] - before[2]) * share + nearerMs * maxWander;
  return { missMs: apartMs <= fix[2] + explainedMs ? 0 : apartMs + fix[2], gapMs };
}

/** Those that a batch needs whose rounds lie in this range: the fixes within it and the nearest on either side. */
export function fixesFor(
  fixes: readonly ClockFix[],
  range: { fromMonoMs: number; toMonoMs: number },
): readonly ClockFix[] {
  const from = fixes.findLastIndex(([monoMs]) => monoMs <= range.fromMonoMs);
  const to = fixes.findIndex(([monoMs]) => monoMs >= range.toMonoMs);
  return fixes.slice(Math.max(0, from), to === -1 ? undefined : to + 1);
}
