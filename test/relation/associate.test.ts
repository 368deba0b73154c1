import { describe, expect, it } from "vitest";
import { acrossServices, associate } from "../../src/relation/associate.ts";
import type { Association, Inference } from "../../src/relation/association.ts";
import { createRandom } from "../../src/relation/random.ts";
import { createDraws } from "../calibrate/draws.ts";
import { drawCourse, inputOf } from "../calibrate/world.ts";
import { seededRandom, shuffled } from "../support/random.ts";
import { checksOf, districtOf, eachDay, spanOf, windowOf } from "./small-district.ts";
import type { Bad, SiteSketch } from "./small-district.ts";

const [one, two, three] = ["64.08.01.2001", "64.08.01.2002", "64.08.02.2001"];
const days = 30;

/** Cuts at hours that wander, so that no rotation meets them again by accident. */
const wandering = (count: number, step: number, minutes: number, shift = 0): Bad[] =>
  Array.from({ length: count }, (_, place): Bad => [
    (place * step + shift) % days,
    (place * 137 + shift * 61) % 1_300,
    minutes,
  ]);

/** Six failures of the service that everybody sees, none of them in an outage, though at an hour in which there are some. */
const common: Bad[] = [1, 7, 11, 17, 21, 27].map((day, place): Bad => [day, 280, 5 + place]);
const outages = wandering(12, 2, 40);

const inferred = (answer: Association): Inference => {
  if (answer.inference === null) throw new Error(`no inference: ${JSON.stringify(answer.needs)}`);
  return answer.inference;
};

/** A district in which every cut takes the service with it, or none does. */
const district = (takes: boolean, more: SiteSketch = {}) =>
  districtOf(
    days,
    {
      [one!]: { out: outages, failed: takes ? [...common, ...outages] : common, ...more },
      [two!]: { failed: common },
      [three!]: { out: wandering(3, 7, 30, 3), failed: common },
    },
    { control: common },
  );

