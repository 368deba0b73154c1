import type { Hearing } from "../outage/evidence.ts";
import { createLiveTable } from "../outage/live-table.ts";
import type { LiveTable } from "../outage/live-table.ts";
import { silencesThatTell } from "../outage/live-silence.ts";
import { readStandings } from "../outage/standing.ts";
import { defaultAlertOptions } from "../notify/alert-options.ts";
import { decideAlerts } from "../notify/decide.ts";
import { surroundingsOf } from "../notify/planner.ts";
import type { AlertRecord } from "../state/state-store.ts";
import { createConfident } from "./confident.ts";
import type { LiveCause } from "./confident.ts";
import { createLiveAgent, fillIn, timeOf } from "./live-agent.ts";
import type { LiveAgent } from "./live-agent.ts";
import { createLiveRows } from "./live-rows.ts";
import type { DetectOptions } from "../outage/signal.ts";
import { createTree } from "../inventory/tree.ts";
import { createRhythms } from "../watch/rhythm.ts";
import { addRound } from "../watch/runs.ts";
import type { ReplayRecord } from "./read-records.ts";
import { sayings } from "./sayings.ts";
import type { AgentLog } from "./agent-log.ts";
import type { Scenario } from "./scenario.ts";

/*
 * What was known while it happened: the provisional rows of outage/live-table.ts under the clock of the arrivals, asked for
 * when something changed and when a silence has become long, no more often than the collector's watch runs. The watch lays
 * the table's own rows over them at each run, which would take hours here; what that changes is measured by live-whole.ts.
 */

export interface Live {
  /** A record has come at that moment, the last row of its agent's log; they come in the order of their arrival. */
  hear(record: ReplayRecord, log: AgentLog, arrivedMs: number): void;
  /** Sites held for cut off: [site, from when it was known, until when], epoch ms. */
  downs(): [site: string, knownMs: number, untilMs: number][];
  /** Problems that people were told of. */
  incidents(): LiveIncident[];
  /** Causes that were said with high confidence, each once while it was said. */
  confident(): LiveCause[];
}

export interface LiveIncident {
  toldMs: number;
  kind: "site" | "service";
  root: string;
}

/** Time between two looks at who is silent, ms: that between two runs of the collector's watch without news. */
const tickMs = 5_000;
/** Time from a change to the look at it, ms: least time between two runs of the watch. */
const passMs = 1_000;
/** Ends of runs that are kept of a target. */
const keptRuns = 64;
/** Rows that ended longer ago than this are forgotten, ms: as long as an alert may wait for its parent. */
const keptMs = defaultAlertOptions.hiddenMaxMs;

