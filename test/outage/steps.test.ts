import { describe, expect, it } from "vitest";
import { absorbSlivers, joinSteps, overlay } from "../../src/outage/steps.ts";
import type { Step } from "../../src/outage/steps.ts";
import { seededRandom, whole } from "../support/random.ts";

type Piece = [startMs: number, endMs: number, value: string];
const steps = (...pieces: Piece[]): Step<string>[] =>
  pieces.map(([startMs, endMs, value]) => ({ startMs, endMs, value }));
const pieces = <T>(list: readonly Step<T>[]) =>
  list.map(({ startMs, endMs, value }) => [startMs, endMs, value]);
const same = (a: unknown, b: unknown) => a === b;

describe("joining steps", () => {
  it("joins what touches and is alike, and nothing across a gap", () => {
    const given = steps([0, 10, "a"], [10, 20, "a"], [20, 30, "b"], [31, 40, "b"]);
    expect(pieces(joinSteps(given, same))).toEqual([
      [0, 20, "a"],
      [20, 30, "b"],
      [31, 40, "b"],
    ]);
    expect(given[0], "what was given is left as it was").toEqual({ startMs: 0, endMs: 10, value: "a" });
  });

  it("drops steps of no length, and joins what they stood between", () => {
    expect(pieces(joinSteps(steps([0, 10, "a"], [10, 10, "b"], [10, 20, "a"]), same))).toEqual([
      [0, 20, "a"],
    ]);
  });
});

describe("laying lists over each other", () => {
  const name = (values: (string | undefined)[]) => values.map((value) => value ?? "-").join("");

  it("asks for every stretch in which none of them changes, gaps included", () => {
    const lists = [steps([5, 20, "a"], [20, 30, "b"]), steps([0, 10, "x"], [25, 50, "y"])];
    expect(pieces(overlay(lists, 0, 40, name, same))).toEqual([
      [0, 5, "-x"],
      [5, 10, "ax"],
      [10, 20, "a-"],
      [20, 25, "b-"],
      [25, 30, "by"],
      [30, 40, "-y"],
    ]);
  });

  it("clips to the window, and gives nothing for an empty one", () => {
    const lists = [steps([-100, 100, "a"], [100, 300, "b"])];
    expect(pieces(overlay(lists, 50, 150, name, same))).toEqual([
      [50, 100, "a"],
      [100, 150, "b"],
    ]);
    expect(overlay(lists, 50, 50, name, same)).toEqual([]);
  });

  it("agrees at each moment with looking each list up by itself", () => {
    for (let seed = 0; seed < 200; seed++) {
      const random = seededRandom(seed);
      const lists = Array.from({ length: 3 }, () => {
        const list: Step<string>[] = [];
        for (let at = whole(random, 20); at < 100;) {
          const endMs = at + 1 + whole(random, 20);
          if (random() < 0.7) list.push({ startMs: at, endMs, value: "abc"[whole(random, 3)]! });
          at = endMs;
        }
        return list;
      });
      const laid = overlay(lists, 10, 90, name, same);
      const at = (list: readonly Step<string>[], moment: number) =>
        list.find(({ startMs, endMs }) => startMs <= moment && moment < endMs)?.value;
      for (let moment = 10; moment < 90; moment++)
        expect(at(laid, moment), `seed ${seed}, ${moment}`).toBe(name(lists.map((list) => at(list, moment))));
      expect(pieces(joinSteps(laid, same))).toEqual(pieces(laid));
    }
  });
});

