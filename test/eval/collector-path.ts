import { join } from "node:path";
import type { Statement } from "../../src/outage/speaks.ts";
import type { AgentTarget } from "#wire/targets-v1.ts";
import type { Inventory, Target } from "../../src/inventory/inventory.ts";
import { createDescribe } from "../../src/notify/describe.ts";
import { createPlanner } from "../../src/notify/planner.ts";
import { defaultDetectOptions } from "../../src/outage/signal.ts";
import { createAgentLog } from "../../src/replay/agent-log.ts";
import type { AgentLog } from "../../src/replay/agent-log.ts";
import { createConfident } from "../../src/replay/confident.ts";
import { eventsOf, placeByTracks } from "../../src/replay/evidence.ts";
import type { Live, LiveIncident } from "../../src/replay/live.ts";
import { readRecords } from "../../src/replay/read-records.ts";
import { createRecordCheck, sayings, toldBy } from "../../src/replay/sayings.ts";
import type { Told } from "../../src/replay/sayings.ts";
import { readScenario } from "../../src/replay/scenario.ts";
import type { Scenario } from "../../src/replay/scenario.ts";
import { sendAtOnce, sendEvery } from "../../src/replay/sending.ts";
import type { Rounds } from "../../src/series/series-store.ts";
import { commandActor } from "../../src/state/audit.ts";
import { openSqlite } from "../../src/state/sqlite.ts";
import type { OutageRecord, StoredEvent } from "../../src/state/state-store.ts";
import { createWatch } from "../../src/watch/watch.ts";
import type { WatchDeps } from "../../src/watch/watch.ts";
import { createWriter } from "../support/rounds.ts";
import { tempDir } from "../support/temp-dir.ts";

/*
 * A scenario through the whole of the collector behind ingest: its stores, its watch with the table, the revisions and the
 * provisional rows of each look, its planner. Hours for a month; it shows on some days whether what `sambung replay` says
 * was known while it happened is what the collector would have told.
 *
 * Rounds are placed in time by all that arrived of their boot, as the final table of a replay has them: batches carry a
 * reading of the agent's clock, which records do not. A look takes place a second after something changed, and every five.
 */

export type Known = Pick<Live, "downs" | "incidents" | "confident">;

const passMs = 1_000;
const tickMs = 5_000;

interface Agent {
  id: string;
  told: Told[];
  log: AgentLog;
  write: ReturnType<typeof createWriter>;
  timesMs: Float64Array;
  events: ReadonlyMap<number, StoredEvent[]>;
  newestMs: number;
  /** Something did not answer in its last report. */
  saidBad: boolean;
}

export async function runCollectorPath(folder: string, sendEveryMs: number | null): Promise<Known> {
  const scenario = readScenario(folder);
  const inventory = inventoryOf(scenario);
  const dir = tempDir();
  const { state, series, batchLog, close } = openSqlite(dir.file("sambung.db"));
  const clock = { ms: scenario.fromMs };
  const told = createToldDown(scenario);
  const watch = createWatch({
    inventory: () => inventory,
    series,
    state,
    now: () => clock.ms,
    options: {
      ...defaultDetectOptions,
      windowMs: 86_400_000,
      reachMs: 172_800_000,
      minPassMs: passMs,
      tickMs,
    },
    planAlerts: told.listening(plannerOf(inventory)),
    onMessages: () => undefined,
    onError(error) {
      throw error;
    },
  });
  try {
    await state.changeMaintenance(
      () =>
        scenario.maintenance.map(({ id, site, fromMs, toMs, reason, author }) => ({
          act: "made" as const,
          plan: { id, site: site!, fromMs, toMs, repeat: null, untilMs: null, reason, author },
          source: "file" as const,
        })),
      clock.ms,
      commandActor("replay"),
    );
    const { agents, arrivals } = readAll(folder, scenario, sendEveryMs, (id) =>
      createWriter(batchLog, { id: `ag_${id}`, site: id }),
    );
    let newsMs = Infinity;
    let tickedMs = scenario.fromMs;
    for (const { agent, rows, atMs } of arrivals) {
      while (Math.min(newsMs + passMs, tickedMs + tickMs) <= atMs) {
        const isNews = newsMs + passMs <= tickedMs + tickMs;
        clock.ms = isNews ? newsMs + passMs : (tickedMs += tickMs);
        if (isNews) newsMs = Infinity;
        await watch.settle();
      }
      clock.ms = atMs;
      const isNew = await deliver(agents.get(agent)!, rows, atMs, watch);
      if (isNew) newsMs = Math.min(newsMs, atMs);
    }
    return { downs: () => told.downs(), incidents: () => told.incidents, confident: told.confident };
  } finally {
    await watch.stop();
    close();
    dir[Symbol.dispose]();
  }
}

