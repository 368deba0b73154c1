import type { Unsent } from "#wire/rounds-v1.ts";
import { createBackoff } from "../backoff.ts";
import type { Backoff } from "../backoff.ts";
import type { Log } from "../log.ts";
import type { Clock } from "../probe.ts";
import type { Address } from "../resolve.ts";
import { createCrew, crewKey } from "./crew.ts";
import type { Crew } from "./crew.ts";
import type { Entry } from "./entry.ts";
import type { LaneRound } from "./lane.ts";
import { createSendLook } from "./send-look.ts";

/** Which targets go to which fping, and when each of these is started. */
export interface Crews {
  /** Gives a place to those who have an address and none yet. */
  place(entries: Iterable<Entry>): void;
  leave(entry: Entry): void;
  /** A name has another address now. */
  move(entry: Entry, address: Address): void;
  restartAll(): void;
  sweep(nowMs: number): void;
  stop(): Promise<void>;
}

export interface CrewsDeps {
  command: string;
  clock: Clock;
  log: Log;
  random: () => number;
  mayRead(): boolean;
  onRound(entry: Entry, round: LaneRound, why: Unsent | null): void;
  onBroken(entry: Entry, error: Error): void;
}

/** A configuration has a few different paces; each fping is 2 MB. */
const mostCrews = 64;
/** Between two starts: each begins with all of its echoes at once, as far as -i lets it. */
const staggerMs = 200;
/** An fping that lived so long was well: the next failure is a new one. */
const wellMs = 60_000;
/** One that does not send is started anew, but not more often than this. */
const stuckMs = 15_000;

export function createCrews({ clock, log, random, ...deps }: CrewsDeps): Crews {
  const crews = new Map<Crew, { backoff: Backoff; timer?: NodeJS.Timeout }>();
  const look = createSendLook();
  /** Those to be started, in order. */
  const due = new Set<Crew>();
  let starting: NodeJS.Timeout | undefined;
  /** Of crews that have no members any more. */
  const ending = new Set<Promise<void>>();

  function startSoon(crew: Crew): void {
    due.add(crew);
    starting ??= setTimeout(startNext, 0);
  }

  function startNext(): void {
    const [crew] = due;
    starting = undefined;
    if (crew === undefined) return;
    due.delete(crew);
    const state = crews.get(crew);
    clearTimeout(state?.timer);
    if (crew.members.size > 0) {
      crew.start();
    } else {
      crews.delete(crew);
      const ended = crew.stop();
      ending.add(ended);
      void ended.then(() => ending.delete(ended));
    }
    starting = setTimeout(startNext, staggerMs);
  }

  function onUp(crew: Crew): void {
    for (const entry of crew.members) if (entry.idle?.why === "local") entry.idle = null;
  }

  function onStuck(crew: Crew): void {
    if (due.has(crew) || clock.monoMs() - crew.startedMs < stuckMs) return;
    log.warn({ targets: crew.members.size }, "fping does not send, and is started anew");
    startSoon(crew);
  }

  function onDown(crew: Crew, open: Map<Entry, LaneRound>, error: Error): void {
    const state = crews.get(crew);
    const nowMs = clock.monoMs();
    for (const entry of crew.members) {
      if (entry.idle !== null) continue;
      const round = open.get(entry);
      entry.idle = { why: "local", nextMs: (round?.startMs ?? nowMs) + (round ? entry.pace.intervalMs : 0) };
      if (round !== undefined) deps.onRound(entry, round, "local");
    }
    if (state === undefined) return;
    if (nowMs - crew.startedMs > wellMs) state.backoff.reset();
    const waitMs = state.backoff.nextMs();
    log.warn(
      { error: error.message, targets: crew.members.size, waitMs },
      "fping ended and is started again",
    );
    const [first] = crew.members;
    if (first !== undefined) deps.onBroken(first, error);
    state.timer = setTimeout(() => startSoon(crew), waitMs);
  }

  function findPlace(entry: Entry): Crew | null {
    const key = crewKey(entry);
    const open = [...crews.keys()].filter((crew) => crew.key === key && crew.hasRoom(entry.address!.address));
    const found =
      open.find((crew) => due.has(crew)) ?? open.toSorted((a, b) => a.members.size - b.members.size)[0];
    if (found !== undefined) return found;
    if (crews.size >= mostCrews) return null;
    const crew = createCrew(key, {
      command: deps.command,
      clock,
      mayRead: deps.mayRead,
      onUp,
      onDown,
      onRound: deps.onRound,
      onStuck,
      look,
    });
    crews.set(crew, { backoff: createBackoff({ firstMs: 1_000, maxMs: () => 60_000, random }) });
    return crew;
  }

  function settle(entry: Entry): void {
    const crew = findPlace(entry);
    if (crew === null) {
      if (entry.idle !== null) return;
      entry.idle = { why: "local", nextMs: clock.monoMs() };
      const { id } = entry.target;
      const fields = "intervalS, count, timeoutMs, sizeBytes and dscp";
      deps.onBroken(
        entry,
        new Error(`target ${id}: more than ${mostCrews} different sets of ${fields}: not measured`),
      );
      return;
    }
    entry.idle = null;
    crew.add(entry);
    startSoon(crew);
  }

  function leave(entry: Entry): void {
    if (entry.crew === null) return;
    startSoon(entry.crew);
    entry.crew.remove(entry);
  }

  return {
    place(entries) {
      for (const entry of entries) if (entry.address !== null && entry.crew === null) settle(entry);
    },
    leave,
    move(entry, address) {
      leave(entry);
      entry.address = address;
      settle(entry);
    },
    restartAll() {
      for (const crew of crews.keys()) {
        void crew.stop();
        startSoon(crew);
      }
    },
    sweep(nowMs) {
      for (const crew of crews.keys()) crew.sweep(nowMs);
    },
    async stop() {
      clearTimeout(starting);
      for (const { timer } of crews.values()) clearTimeout(timer);
      await Promise.all([...ending, ...[...crews.keys()].map((crew) => crew.stop())]);
    },
  };
}
