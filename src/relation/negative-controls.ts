import type { NegativeControls } from "./association.ts";
import { dayShiftTest } from "./day-shift.ts";
import type { ShiftPart } from "./day-shift.ts";
import { combine } from "./minutes.ts";
import type { CheckedMinutes, SiteMinutes } from "./site-minutes.ts";

/*
 * Two things that a village's own outages cannot cause: failures at the centre, and failures at the village, its network up,
 * when another area is out. Where either goes with outages, both have a common cause (upstream, a storm, the service's own
 * load), and nothing can be said of the network alone.
 */

export function negativeControls(
  sites: readonly SiteMinutes[],
  control: CheckedMinutes | null,
  days: number,
): NegativeControls {
  const others = otherExposures(sites);
  return {
    vantage:
      control === null
        ? null
        : dayShiftTest(
            sites.map(({ out }) => ({ exposure: out, ...control })),
            days,
          ),
    neighbour: others.length === 0 ? null : dayShiftTest(others, days),
  };
}

/** Each site with the outages of a site of the next area by code, and its own minutes in which its network was up. */
function otherExposures(sites: readonly SiteMinutes[]): ShiftPart[] {
  const byArea = Map.groupBy(
    sites.toSorted((a, b) => (a.code < b.code ? -1 : 1)),
    ({ area }) => area,
  );
  const areas = [...byArea.keys()].toSorted();
  if (areas.length < 2) return [];
  return areas.flatMap((area, place) => {
    const others = byArea.get(areas[(place + 1) % areas.length]!)!;
    return byArea.get(area)!.map(({ both, out, unexposedFailed }, index) => ({
      exposure: others[index % others.length]!.out,
      failed: unexposedFailed,
      checked: combine(both, out, (a, b) => a & ~b),
    }));
  });
}
