import type { Inventory } from "../inventory/inventory.ts";
import { isWithin } from "./hours.ts";
import type { Calendar, Hours } from "./hours.ts";
import { isAtLeast } from "./severity.ts";
import type { Severity } from "./severity.ts";

export const abouts = ["site", "service", "condition"] as const;
/** `site`: places that are cut off · `service`: services that are out of reach · `condition`: what has a threshold of its own. */
export type About = (typeof abouts)[number];

/** Who is told of what. What is left out does not narrow it. */
export interface Route {
  /** Ids of channels. */
  to: readonly string[];
  /** Site codes: something that is cut off lies there or below. */
  areas?: readonly string[] | undefined;
  /** As on the links. */
  providers?: readonly string[] | undefined;
  /** Least severity. Default: low, everything. */
  severity: Severity;
  about?: readonly About[] | undefined;
  /** Outside of them this route takes nothing. */
  hours?: Hours | undefined;
  /** Whether quiet hours hold back what goes this way. Default: true. */
  quiet: boolean;
}

/** What routes go by. */
export interface Subject {
  about: About;
  sites: readonly string[];
  providers: readonly string[];
  severity: Severity;
}

export interface Reached {
  channel: string;
  /** It came by a route that quiet hours do not hold back. */
  wakes: boolean;
}

/** The channels of all routes that take it, each once, in the order of the routes. */
export function reachedBy(
  subject: Subject,
  routes: readonly Route[],
  at: { nowMs: number; calendar: Calendar; inventory: Inventory },
): Reached[] {
  const reached = new Map<string, boolean>();
  for (const route of routes) {
    if (!takes(route, subject, at)) continue;
    for (const channel of route.to) reached.set(channel, (reached.get(channel) ?? false) || !route.quiet);
  }
  return [...reached].map(([channel, wakes]) => ({ channel, wakes }));
}

function takes(
  { areas, providers, severity, about, hours }: Route,
  subject: Subject,
  { nowMs, calendar, inventory }: { nowMs: number; calendar: Calendar; inventory: Inventory },
): boolean {
  if (!isAtLeast(subject.severity, severity)) return false;
  if (about !== undefined && !about.includes(subject.about)) return false;
  if (providers !== undefined && !subject.providers.some((one) => providers.includes(one))) return false;
  if (areas !== undefined && !subject.sites.some((site) => liesIn(site, areas, inventory))) return false;
  return hours === undefined || isWithin(hours, nowMs, calendar);
}

function liesIn(site: string, areas: readonly string[], inventory: Inventory): boolean {
  for (let at: string | null = site; at !== null; at = inventory.sites.get(at)?.parent ?? null) {
    if (areas.includes(at)) return true;
  }
  return false;
}
