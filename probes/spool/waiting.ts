import type { AgentEvent } from "#wire/batch-v1.ts";
import type { Round } from "../compose.ts";
import { toColumns } from "../compose.ts";
import type { Sample } from "../probe.ts";
import type { FrameBody } from "./frame.ts";

/** Rounds and events that are measured and not yet in a frame. */
export interface Waiting {
  /** Throws nothing and writes nothing. `sampleText`: the round's sample as JSON. */
  addRound(round: Round, sampleText: string): void;
  addEvent(event: AgentEvent): void;
  /** Whether they should become a frame now, whatever the time. */
  isFull(): boolean;
  isEmpty(): boolean;
  /** What they are as bodies of frames, the oldest first, none of more than `maxRounds`; they stay until `drop`. */
  bodies(maxRounds: number): WaitingBody[];
  /** The first so many of these bodies are written. */
  drop(bodies: number): void;
  /** What waits, the oldest first. */
  rounds(): WaitingRound[];
  events(): AgentEvent[];
  /** Gives up the oldest rounds and events above a bound, while no frame can be written; null: none are above it. */
  giveUp(): { rounds: number; fromMonoMs: number; toMonoMs: number } | null;
}

export interface WaitingBody extends FrameBody {
  count: number;
  rawBytes: number;
  fromMonoMs: number;
  toMonoMs: number;
}

/**
 * A round as it waits. Its sample is kept as text: a poll of many objects is then one thing to the garbage collector and
 * not hundreds that it moves again and again until the minute is over.
 */
export interface WaitingRound {
  target: string;
  monoMs: number;
  sampleText: string;
}

interface Part {
  rounds: WaitingRound[];
  events: AgentEvent[];
  kinds: Map<string, string>;
  bytes: number;
}

const maxPartEvents = 100;
/** While the disk takes nothing, so many rounds are kept in memory: an hour of 80 targets every 30 s. */
const maxKept = 10_000;
/** And of so many bytes as text: a poll of a device with 52 interfaces has some 10 kB. */
const maxKeptBytes = 8_388_608;
const maxKeptEvents = 1_000;

const newPart = (): Part => ({ rounds: [], events: [], kinds: new Map(), bytes: 0 });

/** `maxRounds`, `maxBytes`: of one frame, the bytes before compression. */
export function createWaiting(maxRounds: number, maxBytes: number): Waiting {
  let parts = [newPart()];

  function openPart(): Part {
    const last = parts.at(-1)!;
    const full =
      last.rounds.length >= maxRounds || last.bytes >= maxBytes || last.events.length >= maxPartEvents;
    if (full) parts.push(newPart());
    return parts.at(-1)!;
  }

  return {
    addRound({ target, monoMs, sample }, sampleText) {
      let part = openPart();
      // A target has one kind in a frame.
      if ((part.kinds.get(target) ?? sample.kind) !== sample.kind) {
        part = newPart();
        parts.push(part);
      }
      part.kinds.set(target, sample.kind);
      part.rounds.push({ target, monoMs, sampleText });
      part.bytes += sampleText.length;
    },
    addEvent: (event) => void openPart().events.push(event),
    isFull: () => {
      const [first] = parts;
      return parts.length > 1 || first!.rounds.length >= maxRounds || first!.bytes >= maxBytes;
    },
    isEmpty: () => !parts.some(holdsSomething),
    bodies(cap) {
      parts = parts.flatMap((part) => split(part, cap));
      return parts.filter(holdsSomething).map(toBody);
    },
    drop(bodies) {
      parts = parts.filter(holdsSomething).slice(bodies);
      if (parts.length === 0) parts.push(newPart());
    },
    rounds: () => parts.flatMap(({ rounds }) => rounds),
    events: () => parts.flatMap(({ events }) => events),
    giveUp() {
      const gone = parts.flatMap(({ rounds }) => rounds).slice(0, excessOf(parts));
      let excess = gone.length;
      let excessEvents = parts.reduce((sum, { events }) => sum + events.length, 0) - maxKeptEvents;
      if (excess === 0 && excessEvents <= 0) return null;
      for (const part of parts) {
        excess -= part.rounds.splice(0, excess).length;
        part.bytes = part.rounds.reduce((sum, { sampleText }) => sum + sampleText.length, 0);
        // That the agent started is told whatever else is not.
        part.events = part.events.filter(({ type }) => type === "agent.start" || excessEvents-- <= 0);
      }
      parts = parts.filter(holdsSomething);
      if (parts.length === 0) parts.push(newPart());
      return { rounds: gone.length, ...spanOf(gone) };
    },
  };
}

/** How many of the oldest rounds are above the bounds. */
function excessOf(parts: readonly Part[]): number {
  let rounds = 0;
  let bytes = 0;
  let excess = 0;
  for (const part of parts.toReversed()) {
    for (const { sampleText } of part.rounds.toReversed()) {
      rounds++;
      bytes += sampleText.length;
      if (rounds > maxKept || bytes > maxKeptBytes) excess++;
    }
  }
  return excess;
}

const holdsSomething = ({ rounds, events }: Part) => rounds.length + events.length > 0;

/** The newest piece is as large as it may be, since it goes out first. Events go with it. */
function split(part: Part, maxRounds: number): Part[] {
  if (part.rounds.length <= maxRounds) return [part];
  const pieces: Part[] = [];
  for (let end = part.rounds.length; end > 0; end -= maxRounds) {
    const rounds = part.rounds.slice(Math.max(0, end - maxRounds), end);
    const bytes = part.bytes * (rounds.length / part.rounds.length);
    pieces.unshift({ rounds, events: pieces.length === 0 ? part.events : [], kinds: part.kinds, bytes });
  }
  return pieces;
}

function toBody({ rounds, events }: Part): WaitingBody {
  const columns = toColumns(
    rounds.map(({ target, monoMs, sampleText }) => ({
      target,
      monoMs,
      sample: JSON.parse(sampleText) as Sample,
    })),
  );
  const rawBytes = JSON.stringify(columns).length;
  return { rounds: columns, events, count: rounds.length, rawBytes, ...spanOf(rounds) };
}

function spanOf(rounds: readonly WaitingRound[]) {
  let fromMonoMs = rounds[0]?.monoMs ?? 0;
  let toMonoMs = fromMonoMs;
  for (const { monoMs } of rounds) {
    fromMonoMs = Math.min(fromMonoMs, monoMs);
    toMonoMs = Math.max(toMonoMs, monoMs);
  }
  return { fromMonoMs, toMonoMs };
}