/** Everything at once, since a round's place in time and what its machine did is known from all of them alone. */
function readAll(
  folder: string,
  scenario: Scenario,
  sendEveryMs: number | null,
  writerOf: (id: string) => Agent["write"],
) {
  const agents = new Map<string, Agent>();
  const arrivals: { agent: string; rows: number[]; atMs: number }[] = [];
  const records = readRecords(join(folder, "records.ndjson"), createRecordCheck(scenario));
  for (const [record, atMs] of sendEveryMs === null
    ? sendAtOnce(records)
    : sendEvery(records, sendEveryMs, scenario)) {
    const { a: id } = record;
    let agent = agents.get(id);
    if (agent === undefined) {
      const told = toldBy(id, scenario);
      agent = {
        id,
        told,
        log: createAgentLog(told),
        write: writerOf(id),
        timesMs: new Float64Array(),
        events: new Map(),
        newestMs: -Infinity,
        saidBad: false,
      };
      agents.set(id, agent);
    }
    if (!agent.log.add(record)) continue;
    const last = arrivals.at(-1);
    const row = agent.log.length - 1;
    if (last?.agent === id && last.atMs === atMs) last.rows.push(row);
    else arrivals.push({ agent: id, rows: [row], atMs });
  }
  for (const agent of agents.values()) {
    const placed = placeByTracks(agent.log);
    agent.timesMs = new Float64Array(agent.log.length);
    const rowAt = new Map<number, number>();
    for (const [at, row] of placed.rows.entries()) {
      agent.timesMs[row] = Math.round(placed.timesMs[at]!);
      rowAt.set(placed.timesMs[at]!, row);
    }
    if (agent.id === scenario.centre) continue;
    const events = eventsOf(agent.id, placed).map((event) => ({ ...event, agent: `ag_${agent.id}` }));
    // A start is told a millisecond before the round that shows it.
    agent.events = Map.groupBy(events, ({ timeMs, type }) =>
      rowAt.get(type === "agent.start" ? timeMs + 1 : timeMs)!,
    );
  }
  return { agents, arrivals };
}

/** Whether it says something else than the report before. */
async function deliver(
  agent: Agent,
  given: readonly number[],
  atMs: number,
  watch: ReturnType<typeof createWatch>,
): Promise<boolean> {
  const { told, log, timesMs } = agent;
  // Two rounds of one moment are one to the store.
  const rows = given
    .toSorted((a, b) => timesMs[a]! - timesMs[b]!)
    .filter((row, at, all) => at === 0 || timesMs[row] !== timesMs[all[at - 1]!]);
  const rounds = told.flatMap((one, place) => toRounds(one, place, rows, agent));
  const events = given.flatMap((row) => agent.events.get(row) ?? []);
  const fromMs = timesMs[rows[0]!]!;
  const newestMs = timesMs[rows.at(-1)!]!;
  const lateFromMs = fromMs < atMs - 900_000 ? fromMs : null;
  await agent.write(rounds, { events, receivedMs: atMs, lateFromMs });
  watch.touched({ keys: rounds.map(({ key }) => key), fromMs, newestMs, rounds });
  const isLate = fromMs < agent.newestMs;
  agent.newestMs = Math.max(agent.newestMs, newestMs);
  const saysBad = rows.some((row) =>
    log.said.subarray(row * told.length, (row + 1) * told.length).some((said) => said > 1),
  );
  const isNew = isLate || events.length > 0 || saysBad || agent.saidBad;
  agent.saidBad = saysBad;
  return isNew;
}

