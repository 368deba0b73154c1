import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { uptime } from "node:os";
import { limits } from "#wire/units.ts";
import type { ClockFix } from "#wire/clock-fixes.ts";
import { addFix } from "./clock-fixes.ts";
import type { Clock } from "./probe.ts";

/*
 * A village board without a battery clock boots in 1970 and learns the time when its link comes back, perhaps hours
 * later. So rounds are stamped with the monotonic clock, each batch carries one reading of both clocks, and the agent
 * says whether it has evidence that its wall clock is right. It never says so on trust.
 */

/** The machine's own clocks. process.hrtime is CLOCK_MONOTONIC, which counts from the host's boot. */
export function machineClock(): Clock {
  return {
    wallMs: () => Date.now(),
    monoMs: () => Number(process.hrtime.bigint() / 1_000_000n),
  };
}

/** What tells a power cut from a crash of the program. */
export interface Host {
  bootId: string;
  /** False: this system gives no boot id, `bootId` was made up, and comparing it with an earlier one says nothing. */
  bootIdKnown: boolean;
  uptimeS(): number;
}

export function readHost(bootIdFile = "/proc/sys/kernel/random/boot_id"): Host {
  const host = { uptimeS: createUptime() };
  try {
    return { ...host, bootId: readFileSync(bootIdFile, "utf8").trim(), bootIdKnown: true };
  } catch {
    return { ...host, bootId: randomUUID(), bootIdKnown: false };
  }
}

/** Asked for with every round, and a system call each time would be a third of what a round costs. */
function createUptime(): () => number {
  let uptimeS = 0;
  let readMs = Number.NEGATIVE_INFINITY;
  return () => {
    const nowMs = performance.now();
    if (nowMs - readMs < 1_000) return uptimeS;
    readMs = nowMs;
    uptimeS = Math.floor(uptime());
    return uptimeS;
  };
}

export interface ClockReading {
  wallMs: number;
  monoMs: number;
  synced: boolean;
  /** Where the monotonic clock lies in the collector's time, by the exchanges of this start; from the first on. */
  fixes?: readonly ClockFix[];
}

export interface ClockWatch {
  /** One reading of both clocks; `synced` only with evidence from this start of the agent. */
  read(): ClockReading;
  /** The collector answered with its own time, to a request that left at `sentMonoMs`. Call at once. */
  exchanged(serverMs: number, sentMonoMs: number): void;
  /** By how much the wall clock was set since the last call, in ms, or null when by 2 s or less. */
  jumpedMs(): number | null;
}

/** How far the wall clock may move against the monotonic one before it has been set, in ms. */
const jumpMs = 2_000;
/** Beyond half the round trip, how far two clocks may differ and still agree, in ms. */
const agreementMs = 1_000;

export function createClockWatch(clock: Clock): ClockWatch {
  const offsetMs = () => clock.wallMs() - clock.monoMs();
  let seenMs = offsetMs();
  // The distance of the two clocks when the last exchange agreed; evidence for as long as nobody sets the wall clock.
  let agreedMs: number | null = null;
  let fixes: readonly ClockFix[] = [];
  return {
    read() {
      const monoMs = clock.monoMs();
      const wallMs = Math.max(0, Math.round(clock.wallMs()));
      const synced =
        agreedMs !== null &&
        Math.abs(wallMs - monoMs - agreedMs) <= jumpMs &&
        wallMs >= limits.earliestWallMs;
      return { wallMs, monoMs, synced, ...(fixes.length === 0 ? {} : { fixes }) };
    },
    exchanged(serverMs, sentMonoMs) {
      const halfTripMs = (clock.monoMs() - sentMonoMs) / 2;
      // A millisecond for what both sides round off.
      const fix = [Math.round(sentMonoMs + halfTripMs), serverMs, Math.ceil(halfTripMs) + 1] as const;
      if (serverMs >= limits.earliestWallMs) fixes = addFix(fixes, fix);
      const apartMs = Math.abs(serverMs - (clock.wallMs() - halfTripMs));
      agreedMs = apartMs <= halfTripMs + agreementMs ? offsetMs() : null;
    },
    jumpedMs() {
      const nowMs = offsetMs();
      const movedMs = nowMs - seenMs;
      seenMs = nowMs;
      return Math.abs(movedMs) > jumpMs ? movedMs : null;
    },
  };
}
