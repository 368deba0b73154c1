import type { Span } from "../inventory/spans.ts";

/*
 * How much more often a service cannot be reached while the network is out: input and answer. Exposure E comes from network
 * probes alone, outcome Y from the service's own probe alone. Methods: docs/relation.md.
 */

/** What a network probe or a check said over a stretch; what no span covers was not observed. */
export interface NetworkSpan extends Span {
  out: boolean;
}
export interface ServiceSpan extends Span {
  failed: boolean;
}

export interface AssociationSite {
  /** Kemendagri code. */
  code: string;
  /** Sites with one area (their kecamatan) share hubs; the second negative control takes the exposure of another. */
  area: string;
  /** From ICMP and SNMP alone; any order, without overlap. `out`: in the exposure that is asked about. */
  network: readonly NetworkSpan[];
  /** From the check of this service at this site alone; any order, without overlap. */
  service: readonly ServiceSpan[];
}

/** Whole days of 24 hours in the district's zone. */
export interface DayWindow {
  /** Local midnight, epoch ms. */
  fromMs: number;
  /** 1 to 1100. */
  days: number;
  /** The zone's distance from UTC, ms: 28,800,000 for WITA. A day has 24 hours: no zone of Indonesia changes its clock. */
  offsetMs: number;
}

/** What the network is asked about. With `down` a failed check is close to a matter of course (docs/relation.md). */
export type Exposure = "down" | "degraded";

export interface AssociationInput {
  service: string;
  exposure: Exposure;
  window: DayWindow;
  sites: readonly AssociationSite[];
  /** The same service checked from the district's centre; null where no control vantage checks it. */
  control: readonly ServiceSpan[] | null;
  /** When the control vantage's own site was cut off: its failures then are its network's, and not the service's. */
  controlCut?: readonly Span[];
  /** Level of tests and of 1 − intervals, 0 to 0.5, both excluded; default 0.05. */
  alpha?: number;
  /** Seconds between rounds of the network probe and of the check, for what the lags can resolve; default 60 each. */
  networkStepS?: number;
  serviceStepS?: number;
  /** Share of the observed minutes that were carried forward and not measured, 0 to 1; default 0. */
  inferredRatio?: number;
  /** Names of what was read, such as a digest of the evidence, and the program's version: they come back in `made`. */
  inputs?: readonly string[];
  version?: string;
}

/** How the answer can be had again. */
export interface Made {
  version: string;
  inputs: readonly string[];
  fromMs: number;
  toMs: number;
  alpha: number;
  /** null where nothing is drawn: the association counts every rotation. */
  seed: number | null;
}

/** low or high is null where the interval is open on that side. */
export interface Interval {
  low: number | null;
  high: number | null;
}

export interface Estimate {
  /** null where it is infinite or not defined. */
  value: number | null;
  interval: Interval;
  /** Standard error on the scale on which the interval was made (log, logit, or plain); null where there is none. */
  se: number | null;
  /** Effective number of independent days G*; null where there is none. */
  effectiveDays: number | null;
}

/**
 * Description of this window and of nothing else: whole minutes in which the check ran, each in one class. No interval
 * belongs to it: its error is that of measurement. Seconds by cause are the outage table's matter (availability.ts).
 *
 *   observed = available + networkOnly + serviceOnly + both + unexplained + undecided
 */
export interface Accounting {
  observed: number;
  available: number;
  /** Failed while the network was out and the centre could reach the service. */
  networkOnly: number;
  /** Failed at the centre too, while the network was up. */
  serviceOnly: number;
  /** The network was out and the service as well. */
  both: number;
  /** Failed while network and service were well. */
  unexplained: number;
  /** Failed, and the network or the centre was not observed. */
  undecided: number;
  /** A: available / observed; null where nothing was observed. */
  availabilityRatio: number | null;
  /** Had the network been up: 1 − (serviceOnly + both) / observed. */
  networkUpRatio: number | null;
  /** AS: networkOnly / failed; null without a failure. */
  attributableRatio: number | null;
  /** Failed minutes in which the network was out, of all that failed: `both` and what is undecided given to the network. */
  attributableUpperRatio: number | null;
}

/** What the minimum rule asks for, and what there is. */
export interface Need {
  what: "days" | "networkEpisodes" | "networkDays" | "serviceEpisodes";
  have: number;
  need: number;
}

