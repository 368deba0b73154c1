import type { Inventory, Site } from "../inventory/inventory.ts";
import type { Tree } from "../inventory/tree.ts";
import type { SiteState, StateSegment } from "../outage/table.ts";
import type { AgentRecord, OutageRecord, StateStore } from "../state/state-store.ts";
import type { Areas } from "./areas.ts";
import { readMaintenanceView } from "./maintenance-view.ts";
import type { SiteView } from "./reader.ts";

/** The inventory with what is derived from it; made once for each reload. */
export interface Place {
  inventory: Inventory;
  tree: Tree;
  areas: Areas;
}

/** Everything that is true now, in four reads, by site. */
export interface Present {
  segments: ReadonlyMap<string, readonly StateSegment[]>;
  /** Of links, by their ids. */
  links: ReadonlyMap<string, StateSegment>;
  agents: ReadonlyMap<string, AgentRecord>;
  outages: ReadonlyMap<string, OutageRecord>;
  /** Suspected, and in no table. */
  suspects: ReadonlyMap<string, OutageRecord>;
}

export async function readPresent(
  state: StateStore,
  place: Place,
  nowMs: number,
  provisional: readonly OutageRecord[],
): Promise<Present> {
  const [measured, links, maintenance, agents, outages] = await Promise.all([
    state.currentStates(),
    state.currentLinkStates(),
    readMaintenanceView(state, place, { fromMs: nowMs, toMs: nowMs + 1 }),
    state.agents(),
    state.outages({ open: true, service: null }),
  ]);
  // Only what lasts is of the present: the pieces before the work, or after it, are past.
  const segments = measured.flatMap((segment) => {
    const last = maintenance.show([segment], nowMs + 1).at(-1)!;
    // Work on the site itself holds since its beginning, whatever was measured meanwhile.
    const own = segment.service === "" ? maintenance.siteSpans(segment.site)[0] : undefined;
    return own === undefined ? last : { ...last, startMs: own.fromMs };
  });
  return {
    segments: Map.groupBy(segments, (segment) => segment.site),
    links: new Map(links.map((segment) => [segment.link!, maintenance.show([segment], nowMs + 1).at(-1)!])),
    agents: latestAgents(agents),
    outages: new Map(
      outages
        .filter((outage) => outage.service === null && outage.ofLink !== true && !outage.withdrawn)
        .map((outage) => [outage.site, outage]),
    ),
    suspects: new Map(
      provisional.filter(({ service }) => service === null).map((outage) => [outage.site, outage]),
    ),
  };
}

/** A site has one agent that counts: the one enrolled last that was not revoked. */
function latestAgents(agents: readonly AgentRecord[]): Map<string, AgentRecord> {
  const latest = new Map<string, AgentRecord>();
  for (const agent of agents) {
    if (agent.revokedMs !== null) continue;
    const other = latest.get(agent.site);
    if (other === undefined || agent.enrolledMs >= other.enrolledMs) latest.set(agent.site, agent);
  }
  return latest;
}

export function isCut(state: SiteState): boolean {
  return state === "down" || state === "unreachable";
}

export interface Standing {
  state: SiteState;
  cause: StateSegment["cause"];
  sinceMs: number | null;
}

/** A segment that ended says nothing of now: from its end on nobody has measured. */
export function standingOf(segment: StateSegment | undefined): Standing {
  if (segment === undefined) return { state: "unknown", cause: null, sinceMs: null };
  if (segment.endMs !== null) return { state: "unknown", cause: null, sinceMs: segment.endMs };
  return { state: segment.state, cause: segment.cause, sinceMs: segment.startMs };
}

export function segmentOf(present: Present, site: string, service: string): StateSegment | undefined {
  return present.segments.get(site)?.find((segment) => segment.service === service);
}

export function viewSite(place: Place, present: Present, site: Site): SiteView {
  const { code } = site;
  const agent = present.agents.get(code);
  const outage = present.outages.get(code);
  const suspect = present.suspects.get(code);
  const below = place.areas.below(code);
  const own = present.segments.get(code) ?? [];
  return {
    code,
    kind: site.kind,
    name: site.name,
    parent: site.parent,
    pathParent: place.tree.parentOf(code),
    latitude: site.latitude,
    longitude: site.longitude,
    ...standingOf(segmentOf(present, code, "")),
    confidence: outage?.confidence ?? null,
    root: outage?.root ?? null,
    outage: outage?.id ?? null,
    suspected: suspect === undefined ? null : { sinceMs: suspect.startMs, root: suspect.root },
    links: place.tree.linksOf(code).map(({ id, provider, technology, circuitId }) => ({
      id,
      provider,
      technology,
      circuitId,
      ...(present.links.has(id) ? { standing: standingOf(present.links.get(id)) } : {}),
    })),
    agent: agent === undefined ? null : { id: agent.id, lastSeenMs: agent.lastSeenMs },
    below: {
      sites: below.length,
      cut: below.filter((child) => isCut(standingOf(segmentOf(present, child, "")).state)).length,
    },
    services: own
      .filter((segment) => segment.service !== "")
      .map((segment) => ({ service: segment.service, ...standingOf(segment) })),
  };
}
