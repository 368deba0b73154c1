import type { Inventory, Target } from "../inventory/inventory.ts";
import { createTree } from "../inventory/tree.ts";
import type { Blip } from "../outage/blips.ts";
import type { Evidence } from "../outage/evidence.ts";
import { findOutages } from "../outage/find-outages.ts";
import { silencesFrom } from "../outage/power-silence.ts";
import type { DetectOptions } from "../outage/signal.ts";
import { revise } from "../outage/revise.ts";
import { readStandings } from "../outage/standing.ts";
import type { Standings } from "../outage/standing.ts";
import type { Rounds, SeriesStore } from "../series/series-store.ts";
import type { AlertRecord, NewMessage, OutageRecord, StateStore } from "../state/state-store.ts";
import { diffBlips } from "./blip-diff.ts";
import { readWindows, reviseForMaintenance } from "./maintenance.ts";
import { idOf, recordsNow } from "./records.ts";
import { createRhythms } from "./rhythm.ts";
import { createRunCache } from "./run-cache.ts";
import type { RunCache } from "./run-cache.ts";
import { diffStates, groupSegments } from "./state-diff.ts";
import type { SegmentsByView } from "./state-diff.ts";
import { isWatched } from "./watched.ts";

export interface WatchOptions extends DetectOptions {
  /** How far back the table is kept under review without a reason, ms. Late rounds and long outages reach further. Default 24 h. */
  windowMs: number;
  /** Least time between two runs, ms. Default 1,000. */
  minPassMs: number;
  /**
   * How much further back than the window, or than what late rounds touch, a known outage may draw the review, ms; one that
   * began earlier is only carried on. Default 48 h. Late rounds reach as far as they must.
   */
  reachMs: number;
  /** A run takes place at least this often, since silence is news as well, ms. Default 5,000. */
  tickMs: number;
}

export interface WatchDeps {
  inventory: () => Inventory;
  series: SeriesStore;
  state: StateStore;
  now: () => number;
  options: WatchOptions;
  /** Nothing before this is judged anew, epoch ms: the store does not have its rounds. Default: everything may be. */
  judgedFromMs?: () => number;
  /** Which messages the table calls for as it will stand after this run; asked at each run, since a hold runs out in silence. */
  planAlerts: (now: {
    outages: readonly OutageRecord[];
    /** Rows that ended before this may be missing. */
    fromMs: number;
    standings: Standings;
    open: readonly AlertRecord[];
    nowMs: number;
  }) => { alerts: readonly AlertRecord[]; messages: readonly NewMessage[] };
  /** Called after messages were written. */
  onMessages: () => void;
  onError: (error: unknown) => void;
}

export interface Watch {
  /** New rounds are in the store. `rounds`: those of these keys, where they are at hand; else they are read. */
  touched(change: {
    keys: readonly string[];
    fromMs: number;
    /** Start of the newest round of one agent that these are of; absent: they tell nothing of its rhythm. */
    newestMs?: number;
    rounds?: readonly Rounds[];
  }): void;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Runs now and resolves when the table tells all that is in the store. */
  settle(): Promise<void>;
  /** What the last run held for cut off beside the table: it stands nowhere else, and is gone with the process. */
  provisional(): readonly OutageRecord[];
  stats(): {
    passes: number;
    lastPassMs: number;
    /** When the last run that succeeded ended, epoch ms; null: none did. */
    lastEndMs: number | null;
    errors: number;
    /** Outages written down for the first time, and corrections of such, since the start. */
    found: number;
    revised: number;
  };
}

/** Least evidence before what is judged, so that the first round judged has neighbours, ms. */
const leastLeadMs = 15 * 60_000;
/** The same in intervals of the slowest target: two bad rounds, the gap that may lie before them, a sliver's neighbour. */
const leadIntervals = 5;
/** A target slower than this is not waited for: it would draw every review days back, s. */
const slowestIntervalS = 3_600;

