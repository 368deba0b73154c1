import { spawn } from "node:child_process";
import type { Log } from "./log.ts";
import type { Clock } from "./probe.ts";

/*
 * What the service manager (systemd, sd_notify(3)) is told: that the agent is at work, that it is still getting
 * somewhere, that it stops. An agent whose event loop turns but whose rounds have ended is as good as dead, so a beat is
 * sent only while rounds are stored; without it the service manager starts the agent again.
 *
 * The messages are datagrams on a unix socket, which Node does not have. `systemd-notify`, a part of systemd, sends one
 * for a few ms of CPU time; with WatchdogSec=10min that is one every five minutes.
 */
export interface Watchdog {
  /** The agent is at work. The beats begin. */
  ready(): void;
  /** A round was stored. */
  progress(): void;
  /**
   * At least one round is to be expected every so many ms: the shortest interval of the targets; null: none is, since
   * there are no targets. Until the first call rounds are expected within every half of the watchdog's period.
   */
  expect(everyMs: number | null): void;
  /** The agent stops, and what it does from now on is no sign of life. Twice is fine. */
  stopping(): void;
}

export interface WatchdogOptions {
  /**
   * NOTIFY_SOCKET: where the service manager listens; without it nothing is ever said. WATCHDOG_USEC: its period in µs;
   * without it there are no beats. WATCHDOG_PID: whom the period is meant for.
   */
  env: Record<string, string | undefined>;
  /** This process, to compare with WATCHDOG_PID. */
  pid: number;
  clock: Pick<Clock, "monoMs">;
  log: Pick<Log, "warn">;
  /** Sends one message, such as `READY=1`. Must not throw. */
  run: (message: string) => void;
}

/** How many intervals may pass without a round: one may be late, or its probe broken. */
const patience = 2;

export function createWatchdog({ env, pid, clock, log, run }: WatchdogOptions): Watchdog {
  const heard = (env["NOTIFY_SOCKET"] ?? "") !== "";
  const beatMs = heard ? readBeatMs(env, pid) : null;
  let timer: NodeJS.Timeout | undefined;
  let lastMs = 0;
  let everyMs: number | null | undefined;
  let silent = false;
  let stopped = false;

  const tell = (message: string) => {
    if (heard) run(message);
  };

  function beat(allowedMs: number): void {
    const quietMs = clock.monoMs() - lastMs;
    if (everyMs === null || quietMs <= Math.max(allowedMs, (everyMs ?? 0) * patience)) {
      silent = false;
      return tell("WATCHDOG=1");
    }
    if (!silent)
      log.warn({ quietMs }, "no round was stored: the service manager is not told that all is well");
    silent = true;
  }

  return {
    ready() {
      if (stopped) return;
      lastMs = clock.monoMs();
      tell("READY=1");
      if (beatMs === null || timer !== undefined) return;
      // It must not keep a program alive that has nothing else to do.
      timer = setInterval(() => beat(beatMs), beatMs).unref();
    },
    progress() {
      lastMs = clock.monoMs();
    },
    expect(ms) {
      // The first round of new targets may take its whole interval to come.
      if (ms !== everyMs) lastMs = clock.monoMs();
      everyMs = ms;
    },
    stopping() {
      if (stopped) return;
      stopped = true;
      clearInterval(timer);
      tell("STOPPING=1");
    },
  };
}

/** Half of the period, as sd_watchdog_enabled(3) advises; null where there is none, or it is another process's. */
function readBeatMs(env: WatchdogOptions["env"], pid: number): number | null {
  const periodUs = env["WATCHDOG_USEC"] ?? "";
  if (!/^[1-9]\d{0,17}$/.test(periodUs)) return null;
  const meantFor = env["WATCHDOG_PID"] ?? "";
  if (meantFor !== "" && meantFor !== String(pid)) return null;
  // Beyond 2^31 ms a timer of Node fires at once.
  return Math.min(Math.max(1, Math.floor(Number(periodUs) / 2000)), 2 ** 31 - 1);
}

/** Sends messages by `systemd-notify`, one at a time, in order; says once in the log when it cannot. */
export function createSystemdNotify(log: Pick<Log, "warn">): (message: string) => void {
  const waiting: string[] = [];
  let running = false;
  let warned = false;

  function warn(reason: string): void {
    if (!warned)
      log.warn({ reason }, "systemd-notify failed: the service manager does not hear of this agent");
    warned = true;
  }

  function next(): void {
    const message = waiting.shift();
    if (message === undefined || running) return;
    running = true;
    const child = spawn("systemd-notify", [message], { stdio: "ignore" });
    const ended = () => {
      running = false;
      next();
    };
    child.once("error", (error) => {
      warn(error.message);
      ended();
    });
    child.once("exit", (status, signal) => {
      if (status !== 0) warn(`it ended with ${status ?? signal}`);
      ended();
    });
    child.unref();
  }

  return (message) => {
    waiting.push(message);
    if (!running) next();
  };
}
