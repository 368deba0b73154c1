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
  /** Gives up the oldest rounds above a bound, while no frame can be written. */
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
interface WaitingRound {
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
    giveUp() {
      let excess = parts.reduce((sum, { rounds }) => sum + rounds.length, 0) - maxKept;
      if (excess <= 0) return null;
      const gone: WaitingRound[] = [];
      for (const part of parts) {
        const dropped = part.rounds.splice(0, excess);
        part.bytes *= part.rounds.length / (part.rounds.length + dropped.length || 1);
        excess -= dropped.length;
        gone.push(...dropped);
      }
      parts = parts.filter(holdsSomething);
      if (parts.length === 0) parts.push(newPart());
      return { rounds: gone.length, ...spanOf(gone) };
    },
  };
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
