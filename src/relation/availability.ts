import type { Cause } from "../outage/table.ts";

/**
 * How far a service could be reached from a place (or several, summed) in a window. Whole seconds; the sums are equal,
 * not nearly equal:
 *
 *   windowS = availableS + unavailableS + notMeasuredS + expectedOffS        unavailableS = Σ byCause
 *
 * methods.md §C1; design.md §6.
 */
export interface Availability {
  windowS: number;
  availableS: number;
  unavailableS: number;
  notMeasuredS: number;
  /** Without power outside of its hours of supply: nobody expects the place to reach anything then, and no ratio has it. */
  expectedOffS: number;
  /** availableS + unavailableS. */
  observedS: number;
  /** Only causes with seconds. */
  byCause: Partial<Record<Cause, number>>;
  /** Seconds in which the service itself was out and the place was cut off as well; counted once, under `service`. */
  bothS: number;
  /** availableS / observedS; null where nothing was observed. */
  availabilityRatio: number | null;
  /** Had all unmeasured time been down, or up: null only for an empty window. */
  worstRatio: number | null;
  bestRatio: number | null;
  /**
   * Had the network been up, name look-ups included: 1 − byCause.service / observed, if all that is not explained was the
   * network's; null where nothing was observed.
   */
  networkUpRatio: number | null;
  /** The same if none of it was: 1 − (byCause.service + byCause.unknown) / observed. */
  networkUpLowerRatio: number | null;
  /** observedS / (windowS − expectedOffS), which the two before are of as well. */
  coverageRatio: number | null;
}
