import type { Accounting } from "./association.ts";
import { combine, countAll } from "./minutes.ts";
import type { CheckedMinutes, SiteMinutes } from "./site-minutes.ts";

/**
 * Each minute in which a check ran in one class. `control`: without the minutes in which its site was cut off itself; null where
 * no control vantage checks the service. What it cannot decide may all be the network's where that was out.
 */
export function accountMinutes(sites: readonly SiteMinutes[], control: CheckedMinutes | null): Accounting {
  const counts = {
    observed: 0,
    failed: 0,
    exposed: 0,
    networkOnly: 0,
    serviceOnly: 0,
    both: 0,
    unexplained: 0,
  };
  for (const { checked, failed, exposedFailed, unexposedFailed } of sites) {
    counts.observed += countAll(checked);
    counts.failed += countAll(failed);
    counts.exposed += countAll(exposedFailed);
    if (control === null) continue;
    const outOfOrder = (bits: Uint32Array) => countAll(combine(bits, control.failed, (a, b) => a & b));
    const known = (bits: Uint32Array) => countAll(combine(bits, control.checked, (a, b) => a & b));
    const [both, serviceOnly] = [outOfOrder(exposedFailed), outOfOrder(unexposedFailed)];
    counts.both += both;
    counts.serviceOnly += serviceOnly;
    counts.networkOnly += known(exposedFailed) - both;
    counts.unexplained += known(unexposedFailed) - serviceOnly;
  }
  const { observed, failed, exposed, networkOnly, serviceOnly, both, unexplained } = counts;
  const ratio = (part: number, whole: number) => (whole === 0 ? null : part / whole);
  return {
    observed,
    available: observed - failed,
    networkOnly,
    serviceOnly,
    both,
    unexplained,
    undecided: failed - networkOnly - serviceOnly - both - unexplained,
    availabilityRatio: ratio(observed - failed, observed),
    networkUpRatio: ratio(observed - serviceOnly - both, observed),
    attributableRatio: ratio(networkOnly, failed),
    attributableUpperRatio: ratio(exposed, failed),
  };
}