describe("the association of network and service", () => {
  it("is shown where cuts take the service with them", () => {
    const answer = associate(district(true));
    expect(answer.verdict).toBe("associated");
    const { test, riskRatio, riskDifference, eValue, attributable } = inferred(answer);
    expect(test).toEqual({ p: 1 / days, smallestP: 1 / days, rotations: days });
    expect(riskRatio.value).toBeGreaterThan(50);
    expect(riskRatio.interval.low).toBeGreaterThan(1);
    expect(riskRatio.interval.low).toBeLessThan(riskRatio.value!);
    expect(riskDifference.value).toBeGreaterThan(0.5);
    expect(eValue.limit).toBeLessThan(eValue.estimate!);
    expect(attributable.interval.low).toBeLessThan(attributable.value!);
    expect(answer.caveats).toContain("near-tautological");
  });

  it("is not shown where they do not, and that is no statement that there is none", () => {
    const answer = associate(district(false));
    expect(answer.verdict).toBe("not-shown");
    expect(inferred(answer).test.p).toBe(1);
    expect(inferred(answer).riskRatio).toMatchObject({ value: 0, interval: { low: null } });
    expect(inferred(answer).riskRatio.interval.high).toBeGreaterThan(0);
    expect(answer.caveats).toContain("one-sided-bound");
  });

  it("has a bound on one side where the service failed at hours without outages alone", () => {
    const late = common.map(([day, , minutes]): Bad => [day, 1_380, minutes]);
    const answer = associate(
      districtOf(
        days,
        { [one]: { out: outages, failed: [...late, ...outages] }, [two]: { failed: late } },
        { control: late },
      ),
    );
    const { riskRatio } = inferred(answer);
    expect({ value: riskRatio.value, high: riskRatio.interval.high }).toEqual({ value: null, high: null });
    expect(riskRatio.interval.low).toBeGreaterThan(1);
    expect(answer.caveats).toContain("one-sided-bound");
  });

  it("has counts that are those of the minutes", () => {
    const { counts } = associate(district(true));
    expect(counts).toEqual({
      sites: 3,
      days,
      networkEpisodes: 15,
      networkDays: new Set([...outages, ...wandering(3, 7, 30, 3)].map(([day]) => day)).size,
      serviceEpisodes: 6,
      exposed: 12 * 40 + 3 * 30,
      exposedFailed: 12 * 40,
      unexposed: 3 * days * 1_440 - 12 * 40 - 3 * 30,
      unexposedFailed: 3 * (5 + 6 + 7 + 8 + 9 + 10),
    });
  });

  it("keeps the exact accounting apart: every checked minute in one class, whether or not there is an inference", () => {
    const few = districtOf(
      3,
      {
        [one!]: {
          out: [[0, 600, 30]],
          failed: [
            [0, 610, 40],
            [1, 100, 20],
          ],
          unseen: [[2, 0, 1_440]],
        },
      },
      {
        control: [
          [0, 620, 5],
          [1, 110, 10],
        ],
      },
    );
    const { accounting, inference, verdict } = associate(few);
    expect({ inference, verdict }).toEqual({ inference: null, verdict: "not-enough-data" });
    expect(accounting).toEqual({
      observed: 2 * 1_440,
      available: 2 * 1_440 - 60,
      networkOnly: 15,
      both: 5,
      serviceOnly: 10,
      unexplained: 30,
      undecided: 0,
      availabilityRatio: 1 - 60 / 2_880,
      networkUpRatio: 1 - 15 / 2_880,
      attributableRatio: 15 / 60,
      attributableUpperRatio: 20 / 60,
    });
  });

  it("does not lay at the service's door what failed while the centre was cut off itself", () => {
    const input = districtOf(
      3,
      { [one!]: { out: [[1, 100, 60]], failed: [[1, 100, 60]] } },
      { control: [[1, 100, 60]], controlCut: [spanOf(windowOf(3), [1, 100, 30])] },
    );
    expect(associate(input).accounting).toMatchObject({
      both: 30,
      networkOnly: 0,
      undecided: 30,
      networkUpRatio: 1 - 30 / (3 * 1_440),
      attributableRatio: 0,
      attributableUpperRatio: 1,
    });
    expect(associate({ ...input, controlCut: [] }).accounting).toMatchObject({ both: 60, undecided: 0 });
  });

  it("estimates the network's part of what can be decided", () => {
    const whole = inferred(associate(district(true))).attributable;
    const controlCut = [0, 7, 14, 21].map((day) => spanOf(windowOf(days), [day, 0, 720]));
    const part = inferred(associate({ ...district(true), controlCut })).attributable;
    expect(part.value).toBeGreaterThan(0.9 * whole.value!);
  });

  it("calls a failure undecided where the centre does not check, and says so", () => {
    const input = { ...district(true), control: null };
    const answer = associate(input);
    expect(answer.accounting).toMatchObject({ networkOnly: 0, serviceOnly: 0, undecided: 12 * 40 + 3 * 45 });
    expect(answer.caveats).toContain("no-control-vantage");
    expect(inferred(answer).attributable.value).toBeNull();
    expect(inferred(answer).negativeControls.vantage).toBeNull();
  });

  it("is one answer for the same evidence in any order of sites and spans", () => {
    const input = district(true);
    const answer = associate(input);
    const random = seededRandom(1);
    for (let run = 0; run < 3; run++) {
      const sites = shuffled(input.sites, random).map((site) => ({
        ...site,
        network: shuffled(site.network, random),
        service: shuffled(site.service, random),
      }));
      expect(associate({ ...input, sites, control: shuffled(input.control!, random) })).toEqual(answer);
    }
  });

  it("tells how it can be had again", () => {
    const { made } = associate({ ...district(true), version: "0.1.0", inputs: ["digest"] });
    const { fromMs } = windowOf(days);
    expect(made).toEqual({
      version: "0.1.0",
      inputs: ["digest"],
      fromMs,
      toMs: fromMs + days * 86_400_000,
      alpha: 0.05,
      seed: null,
    });
  });
});

