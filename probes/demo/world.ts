import type { DemoInventory } from "./inventory.ts";

/*
 * What is broken when. The simulated agents measure this world; the collector never sees it.
 *
 *   link         the site's uplink is cut: its agent goes on measuring and cannot report
 *   rain         a storm over its radio or satellite: cut as by `link`, with poor rounds before and after
 *   provider     the top's uplink to the world: inside the district all goes on, the public network is gone
 *   power        router and agent are off; afterwards the machine has booted anew
 *   crash        the agent's program has ended, everything else works
 *   dns          the resolver of the site fails
 *   service      the complaint service answers 500, later it refuses connections
 *   certificate  the certificate of the complaint service has expired
 *   normal       nothing is broken: a geostationary link, whose round trips of 600 ms are as they should be
 */
const faultKinds = [
  "link",
  "rain",
  "provider",
  "power",
  "crash",
  "dns",
  "service",
  "certificate",
  "normal",
] as const;
export type FaultKind = (typeof faultKinds)[number];

export interface Fault {
  kind: FaultKind;
  /** Where it broke; for `service`, `certificate` and `provider` the top, whose check is the control. */
  site: string;
  startMs: number;
  endMs: number;
}

export type ServiceState = "ok" | "error" | "refused" | "expired";

/** How long a storm fades the link before it is cut off and after, ms. */
export const fadeMs = 8 * 60_000;

export interface World {
  /** Whether the agent of the site runs. */
  runs(site: string, atMs: number): boolean;
  isPowered(site: string, atMs: number): boolean;
  /** Whether the site's gateway and the one above it hear each other. */
  reachesHub(site: string, atMs: number): boolean;
  reachesTop(site: string, atMs: number): boolean;
  /** Whether the district's way to the public network works. */
  reachesWorld(atMs: number): boolean;
  /** Whether a storm makes the link of the site poor. */
  isPoor(site: string, atMs: number): boolean;
  resolves(site: string, atMs: number): boolean;
  service(atMs: number): ServiceState;
  /** The site, the one it hangs from, and so on up to the top. */
  pathOf(site: string): readonly string[];
  /** [fromMs, toMs) cut where it changes whether the agent runs or can report. */
  pieces(site: string, fromMs: number, toMs: number): { fromMs: number; toMs: number }[];
}

/** Faults that keep an agent from reporting. */
const silencing: ReadonlySet<FaultKind> = new Set(["link", "rain", "power", "crash"]);

export function createWorld({ links, top }: DemoInventory, faults: readonly Fault[]): World {
  const parents = new Map(links.map(({ site, parent }) => [site, parent]));
  const bySite = Map.groupBy(faults, ({ site }) => site);
  const paths = new Map(links.map(({ site }) => [site, climb(site, parents)]));
  const pathOf = (site: string) => paths.get(site)!;
  const has = (kind: FaultKind, site: string, atMs: number) =>
    bySite.get(site)?.some((fault) => fault.kind === kind && fault.startMs <= atMs && atMs < fault.endMs) ===
    true;
  const isPowered = (site: string, atMs: number) => !has("power", site, atMs);
  const reachesHub = (site: string, atMs: number) => {
    const parent = parents.get(site);
    return (
      !has("link", site, atMs) &&
      !has("rain", site, atMs) &&
      isPowered(site, atMs) &&
      (parent === null || parent === undefined || isPowered(parent, atMs))
    );
  };
  return {
    runs: (site, atMs) => isPowered(site, atMs) && !has("crash", site, atMs),
    isPowered,
    reachesHub,
    reachesTop: (site, atMs) => pathOf(site).every((hop) => reachesHub(hop, atMs)),
    reachesWorld: (atMs) => !has("provider", top, atMs),
    isPoor: (site, atMs) => has("rain", site, atMs - fadeMs) || has("rain", site, atMs + fadeMs),
    resolves: (site, atMs) => !has("dns", site, atMs),
    service(atMs) {
      if (has("certificate", top, atMs)) return "expired";
      const fault = (bySite.get(top) ?? []).find(
        ({ kind, startMs, endMs }) => kind === "service" && startMs <= atMs && atMs < endMs,
      );
      if (fault === undefined) return "ok";
      return atMs < (fault.startMs + fault.endMs) / 2 ? "error" : "refused";
    },
    pathOf,
    pieces(site, fromMs, toMs) {
      const edges = pathOf(site)
        .flatMap((hop) => (bySite.get(hop) ?? []).filter(({ kind }) => silencing.has(kind)))
        .flatMap(({ startMs, endMs }) => [startMs, endMs])
        .filter((ms) => ms > fromMs && ms < toMs);
      const cuts = [...new Set([fromMs, ...edges, toMs])].sort((a, b) => a - b);
      return cuts.slice(1).map((end, index) => ({ fromMs: cuts[index]!, toMs: end }));
    },
  };
}

function climb(site: string, parents: ReadonlyMap<string, string | null>): string[] {
  const path: string[] = [];
  for (let at: string | null = site; at !== null; at = parents.get(at) ?? null) path.push(at);
  return path;
}
