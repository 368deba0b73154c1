import type { Run, TargetEvidence } from "../outage/evidence.ts";
import type { Cause, OutageTable, StateSegment } from "../outage/table.ts";
import { measureAvailability } from "../relation/measure.ts";
import { endS, scoredCauses, serviceOutages, toS } from "./scored.ts";
import type { Scenario } from "./scenario.ts";
import { intersect, lengthOf } from "./spans.ts";
import type { Span } from "./spans.ts";

/*
 * Minutes by cause as the scorer has them: the collector's own account (relation/measure.ts), said in the scorer's classes.
 *
 *   overlap       where the service was out and the site cut off as well, the account gives the time to the service and
 *                 says how much that was; the scorer gives it to what cut the site off (methods.md §C1)
 *   certificate   is a class of its own there
 *   unexplained   a check that failed from one site alone for no reason that could be found, and time that nobody
 *                 measured, have no class there: they count as available
 */

export interface Account {
  /** Of each service: when its certificate was what was wrong, as the control vantage saw it. */
  certificate: ReadonlyMap<string, readonly Span[]>;
  table: OutageTable;
  scenario: Scenario;
}

/** Seconds by class; they add up to the scenario's length. */
export function attribute(
  site: string,
  service: string,
  { certificate, table, scenario }: Account,
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
  const expired = intersect(faults, certificate.get(service) ?? []);
  move(lengthOf(expired), "service", "service_tls");
  for (const cause of new Set(ofSite.filter(({ state }) => isCut(state)).map((segment) => segment.cause!))) {
    const cut = spans(ofSite, (segment) => isCut(segment.state) && segment.cause === cause);
    const expiredS = lengthOf(intersect(expired, cut));
    move(expiredS, "service_tls", scoredCauses[cause]);
    move(lengthOf(intersect(faults, cut)) - expiredS, "service", scoredCauses[cause]);
  }
  const unexplained = spans(ofService, ({ state, cause }) => state === "down" && cause === "unknown");
  move(lengthOf(unexplained), "unknown", "available");
  const outS = lengthOf(serviceOutages(scenario.centre, service, table, scenario));
  return {
    ...Object.fromEntries(Object.entries(seconds).filter(([, amount]) => amount !== 0)),
    _counterfactual_available: measured.windowS - outS,
  };
}

const isCut = (state: string) => state === "down" || state === "unreachable";

/** From the first to the last check of each failure of the control vantage in which the certificate was refused. */
export function certificateSpans(
  targets: readonly TargetEvidence[],
  scenario: Scenario,
): Account["certificate"] {
  const { centre, services } = scenario;
  return new Map(
    services.map((service) => {
      const control = targets.find((target) => target.vantage === centre && target.service === service);
      return [service, failuresOf(control?.runs ?? []).flatMap((runs) => refusedSpan(runs, scenario) ?? [])];
    }),
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

function refusedSpan(runs: readonly Run[], scenario: Scenario): [Span] | null {
  const refused = runs.filter(({ phase }) => phase === "tls");
  if (refused.length === 0) return null;
  const half = scenario.stepMs / 2;
  return [[toS(refused[0]!.firstMs - half, scenario), toS(refused.at(-1)!.lastMs + half, scenario)]];
}