/** Keeps the outage table true: reads what changed, runs the pure core over it and writes the difference down. */
export function createWatch(deps: WatchDeps): Watch {
  const { state, now, options, judgedFromMs = () => -Infinity } = deps;
  let cache: RunCache | null = null;
  let written: SegmentsByView = new Map();
  /** null: to be read. */
  let writtenBlips: readonly Blip[] | null = null;
  let earliestTouchMs = Infinity;
  /** What the run under way took of it, to be given back should the run fail. */
  let takenTouchMs = Infinity;
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<void> | null = null;
  let stopped = true;
  let resumed = false;
  /** Whoever was to be heard while the collector was not running is not suspected of silence. */
  let listeningSinceMs = -Infinity;
  const rhythms = createRhythms();
  let provisional: readonly OutageRecord[] = [];
  let retired: { inventory: Inventory; targets: Target[] } | null = null;
  /** Starts of machines after long silences that were judged whole. */
  const heardOut = new Set<string>();
  const stats: ReturnType<Watch["stats"]> = {
    passes: 0,
    lastPassMs: 0,
    lastEndMs: null,
    errors: 0,
    found: 0,
    revised: 0,
  };

  /** A run that failed leaves none behind: the next one reads everything again. */
  function openCache(): RunCache {
    const startMs = wholeHour(now() - options.windowMs);
    return (cache ??= createRunCache(deps.series, startMs, options.gapFactor, state.baselines));
  }

  /**
   * When the collector last heard of anyone, before this start: the states were carried no further than a little after
   * it, and whatever lies between it and now is not measured until somebody tells.
   */
  async function lastHeardMs(): Promise<number> {
    const heard = (await state.agents()).flatMap(({ lastSeenMs }) => lastSeenMs ?? []);
    return heard.length === 0 ? Infinity : heard.reduce((a, b) => Math.max(a, b));
  }

  function leadOf(inventory: Inventory): number {
    let slowestS = 0;
    for (const { probe } of inventory.targets.values()) slowestS = Math.max(slowestS, probe.intervalS);
    return Math.max(leastLeadMs, leadIntervals * Math.min(slowestS, slowestIntervalS) * 1000);
  }

  /** Far enough back for whatever changed, and not in the midst of a known outage that is not too old to be reviewed. */
  async function chooseStart(current: RunCache, leadMs: number): Promise<number> {
    const reviewMs = wholeHour(now() - options.windowMs);
    // Hysteresis: the start moves later only an hour at a time, and with it the memory is given back.
    const keepMs = current.fromMs < reviewMs - 3_600_000 ? reviewMs : Math.min(current.fromMs, reviewMs);
    // Twice: what a new round changes may begin before it, and has to lie behind the lead itself.
    const touchMs = earliestTouchMs === Infinity ? Infinity : wholeHour(earliestTouchMs - 2 * leadMs);
    const reachMs = Math.min(reviewMs, touchMs) - options.reachMs;
    let fromMs = Math.min(keepMs, touchMs);
    for (;;) {
      const crossing = await state.outages({ fromMs, toMs: fromMs + leadMs });
      const within = crossing.map(({ startMs }) => startMs - leadMs).filter((ms) => ms >= reachMs);
      const earliestMs = within.reduce((a, b) => Math.min(a, b), Infinity);
      if (earliestMs >= fromMs) return Math.max(fromMs, judgedFromMs());
      fromMs = wholeHour(earliestMs);
    }
  }

  /** Targets that are stored but not in the inventory: what was taken out of it still tells of its time. */
  async function findRetired(inventory: Inventory): Promise<Target[]> {
    if (retired?.inventory !== inventory) {
      await state.putTargets([...inventory.targets.values()]);
      const all = await state.targets();
      const targets = all.filter(
        (target) => inventory.targets.get(target.key)?.probe.kind !== target.probe.kind,
      );
      retired = { inventory, targets };
    }
    return retired.targets;
  }

  /** Lays changed plans over what is on record. Whether states were written. */
  async function takeMaintenance(inventory: Inventory): Promise<boolean> {
    const touches = await state.maintenanceTouches();
    if (touches === null) return false;
    const revised = await reviseForMaintenance(state, inventory, { fromMs: touches.fromMs, nowMs: now() });
    await state.writeWatch({ ...revised, alerts: [], messages: [], judgedMaintenance: touches.upTo });
    return revised.states.length > 0 || revised.blips.found.length > 0;
  }

  /**
   * A machine that comes back after a longer silence than is under review tells what that was: it is judged from its last
   * round on, once. From then on it is known of the row that it began before the evidence.
   */
  function findLongSilence(evidence: Pick<Evidence, "targets" | "events">, sinceMs: number): number {
    let fromMs = Infinity;
    for (const { start, lastMs } of silencesFrom(evidence, sinceMs)) {
      const name = `${start.site} ${start.timeMs}`;
      if (!heardOut.has(name)) fromMs = Math.min(fromMs, lastMs);
      heardOut.add(name);
    }
    return fromMs;
  }

  async function pass(): Promise<void> {
    const startedMs = performance.now();
    const current = openCache();
    const inventory = deps.inventory();
    const leadMs = leadOf(inventory);
    // Before there is evidence of as long as a lead, from whoever is not silent, what stands on record would end for want of any.
    if (now() <= judgedFromMs() + leadMs + options.silenceMs) return;
    const isReloaded = retired?.inventory !== inventory;
    const gone = await findRetired(inventory);
    // What was taken out of the inventory is not watched any more, and its state not known from here on.
    const orphans = isReloaded
      ? [...(await state.currentStates()), ...(await state.currentLinkStates())].filter(
          (view) => !isWatched(inventory, view),
        )
      : [];
    const late = await state.lateTouches();
    if (!resumed) earliestTouchMs = Math.min(earliestTouchMs, late?.fromMs ?? Infinity, await lastHeardMs());
    resumed = true;
    const fromMs = await chooseStart(current, leadMs);
    takenTouchMs = earliestTouchMs;
    earliestTouchMs = Infinity;
    const isRepainted = await takeMaintenance(inventory);
    if (fromMs !== current.fromMs || isRepainted) {
      if (fromMs !== current.fromMs) current.moveStart(fromMs);
      written = groupSegments(await readStates(fromMs));
      writtenBlips = null;
    }
    writtenBlips ??= await readBlips(fromMs);
    const targets = await current.refresh(inventory.targets.values(), gone);
    const nowMs = now();
    const events = await state.events({ fromMs, toMs: nowMs });
    const silentFromMs = findLongSilence({ targets, events }, fromMs + leadMs);
    if (silentFromMs < Infinity) {
      earliestTouchMs = Math.min(earliestTouchMs, takenTouchMs, silentFromMs);
      return pass();
    }
    const maintenance = await readWindows(state, inventory, { fromMs, toMs: nowMs });
    const hearing = {
      listeningSinceMs: Math.max(listeningSinceMs, rhythms.hearingSinceMs),
      rhythms: rhythms.bySite,
    };
    const evidence = { fromMs, nowMs, targets, events, maintenance, ...hearing };
    const table = findOutages(evidence, inventory, options);
    const previous = await state.outages({ fromMs });
    // What lies within the lead is cut evidence: no known outage reaches into it, and nothing changed there.
    const told = table.outages.filter(({ endMs }) => endMs === null || endMs > fromMs + leadMs);
    const outages = revise({
      previous,
      table: told,
      fromMs,
      carriedBeforeMs: fromMs + leadMs,
      knownMs: nowMs,
      isWatched: (view) => isWatched(inventory, view),
      idOf,
    });
    const next = groupSegments(table.states);
    // What lies within the lead is known better from an earlier run, which saw what came before it.
    const ended = orphans.map((view) => ({ ...view, replaceFromMs: secondBefore(nowMs), segments: [] }));
    const states = [...diffStates(written, next, fromMs + leadMs), ...ended].map((each) => ({
      ...each,
      knownMs: nowMs,
    }));
    const blips = diffBlips(writtenBlips, table, fromMs + leadMs);
    const areBlipsNew = blips.gone.length + blips.found.length > 0;
    const baselines = current.takeBaselines();
    const records = recordsNow(previous, outages, table.suspects, nowMs);
    const plan = deps.planAlerts({
      outages: [...records.outages, ...records.provisional],
      fromMs: fromMs + leadMs,
      standings: readStandings({ targets }, createTree(inventory), options.gapFactor),
      open: await state.openAlerts(),
      nowMs,
    });
    const news =
      outages.length + states.length + plan.alerts.length + plan.messages.length + baselines.length;
    if (late !== null || news > 0 || areBlipsNew) {
      await state.writeWatch({
        outages,
        states,
        baselines,
        ...(areBlipsNew ? { blips: { ...blips, knownMs: nowMs } } : {}),
        ...plan,
        ...(late === null ? {} : { judgedTouches: late.upTo }),
      });
      if (states.length > 0) written = groupSegments(await readStates(fromMs));
      if (areBlipsNew) writtenBlips = await readBlips(fromMs);
      if (plan.messages.length > 0) deps.onMessages();
    }
    takenTouchMs = Infinity;
    ({ provisional } = records);
    stats.passes += 1;
    stats.lastEndMs = now();
    const found = outages.filter(({ revision }) => revision === 1).length;
    stats.found += found;
    stats.revised += outages.length - found;
    stats.lastPassMs = performance.now() - startedMs;
  }

  const readBlips = (fromMs: number) => state.blips({ fromMs, toMs: Number.MAX_SAFE_INTEGER });

  async function readStates(fromMs: number) {
    const range = { fromMs, toMs: Number.MAX_SAFE_INTEGER };
    const ofServices = await Promise.all(
      [...deps.inventory().services.keys()].map((service) => state.states({ ...range, service })),
    );
    return [
      ...(await state.states({ ...range, service: "" })),
      ...(await state.linkStates(range)),
      ...ofServices.flat(),
    ];
  }

  /** One run at a time; a failed one is reported and tried again at the next tick. */
  function run(): Promise<void> {
    running ??= pass()
      .catch((error: unknown) => {
        stats.errors += 1;
        cache = null;
        writtenBlips = null;
        // What a reload took out is looked for again.
        retired = null;
        earliestTouchMs = Math.min(earliestTouchMs, takenTouchMs);
        deps.onError(error);
      })
      .finally(() => {
        running = null;
      });
    return running;
  }

  /** Until the next look: in a storm of links that come and go one is dear, and batches wait for the same thread. */
  function restMs(): number {
    return Math.max(options.minPassMs, Math.min(restFactor * stats.lastPassMs, options.tickMs));
  }

  function schedule(delayMs: number): void {
    if (stopped) return;
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(
      () => void run().then(() => schedule(earliestTouchMs < Infinity ? restMs() : options.tickMs)),
      delayMs,
    );
  }

  return {
    stats: () => ({ ...stats }),
    provisional: () => provisional,
    touched({ keys, fromMs, newestMs, rounds }) {
      const current = openCache();
      if (newestMs !== undefined && keys.length > 0) rhythms.heard(siteOf(keys[0]!), newestMs, now());
      if (rounds === undefined) for (const key of keys) current.touch(key, fromMs);
      else for (const piece of rounds) current.add(piece);
      const first = earliestTouchMs === Infinity;
      earliestTouchMs = Math.min(earliestTouchMs, fromMs);
      if (first && running === null) schedule(restMs());
    },
    async start() {
      stopped = false;
      listeningSinceMs = now();
      await run();
      schedule(options.tickMs);
    },
    async stop() {
      stopped = true;
      if (timer !== null) clearTimeout(timer);
      await running;
    },
    async settle() {
      await running;
      await run();
    },
  };
}

/** A look is followed by a pause of so many times its own length, where that is less than a tick: at most a fifth of the thread. */
const restFactor = 4;

const siteOf = (key: string) => key.slice(0, key.indexOf("/"));

function wholeHour(ms: number): number {
  return Math.floor(ms / 3_600_000) * 3_600_000;
}

/** As the table ends with the second that has passed; detection rounds. */
function secondBefore(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}
