import type { Run, TargetEvidence } from "../outage/evidence.ts";
import { createLiveJudge, silencesThatTell } from "../outage/live.ts";
import type { LiveJudge, LiveVerdict } from "../outage/live.ts";
import { judgeLiveServices } from "../outage/live-services.ts";
import { readStandings } from "../outage/standing.ts";
import { defaultAlertOptions } from "../notify/alert-options.ts";
import { decideAlerts } from "../notify/decide.ts";
import { surroundingsOf } from "../notify/planner.ts";
import type { AlertRecord } from "../state/state-store.ts";
import { createLiveRows } from "./live-rows.ts";
import type { DetectOptions } from "../outage/signal.ts";
import { createTree } from "../inventory/tree.ts";
import { addRound } from "../watch/runs.ts";
import { wayS } from "./boot-clock.ts";
import type { ReplayRecord } from "./read-records.ts";
import { sayings, toldBy, toTarget } from "./sayings.ts";
import { saidOf } from "./agent-log.ts";
import type { AgentLog } from "./agent-log.ts";
import type { Scenario } from "./scenario.ts";

/*
 * What was known while it happened: the live verdicts of outage/live.ts under the clock of the arrivals, asked when
 * something changed and when a silence has become long, as the collector does it at each run of its watch.
 */

