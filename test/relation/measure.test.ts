import { describe, expect, it } from "vitest";
import type { Blip } from "../../src/outage/blips.ts";
import { causes, siteStates } from "../../src/outage/table.ts";
import type { StateSegment } from "../../src/outage/table.ts";
import { measureAvailability, sumAvailability } from "../../src/relation/measure.ts";
import { seededRandom, whole } from "../support/random.ts";

const site = "64.08.04.2001";
const service = "lapor";
/** A whole hour, as epoch ms; times here are seconds from it. */
const epochMs = 1_763_769_600_000;
const ms = (second: number) => epochMs + second * 1000;

type Piece = [
  startS: number,
  endS: number | null,
  state: StateSegment["state"],
  cause?: StateSegment["cause"],
];

const segments = (of: string, pieces: readonly Piece[], at = site): StateSegment[] =>
  pieces.map(([startS, endS, state, cause = null]) => ({
    site: at,
    service: of,
    startMs: ms(startS),
    endMs: endS === null ? null : ms(endS),
    state,
    cause,
  }));

const blip = (startS: number, endS: number, cause: Blip["cause"] = "link", at = site): Blip => ({
  site: at,
  startMs: ms(startS),
  endMs: ms(endS),
  cause,
  measured: "link",
  root: at,
});

const measure = (
  pieces: readonly Piece[],
  sitePieces: readonly Piece[] = [],
  fromS = 0,
  toS = 3_600,
  blips: readonly Blip[] = [],
) =>
  measureAvailability({
    window: { fromMs: ms(fromS), toMs: ms(toS) },
    site,
    service,
    serviceStates: segments(service, pieces),
    siteStates: segments("", sitePieces),
    blips,
  });

