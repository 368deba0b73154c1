import { describe, expect, it } from "vitest";
import {
  bitsOf,
  combine,
  countAll,
  countBetween,
  dayMinutes,
  dayMs,
  hasBit,
  minuteMs,
  onesIn,
  startsOf,
} from "../../src/relation/minutes.ts";
import { seededRandom, whole } from "../support/random.ts";

const offsetMs = 8 * 3_600_000;
const window = { fromMs: Date.UTC(2026, 5, 1) - offsetMs, days: 2, offsetMs };
const at = (minute: number) => window.fromMs + minute * minuteMs;

describe("minutes of a window", () => {
  it("belong to the span over their middle", () => {
    const bits = bitsOf([{ fromMs: at(10.4), toMs: at(12.6) }], window);
    expect([9, 10, 11, 12, 13].filter((minute) => hasBit(bits, minute))).toEqual([10, 11, 12]);
    expect(countAll(bitsOf([{ fromMs: at(10.6), toMs: at(11.4) }], window))).toBe(0);
  });

  it("belong to exactly one of two spans that meet, wherever they do", () => {
    const random = seededRandom(1);
    for (let run = 0; run < 200; run++) {
      const middleMs = at(0) + whole(random, 2 * dayMs);
      const [before, after] = [
        bitsOf([{ fromMs: at(0), toMs: middleMs }], window),
        bitsOf([{ fromMs: middleMs, toMs: at(2 * dayMinutes) }], window),
      ];
      expect(countAll(combine(before, after, (a, b) => a & b))).toBe(0);
      expect(countAll(before) + countAll(after)).toBe(2 * dayMinutes);
    }
  });

  it("leave out what lies beyond the window", () => {
    const bits = bitsOf(
      [
        { fromMs: at(-500), toMs: at(7) },
        { fromMs: at(2875), toMs: at(9_999) },
      ],
      window,
    );
    expect(countAll(bits)).toBe(7 + 5);
    expect(countBetween(bits, 2_000, 2_880)).toBe(5);
  });

  it("are counted between any two as one by one", () => {
    const random = seededRandom(2);
    const bits = Uint32Array.from({ length: 90 }, () => whole(random, 2 ** 32));
    for (let run = 0; run < 200; run++) {
      const [one, other] = [whole(random, 2_881), whole(random, 2_881)];
      const [from, to] = [Math.min(one, other), Math.max(one, other)];
      let count = 0;
      for (let minute = from; minute < to; minute++) if (hasBit(bits, minute)) count += 1;
      expect(countBetween(bits, from, to)).toBe(count);
    }
    expect(onesIn(0xffffffff)).toBe(32);
  });

  it("begin where the minute before is not among those before", () => {
    const spans = [
      { fromMs: at(0), toMs: at(3) },
      { fromMs: at(30), toMs: at(64) },
      { fromMs: at(65), toMs: at(66) },
    ];
    const bits = bitsOf(spans, window);
    expect(startsOf(bits, bits)).toEqual([0, 30, 65]);
    expect(startsOf(bits, bitsOf([{ fromMs: at(29), toMs: at(65) }], window))).toEqual([0, 1, 2]);
  });
});
