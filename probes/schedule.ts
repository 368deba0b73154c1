import { createHash } from "node:crypto";
import type { AgentTarget } from "#wire/targets-v1.ts";
import type { Clock, ProbeContext, Sample } from "./probe.ts";

export interface ScheduleOptions {
  agentId: string;
  clock: Clock;
  probe(target: AgentTarget, context: ProbeContext): Promise<Sample>;
  /** A finished round. `monoMs`: when it started. */
  onRound(target: AgentTarget, monoMs: number, sample: Sample): void;
  /**
   * The probe itself failed, or did not end although its time was up: there is no round. Also, for one target an hour,
   * that rounds fall out because there are too many for `maxConcurrent`.
   */
  onBroken(target: AgentTarget, error: unknown): void;
  /** Rounds under way at once, 1 or more. Default 16. Further ones wait for their turn. */
  maxConcurrent?: number | undefined;
  /** How long a probe may take to end after its time is up, in ms, before its round is given up. Default 1,000. */
  graceMs?: number | undefined;
}

export interface Schedule {
  /** Measures these targets from now on. One that did not change keeps its grid and its round under way. */
  update(targets: readonly AgentTarget[]): void;
  /** Aborts what is under way; no round is reported afterwards. */
  stop(): void;
}

/** Too many targets are too many in every interval. */
const crowdedEveryMs = 3_600_000;

interface Entry {
  target: AgentTarget;
  text: string;
  slotMs: number;
  timer: NodeJS.Timeout | undefined;
  abort: AbortController;
}

/** One for all rounds: making it takes a trace of the stack, which a round needs as little as anyone reads it. */
const roundOver = new DOMException("the round is over", "AbortError");

/**
 * Each target has its own fixed grid over monotonic time. Where it begins within the interval comes from a hash of agent
 * and target: stable across restarts, so that a series keeps its rhythm, and spread, so that a thin link carries the
 * rounds one after another.
 */
export function createSchedule(options: ScheduleOptions): Schedule {
  const { agentId, clock, maxConcurrent = 16, graceMs = 1_000 } = options;
  const entries = new Map<string, Entry>();
  // By target id and not by entry: a target that was changed must not start beside the round of its former self.
  const busy = new Set<string>();
  const waiting: Entry[] = [];
  let running = 0;
  let crowdedMs = Number.NEGATIVE_INFINITY;

  function arm(entry: Entry): void {
    entry.timer = setTimeout(() => tick(entry), Math.max(0, entry.slotMs - clock.monoMs()));
  }

  function tick(entry: Entry): void {
    const nowMs = clock.monoMs();
    // A timer may fire a little early; a round before its slot would then be followed by a second one in it.
    if (nowMs < entry.slotMs) return arm(entry);
    entry.slotMs = nextSlotMs(entry.target, agentId, nowMs + 1);
    arm(entry);
    if (busy.has(entry.target.id)) return noteCrowded(entry, nowMs);
    busy.add(entry.target.id);
    waiting.push(entry);
    startWaiting();
  }

  /** A round that is under way for longer than its interval is its target's own affair; one that has not begun is ours. */
  function noteCrowded(entry: Entry, nowMs: number): void {
    if (!waiting.includes(entry) || nowMs - crowdedMs < crowdedEveryMs) return;
    crowdedMs = nowMs;
    const why = `of ${entries.size} targets ${maxConcurrent} are measured at once, and rounds fall out`;
    options.onBroken(entry.target, new Error(`intervalS ${entry.target.intervalS} is too short: ${why}`));
  }

  function startWaiting(): void {
    while (running < maxConcurrent) {
      const entry = waiting.shift();
      if (entry === undefined) return;
      running++;
      void run(entry).finally(() => {
        running--;
        busy.delete(entry.target.id);
        startWaiting();
      });
    }
  }

  async function run(entry: Entry): Promise<void> {
    const { target, abort } = entry;
    if (abort.signal.aborted) return;
    const monoMs = clock.monoMs();
    const round = new AbortController();
    const endRound = () => round.abort(roundOver);
    const timer = setTimeout(endRound, target.timeoutMs);
    abort.signal.addEventListener("abort", endRound, { once: true });
    try {
      const sample = await bounded(
        options.probe(target, { signal: round.signal, timeoutMs: target.timeoutMs, clock }),
        target.timeoutMs + graceMs,
        abort.signal,
      );
      // What an aborted probe gives is cut short by us: its missing replies would read as loss.
      if (!abort.signal.aborted && sample !== null) options.onRound(target, monoMs, sample);
    } catch (error) {
      if (!abort.signal.aborted) options.onBroken(target, error);
    } finally {
      clearTimeout(timer);
      abort.signal.removeEventListener("abort", endRound);
      // Whatever the probe left running, after a hard deadline say, is told to end.
      endRound();
    }
  }

  function remove(entry: Entry): void {
    clearTimeout(entry.timer);
    entry.abort.abort();
    entries.delete(entry.target.id);
    const at = waiting.indexOf(entry);
    if (at === -1) return;
    waiting.splice(at, 1);
    busy.delete(entry.target.id);
  }

  return {
    update(targets) {
      const wanted = new Map(targets.map((target) => [target.id, JSON.stringify(target)]));
      for (const entry of entries.values()) {
        if (wanted.get(entry.target.id) !== entry.text) remove(entry);
      }
      for (const target of targets) {
        if (entries.has(target.id)) continue;
        const slotMs = nextSlotMs(target, agentId, clock.monoMs());
        const text = wanted.get(target.id)!;
        const entry: Entry = { target, text, slotMs, timer: undefined, abort: new AbortController() };
        entries.set(target.id, entry);
        arm(entry);
      }
    },
    stop() {
      for (const entry of entries.values()) remove(entry);
    },
  };
}

/** The first time of the target's grid that is not before `fromMs`. */
export function nextSlotMs(
  target: { id: string; intervalS: number },
  agentId: string,
  fromMs: number,
): number {
  const intervalMs = Math.round(target.intervalS * 1000);
  const hash = createHash("sha256").update(`${agentId}/${target.id}`).digest().readUIntBE(0, 6);
  const phaseMs = hash % intervalMs;
  return phaseMs + Math.ceil((fromMs - phaseMs) / intervalMs) * intervalMs;
}

/** Rejects when `work` has not ended in time; gives null as soon as it is aborted. */
function bounded<T>(work: Promise<T>, limitMs: number, aborted: AbortSignal): Promise<T | null> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the probe did not end within ${limitMs} ms`)), limitMs);
    const onAbort = () => resolve(null);
    aborted.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => {
      clearTimeout(timer);
      aborted.removeEventListener("abort", onAbort);
    });
  });
}
