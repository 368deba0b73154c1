import { describe, expect, it } from "vitest";
import { causes } from "../../src/outage/table.ts";
import type { StateSegment } from "../../src/outage/table.ts";
import type { Availability } from "../../src/relation/availability.ts";
import { measureAvailability } from "../../src/relation/measure.ts";
import { attributionOf, rollUp } from "../../src/relation/rollup.ts";
import { seededRandom } from "../support/random.ts";

const windowS = 86_400;

type Piece = [startS: number, endS: number, state: StateSegment["state"], cause?: StateSegment["cause"]];

/** A day of one place; what no piece covers was not measured. */
function measure(pieces: readonly Piece[], cutOff: readonly Piece[] = []): Availability {
  const segments = (service: string, of: readonly Piece[]): StateSegment[] =>
    of.map(([startS, endS, state, cause = null]) => ({
      site: "a",
      service,
      startMs: startS * 1000,
      endMs: endS * 1000,
      state,
      cause,
    }));
  return measureAvailability({
    window: { fromMs: 0, toMs: windowS * 1000 },
    site: "a",
    service: "lapor",
    serviceStates: segments("lapor", pieces),
    siteStates: segments("", cutOff),
    blips: [],
  });
}

/** From `least` to `most`, both included. */
const between = (random: () => number, least: number, most: number) =>
  least + Math.floor(random() * (most - least + 1));

const village = (availability: Availability, people: number | null) => ({
  availability,
  people,
  isVillage: true,
});

describe("whose the time was", () => {
  const found = attributionOf(
    measure(
      [
        [0, 60_000, "up"],
        [60_000, 66_000, "unreachable", "link"],
        [66_000, 76_000, "down", "service"],
        [76_000, 78_000, "down", "dns"],
        [78_000, 80_000, "down", "unknown"],
      ],
      [[60_000, 70_000, "down", "link"]],
    ),
  );

  it("shows the overlap of network and service beside what each took alone", () => {
    expect(found).toMatchObject({
      networkOnlyS: 8_000,
      serviceOnlyS: 6_000,
      bothS: 4_000,
      unexplainedS: 2_000,
    });
  });

  it("gives the network's share from what is certain to what is possible", () => {
    expect(found.networkShareLowerRatio).toBe(8_000 / 20_000);
    expect(found.networkShareUpperRatio).toBe(14_000 / 20_000);
  });

  it("tells what would have been left, had the service never been out itself", () => {
    expect(found.serviceUpRatio).toBe(68_000 / 80_000);
  });

  it("has no share where nothing was unavailable", () => {
    expect(attributionOf(measure([[0, windowS, "up"]]))).toMatchObject({
      networkShareLowerRatio: null,
      networkShareUpperRatio: null,
      serviceUpRatio: 1,
    });
  });
});

describe("a roll-up", () => {
  const good = measure([[0, windowS, "up"]]);
  const poor = measure([
    [0, 43_200, "up"],
    [43_200, 64_800, "down", "power"],
    [64_800, 86_400, "down", "service"],
  ]);

  it("weighs places by their people, and leaves out whose people are not known, counted", () => {
    const { people, availability } = rollUp([village(good, 900), village(poor, 100), village(poor, null)]);
    expect(availability.availabilityRatio).toBe((86_400 + 2 * 43_200) / (3 * 86_400));
    expect(people).toMatchObject({ inhabitants: 1_000, villages: 2, unknownVillages: 1 });
    expect(people.availability).toMatchObject({
      unavailableS: 43_200 * 100,
      byCause: { power: 21_600 * 100, service: 21_600 * 100 },
      availabilityRatio: 0.95,
      networkUpRatio: 0.975,
    });
  });

  it("takes offices above the villages for nobody's home, neither counted nor missed", () => {
    const office = { availability: poor, people: null, isVillage: false };
    expect(rollUp([office, village(good, 10)]).people).toMatchObject({ villages: 1, unknownVillages: 0 });
    expect(rollUp([office]).people.availability).toBeNull();
  });

  it("has the plain mean of the places and the mean of the worst tenth, rounded up to whole places", () => {
    const twelve = [poor, ...Array.from({ length: 11 }, () => good)].map((each) => village(each, null));
    const { meanRatio, worstTenthRatio } = rollUp(twelve);
    expect(meanRatio).toBeCloseTo(11.5 / 12, 12);
    expect(worstTenthRatio).toBe(0.75);
    expect(rollUp([village(measure([]), 1)])).toMatchObject({ meanRatio: null, worstTenthRatio: null });
  });

  it("adds up exactly, by time and by people, whatever happened", () => {
    const random = seededRandom(6);
    for (let run = 0; run < 200; run++) {
      const parts = Array.from({ length: between(random, 1, 9) }, () => {
        const pieces: Piece[] = [];
        for (let atS = 0; atS < windowS;) {
          const endS = Math.min(windowS, atS + between(random, 1, 20_000));
          const cause = causes[between(random, 0, causes.length - 1)]!;
          const kind = between(random, 0, 3);
          if (kind === 0) pieces.push([atS, endS, "up"]);
          else if (kind === 1) pieces.push([atS, endS, "down", cause]);
          else if (kind === 2) pieces.push([atS, endS, "unreachable", cause]);
          atS = endS;
        }
        const cutOff: Piece[] = [
          [between(random, 0, 40_000), between(random, 40_001, windowS), "down", "link"],
        ];
        return village(measure(pieces, cutOff), between(random, 0, 5_000));
      });
      const { availability, attribution, people } = rollUp(parts);
      const { networkOnlyS, serviceOnlyS, bothS, unexplainedS } = attribution;
      expect(networkOnlyS + serviceOnlyS + bothS + unexplainedS).toBe(availability.unavailableS);
      expect(Math.min(networkOnlyS, serviceOnlyS, bothS, unexplainedS)).toBeGreaterThanOrEqual(0);
      for (const figures of [availability, people.availability!]) {
        expect(figures.availableS + figures.unavailableS + figures.notMeasuredS + figures.expectedOffS).toBe(
          figures.windowS,
        );
        expect(Object.values(figures.byCause).reduce((sum, seconds) => sum + seconds, 0)).toBe(
          figures.unavailableS,
        );
      }
      const [lower, upper] = [attribution.networkShareLowerRatio, attribution.networkShareUpperRatio];
      if (lower !== null) expect(lower).toBeLessThanOrEqual(upper!);
    }
  });
});
