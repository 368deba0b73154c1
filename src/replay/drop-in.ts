import type { TargetEvidence } from "../outage/evidence.ts";
import type { OutageTable } from "../outage/table.ts";
import { endS, toS } from "./scored.ts";
import type { Scenario } from "./scenario.ts";
import { intersect, lengthOf } from "./spans.ts";
import type { Span } from "./spans.ts";

/**
 * The drop-in check of methods.md §C1: the share of the time in which sites were held for cut off, a round at either edge
 * left out, in which a check of a service passed there all the same. Behind a fault of the provider what stands in the
 * district is reached by right. null: nothing was cut off for that long.
 */
export function passedWhileCut(
  targets: readonly TargetEvidence[],
  { outages }: Pick<OutageTable, "outages">,
  scenario: Scenario,
): number | null {
  const edgeS = scenario.stepMs / 1000;
  const rows = Map.groupBy(
    outages.filter(({ site, service, ofLink, cause }) => {
      const isCentre = site === scenario.centre;
      return service === null && ofLink !== true && cause !== "provider" && !isCentre;
    }),
    ({ site }) => site,
  );
  let [cutS, passedS] = [0, 0];
  for (const [site, own] of rows) {
    const cuts = own
      .map((row): Span => [toS(row.startMs, scenario) + edgeS, endS(row, scenario) - edgeS])
      .filter(([fromS, untilS]) => fromS < untilS);
    cutS += lengthOf(cuts);
    for (const { vantage, role, runs } of targets) {
      if (vantage !== site || role !== "service") continue;
      const passed = runs
        .filter(({ verdict }) => verdict !== "bad")
        .map((run): Span => [toS(run.firstMs, scenario), toS(run.lastMs, scenario) + edgeS]);
      passedS = passedS + lengthOf(intersect(passed, cuts));
    }
  }
  return cutS === 0 ? null : passedS / cutS / Math.max(1, scenario.services.length);
}