export interface Live {
  /** A record has arrived, the last row of its agent's log; they come in the order of their arrival. */
  hear(record: ReplayRecord, log: AgentLog): void;
  /** Sites held for cut off: [site, from when it was known, until when], epoch ms. */
  downs(): [site: string, knownMs: number, untilMs: number][];
  /** Problems that people were told of. */
  incidents(): LiveIncident[];
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
/** An agent of the scenario reports each round as it is taken; what it may be late by and still count as heard, ms. */
const reportSlackMs = 15_000;

/** Rows that ended longer ago than this are forgotten, ms: as long as an alert may wait for its parent. */
const keptMs = defaultAlertOptions.hiddenMaxMs;

const hourS = 3_600;

interface Agent {
  targets: readonly (TargetEvidence & { runs: Run[] })[];
  /** What it said last: place in `sayings`, by target. */
  last: Uint8Array;
  lastMs: number;
  isOnBattery: boolean;
  boot: number;
  /** Of its monotonic clock. */
  hour: number;
  /** Least epoch ms − monotonic ms of this hour, and of the one before. */
  offsetMs: number;
  beforeMs: number;
}

export function createLive(scenario: Scenario, given: DetectOptions): Live {
  const { fromMs: beginMs, stepMs, inventory } = scenario;
  const options = { ...given, heardWithinMs: reportSlackMs };
  const heardMs = reportSlackMs + stepMs;
  const tree = createTree(inventory);
  const agents = new Map<string, Agent>();
  const down = new Map<string, number>();
  const downs: [string, number, number][] = [];
  const incidents: LiveIncident[] = [];
  const surroundings = surroundingsOf(inventory);
  const rows = createLiveRows(scenario, (site) => agents.get(site)?.isOnBattery === true);
  let serviceTargets: TargetEvidence[] = [];
  let judge: LiveJudge | null = null;
  let alerts: AlertRecord[] = [];
  let decideMs = Infinity;
  let newsMs = Infinity;
  let tickedMs = beginMs;

  const tellingSilences = silencesThatTell(stepMs, options);
  const longestSilenceMs = tellingSilences.at(-1)! + tickMs;

  function agentOf(id: string): Agent {
    let agent = agents.get(id);
    if (agent === undefined) {
      const told = toldBy(id, scenario);
      const targets = told.map((one) => ({ ...toTarget(one, [], stepMs), runs: [] as Run[] }));
      const rest = {
        lastMs: -Infinity,
        isOnBattery: false,
        boot: -1,
        hour: -1,
        offsetMs: Infinity,
        beforeMs: Infinity,
      };
      agents.set(id, (agent = { targets, last: new Uint8Array(told.length), ...rest }));
      judge = null;
    }
    return agent;
  }

  /** By the least delay that its start was heard with in this hour and the one before: crystals drift. */
  function timeOf(agent: Agent, { b, m, arr }: ReplayRecord): number {
    const offsetMs = (arr - wayS - m) * 1000;
    const hour = Math.floor(m / hourS);
    if (b > agent.boot) Object.assign(agent, { boot: b, hour, offsetMs, beforeMs: Infinity });
    else if (hour > agent.hour) Object.assign(agent, { hour, offsetMs, beforeMs: agent.offsetMs });
    else agent.offsetMs = Math.min(agent.offsetMs, offsetMs);
    return m * 1000 + Math.min(agent.offsetMs, agent.beforeMs);
  }

  function hear(record: ReplayRecord, log: AgentLog): void {
    const arrivedMs = record.arr * 1000;
    lookUntil(arrivedMs);
    const agent = agentOf(record.a);
    // What comes late belongs to the past; the whole is judged at the end.
    if (record.b < agent.boot) return;
    const timeMs = timeOf(agent, record);
    if (timeMs <= agent.lastMs) return fillIn(agent, log, timeMs);
    const wasSilent = timeMs - agent.lastMs > heardMs;
    agent.lastMs = timeMs;
    let isNew = wasSilent;
    let isPoor = false;
    const firstSaid = (log.length - 1) * agent.targets.length;
    for (let place = 0; place < agent.targets.length; place++) {
      const said = log.said[firstSaid + place]!;
      const before = agent.last[place]!;
      if (said === 0) continue;
      agent.last[place] = said;
      const runs = agent.targets[place]!.runs;
      if (runs.length === 0) judge = null;
      addRound(runs, sayings[said]!, timeMs, stepMs, options.gapFactor);
      if (runs.length > 2 * keptRuns) runs.splice(0, keptRuns);
      isNew ||= isBad(said) || isBad(before);
      isPoor ||= sayings[said]!.weak === true;
    }
    if (isNew || isPoor || record.k === "n") judge?.touch(record.a);
    else judge?.heard(record.a, timeMs);
    if (record.k === "r") agent.isOnBattery = record.ups === 1;
    if (isNew) newsMs = Math.min(newsMs, arrivedMs);
  }

  /** A late round within what is known already, which it agrees with: it was not missing. */
  function fillIn({ targets }: Agent, log: AgentLog, timeMs: number): void {
    for (let place = 0; place < targets.length; place++) {
      const said = saidOf(log, log.length - 1, place, targets.length);
      const last = targets[place]!.runs.at(-1);
      const isWithin = last !== undefined && timeMs > last.firstMs && timeMs < last.lastMs;
      // Its sight is of the last round alone, which this does not change.
      if (isWithin && last.verdict === said?.verdict && last.phase === said.phase) last.rounds += 1;
    }
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
    for (const { lastMs } of agents.values()) {
      const silentMs = nowMs - lastMs;
      if (silentMs < heardMs || silentMs > longestSilenceMs) continue;
      if (tellingSilences.some((ms) => silentMs >= ms && silentMs - tickMs < ms)) return true;
    }
    return false;
  }

  function newJudge(): LiveJudge {
    const targets = [...agents.values()].flatMap((agent) => agent.targets);
    serviceTargets = targets.filter(({ role }) => role === "service");
    return createLiveJudge(targets, tree, options);
  }

  function look(nowMs: number): void {
    newsMs = Infinity;
    judge ??= newJudge();
    const verdicts = judge.at(nowMs);
    settle(verdicts, nowMs);
    const failing = !serviceTargets.some(({ runs }) => hasFailed(runs))
      ? []
      : judgeLiveServices(checks(), inventory.services.values(), verdicts, nowMs, options);
    if (rows.update(verdicts, failing, nowMs)) decideMs = nowMs;
  }

  /** The checks of each service that some site saw fail in its last rounds. */
  function checks(): TargetEvidence[] {
    return [...Map.groupBy(serviceTargets, ({ service }) => service).values()]
      .filter((ofService) => ofService.some(({ runs }) => hasFailed(runs)))
      .flat();
  }

  function decide(nowMs: number): void {
    const fromMs = nowMs - keptMs;
    const targets = [...agents.values()].flatMap((agent) => agent.targets);
    const standings = readStandings({ targets }, tree, options.gapFactor);
    const table = { outages: rows.since(fromMs), fromMs, standings, ...surroundings };
    const decision = decideAlerts(alerts, table, nowMs);
    alerts = decision.open;
    decideMs = decision.nextLookMs;
    for (const { what, face } of decision.notices)
      if (what === "problem")
        incidents.push({ toldMs: nowMs, kind: face.isService ? "service" : "site", root: face.root });
  }

  function settle(verdicts: ReadonlyMap<string, LiveVerdict>, nowMs: number): void {
    for (const site of verdicts.keys()) if (!down.has(site)) down.set(site, nowMs);
    for (const [site, sinceMs] of down) {
      if (verdicts.has(site)) continue;
      downs.push([site, sinceMs, nowMs]);
      down.delete(site);
    }
  }

  return {
    hear,
    incidents: () => incidents,
    downs: () => [
      ...downs,
      ...[...down].map(([site, sinceMs]): [string, number, number] => [site, sinceMs, scenario.toMs]),
    ],
  };
}

/** The last two rounds failed. */
function hasFailed(runs: readonly Run[]): boolean {
  const last = runs.at(-1);
  if (last === undefined || last.verdict === "ok") return false;
  return last.rounds > 1 || (runs.at(-2)?.verdict ?? "ok") !== "ok";
}

const isBad = (said: number) => sayings[said]?.verdict !== "ok";
