import type { SiteView } from "../report/reader.ts";
import type { Cause, SiteState } from "../outage/table.ts";

/*
 * What the front page says, as figures. Pure: SiteViews in, counts out.
 */

/** Every site is in exactly one, so that they add up to the total. `cut`: down or unreachable. */
export type Standing = "up" | "degraded" | "cut" | "maintenance" | "off" | "unknown";

/** In the order in which they are told. */
export const standings = [
  "up",
  "cut",
  "degraded",
  "maintenance",
  "off",
  "unknown",
] as const satisfies Standing[];

export type Counts = Record<Standing, number> & { total: number };

export function standingOf(state: SiteState): Standing {
  return state === "down" || state === "unreachable" ? "cut" : state;
}

export function countStandings(sites: readonly SiteView[]): Counts {
  const counts: Counts = {
    up: 0,
    degraded: 0,
    cut: 0,
    maintenance: 0,
    off: 0,
    unknown: 0,
    total: sites.length,
  };
  for (const site of sites) counts[standingOf(site.state)] += 1;
  return counts;
}

/** How one service can be reached, over all sites that check it. */
export interface ServiceSummary {
  service: string;
  state: "up" | "down" | "partly" | "unknown";
  reachable: number;
  notReachable: number;
  unknown: number;
  /** When the first of those that cannot reach it now lost it; null where none or not known. */
  sinceMs: number | null;
  /** Causes at the sites that cannot reach it, the most frequent first. */
  causes: { cause: Cause; sites: number }[];
}

export function summariseService(service: string, sites: readonly SiteView[]): ServiceSummary {
  const views = sites.flatMap((site) => site.services.filter((view) => view.service === service));
  const count = (...wanted: Standing[]) =>
    views.filter((view) => wanted.includes(standingOf(view.state))).length;
  const cut = views.filter((view) => standingOf(view.state) === "cut");
  const reachable = count("up", "degraded");
  const causes = new Map<Cause, number>();
  for (const view of cut) causes.set(view.cause ?? "unknown", (causes.get(view.cause ?? "unknown") ?? 0) + 1);
  const begins = cut.flatMap((view) => (view.sinceMs === null ? [] : [view.sinceMs]));
  return {
    service,
    state: cut.length === 0 ? (reachable === 0 ? "unknown" : "up") : reachable === 0 ? "down" : "partly",
    reachable,
    notReachable: cut.length,
    unknown: count("unknown", "maintenance", "off"),
    sinceMs: begins.length === 0 ? null : Math.min(...begins),
    causes: [...causes]
      .map(([cause, number]) => ({ cause, sites: number }))
      .toSorted((a, b) => b.sites - a.sites || a.cause.localeCompare(b.cause)),
  };
}

/** A site with those administratively below it, in the order of their codes. */
export interface Branch {
  site: SiteView;
  children: Branch[];
}

/** Sites whose parent is not among them are roots, so that no site is ever left out. */
export function toBranches(sites: readonly SiteView[]): Branch[] {
  const branches = new Map(sites.map((site) => [site.code, { site, children: [] } as Branch]));
  const roots: Branch[] = [];
  for (const branch of branches.values()) {
    const parent = branch.site.parent === null ? undefined : branches.get(branch.site.parent);
    (parent === undefined ? roots : parent.children).push(branch);
  }
  const sort = (level: Branch[]): Branch[] => {
    level.sort((a, b) => (a.site.code < b.site.code ? -1 : 1));
    for (const branch of level) sort(branch.children);
    return level;
  };
  return sort(roots);
}

/** The site of a branch and all below it. */
export function sitesOf(branch: Branch): SiteView[] {
  return [branch.site, ...branch.children.flatMap(sitesOf)];
}
