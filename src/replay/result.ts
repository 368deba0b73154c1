import type { Cause, Outage, OutageTable, StateSegment } from "../outage/table.ts";
import { measureAvailability } from "../relation/measure.ts";
import type { Live } from "./live.ts";
import type { Scenario } from "./scenario.ts";

/** What the evaluation's scorer reads; times are seconds from the scenario's beginning. */
export interface ReplayResult {
  episodes: { site: string; s: number; e: number; cause: string }[];
  /** Seconds by class, the sum of which is the scenario's length. */
  attribution_s: Record<string, Record<string, Record<string, number>>>;
  service_outages: Record<string, [s: number, e: number][]>;
}

/** What was known while it happened; both lists are empty where that was not asked for. */
export interface LiveResult {
  live_downs: [site: string, knownAt: number, until: number][];
  incidents: [knownAt: number, kind: "site" | "service", asset: string][];
}

export function toLiveResult(live: Live | null, scenario: Scenario): LiveResult {
  const isSite = new Set(scenario.sites);
  const downs = live?.downs() ?? [];
  return {
    live_downs: downs
      .filter(([site]) => isSite.has(site))
      .map(([site, knownMs, untilMs]) => [site, toS(knownMs, scenario), toS(untilMs, scenario)]),
    incidents: (live?.incidents() ?? []).map(({ toldMs, kind, root }) => [toS(toldMs, scenario), kind, root]),
  };
}

/** Our causes by the scorer's names. */
const scoredCauses: Record<Cause, string> = {
  power: "power",
  maintenance: "maintenance",
  link: "access_link",
  rain: "rain_fade",
  relay: "relay",
  hub: "hub_down",
  backhaul: "backhaul",
  provider: "upstream",
  dns: "dns",
  service: "service",
  congestion: "congestion",
  agent: "agent",
  unknown: "unknown",
};

/** Outages with a pause no longer than this are one event for the scorer, s. */
const sameEventS = 60;

export function toResult(table: OutageTable, scenario: Scenario): ReplayResult {
  const { sites, services, centre } = scenario;
  return {
    episodes: sites.flatMap((site) => episodesOf(site, table, scenario)),
    attribution_s: Object.fromEntries(
      sites.map((site) => [
        site,
        Object.fromEntries(services.map((service) => [service, attribute(site, service, table, scenario)])),
      ]),
    ),
    service_outages: Object.fromEntries(
      services.map((service) => [service, serviceOutages(centre, service, table, scenario)]),
    ),
  };
}

/** What cut the site off, one event after another, each under the cause that took most of it. */
function episodesOf(
  site: string,
  { outages, blips }: OutageTable,
  scenario: Scenario,
): ReplayResult["episodes"] {
  const rows: Stretch[] = [
    ...outages.filter((outage) => outage.site === site && outage.service === null),
    ...blips.filter((blip) => blip.site === site),
  ].sort((a, b) => a.startMs - b.startMs);
  const events: Stretch[][] = [];
  for (const row of rows) {
    const last = events.at(-1);
    if (last !== undefined && toS(row.startMs, scenario) - endS(last.at(-1)!, scenario) <= sameEventS)
      last.push(row);
    else events.push([row]);
  }
  return events.map((parts) => ({
    site,
    s: toS(parts[0]!.startMs, scenario),
    e: endS(parts.at(-1)!, scenario),
    cause: scoredCauses[mainCause(parts, scenario)],
  }));
}

type Stretch = Pick<Outage, "startMs" | "endMs" | "cause">;

function mainCause(parts: readonly Stretch[], scenario: Scenario): Cause {
  const seconds = new Map<Cause, number>();
  for (const part of parts) {
    const lengthS = endS(part, scenario) - toS(part.startMs, scenario);
    seconds.set(part.cause, (seconds.get(part.cause) ?? 0) + lengthS);
  }
  return [...seconds].reduce((most, one) => (one[1] > most[1] ? one : most))[0];
}

/**
 * The scorer has no class for what nobody measured, nor for checks that failed from one site alone for no reason that could
 * be found: both count as available. An expired certificate is a class of its own there, and the service's fault here.
 */
