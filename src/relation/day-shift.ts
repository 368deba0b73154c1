import type { ShiftTest } from "./association.ts";
import { dayWords, onesIn } from "./minutes.ts";
import type { Bits } from "./minutes.ts";

/*
 * Test of "network and service fail independently": the network of all sites together is rotated by whole days, the services
 * stay, and the rotation by 0 is ranked among all. That keeps what makes minutes cluster, what sites share, and the hours of
 * the day. Circular rotations of network series: Mahimkar et al., Towards automated performance diagnosis in a large IPTV
 * network and NICE (CoNEXT 2008); of time series with finite-sample validity: Harris, A shift test for independence in
 * generic time series (2020).
 */

/** One site's part: what is rotated, and what stays. */
export interface ShiftPart {
  /** Minutes with the exposure. */
  exposure: Bits;
  failed: Bits;
  /** Minutes in which a failure could have been seen; `failed` is part of them. */
  checked: Bits;
}

/**
 * Statistic: the failed share of the exposed minutes in which the service was checked. With complete records it orders
 * rotations as the count of exposed and failed minutes does; with gaps it does not favour the rotation by 0, under which
 * exposure and check go missing together. One-sided: p = rotations with as large a share / rotations, so 1/days at least.
 *
 * Example: four days, exposure and failure both on the first alone: of the four rotations only that by 0 meets, p = 1/4.
 */
export function dayShiftTest(parts: readonly ShiftPart[], days: number): ShiftTest {
  const shares = rotatedShares(parts, days);
  const [failed, exposed] = shares[0]!;
  // Crosswise, in whole numbers: equal shares must compare as equal.
  const asLarge = shares.filter(([f, e]) => f * exposed >= failed * e).length;
  return { p: exposed === 0 ? 1 : asLarge / days, smallestP: 1 / days, rotations: days };
}

/** Failed and all exposed minutes, for each rotation. */
function rotatedShares(parts: readonly ShiftPart[], days: number): [failed: number, exposed: number][] {
  const sums = Array.from({ length: days }, (): [number, number] => [0, 0]);
  const words = days * dayWords;
  for (const { exposure, failed, checked } of parts) {
    for (const [at, word] of exposure.entries()) {
      if (word === 0) continue;
      let to = at;
      for (let day = 0; day < days; day++) {
        const sum = sums[day]!;
        const hit = word & failed[to]!;
        if (hit !== 0) sum[0] += onesIn(hit);
        sum[1] += onesIn(word & checked[to]!);
        to += dayWords;
        if (to >= words) to -= words;
      }
    }
  }
  return sums;
}
