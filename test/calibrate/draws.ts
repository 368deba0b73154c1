/** What worlds are drawn from, over a generator of numbers from 0 to 1. */
export interface Draws {
  uniform(from: number, to: number): number;
  happens(chance: number): boolean;
  /** How many of something that is expected `mean` times; means of a few hundred at most. */
  poisson(mean: number): number;
  /** Lognormal with this mean; `sigma` is the standard deviation of its logarithm. */
  duration(mean: number, sigma: number): number;
}

export function createDraws(random: () => number): Draws {
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return {
    uniform: (from, to) => from + random() * (to - from),
    happens: (chance) => random() < chance,
    poisson(mean) {
      // Exponential waits until the mean is used up.
      let [count, waited] = [0, -Math.log(1 - random())];
      for (; waited < mean; count++) waited -= Math.log(1 - random());
      return count;
    },
    duration: (mean, sigma) => mean * Math.exp(sigma * normal() - sigma ** 2 / 2),
  };
}
