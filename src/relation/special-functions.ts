/*
 * The two functions behind Student's t and the gamma distribution, each by the series or continued fraction that converges
 * where it is asked: Abramowitz and Stegun, Handbook of Mathematical Functions, 6.1.41, 6.5.29, 6.5.31, 26.5.8.
 */

const precision = 1e-15;
/** Stands for a zero in a continued fraction that may not be one (Lentz's method). */
const tiny = 1e-300;
const mostTerms = 100_000;

/** ln Γ(x), x > 0: Stirling's series from 12 on, reached by Γ(x + 1) = x Γ(x). Γ(½) = √π. */
export function lnGamma(x: number): number {
  let [at, product] = [x, 1];
  for (; at < 12; at++) product *= at;
  const z = 1 / (at * at);
  const series = (1 / 12 - z * (1 / 360 - z * (1 / 1260 - z * (1 / 1680 - z / 1188)))) / at;
  return (at - 0.5) * Math.log(at) - at + 0.5 * Math.log(2 * Math.PI) + series - Math.log(product);
}

/** I_x(a, b), the share of a beta distribution below x. I_x(1, 1) = x; I_½(a, a) = ½. */
export function betaShare(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // The fraction converges fast on this side of the mean; the other side is the rest.
  if (x > (a + 1) / (a + b + 2)) return 1 - betaShare(1 - x, b, a);
  const lnFront = a * Math.log(x) + b * Math.log1p(-x) + lnGamma(a + b) - lnGamma(a) - lnGamma(b);
  const term = (n: number) => {
    const m = Math.floor(n / 2);
    return n % 2 === 0
      ? (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
      : (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
  };
  return Math.exp(lnFront) / a / continuedFraction(term, () => 1);
}

/** P(a, x), the share of a gamma distribution of that shape, rate 1, below x. P(1, x) = 1 − e^−x. */
export function gammaShare(a: number, x: number): number {
  if (x <= 0) return 0;
  const front = Math.exp(a * Math.log(x) - x - lnGamma(a));
  if (x > a + 1) {
    const fraction = continuedFraction(
      (n) => n * (a - n),
      (n) => x + 1 - a + 2 * n,
    );
    return 1 - front / fraction;
  }
  let [term, sum] = [1 / a, 1 / a];
  for (let n = 1; n < mostTerms && term > sum * precision; n++) {
    term *= x / (a + n);
    sum += term;
  }
  return front * sum;
}

/** b₀ + a₁ / (b₁ + a₂ / (b₂ + …)). */
function continuedFraction(a: (n: number) => number, b: (n: number) => number): number {
  let value = b(0) || tiny;
  let [up, down] = [value, 0];
  for (let n = 1; n < mostTerms; n++) {
    down = 1 / (b(n) + a(n) * down || tiny);
    up = b(n) + a(n) / up || tiny;
    value *= up * down;
    if (Math.abs(up * down - 1) < precision) break;
  }
  return value;
}

/**
 * Where a function that rises goes through zero; `low` and `high` lie on its two sides. `within`: how near is near enough;
 * 0, the default, is to the last digit.
 */
export function rootBetween(low: number, high: number, rising: (x: number) => number, within = 0): number {
  let [from, to] = [low, high];
  while (to - from > within) {
    const middle = (from + to) / 2;
    if (middle <= from || middle >= to) break;
    if (rising(middle) < 0) from = middle;
    else to = middle;
  }
  return (from + to) / 2;
}
