import { describe, expect, it } from "vitest";
import { intersect, subtract } from "../../src/replay/spans.ts";
import type { Span } from "../../src/replay/spans.ts";
import { seededRandom, whole } from "../support/random.ts";

const spansOf = (seconds: readonly boolean[]): Span[] =>
  seconds.flatMap((is, at) => (is ? [[at, at + 1] as const] : []));
const secondsOf = (spans: readonly Span[], length: number) =>
  Array.from({ length }, (_, at) => spans.some(([from, to]) => at >= from && at < to));

describe("spans", () => {
  it("are shared, and taken away, second by second", () => {
    for (let seed = 0; seed < 100; seed++) {
      const random = seededRandom(seed);
      const length = 1 + whole(random, 30);
      const made = () => spansOf(Array.from({ length }, () => random() < 0.5));
      const [a, b] = [made(), made()];
      const [inA, inB] = [secondsOf(a, length), secondsOf(b, length)];
      expect(secondsOf(intersect(a, b), length)).toEqual(inA.map((is, at) => is && inB[at]!));
      expect(secondsOf(subtract(a, [...b].reverse()), length)).toEqual(inA.map((is, at) => is && !inB[at]!));
    }
  });

  it("leave both ends of what others are taken out of", () => {
    expect(
      subtract(
        [[0, 100]],
        [
          [20, 30],
          [25, 40],
          [90, 120],
        ],
      ),
    ).toEqual([
      [0, 20],
      [40, 90],
    ]);
  });
});