describe("too little data", () => {
  it("says what there is of what is needed, and when there would be enough", () => {
    const few = districtOf(days, {
      [one!]: { out: wandering(9, 3, 30), failed: [...wandering(9, 3, 30), [2, 1_000, 9], [12, 1_000, 9]] },
    });
    const answer = associate(few);
    expect(answer.verdict).toBe("not-enough-data");
    expect(answer.needs).toEqual([
      { what: "networkEpisodes", have: 9, need: 10 },
      { what: "serviceEpisodes", have: 2, need: 5 },
    ]);
    // Five failures take 75 days where two came in 30.
    expect(answer.readyMs).toBe(windowOf(days).fromMs + 75 * 86_400_000);
    expect(answer.inference).toBeNull();
  });

  it("names no date where nothing comes", () => {
    const answer = associate(districtOf(days, { [one!]: {} }));
    expect(answer.needs.map(({ what }) => what)).toEqual([
      "networkEpisodes",
      "networkDays",
      "serviceEpisodes",
    ]);
    expect(answer.readyMs).toBeNull();
  });

  it("asks for so many days that the test can reach its level", () => {
    const short = associate(districtOf(15, { [one!]: { out: eachDay(15, 1, 500, 30) } }));
    expect(short.needs[0]).toEqual({ what: "days", have: 15, need: 20 });
  });

  it("counts what begins together at many sites once", () => {
    const sites = Object.fromEntries(
      Array.from({ length: 9 }, (_, place) => [
        `64.08.01.200${place}`,
        { out: [[4, 600 + (place % 3) * 4, 60]] as Bad[] },
      ]),
    );
    expect(associate(districtOf(days, sites)).counts).toMatchObject({ networkEpisodes: 1, networkDays: 1 });
  });
});

describe("what keeps network and service from being told apart", () => {
  it("is not separable where the centre fails in the same minutes", () => {
    const input = district(true);
    const answer = associate({ ...input, control: checksOf(input.window, [...common, ...outages]) });
    expect(answer.verdict).toBe("not-separable");
    expect(inferred(answer).negativeControls.vantage!.p).toBeLessThanOrEqual(0.05);
  });

  it("is not separable where another area's cuts go with failures of a network that is up", () => {
    const input = districtOf(
      days,
      {
        [one!]: { out: outages, failed: [...common, ...outages] },
        [three!]: { out: wandering(3, 7, 30, 3), failed: [...common, ...outages] },
      },
      { control: common },
    );
    const answer = associate(input);
    expect(inferred(answer).negativeControls.neighbour!.p).toBeLessThanOrEqual(0.05);
    expect(answer.verdict).toBe("not-separable");
  });

  it("says that one area alone has no neighbour", () => {
    const { caveats, inference } = associate(
      districtOf(
        days,
        { [one!]: { out: outages, failed: [...common, ...outages] }, [two!]: { failed: common } },
        { control: common },
      ),
    );
    expect(caveats).toContain("no-neighbour-area");
    expect(inference!.negativeControls.neighbour).toBeNull();
  });

  it("warns where failures rise before the onset", () => {
    const early = outages.map(([day, minute, minutes]): Bad => [day, Math.max(0, minute - 20), minutes + 20]);
    const answer = associate(district(true, { failed: [...common, ...early] }));
    expect(answer.caveats).toContain("rises-before-onset");
    expect(associate(district(true)).caveats).not.toContain("rises-before-onset");
  });

  it("warns of much that was not measured", () => {
    const unseen = Array.from({ length: 20 }, (_, day): Bad => [day + 1, 0, 1_440]);
    const input = district(true);
    const late = districtOf(days, { [one!]: { unseen }, [two!]: { unseen } });
    expect(associate({ ...input, inferredRatio: 0.11 }).caveats).toContain("many-inferred-minutes");
    expect(associate({ ...input, inferredRatio: 0.1 }).caveats).not.toContain("many-inferred-minutes");
    expect(associate(late).caveats).toContain("low-coverage");
  });

  it("is of the days of the record alone, however much longer the window is", () => {
    const short = district(true);
    const { window, ...rest } = short;
    const before = 60;
    const long = {
      ...rest,
      window: { ...window, fromMs: window.fromMs - before * 86_400_000, days: window.days + before + 5 },
    };
    expect(associate(long)).toEqual(associate(short));
    expect(associate(long).made.fromMs).toBe(window.fromMs);
  });
});

