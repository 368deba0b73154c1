import type { LagCurve } from "./association.ts";
import { seenOnsets } from "./enough-data.ts";
import { countBetween, dayMinutes, hasBit } from "./minutes.ts";
import type { SiteMinutes } from "./site-minutes.ts";

/*
 * Failed share of the checks before and after the onset of an outage, less what the site's hour of day has anyway. The same
 * curve is made for each rotation of the network by whole days; how high their highest points reach is what chance does, over
 * all points together (max-T: Westfall and Young, Resampling-based multiple testing, 1993). Before the onset nothing should
 * be seen: a rise there is a clock that is wrong, a common cause, or congestion that came before the cut.
 */

const before = 30;
const after = 60;
const points = before + after + 1;

interface Sums {
  failed: Float64Array;
  checked: Float64Array;
  /** Windows in which every minute was checked: one for each point, added in one step. */
  whole: number;
}

export function lagCurve(sites: readonly SiteMinutes[], days: number, alpha: number): LagCurve {
  const rotations = Array.from({ length: days }, (): Sums => ({
    failed: new Float64Array(points),
    checked: new Float64Array(points),
    whole: 0,
  }));
  const usual = new Float64Array(points);
  let onsets = 0;
  for (const site of sites) {
    const starts = seenOnsets(site);
    if (starts.length === 0) continue;
    const byHour = usualByHour(site, days);
    for (const start of starts) {
      for (let point = 0; point < points; point++)
        usual[point]! += byHour[Math.floor(wrap(start + point - before, dayMinutes) / 60)]!;
      for (const [rotation, sums] of rotations.entries())
        addWindow(sums, site, wrap(start + rotation * dayMinutes - before, days * dayMinutes));
    }
    onsets += starts.length;
  }
  if (onsets === 0) return { points: [], envelopeRatio: 0, placeboEnvelopeRatio: 0 };
  const curves = rotations.map((sums) => excessOf(sums, usual, onsets));
  const highest = (curve: readonly number[]) => Math.max(...curve);
  return {
    points: curves[0]!.map((excessRatio, point) => ({ minute: point - before, excessRatio })),
    envelopeRatio: envelope(curves.map(highest), alpha),
    placeboEnvelopeRatio: envelope(
      curves.map((curve) => highest(curve.slice(0, before))),
      alpha,
    ),
  };
}

/** Whether the curve rises before the onset beyond what chance does at those points together. */
export function risesBefore({ points: curve, placeboEnvelopeRatio }: LagCurve): boolean {
  return curve.some(({ minute, excessRatio }) => minute < 0 && excessRatio > placeboEnvelopeRatio);
}

/** Failed share of the site's checks in each hour of day. */
function usualByHour({ failed, checked }: SiteMinutes, days: number): number[] {
  return Array.from({ length: 24 }, (_, hour) => {
    let [bad, all] = [0, 0];
    for (let day = 0; day < days; day++) {
      const from = day * dayMinutes + hour * 60;
      bad += countBetween(failed, from, from + 60);
      all += countBetween(checked, from, from + 60);
    }
    return all === 0 ? 0 : bad / all;
  });
}

function addWindow(sums: Sums, { failed, checked }: SiteMinutes, from: number): void {
  const words = checked.length;
  const [first, last] = [from >>> 5, (from + points - 1) >>> 5];
  // Most windows lie in a stretch in which all was checked and well: nothing to look at bit by bit.
  let [quiet, complete] = [true, true];
  for (let at = first; at <= last; at++) {
    const word = at < words ? at : at - words;
    quiet &&= failed[word] === 0;
    complete &&= checked[word] === 0xffffffff;
  }
  if (quiet && complete) {
    sums.whole += 1;
    return;
  }
  const minutes = words * 32;
  for (let point = 0; point < points; point++) {
    const minute = from + point < minutes ? from + point : from + point - minutes;
    if (!hasBit(checked, minute)) continue;
    sums.checked[point]! += 1;
    if (hasBit(failed, minute)) sums.failed[point]! += 1;
  }
}

function excessOf({ failed, checked, whole }: Sums, usual: Float64Array, onsets: number): number[] {
  return Array.from(failed, (bad, point) => {
    const all = checked[point]! + whole;
    return all === 0 ? 0 : bad / all - usual[point]! / onsets;
  });
}

/** The least height that at most a share alpha of the rotations, that by 0 among them, goes beyond. */
function envelope(heights: readonly number[], alpha: number): number {
  const sorted = heights.toSorted((a, b) => b - a);
  return sorted[Math.floor(alpha * sorted.length)]!;
}

const wrap = (value: number, length: number) => ((value % length) + length) % length;
