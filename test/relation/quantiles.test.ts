import { describe, expect, it } from "vitest";
import { gammaQuantile, tQuantile, tShare } from "../../src/relation/quantiles.ts";
import { betaShare, gammaShare, lnGamma } from "../../src/relation/special-functions.ts";

/** Simpson's rule: the independent way. */
function integrate(from: number, to: number, of: (x: number) => number, steps = 20_000): number {
  const width = (to - from) / steps;
  let sum = of(from) + of(to);
  for (let step = 1; step < steps; step++) sum += of(from + step * width) * (step % 2 === 0 ? 2 : 4);
  return (sum * width) / 3;
}

describe("ln Γ", () => {
  it("is that of factorials and of a half", () => {
    expect(lnGamma(1)).toBeCloseTo(0, 13);
    expect(lnGamma(11)).toBeCloseTo(Math.log(3_628_800), 12);
    expect(lnGamma(0.5)).toBeCloseTo(Math.log(Math.sqrt(Math.PI)), 12);
    expect(lnGamma(0.01)).toBeCloseTo(lnGamma(1.01) - Math.log(0.01), 12);
  });
});

describe("Student's t", () => {
  it.each([
    [0.975, 1, 12.7062],
    [0.975, 2, 4.3027],
    [0.975, 5, 2.5706],
    [0.975, 10, 2.2281],
    [0.975, 30, 2.0423],
    [0.95, 4, 2.1318],
    [0.995, 8, 3.3554],
    [0.975, 1e6, 1.96],
  ])("has the table's quantile for %f and %f degrees", (share, df, tabled) => {
    expect(tQuantile(share, df)).toBeCloseTo(tabled, 3);
    expect(tQuantile(1 - share, df)).toBeCloseTo(-tabled, 3);
  });

  it("agrees with the integral of its density for degrees that are not whole", () => {
    for (const df of [2.4, 3.7, 11.25]) {
      const density = (t: number) =>
        Math.exp(lnGamma((df + 1) / 2) - lnGamma(df / 2)) /
        Math.sqrt(df * Math.PI) /
        (1 + (t * t) / df) ** ((df + 1) / 2);
      const t = tQuantile(0.975, df);
      expect(0.5 + integrate(0, t, density)).toBeCloseTo(0.975, 9);
      expect(tShare(-t, df)).toBeCloseTo(0.025, 9);
    }
  });

  it("has the closed form with two degrees", () => {
    for (const p of [0.6, 0.9, 0.99])
      expect(tQuantile(p, 2)).toBeCloseTo((2 * p - 1) / Math.sqrt(2 * p * (1 - p)), 9);
  });
});

describe("gamma", () => {
  it("has the exponential's quantile for shape 1, and χ²'s for halves", () => {
    expect(gammaQuantile(0.7, 1, 4)).toBeCloseTo(-Math.log(0.3) / 4, 12);
    expect(2 * gammaQuantile(0.95, 1, 1)).toBeCloseTo(5.9915, 4);
    expect(2 * gammaQuantile(0.95, 0.5, 1)).toBeCloseTo(3.8415, 4);
    expect(2 * gammaQuantile(0.975, 10, 1)).toBeCloseTo(34.1696, 4);
  });

  it("counts Poisson events: P(N ≤ c) is the share above", () => {
    const mean = 6.5;
    let [term, sum] = [Math.exp(-mean), 0];
    for (let n = 0; n <= 4; n++) {
      sum += term;
      term *= mean / (n + 1);
    }
    expect(1 - gammaShare(5, mean)).toBeCloseTo(sum, 12);
  });
});

describe("beta", () => {
  it("is the integral of its density", () => {
    expect(betaShare(0.3, 1, 1)).toBeCloseTo(0.3, 14);
    expect(betaShare(0.5, 3.3, 3.3)).toBeCloseTo(0.5, 13);
    const all = integrate(0, 1, (x) => x ** 1.5 * (1 - x) ** 3);
    expect(betaShare(0.4, 2.5, 4)).toBeCloseTo(integrate(0, 0.4, (x) => x ** 1.5 * (1 - x) ** 3) / all, 6);
  });
});