describe("availability of a service from a site", () => {
  it("puts each second into one class, and each unavailable one under its cause", () => {
    const found = measure([
      [0, 1_000, "up"],
      [1_000, 1_600, "down", "service"],
      [1_600, 1_700, "unknown"],
      [1_700, 2_700, "unreachable", "link"],
      [2_700, 3_000, "degraded", "congestion"],
      [3_000, null, "down", "link"],
    ]);
    expect(found).toEqual({
      windowS: 3_600,
      availableS: 1_300,
      unavailableS: 2_200,
      notMeasuredS: 100,
      expectedOffS: 0,
      observedS: 3_500,
      byCause: { link: 1_600, service: 600 },
      bothS: 0,
      availabilityRatio: 1_300 / 3_500,
      worstRatio: 1_300 / 3_600,
      bestRatio: 1_400 / 3_600,
      networkUpRatio: 2_900 / 3_500,
      networkUpLowerRatio: 2_900 / 3_500,
      coverageRatio: 3_500 / 3_600,
    });
    expect(Object.keys(found.byCause)).toEqual(["link", "service"]);
  });

  it("clips what reaches past the window, at both ends, and leaves out what only touches it", () => {
    const pieces: Piece[] = [
      [-7_200, -3_600, "down", "power"],
      [-3_600, 0, "down", "dns"],
      [0, 600, "down", "link"],
      [600, 5_000, "up"],
      [5_000, null, "down", "service"],
    ];
    expect(measure(pieces)).toMatchObject({ byCause: { link: 600 }, availableS: 3_000, notMeasuredS: 0 });
    expect(measure(pieces, [], 300, 900)).toMatchObject({
      byCause: { link: 300 },
      availableS: 300,
      windowS: 600,
    });
  });

  it("cuts the window to the whole seconds inside it", () => {
    const states = segments(service, [[-10, null, "up"]]);
    const given = { site, service, serviceStates: states, siteStates: [], blips: [] };
    const window = { fromMs: ms(0) + 1, toMs: ms(10) + 999 };
    expect(measureAvailability({ ...given, window })).toMatchObject({
      windowS: 9,
      availableS: 9,
      notMeasuredS: 0,
    });
  });

  it("takes an unavailable stretch without a cause for unknown", () => {
    expect(measure([[0, 60, "down"]]).byCause).toEqual({ unknown: 60 });
  });

  it("leaves the hours in which nobody expects power out of every ratio", () => {
    const found = measure([
      [0, 1_800, "off"],
      [1_800, 2_400, "up"],
      [2_400, 3_000, "down", "link"],
    ]);
    expect(found).toMatchObject({
      windowS: 3_600,
      expectedOffS: 1_800,
      notMeasuredS: 600,
      availabilityRatio: 0.5,
      worstRatio: 600 / 1_800,
      bestRatio: 1_200 / 1_800,
      coverageRatio: 1_200 / 1_800,
    });
  });

  it("counts once, under service, what the service and the site's own outage share, and says how much it was", () => {
    const found = measure(
      [
        [0, 1_000, "down", "service"],
        [1_000, 1_500, "unreachable", "link"],
        [1_500, 3_600, "up"],
      ],
      [
        [-500, 400, "down", "link"],
        [400, 700, "up"],
        [700, 1_500, "unreachable", "backhaul"],
        [1_500, null, "up"],
      ],
    );
    expect(found).toMatchObject({ unavailableS: 1_500, byCause: { service: 1_000, link: 500 }, bothS: 700 });
  });

  it("takes no name look-up that failed with its site for an overlap with the service", () => {
    const found = measure(
      [
        [0, 600, "down", "dns"],
        [600, 1_200, "down", "service"],
        [1_200, 3_600, "up"],
      ],
      [
        [0, 600, "down", "power"],
        [600, null, "up"],
      ],
    );
    expect(found).toMatchObject({ byCause: { dns: 600, service: 600 }, bothS: 0 });
  });

  it("says how much of what is not explained may have been anybody's", () => {
    const found = measure([
      [0, 900, "down", "unknown"],
      [900, 1_800, "down", "service"],
      [1_800, 3_600, "up"],
    ]);
    expect(found).toMatchObject({ networkUpRatio: 0.75, networkUpLowerRatio: 0.5 });
  });

  /*
   * One lost round at second 600 of a site asked each minute: [570, 630). A second one lies half in an outage that the
   * service has already, a third where nobody checked the service.
   */
  it("loses the time of the site's blips where it counts as reached, and nowhere else", () => {
    const found = measure(
      [
        [0, 1_000, "up"],
        [1_000, 1_200, "down", "service"],
        [1_200, 2_000, "unknown"],
        [2_000, 3_600, "degraded", "congestion"],
      ],
      [[0, 3_600, "up"]],
      0,
      3_600,
      [blip(570, 630), blip(970, 1_030, "relay"), blip(1_500, 1_560), blip(2_500, 2_560, "maintenance")],
    );
    expect(found).toMatchObject({
      availableS: 2_600 - 60 - 30 - 60,
      byCause: { link: 60, maintenance: 60, relay: 30, service: 200 },
      unavailableS: 350,
      notMeasuredS: 800,
      bothS: 0,
    });
    expect(found.networkUpRatio).toBe(2_600 / 2_800);
  });

  it("looks at no other site and no other service", () => {
    const found = measureAvailability({
      window: { fromMs: ms(0), toMs: ms(100) },
      site,
      service,
      serviceStates: [
        ...segments("ppid", [[0, null, "down", "service"]]),
        ...segments(service, [[0, null, "down", "service"]], "64.08.04.2002"),
        ...segments(service, [[0, 50, "down", "service"]]),
      ],
      siteStates: segments("", [[0, null, "down", "link"]], "64.08.04.2002"),
      blips: [blip(10, 40, "link", "64.08.04.2002")],
    });
    expect(found).toMatchObject({ unavailableS: 50, notMeasuredS: 50, bothS: 0 });
  });

  it("gives no ratio of nothing, and bounds of all that was not measured", () => {
    expect(measure([])).toEqual({
      windowS: 3_600,
      availableS: 0,
      unavailableS: 0,
      notMeasuredS: 3_600,
      expectedOffS: 0,
      observedS: 0,
      byCause: {},
      bothS: 0,
      availabilityRatio: null,
      worstRatio: 0,
      bestRatio: 1,
      networkUpRatio: null,
      networkUpLowerRatio: null,
      coverageRatio: 0,
    });
    for (const toS of [100, 50]) {
      const empty = measure([[0, null, "up"]], [], 100, toS);
      expect(empty).toMatchObject({
        windowS: 0,
        availableS: 0,
        notMeasuredS: 0,
        worstRatio: null,
        bestRatio: null,
      });
      expect([empty.availabilityRatio, empty.networkUpRatio, empty.coverageRatio]).toEqual([
        null,
        null,
        null,
      ]);
    }
  });

  it("adds up exactly, whatever the segments, in one window, in its parts and over places", () => {
    for (let seed = 0; seed < 500; seed++) {
      const random = seededRandom(seed);
      const line = (kinds: readonly StateSegment["state"][]) => {
        const pieces: Piece[] = [];
        for (let at = -whole(random, 3_000); at < 8_000;) {
          const endS = at + 1 + whole(random, 2_000);
          const state = kinds[whole(random, kinds.length)]!;
          const bad = state !== "up" && state !== "unknown" && state !== "degraded";
          if (random() < 0.8)
            pieces.push([at, endS, state, bad ? causes[whole(random, causes.length)]! : null]);
          at = endS;
        }
        return pieces;
      };
      const [own, around] = [line(siteStates), line(siteStates)];
      const toS = whole(random, 7_200);
      const blips: Blip[] = [];
      for (let at = whole(random, 600); at < toS; at += 1 + whole(random, 900))
        blips.push(blip(at, at + 1 + whole(random, 120), causes[whole(random, causes.length)]!));
      const found = measure(own, around, 0, toS, blips);
      const sum = Object.values(found.byCause).reduce((a, b) => a + b, 0);
      expect(sum, `seed ${seed}`).toBe(found.unavailableS);
      const { observedS, notMeasuredS, expectedOffS, windowS } = found;
      expect(found.availableS + found.unavailableS, `seed ${seed}`).toBe(observedS);
      expect(observedS + notMeasuredS + expectedOffS, `seed ${seed}`).toBe(windowS);
      expect(found.bothS).toBeLessThanOrEqual(found.byCause.service ?? 0);
      for (const seconds of [found.availableS, found.unavailableS, found.notMeasuredS, found.bothS])
        expect(Number.isInteger(seconds) && seconds >= 0, `seed ${seed}`).toBe(true);
      if (found.availabilityRatio !== null) {
        expect(found.worstRatio!).toBeLessThanOrEqual(found.availabilityRatio);
        expect(found.bestRatio!).toBeGreaterThanOrEqual(found.availabilityRatio);
      }
      const middleS = whole(random, toS + 1);
      const parts = [measure(own, around, 0, middleS, blips), measure(own, around, middleS, toS, blips)];
      expect(sumAvailability(parts), `seed ${seed}`).toEqual(found);
    }
  });

  it("of several places is made of the seconds, not of the ratios", () => {
    const long = measure([[0, null, "up"]]);
    const short = measure([[0, 100, "down", "link"]], [], 0, 100);
    const total = sumAvailability([long, short]);
    expect(total).toMatchObject({
      windowS: 3_700,
      availableS: 3_600,
      unavailableS: 100,
      byCause: { link: 100 },
    });
    expect(total.availabilityRatio).toBe(3_600 / 3_700);
    expect(sumAvailability([])).toMatchObject({ windowS: 0, availabilityRatio: null, worstRatio: null });
  });
});