export function createLive(scenario: Scenario, options: DetectOptions): Live {
  const { fromMs: beginMs, stepMs, inventory } = scenario;
  const rhythms = createRhythms();
  const hearing: Hearing = {
    rhythms: rhythms.bySite,
    get listeningSinceMs() {
      return rhythms.hearingSinceMs;
    },
  };
  const tree = createTree(inventory);
  const agents = new Map<string, LiveAgent>();
  const down = new Map<string, number>();
  const downs: [string, number, number][] = [];
  const incidents: LiveIncident[] = [];
  const confident = createConfident();
  const surroundings = surroundingsOf(inventory);
  const rows = createLiveRows(scenario, tree);
  let table: LiveTable | null = null;
  let alerts: AlertRecord[] = [];
  let decideMs = Infinity;
  let newsMs = Infinity;
  let tickedMs = beginMs;

  /** Silences that tell of the agent, by its rhythm as it is known now. */
  function listen(agent: LiveAgent, id: string): void {
    const rhythm = rhythms.bySite.get(id);
    if (rhythm === agent.rhythm && agent.tellingMs.length > 0) return;
    agent.rhythm = rhythm;
    agent.tellingMs = silencesThatTell({ intervalMs: stepMs, rhythm: () => rhythm }, options);
  }

  function agentOf(id: string): LiveAgent {
    const known = agents.get(id);
    if (known !== undefined) return known;
    const agent = createLiveAgent(id, scenario);
    agents.set(id, agent);
    listen(agent, id);
    table = null;
    return agent;
  }

  function hear(record: ReplayRecord, log: AgentLog, arrivedMs: number): void {
    lookUntil(arrivedMs);
    const agent = agentOf(record.a);
    // What comes late belongs to the past; the whole is judged at the end.
    if (record.b < agent.boot) return;
    const timeMs = timeOf(agent, record);
    if (timeMs <= agent.lastMs) return fillIn(agent, log, timeMs);
    const wasSilent = timeMs - agent.lastMs > agent.tellingMs[0]!;
    agent.lastMs = timeMs;
    rhythms.heard(record.a, timeMs, arrivedMs);
    listen(agent, record.a);
    let isNew = wasSilent;
    let isPoor = false;
    const firstSaid = (log.length - 1) * agent.targets.length;
    for (let place = 0; place < agent.targets.length; place++) {
      const said = log.said[firstSaid + place]!;
      const before = agent.last[place]!;
      if (said === 0) continue;
      agent.last[place] = said;
      const runs = agent.targets[place]!.runs;
      if (runs.length === 0) table = null;
      addRound(runs, sayings[said]!, timeMs, stepMs, options.gapFactor);
      if (runs.length > 2 * keptRuns) runs.splice(0, keptRuns);
      isNew ||= isBad(said) || isBad(before);
      isPoor ||= sayings[said]!.weak === true;
    }
    if (isNew || isPoor || record.k === "n") table?.touch(record.a);
    else table?.heard(record.a, timeMs);
    if (record.k === "r") agent.isOnBattery = record.ups === 1;
    if (isNew) newsMs = Math.min(newsMs, arrivedMs);
  }

  function lookUntil(arrivedMs: number): void {
    while (Math.min(newsMs + passMs, tickedMs + tickMs) <= arrivedMs) {
      if (newsMs + passMs <= tickedMs + tickMs) {
        look(newsMs + passMs);
      } else {
        tickedMs += tickMs;
        if (someBecameSilent(tickedMs)) look(tickedMs);
        if (decideMs <= tickedMs) decide(tickedMs);
      }
    }
  }

  /** Whether some agent's silence has come to tell in this tick what it did not before. */
  function someBecameSilent(nowMs: number): boolean {
    for (const { lastMs, tellingMs } of agents.values()) {
      const silentMs = nowMs - lastMs;
      if (silentMs < tellingMs[0]! || silentMs > tellingMs.at(-1)! + tickMs) continue;
      if (tellingMs.some((ms) => silentMs >= ms && silentMs - tickMs < ms)) return true;
    }
    return false;
  }

  function newTable(): LiveTable {
    const targets = [...agents.values()].flatMap((agent) => agent.targets);
    const isOnBattery = (site: string) => agents.get(site)?.isOnBattery === true;
    return createLiveTable(targets, {
      inventory,
      tree,
      options,
      hearing,
      isOnBattery,
    });
  }

  function look(nowMs: number): void {
    newsMs = Infinity;
    table ??= newTable();
    const standing = table.at(nowMs);
    settle(new Set(standing.flatMap(({ site, service }) => (service === null ? [site] : []))), nowMs);
    confident.hear(standing, nowMs);
    if (rows.update(standing, nowMs)) decideMs = nowMs;
  }

  function decide(nowMs: number): void {
    const fromMs = nowMs - keptMs;
    const targets = [...agents.values()].flatMap((agent) => agent.targets);
    const standings = readStandings({ targets }, tree, options.gapFactor);
    const outages = rows.since(fromMs, nowMs);
    const decision = decideAlerts(alerts, { outages, fromMs, standings, ...surroundings }, nowMs);
    alerts = decision.open;
    // What announced work explains now it may not explain in a while.
    const isExcused = outages.some(({ cause, endMs }) => cause === "maintenance" && endMs === null);
    decideMs = isExcused ? Math.min(decision.nextLookMs, nowMs + stepMs) : decision.nextLookMs;
    for (const { what, face } of decision.notices)
      if (what === "problem")
        incidents.push({ toldMs: nowMs, kind: face.isService ? "service" : "site", root: face.root });
  }

  function settle(cut: ReadonlySet<string>, nowMs: number): void {
    for (const site of cut) if (!down.has(site)) down.set(site, nowMs);
    for (const [site, sinceMs] of down) {
      if (cut.has(site)) continue;
      downs.push([site, sinceMs, nowMs]);
      down.delete(site);
    }
  }

  return {
    hear,
    incidents: () => incidents,
    confident: confident.said,
    downs: () => [
      ...downs,
      ...[...down].map(([site, sinceMs]): [string, number, number] => [site, sinceMs, scenario.toMs]),
    ],
  };
}

const isBad = (said: number) => sayings[said]?.verdict !== "ok";