describe("several services", () => {
  const long = 40;
  const longOutages = Array.from({ length: 20 }, (_, place): Bad => [place * 2, (place * 137) % 1_300, 40]);
  const shown = associate(
    districtOf(
      long,
      { [one]: { out: longOutages, failed: [...common, ...longOutages] }, [two]: { failed: common } },
      { control: common },
    ),
  );
  const missing = associate(districtOf(long, { [one]: {} }));

  it("have their p adjusted by Holm, and their verdict by that", () => {
    const adjusted = acrossServices([shown, missing, { ...shown, service: "ppid" }]);
    expect(adjusted.map(({ inference }) => inference?.pHolm)).toEqual([2 / long, undefined, 2 / long]);
    expect(adjusted.map(({ verdict }) => verdict)).toEqual(["associated", "not-enough-data", "associated"]);
  });

  it("need more days the more there are, since each rotation is a day", () => {
    const [first] = acrossServices([shown, shown, shown]);
    expect(first).toMatchObject({ verdict: "not-enough-data", inference: null });
    expect(first!.needs).toEqual([{ what: "days", have: 40, need: 60 }]);
    expect(first!.readyMs).toBe(windowOf(long).fromMs + 60 * 86_400_000);
  });
});

describe("bad input", () => {
  const input = districtOf(2, { [one!]: {} });
  const [first] = input.sites;
  it.each([
    [{ window: { ...input.window, days: 0 } }, "window.days 0: expected a whole number from 1 to 1100"],
    [{ window: { ...input.window, fromMs: input.window.fromMs + 1 } }, "the start of a day"],
    [{ alpha: 0.5 }, "alpha 0.5: expected more than 0 and less than 0.5"],
    [{ inferredRatio: 2 }, "inferredRatio 2: expected 0 to 1"],
    [{ sites: [first!, first!] }, `sites ${one}: expected each site once`],
    [
      {
        sites: [
          {
            ...first!,
            network: [
              { fromMs: 5, toMs: 9, out: true },
              { fromMs: 8, toMs: 10, out: false },
            ],
          },
        ],
      },
      "spans that do not overlap",
    ],
    [{ control: [{ fromMs: 9, toMs: 9, failed: true }] }, "control toMs 9: expected more than fromMs 9"],
  ])("is refused with field, value and what is allowed: %#", (change, message) => {
    expect(() => associate({ ...input, ...change })).toThrow(message);
  });
});

it("agrees with tables made minute by minute", () => {
  const course = drawCourse({ days: 25, takenShare: 0.3, sites: 4, areas: 2 }, createDraws(createRandom(11)));
  const input = inputOf(course);
  const { counts } = associate(input);
  const at = (spans: readonly { fromMs: number; toMs: number }[], ms: number) =>
    spans.some(({ fromMs, toMs }) => fromMs <= ms && ms < toMs);
  let [exposed, exposedFailed, unexposedFailed] = [0, 0, 0];
  for (const { network, service } of input.sites) {
    const outs = network.filter(({ out }) => out);
    const fails = service.filter(({ failed }) => failed);
    for (let minute = 0; minute < 25 * 1_440; minute++) {
      const ms = input.window.fromMs + minute * 60_000 + 30_000;
      const [isOut, isFailed] = [at(outs, ms), at(fails, ms)];
      if (isOut) exposed += 1;
      if (isOut && isFailed) exposedFailed += 1;
      if (!isOut && isFailed) unexposedFailed += 1;
    }
  }
  expect(counts).toMatchObject({ exposed, exposedFailed, unexposedFailed });
  expect(counts.exposed + counts.unexposed).toBe(4 * 25 * 1_440);
});
