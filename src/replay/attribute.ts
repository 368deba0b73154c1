import type { Broke, Run, TargetEvidence } from "../outage/evidence.ts";
import type { Cause, OutageTable, StateSegment } from "../outage/table.ts";
import { measureAvailability } from "../relation/measure.ts";
import { endS, scoredCauses, toS } from "./scored.ts";
import type { Scenario } from "./scenario.ts";
import { intersect, lengthOf, subtract } from "./spans.ts";
import type { Span } from "./spans.ts";

/*
 * Minutes by cause as the scorer has them: the collector's own account (relation/measure.ts), said in the scorer's classes.
 *
 *   overlap       where the service was out and the site cut off as well, the account gives the time to the service and
 *                 says how much that was; the scorer gives it to what cut the site off (methods.md §C1)
 *   names         the same for the time in which the site's own name look-ups failed and the control vantage's did not
 *   certificate   is a class of its own there
 *   unexplained   a check that failed from one site alone for no reason that could be found, and time that nobody
 *                 measured, have no class there: they count as available
 */

export interface Account {
  /** When the checks of a service from a site, the centre among them, broke in a phase. */
  brokeAt: BrokeAt;
  table: OutageTable;
  scenario: Scenario;
}

/** Seconds by class; they add up to the scenario's length. */
export function attribute(
  site: string,
  service: string,
  { brokeAt, table, scenario }: Account,
): Record<string, number> {
  const states = (of: string) =>
    table.states.filter((segment) => segment.site === site && segment.service === of);
  const [ofService, ofSite] = [states(service), states("")];
  const measured = measureAvailability({
    window: { fromMs: scenario.fromMs, toMs: scenario.toMs },
    site,
    service,
    serviceStates: ofService,
    siteStates: ofSite,
    blips: table.blips.filter((blip) => blip.site === site),
  });
  const seconds: Record<string, number> = { available: measured.availableS + measured.notMeasuredS };
  const move = (amount: number, from: string, to: string) => {
    seconds[from] = (seconds[from] ?? 0) - amount;
    seconds[to] = (seconds[to] ?? 0) + amount;
  };
  for (const [cause, causeS] of Object.entries(measured.byCause)) {
    const name = scoredCauses[cause as Cause];
    seconds[name] = (seconds[name] ?? 0) + causeS;
  }
  const spans = (of: readonly StateSegment[], keep: (segment: StateSegment) => boolean) =>
    of.filter(keep).map((segment): Span => [toS(segment.startMs, scenario), endS(segment, scenario)]);
  const faults = spans(ofService, ({ state, cause }) => isCut(state) && cause === "service");
  const expired = intersect(faults, brokeAt(scenario.centre, service, "tls"));
  move(lengthOf(expired), "service", "service_tls");
  const moveShared = (shared: readonly Span[], cause: Cause) => {
    const expiredS = lengthOf(intersect(expired, shared));
    move(expiredS, "service_tls", scoredCauses[cause]);
    move(lengthOf(intersect(faults, shared)) - expiredS, "service", scoredCauses[cause]);
  };
  const cuts = ofSite.filter(({ state }) => isCut(state));
  for (const cause of new Set(cuts.map((segment) => segment.cause!)))
    moveShared(
      spans(cuts, (segment) => segment.cause === cause),
      cause,
    );
  const names = brokeAt(site, service, "dns");
  const notOwn = [...brokeAt(scenario.centre, service, "dns"), ...spans(cuts, () => true)];
  moveShared(subtract(names, notOwn), "dns");
  const unexplained = spans(ofService, ({ state, cause }) => state === "down" && cause === "unknown");
  move(lengthOf(unexplained), "unknown", "available");
  return {
    ...Object.fromEntries(Object.entries(seconds).filter(([, amount]) => amount !== 0)),
    _counterfactual_available: Math.round((measured.networkUpRatio ?? 1) * measured.windowS),
  };
}

const isCut = (state: string) => state === "down" || state === "unreachable";

export type BrokeAt = (site: string, service: string, phase: Broke) => readonly Span[];

/** From the first to the last check of each failure that broke in that phase. */
export function createBrokeAt(targets: readonly TargetEvidence[], scenario: Scenario): BrokeAt {
  const checks = new Map(targets.map((target) => [`${target.vantage} ${target.service ?? ""}`, target]));
  return (site, service, phase) =>
    failuresOf(checks.get(`${site} ${service}`)?.runs ?? []).flatMap(
      (runs) => brokenSpan(runs, phase, scenario) ?? [],
    );
}

/** Runs of failed checks without one that passed among them. */
function failuresOf(runs: readonly Run[]): Run[][] {
  const failures: Run[][] = [];
  let isFailing = false;
  for (const run of runs) {
    if (run.verdict !== "ok" && isFailing) failures.at(-1)!.push(run);
    else if (run.verdict !== "ok") failures.push([run]);
    isFailing = run.verdict !== "ok";
  }
  return failures;
}

function brokenSpan(runs: readonly Run[], phase: Broke, scenario: Scenario): [Span] | null {
  const broken = runs.filter((run) => run.phase === phase);
  if (broken.length === 0) return null;
  const half = scenario.stepMs / 2;
  return [[toS(broken[0]!.firstMs - half, scenario), toS(broken.at(-1)!.lastMs + half, scenario)]];
}
