import { describe, expect, it } from "vitest";
import { createRhythms } from "../../src/watch/rhythm.ts";

const site = "64.08.04.2001";

/** What is known of an agent after reports at these seconds, each with its newest round. */
function rhythmOf(reports: readonly (readonly [atS: number, roundS: number])[]) {
  const rhythms = createRhythms();
  for (const [atS, roundS] of reports) rhythms.heard(site, roundS * 1000, atS * 1000);
  return rhythms.bySite.get(site);
}

describe("the rhythm of an agent's reports", () => {
  it("is that of its rounds where it sends each at once", () => {
    const reports = Array.from({ length: 9 }, (_, at): [number, number] => [at * 60 + 1, at * 60]);
    expect(rhythmOf(reports)).toEqual({ silenceMs: 61_000, spreadMs: 0, stepMs: 60_000 });
  });

  it("is that of its reports where it collects rounds for a minute, whatever changes it told at once", () => {
    const reports = Array.from({ length: 17 }, (_, at): [number, number] => [at * 60 + 10, at * 60]);
    const withChanges = reports.flatMap(([atS, roundS], at): [number, number][] =>
      at % 8 === 3
        ? [
            [atS, roundS],
            [atS + 20, roundS + 20],
          ]
        : [[atS, roundS]],
    );
    expect(rhythmOf(withChanges)).toEqual({ silenceMs: 70_000, spreadMs: 20_000, stepMs: 60_000 });
  });

  it("is not changed by one long silence, nor by what its spool tells afterwards", () => {
    const before = Array.from({ length: 9 }, (_, at): [number, number] => [at * 60 + 1, at * 60]);
    const drained = Array.from({ length: 40 }, (_, at): [number, number] => [7_201 + at, 600 + at * 60]);
    const after = Array.from({ length: 8 }, (_, at): [number, number] => [7_261 + at * 60, 7_260 + at * 60]);
    expect(rhythmOf([...before, [7_201, 7_200], ...drained, ...after])).toEqual({
      silenceMs: 61_000,
      spreadMs: 0,
      stepMs: 60_000,
    });
  });

  it("is not known from a few reports", () => {
    expect(
      rhythmOf([
        [1, 0],
        [61, 60],
        [121, 120],
      ]),
    ).toBeUndefined();
  });
});

describe("a pause of all agents", () => {
  it("is the collector's, which listens since the first of them was heard again", () => {
    const rhythms = createRhythms();
    const sites = ["a", "b", "c"];
    const hearAll = (fromS: number, toS: number) => {
      for (let atS = fromS; atS < toS; atS += 60)
        for (const [place, each] of sites.entries())
          rhythms.heard(each, (atS + 10 * place) * 1000, (atS + 10 * place + 1) * 1000);
    };
    hearAll(0, 1_200);
    expect(rhythms.hearingSinceMs).toBe(-Infinity);
    // One that tells of the past is heard as well.
    rhythms.heard("a", 1_140_000, 2_001_000);
    hearAll(2_040, 2_400);
    expect(rhythms.hearingSinceMs).toBe(2_001_000);
  });
});
