import type { Unsent } from "#wire/rounds-v1.ts";
import type { Clock } from "../probe.ts";
import type { Entry } from "./entry.ts";
import { mostAddresses, spacingMs, startFpingChild } from "./fping-child.ts";
import type { FpingChild } from "./fping-child.ts";
import { graceMs, Lane, patienceMs } from "./lane.ts";
import type { LaneRound } from "./lane.ts";
import type { SendLook } from "./send-look.ts";

/** Targets that share one fping: same pace, size, code point, family and timeout, which it knows only for all. */
export interface Crew {
  readonly key: string;
  readonly members: ReadonlySet<Entry>;
  /** When its fping was last started. */
  readonly startedMs: number;
  hasRoom(address: string): boolean;
  /** A new member is measured from the next start on; one that left is told of no more. */
  add(entry: Entry): void;
  remove(entry: Entry): void;
  /** Starts fping, anew if there is one, with the members there are. Rounds under way are given up. */
  start(): void;
  /** Closes what is over. */
  sweep(nowMs: number): void;
  stop(): Promise<void>;
}

export interface CrewDeps {
  command: string;
  clock: Clock;
  /** Whether what fping says can be believed; asked before each batch of it. */
  mayRead(): boolean;
  look: SendLook;
  /** `why`: what kept echoes of the round from being sent. */
  onRound(entry: Entry, round: LaneRound, why: Unsent | null): void;
  /** fping did not send for a whole round, although nothing is in its way. */
  onStuck(crew: Crew): void;
  /** fping works, after it was started. */
  onUp(crew: Crew): void;
  /** fping ended. `open`: the rounds under way, cut short. */
  onDown(crew: Crew, open: Map<Entry, LaneRound>, error: Error): void;
}

interface Seat {
  entry: Entry;
  lane: Lane;
  /** Of the open round, when it was overdue: what the kernel said of sending; `why` is undefined until it has spoken. */
  look: { why: Unsent | null | undefined } | null;
}

/** fping that has lived so long without a word has opened its socket. */
const settledMs = 2_000;
/** Time for a child to start and read its list, before its first echo. */
const startupMs = 50;

/** What a crew has in common. */
export function crewKey({ target, pace, address }: Entry): string {
  return [address?.family, pace.periodMs, pace.timeoutMs, pace.sizeBytes, target.dscp].join("/");
}

export function createCrew(key: string, { command, clock, ...deps }: CrewDeps): Crew {
  const members = new Set<Entry>();
  /** By address: a host may be a target twice, and is then asked once. */
  let seats = new Map<string, Seat[]>();
  /** How many members have an address. */
  const sharing = new Map<string, number>();
  let child: FpingChild | null = null;
  let ending: Promise<unknown> = Promise.resolve();
  let startedMs = 0;
  let isUp = false;
  let nowMs = 0;

  function up(): void {
    if (isUp) return;
    isUp = true;
    deps.onUp(crew);
  }

  function takeOutcome(address: string, sequence: number, rttUs: number): void {
    up();
    for (const seat of seats.get(address) ?? []) {
      while (!seat.lane.take(sequence, rttUs, nowMs)) tell(seat, "local");
      closeRounds(seat);
    }
  }

  /** Ends the open round and gives it. `why`: of what was not sent in it, if anything. */
  function tell(seat: Seat, why: Unsent): LaneRound {
    const round = seat.lane.cut(nowMs);
    seat.look = null;
    deps.onRound(seat.entry, round, round.unsent > 0 ? why : null);
    return round;
  }

  function closeRounds(seat: Seat): void {
    const { entry, lane } = seat;
    let hasWaited = false;
    let isStuck = false;
    for (;;) {
      const round = lane.close(nowMs);
      const lateMs = lane.lateMs(nowMs);
      if (round !== null) {
        seat.look = null;
        deps.onRound(entry, round, null);
      } else if (lateMs <= graceMs) {
        break;
      } else {
        seat.look ??= hasWaited ? { why: null } : startLook(entry);
        const why: Unsent | null | undefined = seat.look.why;
        if (why === undefined) return;
        hasWaited ||= why === null && lateMs > patienceMs;
        if (why === null && !hasWaited) return;
        const { sent } = tell(seat, why ?? "local");
        isStuck ||= why === null && sent === 0;
      }
    }
    if (isStuck) deps.onStuck(crew);
  }

  function startLook({ address }: Entry): NonNullable<Seat["look"]> {
    const look: NonNullable<Seat["look"]> = { why: undefined };
    void deps.look(address!.address, address!.family).then((why) => (look.why = why));
    return look;
  }

  function takeSeats(): void {
    seats = new Map([...sharing.keys()].map((address) => [address, []]));
    for (const entry of members)
      seats.get(entry.address!.address)!.push({ entry, lane: new Lane(entry.pace), look: null });
    let originMs = startedMs + startupMs;
    for (const sitting of seats.values()) {
      for (const { lane } of sitting) lane.expect(originMs);
      originMs += spacingMs(sitting[0]!.entry.pace.periodMs, seats.size);
    }
  }

  function dismiss(): void {
    if (child !== null) ending = Promise.all([ending, child.stop()]);
    child = null;
    seats.clear();
  }

  function end(error: Error): void {
    child = null;
    const open = new Map<Entry, LaneRound>();
    for (const { entry, lane } of [...seats.values()].flat()) open.set(entry, lane.cut(clock.monoMs()));
    seats.clear();
    deps.onDown(crew, open, error);
  }

  const crew: Crew = {
    key,
    members,
    get startedMs() {
      return startedMs;
    },
    hasRoom(address) {
      return sharing.has(address) || sharing.size < mostAddresses;
    },
    add(entry) {
      const address = entry.address!.address;
      members.add(entry);
      sharing.set(address, (sharing.get(address) ?? 0) + 1);
      entry.crew = crew;
    },
    remove(entry) {
      const address = entry.address!.address;
      members.delete(entry);
      entry.crew = null;
      const left = sharing.get(address)! - 1;
      if (left > 0) sharing.set(address, left);
      else sharing.delete(address);
      const sitting = seats.get(address) ?? [];
      seats.set(
        address,
        sitting.filter((seat) => seat.entry !== entry),
      );
    },
    start() {
      dismiss();
      const [first] = members;
      if (first === undefined) return;
      startedMs = clock.monoMs();
      isUp = false;
      takeSeats();
      child = startFpingChild({
        command,
        family: first.address!.family,
        ...first.pace,
        dscp: first.target.dscp,
        addresses: [...seats.keys()],
        mayRead() {
          nowMs = clock.monoMs();
          return deps.mayRead();
        },
        onOutcome: takeOutcome,
        onEnd: end,
      });
    },
    sweep(sweepMs) {
      if (child === null) return;
      nowMs = sweepMs;
      if (nowMs - startedMs > settledMs) up();
      for (const sitting of seats.values()) for (const seat of sitting) closeRounds(seat);
    },
    async stop() {
      dismiss();
      await ending;
    },
  };
  return crew;
}
