import type { Evidence } from "../outage/evidence.ts";
import type { Cause, Outage, OutageTable } from "../outage/table.ts";
import { attribute, createBrokeAt } from "./attribute.ts";
import type { Live } from "./live.ts";
import { findContradicted } from "./confident.ts";
import { passedWhileCut } from "./drop-in.ts";
import { endS, scoredCauses, serviceOutages, toS } from "./scored.ts";
import type { Scenario } from "./scenario.ts";
import type { Span } from "./spans.ts";

/** What the evaluation's scorer reads; times are seconds from the scenario's beginning. */
export interface ReplayResult {
  episodes: { site: string; s: number; e: number; cause: string }[];
  /** Seconds by class, the sum of which is the scenario's length. */
  attribution_s: Record<string, Record<string, Record<string, number>>>;
  service_outages: Record<string, Span[]>;
  /** Share of the time cut off in which a check passed there all the same; not read by the scorer. */
  passed_while_cut: number | null;
}

/** What was known while it happened; both lists are empty where that was not asked for. */
export interface LiveResult {
  live_downs: [site: string, knownAt: number, until: number][];
  incidents: [knownAt: number, kind: "site" | "service", asset: string][];
  /** Causes said with high confidence while it happened, and those of them that the final table contradicts. */
  live_causes: { confident: number; contradicted: LiveMistake[] };
}

type LiveMistake = [knownAt: number, site: string, service: string | null, said: Cause, found: Cause | null];

export function toLiveResult(
  live: Pick<Live, "downs" | "incidents" | "confident"> | null,
  table: OutageTable,
  scenario: Scenario,
): LiveResult {
  const isSite = new Set(scenario.sites);
  const downs = live?.downs() ?? [];
  const confident = live?.confident() ?? [];
  return {
    live_downs: downs
      .filter(([site]) => isSite.has(site))
      .map(([site, knownMs, untilMs]) => [site, toS(knownMs, scenario), toS(untilMs, scenario)]),
    live_causes: {
      confident: confident.length,
      contradicted: findContradicted(confident, table).map(({ knownMs, site, service, cause, found }) => [
        toS(knownMs, scenario),
        site,
        service,
        cause,
        found,
      ]),
    },
    incidents: (live?.incidents() ?? []).map(({ toldMs, kind, root }) => [toS(toldMs, scenario), kind, root]),
  };
}

/** Outages with a pause no longer than this are one event for the scorer, s. */
const sameEventS = 60;

export function toResult({ targets }: Evidence, table: OutageTable, scenario: Scenario): ReplayResult {
  const account = { brokeAt: createBrokeAt(targets, scenario), table, scenario };
  const { sites, services, centre } = scenario;
  return {
    episodes: sites.flatMap((site) => episodesOf(site, table, scenario)),
    attribution_s: Object.fromEntries(
      sites.map((site) => [
        site,
        Object.fromEntries(services.map((service) => [service, attribute(site, service, account)])),
      ]),
    ),
    service_outages: Object.fromEntries(
      services.map((service) => [service, serviceOutages(centre, service, table, scenario)]),
    ),
    passed_while_cut: passedWhileCut(targets, table, scenario),
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
