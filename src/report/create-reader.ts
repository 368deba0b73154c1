import type { Inventory } from "../inventory/inventory.ts";
import { defaultTimeZone } from "../inventory/local-time.ts";
import { createTree } from "../inventory/tree.ts";
import type { SeriesStore } from "../series/series-store.ts";
import { SeriesTrouble } from "../series/series-trouble.ts";
import type { OutageRecord, StateStore } from "../state/state-store.ts";
import { queryAccounts } from "./account-query.ts";
import { createAreas } from "./areas.ts";
import { createAside } from "./aside.ts";
import { createAssociations, recentAssociationDays, recentDays } from "./association-query.ts";
import { queryAvailability, vantagesOf } from "./availability-query.ts";
import { createEffects } from "./effect-query.ts";
import { queryInterfaces, queryReadings } from "./device-query.ts";
import { createFresh } from "./fresh.ts";
import { heardUntil } from "./heard-until.ts";
import { createKeptAnswers } from "./kept-answers.ts";
import { readIncidents } from "./incidents.ts";
import type { Reader, ServiceView, TargetView } from "./reader.ts";
import { createOutcomeDays } from "./outcome-days.ts";
import type { OutcomeDays } from "./outcome-days.ts";
import { filterProvisional } from "./provisional.ts";
import { readProven } from "./proven.ts";
import { querySeries } from "./series-query.ts";
import { isCut, readPresent, segmentOf, standingOf, viewSite } from "./site-view.ts";
import type { Place } from "./site-view.ts";
import { querySmoke } from "./smoke-query.ts";
import { queryLinkStates, queryStates } from "./states-query.ts";
import { readTopologyProposals } from "./topology.ts";
import { readTargetStatus, readVitals } from "./vitals.ts";
import type { Vitals } from "./vitals.ts";

export interface ReaderDeps {
  /** The inventory in force; asked for each time, since it reloads. */
  inventory: () => Inventory;
  state: StateStore;
  series: SeriesStore;
  nowMs: () => number;
  /** How long a target may be without a round before its last one says nothing of now, ms. Default 195,000: 3.25 reports. */
  silenceMs?: number;
  /** What is suspected at this moment and stands in no store (watch.ts). Default: nothing is. */
  provisional?: () => readonly OutageRecord[];
  /** What the services' checks said, where the one who stores rounds tells it of new ones. Default: one that nobody tells. */
  outcomes?: OutcomeDays;
  /** Of the program, for answers that say how they were made. Default: none. */
  version?: string;
}

/** How old the round-trip times on the map may be: they are medians of an hour. */
const vitalsMaxAgeMs = 60_000;
const statusMaxAgeMs = 5_000;