export interface Counts {
  sites: number;
  days: number;
  /** Onsets of outages, at any site; those within five minutes of one another are one. */
  networkEpisodes: number;
  /** Days with such an onset. */
  networkDays: number;
  /** Onsets of failures outside outages, in the same way. */
  serviceEpisodes: number;
  /** Site-minutes, network and service both observed: exposed (n1) and failed (a), not exposed (n0) and failed (c). */
  exposed: number;
  exposedFailed: number;
  unexposed: number;
  unexposedFailed: number;
}

/** One-sided, over all rotations by whole days of the network against the services. */
export interface ShiftTest {
  p: number;
  /** 1 / days: nothing smaller can come out. */
  smallestP: number;
  rotations: number;
}

export interface Lag {
  /** Mean over episodes, s; positive: the check after the network. null without a pair. */
  meanS: number | null;
  /** From ten episodes on. */
  interval: Interval;
  /** Episodes with both edges seen, those that begin together taken as one. */
  episodes: number;
  /** What a single pair of edges can resolve: √((Δn² + Δs²)/12), s. */
  edgeSdS: number;
}

export interface LagPoint {
  /** After the onset of an outage. */
  minute: number;
  /** Failed share less that of the site's hour. */
  excessRatio: number;
}

export interface LagCurve {
  points: LagPoint[];
  /** What the largest point of a curve reaches by chance, at level alpha over all points together (max-T). */
  envelopeRatio: number;
  /** Of all points before the onset together: a placebo, since nothing should be seen there. */
  placeboEnvelopeRatio: number;
}

export interface NegativeControls {
  /** The control vantage's failures against the same outages; null without a control vantage. */
  vantage: ShiftTest | null;
  /** Outages of another area against failures while the own network was up; null with one area. */
  neighbour: ShiftTest | null;
}

/** A site's failures that began while its network was out, drawn towards the mean of all: for ranking, not for tests. */
export interface SiteRate {
  code: string;
  episodes: number;
  observedDays: number;
  per30Days: number;
  interval: Interval;
}

export type AssociationVerdict = "not-enough-data" | "not-shown" | "not-separable" | "associated";

/** Stable names; report/words makes sentences of them. */
export type Caveat =
  /** Exposure `down`: a cut makes the service unreachable by construction; the accounting is the headline. */
  | "near-tautological"
  /** Always: other operators, mobile data and neighbours are not measured. */
  | "monitored-path-only"
  | "no-control-vantage"
  | "no-neighbour-area"
  /** Fewer than three effective days: one event decides the figures. */
  | "one-event-dominates"
  /** No failure (or no exposed failure) where it would count: a bound on one side alone. */
  | "one-sided-bound"
  /** Failures rise before the onset: clock error, common cause, or congestion. */
  | "rises-before-onset"
  /** An unmeasured common cause twice as frequent in outages, and doubling failures, would explain it (E-value < 2). */
  | "weak-against-common-cause"
  /** More than a tenth of the minutes was carried forward. */
  | "many-inferred-minutes"
  /** Less than half of the site-minutes had network and service observed. */
  | "low-coverage";

export interface Inference {
  /** Mantel-Haenszel over site × hour (× weekday or weekend from 60 days on). */
  riskRatio: Estimate;
  riskDifference: Estimate;
  /** In general, and not of this window: intervals for A and AS. */
  availability: Estimate;
  attributable: Estimate;
  test: ShiftTest;
  /** After Holm over the services that were tested together; null before that. */
  pHolm: number | null;
  /** Of the estimate, and of the limit next to 1; null where there is no ratio. */
  eValue: { estimate: number | null; limit: number | null };
  onsetLag: Lag;
  recoveryLag: Lag;
  curve: LagCurve;
  negativeControls: NegativeControls;
  /** Highest rate first. */
  sites: SiteRate[];
}

export interface Association {
  service: string;
  exposure: Exposure;
  counts: Counts;
  accounting: Accounting;
  verdict: AssociationVerdict;
  caveats: Caveat[];
  /** What is missing, where the verdict is `not-enough-data`; empty otherwise. */
  needs: Need[];
  /** When there would be enough at the present rate: the start of a day, epoch ms; null where no rate is known. */
  readyMs: number | null;
  /** null where there is not enough data: nothing is said then. */
  inference: Inference | null;
  made: Made;
}
