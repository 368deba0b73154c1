import { describe, expect, it } from "vitest";
import { fitRates, pooledRate } from "../../src/relation/partial-pooling.ts";

/** Failures and thousands of hours of ten pumps: Gaver and O'Muircheartaigh, Technometrics 29 (1987). */
const pumps = [
  [5, 94.32],
  [1, 15.72],
  [5, 62.88],
  [14, 125.76],
  [3, 5.24],
  [19, 31.44],
  [1, 1.048],
  [1, 1.048],
  [4, 2.096],
  [22, 10.48],
].map(([events, exposure]) => ({ events: events!, exposure: exposure! }));

describe("rates of many places", () => {
  const priors = fitRates(pumps);
  const rates = pumps.map((pump) => pooledRate(pump, priors, 0.05));

  it("are drawn towards the mean, those with little time the most", () => {
    const drawn = pumps.map(({ events, exposure }, place) => rates[place]!.rate / (events / exposure));
    // The fourth pump ran long, the seventh an hour in a hundred of that.
    expect(drawn[3]).toBeCloseTo(1, 1);
    expect(drawn[6]).toBeLessThan(0.95);
    // A long run with few failures: up.
    expect(rates[0]!.rate).toBeGreaterThan(5 / 94.32);
  });

  it("have intervals that hold them and are wider with less time", () => {
    for (const { rate, interval } of rates) {
      expect(interval.low).toBeLessThan(rate);
      expect(interval.high).toBeGreaterThan(rate);
    }
    const width = (place: number) => rates[place]!.interval.high! / rates[place]!.interval.low!;
    expect(width(6)).toBeGreaterThan(width(3));
  });

  it("weigh guesses so that they add up to 1", () => {
    expect(priors.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 12);
  });

  it("are nearly one where all places are alike, and stay uncertain", () => {
    const alike = Array.from({ length: 40 }, (_, place) => ({ events: place % 2, exposure: 30 }));
    const prior = fitRates(alike);
    const [none, some] = [pooledRate(alike[0]!, prior, 0.05), pooledRate(alike[1]!, prior, 0.05)];
    expect(some.rate / none.rate).toBeLessThan(2);
    // Twenty events: the mean itself is not known better than by a third.
    expect(none.interval.high! / none.interval.low!).toBeGreaterThan(1.8);
  });

  it("are 0 with a bound where nothing happened anywhere", () => {
    const counts = [{ events: 0, exposure: 30 }];
    expect(pooledRate(counts[0]!, fitRates(counts), 0.05)).toEqual({
      rate: 0,
      interval: { low: 0, high: -Math.log(0.025) / 30 },
    });
  });
});
