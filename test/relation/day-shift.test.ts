import { describe, expect, it } from "vitest";
import { dayShiftTest } from "../../src/relation/day-shift.ts";
import type { ShiftPart } from "../../src/relation/day-shift.ts";
import { combine, dayMinutes, dayWords, hasBit } from "../../src/relation/minutes.ts";
import type { Bits } from "../../src/relation/minutes.ts";
import { seededRandom, whole } from "../support/random.ts";

const days = 7;
const minutes = days * dayMinutes;

function bitsFrom(has: (minute: number) => boolean): Bits {
  const bits = new Uint32Array(days * dayWords);
  for (let minute = 0; minute < minutes; minute++) if (has(minute)) bits[minute >>> 5]! |= 1 << (minute & 31);
  return bits;
}

const always = bitsFrom(() => true);
const onDay = (day: number, from: number, to: number) =>
  bitsFrom(
    (minute) =>
      Math.floor(minute / dayMinutes) === day && minute % dayMinutes >= from && minute % dayMinutes < to,
  );

/** Rotated minute by minute. */
function slowly(parts: readonly ShiftPart[]): number {
  const shares = Array.from({ length: days }, (_, rotation) => {
    let [failed, exposed] = [0, 0];
    for (const part of parts)
      for (let minute = 0; minute < minutes; minute++) {
        const to = (minute + rotation * dayMinutes) % minutes;
        if (!hasBit(part.exposure, minute) || !hasBit(part.checked, to)) continue;
        exposed += 1;
        if (hasBit(part.failed, to)) failed += 1;
      }
    return exposed === 0 ? 0 : failed / exposed;
  });
  return shares.filter((share) => share >= shares[0]! - 1e-12).length / days;
}

describe("the rotation test", () => {
  it("gives 1 / days where only the rotation by 0 meets, and no less", () => {
    const part = { exposure: onDay(2, 600, 660), failed: onDay(2, 610, 640), checked: always };
    expect(dayShiftTest([part], days)).toEqual({ p: 1 / days, smallestP: 1 / days, rotations: days });
  });

  it("gives 1 where outage and failure never meet", () => {
    const part = { exposure: onDay(2, 600, 660), failed: onDay(3, 700, 800), checked: always };
    expect(dayShiftTest([part], days).p).toBe(1);
    expect(dayShiftTest([{ ...part, exposure: bitsFrom(() => false) }], days).p).toBe(1);
  });

  it("is not moved by hours that both prefer", () => {
    const noon = bitsFrom((minute) => Math.floor((minute % dayMinutes) / 60) === 12);
    expect(dayShiftTest([{ exposure: noon, failed: noon, checked: always }], days).p).toBe(1);
  });

  it("rotates all sites together: one shared failure is one piece of evidence, however many sites", () => {
    // Out at noon of days 1 and 2, failed at noon of day 1: of seven rotations two meet as much.
    const part = {
      exposure: combine(onDay(1, 720, 780), onDay(2, 720, 780), (a, b) => a | b),
      failed: onDay(1, 720, 780),
      checked: always,
    };
    expect(dayShiftTest(Array<ShiftPart>(50).fill(part), days).p).toBe(2 / days);
  });

  it("is not fooled where network and check go missing together", () => {
    // Nothing is known of day 3 but that the failing share is the same everywhere: a count would favour rotation 0.
    const checked = bitsFrom((minute) => Math.floor(minute / dayMinutes) !== 3);
    const out = bitsFrom((minute) => minute % 2 === 0);
    const failed = combine(
      checked,
      bitsFrom((minute) => minute % 4 === 0),
      (a, b) => a & b,
    );
    const exposure = combine(out, checked, (a, b) => a & b);
    expect(dayShiftTest([{ exposure, failed, checked }], days).p).toBe(1);
  });

  it("agrees with rotating minute by minute", () => {
    const random = seededRandom(3);
    for (let run = 0; run < 4; run++) {
      const parts = Array.from({ length: 3 }, () => {
        const checked = bitsFrom(() => random() < 0.9);
        const bad = Array.from({ length: 3 }, () =>
          onDay(whole(random, days), whole(random, 700), 700 + whole(random, 700)),
        );
        const exposure = Array.from({ length: 3 }, () =>
          onDay(whole(random, days), whole(random, 700), 700 + whole(random, 700)),
        );
        const or = (a: Bits, b: Bits) => combine(a, b, (x, y) => x | y);
        return {
          exposure: exposure.reduce(or),
          failed: combine(bad.reduce(or), checked, (a, b) => a & b),
          checked,
        };
      });
      expect(dayShiftTest(parts, days).p).toBeCloseTo(slowly(parts), 12);
    }
  });
});