export function createReader(deps: ReaderDeps): Reader {
  const { inventory, state, series, nowMs, silenceMs = 195_000, version = "", provisional = () => [] } = deps;
  const outcomes = deps.outcomes ?? createOutcomeDays(series, inventory);
  const place = createPlace(inventory);
  const vitals = createFresh(vitalsMaxAgeMs, nowMs, () => readVitals(series, inventory(), nowMs()));
  const targetStatus = createFresh(statusMaxAgeMs, nowMs, () =>
    unlessInTrouble(readTargetStatus(series, inventory(), nowMs(), silenceMs), []),
  );
  const outages: Reader["outages"] = async (filter) => {
    const suspected = filterProvisional(provisional(), filter, nowMs());
    const found = [...(await state.outages(filter)).filter((outage) => !outage.withdrawn), ...suspected];
    return suspected.length === 0
      ? found
      : found.sort((a, b) => a.startMs - b.startMs).slice(0, filter.limit);
  };
  const present = () => readPresent(state, place(), nowMs(), provisional());
  const aside = createAside();
  const associations = createAssociations({ state, place, outcomes, aside, nowMs, version });
  const effects = createEffects({ state, place, aside, version });
  const answers = createKeptAnswers({ state, inventory, nowMs, silenceMs });
  /** A target that left the inventory may have been one. */
  const isPolled = (key: string) => (inventory().targets.get(key)?.probe.kind ?? "snmp") === "snmp";
  return {
    async sites() {
      const now = await present();
      return place().tree.order.map((site) => viewSite(place(), now, site));
    },
    async site(code) {
      const site = inventory().sites.get(code);
      return site === undefined ? null : viewSite(place(), await present(), site);
    },
    async map(parent) {
      let trouble: string | null = null;
      const none = new Map<string, Vitals>();
      const [now, measured] = await Promise.all([
        present(),
        unlessInTrouble(vitals(), none, (error) => (trouble = error.message)),
      ]);
      const at = place();
      const wanted = parent === null ? null : new Set(at.areas.below(parent));
      const sites = at.tree.order
        .filter((site) => wanted === null || wanted.has(site.code))
        .map((site) => ({
          ...viewSite(at, now, site),
          ...(measured.get(site.code) ?? { rttMs: null, lossRatio: null }),
        }));
      return { sites, trouble };
    },
    targets: (sites) => viewTargets(place(), sites),
    targetStatus,
    async services() {
      return viewServices(place(), await present());
    },
    series: (query) => querySeries(series, { ...query, nowMs: nowMs() }),
    smoke(query) {
      const { targets } = inventory();
      const isEcho = (key: string) => (targets.get(key)?.probe.kind ?? "icmp") === "icmp";
      return querySmoke(series, { ...query, targets: query.targets.filter(isEcho), nowMs: nowMs() });
    },
    interfaces: (query) =>
      queryInterfaces(series, { ...query, targets: query.targets.filter(isPolled), nowMs: nowMs() }),
    readings: (query) =>
      queryReadings(series, { ...query, targets: query.targets.filter(isPolled), nowMs: nowMs() }),
    states: (query) => queryStates(state, place(), query),
    linkStates: (query) => queryLinkStates(state, place(), query),
    outages,
    async outage(id) {
      const revisions = await state.outageRevisions(id);
      const current = revisions.at(-1) ?? provisional().find((row) => row.id === id);
      return current === undefined ? null : { current, revisions };
    },
    incidents: (range) => readIncidents(outages, range),
    topologyProposals: (range) => readTopologyProposals(state, aside, place(), range, nowMs()),
    async availability(query) {
      if (!inventory().services.has(query.service)) return null;
      return answers(query, async () => {
        const now = { service: query.service, nowMs: nowMs(), silenceMs };
        // Only a range that reaches into the present can hold what is merely carried on; what was, nobody remembers.
        const isNow = query.asOfMs === undefined && query.toMs > now.nowMs - silenceMs;
        const proven = isNow
          ? await unlessInTrouble(readProven(series, inventory(), now), new Map())
          : new Map<string, number>();
        return queryAvailability(state, place(), query, query.asOfMs ?? now.nowMs, proven);
      });
    },
    async association(query) {
      return inventory().services.has(query.service) ? associations.find(query) : null;
    },
    async recentAssociation(service) {
      if (!inventory().services.has(service)) return null;
      const zone = inventory().timeZone ?? defaultTimeZone;
      return associations.recent({
        service,
        exposure: "down",
        ...recentDays(nowMs(), recentAssociationDays, zone),
      });
    },
    async complaintEffect(query) {
      return inventory().services.has(query.service) ? effects(query) : null;
    },
    async accounts(query) {
      const { asOfMs = nowMs() } = query;
      // Of an earlier moment nobody remembers how far the rounds reached.
      const isNow = query.asOfMs === undefined && query.toMs > asOfMs - silenceMs;
      const proven = isNow ? heardUntil(inventory(), await targetStatus()) : new Map<string, number>();
      return queryAccounts(state, place(), query, asOfMs, proven);
    },
    async agents() {
      const standings = await state.standings();
      return (await state.agents()).map((agent) => ({ ...agent, standing: standings.get(agent.id) ?? null }));
    },
    ledger: (agent) => state.ledger(agent),
  };
}

/** What the states tell is told also while the engine of the rounds is away; of them nothing is known then. */
async function unlessInTrouble<T>(
  reading: Promise<T>,
  nothing: T,
  onTrouble: (trouble: SeriesTrouble) => void = () => {},
): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof SeriesTrouble)) throw error;
    onTrouble(error);
    return nothing;
  }
}

/** Tree and areas of the inventory in force, made again when it has been reloaded. */
export function createPlace(inventory: () => Inventory): () => Place {
  let held: Place | null = null;
  return () => {
    const current = inventory();
    if (held === null || held.inventory !== current) {
      held = { inventory: current, tree: createTree(current), areas: createAreas(current) };
    }
    return held;
  };
}

function viewTargets({ tree }: Place, sites: readonly string[]): TargetView[] {
  return sites
    .flatMap((code) => tree.targetsAt(code))
    .map(({ key, site, role, service, of, probe }) => ({
      key,
      site,
      id: probe.id,
      kind: probe.kind,
      role,
      intervalS: probe.intervalS,
      service,
      of,
    }));
}

function viewServices(place: Place, present: Awaited<ReturnType<typeof readPresent>>): ServiceView[] {
  return [...place.inventory.services.values()].map(({ id, name, url, control }) => {
    const vantages = vantagesOf(place, id);
    const cut = vantages.filter((site) => isCut(standingOf(segmentOf(present, site, id)).state));
    return {
      id,
      name,
      url,
      control,
      ...standingOf(segmentOf(present, control, id)),
      vantages: { sites: vantages.length, cut: cut.length },
    };
  });
}
