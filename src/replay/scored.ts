import type { Cause, OutageTable } from "../outage/table.ts";
import type { Scenario } from "./scenario.ts";
import type { Span } from "./spans.ts";

/** Our causes by the scorer's names. */
export const scoredCauses: Record<Cause, string> = {
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

/** Seconds from the scenario's beginning; what lies outside of it is cut off. */
export function toS(ms: number, { fromMs, toMs }: Scenario): number {
  return Math.round((Math.min(Math.max(ms, fromMs), toMs) - fromMs) / 1000);
}

export function endS({ endMs }: { endMs: number | null }, scenario: Scenario): number {
  return toS(endMs ?? scenario.toMs, scenario);
}

/** When the service itself was out, as the centre saw it. */
export function serviceOutages(
  centre: string,
  service: string,
  { outages }: OutageTable,
  scenario: Scenario,
): Span[] {
  return outages
    .filter((row) => row.site === centre && row.service === service && row.cause === "service")
    .map((row): Span => [toS(row.startMs, scenario), endS(row, scenario)]);
}
