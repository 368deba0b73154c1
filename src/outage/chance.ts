/** Probability of `least` or more successes in `trials` independent ones that succeed with `chance` each. */
export function binomialTail(trials: number, chance: number, least: number): number {
  if (least <= 0) return 1;
  if (least > trials || chance <= 0) return 0;
  if (chance >= 1) return 1;
  // The terms by their logarithms, each from the one before it: a factorial would not fit.
  let logTerm = trials * Math.log1p(-chance);
  let tail = 0;
  for (let successes = 0; successes <= trials; successes++) {
    if (successes >= least) tail += Math.exp(logTerm);
    logTerm += Math.log((trials - successes) / (successes + 1)) + Math.log(chance / (1 - chance));
  }
  return Math.min(1, tail);
}
