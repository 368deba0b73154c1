import type { Evidence, EventEvidence, Run, TargetEvidence } from "../outage/evidence.ts";
import { levelRuns } from "../outage/levels.ts";
import { defaultDetectOptions } from "../outage/signal.ts";
import { addRound } from "../watch/runs.ts";
import { createAgentLog } from "./agent-log.ts";
import type { AgentLog } from "./agent-log.ts";
import { bootTrack } from "./boot-clock.ts";
import { eventsBetween } from "./machine-events.ts";
import type { MachineState } from "./machine-events.ts";
import type { ReplayRecord } from "./read-records.ts";
import { saidOf } from "./agent-log.ts";
import { toldBy, toTarget } from "./sayings.ts";
import type { Told } from "./sayings.ts";
import type { Scenario } from "./scenario.ts";

/*
 * All records of a scenario as evidence: each once, put in time by all that arrived of its machine's start. Whatever the
 * order in which they came, the evidence is the same.
 */

export interface Collected {
  /** The log of its agent, of which it is the last row; null: it was there already. */
  add(record: ReplayRecord): AgentLog | null;
  evidence(): Evidence;
}

export interface CollectOptions {
  /** False: the machines' wall clocks are believed, to see what their correction is worth. Default true. */
  corrects?: boolean;
}

const { gapFactor } = defaultDetectOptions;

/** Records of one agent in the order of time. */
export interface Placed {
  log: AgentLog;
  rows: Uint32Array;
  /** Epoch ms of each of `rows`. */
  timesMs: Float64Array;
}

export function collectEvidence(scenario: Scenario, { corrects = true }: CollectOptions = {}): Collected {
  const agents = new Map<string, { told: Told[]; log: AgentLog }>();
  return {
    add(record) {
      let agent = agents.get(record.a);
      if (agent === undefined) {
        const told = toldBy(record.a, scenario);
        agents.set(record.a, (agent = { told, log: createAgentLog(told) }));
      }
      return agent.log.add(record) ? agent.log : null;
    },
    evidence() {
      const targets: TargetEvidence[] = [];
      const events: EventEvidence[] = [];
      for (const [name, { told, log }] of [...agents].sort(([a], [b]) => (a < b ? -1 : 1))) {
        const placed = corrects ? placeByTracks(log) : byWallClock(log);
        targets.push(...targetsOf(told, placed, scenario));
        if (name === scenario.centre) continue;
        targets.push(...radioOf(name, placed, scenario));
        events.push(...eventsOf(name, placed));
      }
      const { fromMs, toMs: nowMs, maintenance } = scenario;
      return { fromMs, nowMs, targets, events, maintenance };
    },
  };
}

export function placeByTracks(log: AgentLog): Placed {
  const { boot, process, seq, monoS, arrivedS, wallS, synced } = log.columns;
  const rows = Uint32Array.from({ length: log.length }, (_, row) => row).sort(
    (a, b) => boot[a]! - boot[b]! || monoS[a]! - monoS[b]! || process[a]! - process[b]! || seq[a]! - seq[b]!,
  );
  const timesMs = new Float64Array(rows.length);
  for (let from = 0, to = 0; from < rows.length; from = to) {
    const first = boot[rows[from]!];
    while (to < rows.length && boot[rows[to]!] === first) to += 1;
    const own = rows.subarray(from, to);
    const track = bootTrack({
      monoS: Float64Array.from(own, (row) => monoS[row]!),
      arrivedS: Float64Array.from(own, (row) => arrivedS[row]!),
      wallS: Float64Array.from(own, (row) => (synced[row] === 1 ? wallS[row]! : NaN)),
    });
    for (let at = from; at < to; at++) timesMs[at] = track.at(monoS[rows[at]!]! * 1000);
  }
  return { log, rows, timesMs };
}

function byWallClock(log: AgentLog): Placed {
  const { wallS, boot, process, seq } = log.columns;
  const rows = Uint32Array.from({ length: log.length }, (_, row) => row).sort(
    (a, b) => wallS[a]! - wallS[b]! || boot[a]! - boot[b]! || process[a]! - process[b]! || seq[a]! - seq[b]!,
  );
  return { log, rows, timesMs: Float64Array.from(rows, (row) => wallS[row]! * 1000) };
}

function targetsOf(
  told: readonly Told[],
  { log, rows, timesMs }: Placed,
  { stepMs }: Scenario,
): TargetEvidence[] {
  return told.map((one, place) => {
    const runs: Run[] = [];
    for (let at = 0; at < rows.length; at++) {
      const said = saidOf(log, rows[at]!, place, told.length);
      if (said !== null) addRound(runs, said, timesMs[at]!, stepMs, gapFactor);
    }
    return toTarget(one, runs, stepMs);
  });
}

function radioOf(site: string, { log, rows, timesMs }: Placed, { stepMs }: Scenario): TargetEvidence[] {
  const readings: [number, number][] = [];
  for (let at = 0; at < rows.length; at++) {
    const dbm = log.columns.signalDbm[rows[at]!]!;
    if (!Number.isNaN(dbm)) readings.push([timesMs[at]!, dbm]);
  }
  if (readings.length === 0) return [];
  const device = { role: "device", kind: "snmp", of: null, link: null, service: null } as const;
  const levels = levelRuns(readings, gapFactor * stepMs);
  return [{ key: `${site}/radio`, vantage: site, ...device, intervalMs: stepMs, runs: [], levels }];
}

/** What happened to its machine and devices, in the words in which an agent says it. */
export function eventsOf(site: string, { log, rows, timesMs }: Placed): EventEvidence[] {
  const { boot, process, monoS, routerS, ups } = log.columns;
  const events: EventEvidence[] = [];
  let last: MachineState | null = null;
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at]!;
    const rt = Number.isNaN(routerS[row]!) ? null : routerS[row]!;
    const state: MachineState = {
      b: boot[row]!,
      p: process[row]!,
      m: monoS[row]!,
      rt,
      ups: ups[row] as MachineState["ups"],
    };
    for (const event of eventsBetween(site, last, state, timesMs[at]!)) events.push(event);
    last = state;
  }
  return events;
}