describe("slivers", () => {
  const any = () => true;
  const absorb = (...given: Piece[]) => pieces(absorbSlivers(steps(...given), 10, any, same));

  it("go to the longer neighbour, to the earlier one when both are equal", () => {
    expect(absorb([0, 20, "a"], [20, 25, "s"], [25, 60, "b"])).toEqual([
      [0, 20, "a"],
      [20, 60, "b"],
    ]);
    expect(absorb([0, 20, "a"], [20, 25, "s"], [25, 45, "b"])).toEqual([
      [0, 25, "a"],
      [25, 45, "b"],
    ]);
  });

  it("as long as the threshold, or longer than both neighbours, are none", () => {
    const long: Piece[] = [
      [0, 20, "a"],
      [20, 30, "s"],
      [30, 50, "b"],
    ];
    expect(absorb(...long)).toEqual(long);
    const alone: Piece[] = [
      [0, 3, "a"],
      [3, 9, "s"],
      [9, 12, "b"],
    ];
    expect(absorb(...alone)).toEqual([[0, 12, "s"]]);
  });

  it("go nowhere across a gap, or to what is not related", () => {
    const apart: Piece[] = [
      [0, 20, "a"],
      [21, 25, "s"],
      [26, 60, "b"],
    ];
    expect(absorb(...apart)).toEqual(apart);
    const related = (sliver: string, neighbour: string) => !(sliver === "s" && neighbour === "b");
    const given = steps([0, 20, "a"], [20, 25, "s"], [25, 60, "b"]);
    expect(pieces(absorbSlivers(given, 10, related, same))).toEqual([
      [0, 25, "a"],
      [25, 60, "b"],
    ]);
    expect(pieces(absorbSlivers(given, 10, () => false, same))).toEqual(pieces(given));
  });

  it("between two of a kind leave one piece", () => {
    expect(absorb([0, 20, "a"], [20, 25, "s"], [25, 60, "a"])).toEqual([[0, 60, "a"]]);
  });

  it("go one after the other, always the earliest that has where to go", () => {
    /** The rule as it is said: look from the beginning, absorb one, begin again. */
    const oneByOne = (given: readonly Step<string>[], related: (a: string, b: string) => boolean) => {
      let left = joinSteps(given, same);
      const target = (index: number) => {
        const sliver = left[index]!;
        const lengthOf = ({ startMs, endMs }: Step<string>) => endMs - startMs;
        if (lengthOf(sliver) >= 10) return undefined;
        return [left[index - 1], left[index + 1]]
          .filter((one) => one !== undefined)
          .filter((one) => one.endMs === sliver.startMs || one.startMs === sliver.endMs)
          .filter((one) => lengthOf(one) > lengthOf(sliver) && related(sliver.value, one.value))
          .toSorted((a, b) => lengthOf(b) - lengthOf(a) || a.startMs - b.startMs)[0];
      };
      for (let index = 0; index < left.length; index++) {
        const to = target(index);
        if (to === undefined) continue;
        left = joinSteps(
          left.map((one, at) => (at === index ? { ...one, value: to.value } : one)),
          same,
        );
        index = -1;
      }
      return left;
    };
    for (let seed = 0; seed < 500; seed++) {
      const random = seededRandom(seed);
      const given: Step<string>[] = [];
      for (let at = 0; at < 200;) {
        const endMs = at + 1 + whole(random, 16);
        given.push({ startMs: at, endMs, value: "abcd"[whole(random, 4)]! });
        at = endMs + (random() < 0.1 ? 3 : 0);
      }
      const related =
        seed % 2 === 0 ? any : (a: string, b: string) => (a.charCodeAt(0) + b.charCodeAt(0)) % 3 > 0;
      expect(pieces(absorbSlivers(given, 10, related, same)), `seed ${seed}`).toEqual(
        pieces(oneByOne(given, related)),
      );
    }
  });

  it("never open a hole or an overlap, and come to an end", () => {
    for (let seed = 0; seed < 300; seed++) {
      const random = seededRandom(seed);
      const given: Step<string>[] = [];
      for (let at = 0; at < 200;) {
        const endMs = at + 1 + whole(random, 25);
        given.push({ startMs: at, endMs, value: "abcd"[whole(random, 4)]! });
        at = endMs;
      }
      const left = absorbSlivers(given, 10, (a, b) => a < b, same);
      expect(left[0]!.startMs).toBe(0);
      expect(left.at(-1)!.endMs).toBe(given.at(-1)!.endMs);
      for (const [index, step] of left.entries())
        if (index > 0) expect(step.startMs, `seed ${seed}`).toBe(left[index - 1]!.endMs);
      expect(absorbSlivers(left, 10, (a, b) => a < b, same)).toEqual(left);
    }
  });
});