function attribute(
  site: string,
  service: string,
  table: OutageTable,
  scenario: Scenario,
): Record<string, number> {
  const states = (of: string) =>
    table.states.filter((segment) => segment.site === site && segment.service === of);
  const measured = measureAvailability({
    window: { fromMs: scenario.fromMs, toMs: scenario.toMs },
    site,
    service,
    serviceStates: states(service),
    siteStates: states(""),
  });
  const seconds: Record<string, number> = { available: measured.availableS + measured.notMeasuredS };
  const add = (name: string, more: number) => (seconds[name] = (seconds[name] ?? 0) + more);
  for (const [cause, causeS] of Object.entries(measured.byCause)) add(scoredCauses[cause as Cause], causeS);
  const tlsS = certificateSeconds(site, service, table, states(service), scenario);
  add("service", -tlsS);
  add("service_tls", tlsS);
  const unexplainedS = unexplainedSeconds(states(service), scenario);
  add("unknown", -unexplainedS);
  add("available", unexplainedS);
  for (const blip of table.blips.filter((one) => one.site === site)) {
    const blipS = upSeconds(states(service), blip, scenario);
    add(scoredCauses[blip.cause], blipS);
    add("available", -blipS);
  }
  const serviceS = lengthOf(serviceOutages(scenario.centre, service, table, scenario));
  return {
    ...Object.fromEntries(Object.entries(seconds).filter(([, amount]) => amount !== 0)),
    _counterfactual_available: measured.windowS - serviceS,
  };
}

/** Seconds in which the check failed and the site was connected, of unknown cause. */
function unexplainedSeconds(states: readonly StateSegment[], scenario: Scenario): number {
  return states
    .filter(({ state, cause }) => state === "down" && cause === "unknown")
    .reduce((sum, state) => sum + endS(state, scenario) - toS(state.startMs, scenario), 0);
}

/** Seconds of the span in which the service is held for reachable. */
function upSeconds(
  states: readonly StateSegment[],
  span: { startMs: number; endMs: number },
  scenario: Scenario,
): number {
  let seconds = 0;
  for (const state of states) {
    if (state.state !== "up") continue;
    const from = Math.max(toS(state.startMs, scenario), toS(span.startMs, scenario));
    seconds += Math.max(0, Math.min(endS(state, scenario), toS(span.endMs, scenario)) - from);
  }
  return seconds;
}

/** Seconds of the service's faults in which its certificate was what was wrong. */
function certificateSeconds(
  site: string,
  service: string,
  { outages }: OutageTable,
  states: readonly StateSegment[],
  scenario: Scenario,
): number {
  const rows = outages.filter(
    (row) =>
      row.site === site &&
      row.service === service &&
      row.cause === "service" &&
      row.evidence.some(({ fact, detail }) => fact === "service.phase" && detail["phase"] === "tls"),
  );
  let seconds = 0;
  for (const row of rows) {
    for (const state of states) {
      if (state.cause !== "service" || state.state === "up") continue;
      const from = Math.max(toS(row.startMs, scenario), toS(state.startMs, scenario));
      seconds += Math.max(0, Math.min(endS(row, scenario), endS(state, scenario)) - from);
    }
  }
  return seconds;
}

function serviceOutages(
  centre: string,
  service: string,
  { outages }: OutageTable,
  scenario: Scenario,
): [number, number][] {
  return outages
    .filter((row) => row.site === centre && row.service === service && row.cause === "service")
    .map((row): [number, number] => [toS(row.startMs, scenario), endS(row, scenario)]);
}

const lengthOf = (spans: readonly [number, number][]) => spans.reduce((sum, [s, e]) => sum + e - s, 0);

function toS(ms: number, { fromMs, toMs }: Scenario): number {
  return Math.round((Math.min(Math.max(ms, fromMs), toMs) - fromMs) / 1000);
}

function endS({ endMs }: { endMs: number | null }, scenario: Scenario): number {
  return toS(endMs ?? scenario.toMs, scenario);
}