function toRounds(
  { key, role }: Told,
  place: number,
  all: readonly number[],
  { told, log, timesMs }: Agent,
): Rounds[] {
  const said = (row: number) => log.said[row * told.length + place]!;
  const rows = all.filter((row) => said(row) !== 0);
  if (rows.length === 0) return [];
  const timeMs = rows.map((row) => timesMs[row]!);
  if (role !== "service") {
    // Of four echoes: all come back, half of them, none.
    const recv = rows.map((row) => [4, 2, 0][said(row) - 1]!);
    return [
      {
        key,
        kind: "icmp",
        timeMs,
        sent: rows.map(() => 4),
        recv,
        rttUs: recv.flatMap((count) => Array.from({ length: count }, () => 20_000)),
      },
    ];
  }
  const phases = rows.map((row) => sayings[said(row)]!.phase);
  const none = rows.map(() => null);
  return [
    {
      key,
      kind: "http",
      timeMs,
      ok: phases.map((phase) => (phase === null ? 1 : 0)),
      phase: phases.map((phase) => (phase === "route" ? null : phase)),
      status: none,
      dnsMs: none,
      connectMs: none,
      tlsMs: none,
      ttfbMs: none,
      totalMs: none,
      // A refused certificate came from the other end.
      certExpiresS: phases.map((phase) => (phase === "tls" ? -1 : null)),
    },
  ];
}

function inventoryOf(scenario: Scenario): Inventory {
  const targets = [scenario.centre, ...scenario.sites].flatMap((site) =>
    toldBy(site, scenario).map(({ key, role, of, service }): [string, Target] => {
      const common = {
        id: key.slice(key.indexOf("/") + 1),
        intervalS: scenario.stepMs / 1000,
        timeoutMs: 3_000,
      };
      const probe: AgentTarget =
        role === "service"
          ? {
              ...common,
              kind: "http",
              url: "http://service.test/",
              expectStatus: [],
              expectBody: null,
              maxBodyBytes: 524_288,
              redirects: "any",
              httpVersion: "auto",
              family: null,
              maxRedirects: 3,
              verifyTls: true,
            }
          : { ...common, kind: "icmp", address: "192.0.2.1", count: 4, sizeBytes: 56, dscp: 0, family: null };
      return [key, { key, site, role, of, link: null, service, probe }];
    }),
  );
  return { ...scenario.inventory, targets: new Map(targets) };
}

function plannerOf(inventory: Inventory): WatchDeps["planAlerts"] {
  const sentence = ({ item: { fact } }: Statement) => ({ id: fact, en: fact });
  return createPlanner({
    inventory: () => inventory,
    nameOf: (root) => root,
    channels: [{ id: "replay" }],
    describe: createDescribe({ inventory: () => inventory, sentence, url: () => null }),
  });
}

/** Listens to what the watch asks its planner, and to what that answers. */
function createToldDown(scenario: Scenario) {
  const down = new Map<string, number>();
  const downs: [string, number, number][] = [];
  const incidents: LiveIncident[] = [];
  const confident = createConfident();
  function settle(cut: ReadonlySet<string>, nowMs: number): void {
    for (const site of cut) if (!down.has(site)) down.set(site, nowMs);
    for (const [site, sinceMs] of down) {
      if (cut.has(site)) continue;
      downs.push([site, sinceMs, nowMs]);
      down.delete(site);
    }
  }
  return {
    incidents,
    confident: confident.said,
    downs: (): [string, number, number][] => [
      ...downs,
      ...[...down].map(([site, sinceMs]): [string, number, number] => [site, sinceMs, scenario.toMs]),
    ],
    listening(planner: WatchDeps["planAlerts"]): WatchDeps["planAlerts"] {
      return (input) => {
        settle(new Set(input.outages.filter(isCutNow).map(({ site }) => site)), input.nowMs);
        confident.hear(
          input.outages.filter(({ endMs, withdrawn }) => endMs === null && !withdrawn),
          input.nowMs,
        );
        const plan = planner(input);
        for (const { told, toldMs } of plan.alerts)
          if (told !== null && toldMs === input.nowMs)
            incidents.push({ toldMs, kind: told.isService ? "service" : "site", root: told.root });
        return plan;
      };
    },
  };
}

const isCutNow = ({ service, ofLink, endMs, withdrawn }: OutageRecord) =>
  service === null && ofLink !== true && endMs === null && !withdrawn;
