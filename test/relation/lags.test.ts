import { describe, expect, it } from "vitest";
import { lagCurve, risesBefore } from "../../src/relation/lag-curve.ts";
import { findLags } from "../../src/relation/lags.ts";
import { siteMinutes } from "../../src/relation/site-minutes.ts";
import { createRandom } from "../../src/relation/random.ts";
import { districtOf } from "./small-district.ts";
import type { Bad, SiteSketch } from "./small-district.ts";

const [one, two] = ["64.08.01.2001", "64.08.01.2002"];
const days = 30;
const outages = Array.from({ length: 14 }, (_, place): Bad => [place * 2, 300 + place * 50, 40]);
/** The check follows the network by so many minutes at the onset and at the end, episode by episode. */
const following = (onset: (place: number) => number, end: (place: number) => number): Bad[] =>
  outages.map(([day, minute, minutes], place): Bad => [
    day,
    minute + onset(place),
    minutes - onset(place) + end(place),
  ]);
const find = (sites: Record<string, SiteSketch>, control: readonly Bad[] = []) =>
  findLags(districtOf(days, sites, { control }), 0.05);

describe("lags between network and service", () => {
  it("are the mean distance of the edges, with an interval that holds it", () => {
    const random = createRandom(5);
    const drawn = outages.map(() => 1 + random() * 2);
    const failed = following(
      (place) => drawn[place]!,
      () => 4,
    );
    const { onsetLag, recoveryLag } = find({ [one]: { out: outages, failed } });
    const mean = (60 * drawn.reduce((sum, lag) => sum + lag, 0)) / drawn.length;
    expect(onsetLag.meanS).toBeCloseTo(mean, 2);
    expect(onsetLag.episodes).toBe(14);
    expect(onsetLag.interval.low).toBeLessThan(mean);
    expect(onsetLag.interval.high).toBeGreaterThan(mean);
    expect(recoveryLag.meanS).toBeCloseTo(240, 9);
    // All the same, yet not known better than rounds a minute apart let: 2.16 × 24.5 s / √14.
    expect(recoveryLag.interval.high! - recoveryLag.interval.low!).toBeCloseTo(
      (2 * 2.1604 * 24.4949) / Math.sqrt(14),
      2,
    );
    expect(onsetLag.edgeSdS).toBeCloseTo(24.4949, 4);
  });

  it("count sites that are cut off together as one episode", () => {
    const sketch = {
      out: outages,
      failed: following(
        () => 2,
        () => 2,
      ),
    };
    const { onsetLag } = find({ [one]: sketch, [two]: sketch });
    expect(onsetLag).toMatchObject({ episodes: 14, meanS: 120 });
  });

  it("have no interval under ten episodes", () => {
    const few = {
      out: outages.slice(0, 9),
      failed: following(
        () => 2,
        () => 2,
      ).slice(0, 9),
    };
    expect(find({ [one]: few }).onsetLag).toMatchObject({ episodes: 9, interval: { low: null, high: null } });
  });

  it("leave out edges that nobody saw, far ones, and what failed at the centre too", () => {
    const failed = following(
      () => 0,
      () => 0,
    );
    const unseen: Bad[] = [[0, 290, 15]];
    expect(find({ [one]: { out: outages, failed, unseen } })).toMatchObject({
      onsetLag: { episodes: 13 },
      recoveryLag: { episodes: 14 },
    });
    expect(find({ [one]: { out: outages, failed } }, [[2, 352, 3]]).onsetLag.episodes).toBe(13);
    expect(
      find({
        [one]: {
          out: outages,
          failed: following(
            () => 20,
            () => 0,
          ),
        },
      }).onsetLag.episodes,
    ).toBe(0);
    expect(find({ [one]: { out: outages, failed: [] } }).onsetLag).toMatchObject({
      episodes: 0,
      meanS: null,
    });
  });
});

describe("the curve around the onset", () => {
  const curveOf = (sites: Record<string, SiteSketch>) => {
    const { window, sites: all } = districtOf(days, sites);
    return lagCurve(
      all.map((site) => siteMinutes(site, window)),
      days,
      0.05,
    );
  };
  const at = (curve: ReturnType<typeof curveOf>, minute: number) =>
    curve.points.find((point) => point.minute === minute)!.excessRatio;

  it("stands at what fails after it, less what is usual at the hour", () => {
    const curve = curveOf({
      [one]: {
        out: outages,
        failed: following(
          () => 5,
          () => 10,
        ),
      },
    });
    expect(curve.points.map(({ minute }) => minute)).toEqual(
      Array.from({ length: 91 }, (_, place) => place - 30),
    );
    expect(at(curve, 4)).toBeLessThan(0);
    expect(at(curve, 5)).toBeGreaterThan(0.9);
    expect(at(curve, 49)).toBeGreaterThan(0.9);
    expect(at(curve, 50)).toBeLessThan(0);
    expect(at(curve, 5)).toBeGreaterThan(curve.envelopeRatio);
    expect(risesBefore(curve)).toBe(false);
  });

  it("rises before it where the check failed first", () => {
    const curve = curveOf({
      [one]: {
        out: outages,
        failed: following(
          () => -10,
          () => 0,
        ),
      },
    });
    expect(at(curve, -10)).toBeGreaterThan(0.9);
    expect(at(curve, -11)).toBeLessThan(0);
    expect(risesBefore(curve)).toBe(true);
  });

  it("stays inside of what chance does where both know nothing of one another", () => {
    const failed = outages.map(([day, minute, minutes]): Bad => [(day + 15) % days, minute, minutes]);
    const curve = curveOf({ [one]: { out: outages, failed } });
    expect(Math.max(...curve.points.map(({ excessRatio }) => excessRatio))).toBeLessThanOrEqual(
      curve.envelopeRatio,
    );
  });

  it("is empty without an onset that was seen", () => {
    expect(curveOf({ [one]: { out: [[0, 0, 50]] } }).points).toEqual([]);
  });
});
