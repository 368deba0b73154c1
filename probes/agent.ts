import { randomBytes } from "node:crypto";
import type { AgentConfigV1, AgentTarget } from "#wire/agent-config-v1.ts";
import { createBackoff } from "./backoff.ts";
import { createClockWatch } from "./clock.ts";
import type { Host } from "./clock.ts";
import { answered, assertRound } from "./compose.ts";
import { readCachedConfig } from "./config.ts";
import { describeHardware, enrol, EnrolError, leaveIdentity, readIdentity } from "./enrol.ts";
import type { Log } from "./log.ts";
import type { Clock, ProbeFn, Sample } from "./probe.ts";
import { createSchedule } from "./schedule.ts";
import type { Schedule } from "./schedule.ts";
import { openSpool } from "./spool.ts";
import type { Spool } from "./spool.ts";
import type { Transport } from "./transport.ts";
import { createUplink } from "./uplink.ts";
import type { Uplink } from "./uplink.ts";

export interface AgentOptions {
  /** Folder of the spool. */
  folder: string;
  /** Enrolment token, `sbe_…`; needed once. */
  token: string | null;
  version: string;
  /** Bytes of rounds kept while the collector does not take them. Default 64 MB. */
  spoolBytes?: number | undefined;
  /** Rounds under way at once. Default 16. */
  maxConcurrent?: number | undefined;
}

export interface AgentDeps {
  /** One round against a target of any kind. */
  probe: ProbeFn;
  clock: Clock;
  host: Host;
  transport: Transport;
  log: Log;
  /** 0 to 1, as Math.random. */
  random: () => number;
}

export interface Agent {
  /**
   * Resolves when the agent is at work; a first start waits for its enrolment. Rejects with EnrolError or SpoolError
   * when the operator has to act.
   */
  start(): Promise<void>;
  /** Resolves after a clean stop; rejects when the agent cannot go on, because its spool fails. */
  readonly finished: Promise<void>;
  /** Ends rounds, tries for 2 s to send what is new, closes the spool. Twice is fine. */
  stop(): Promise<void>;
}

/** Time for the last flush: a service manager, or a failing battery, does not wait long. */
const lastFlushMs = 2_000;

export function createAgent(options: AgentOptions, deps: AgentDeps): Agent {
  const { clock, log, transport, random } = deps;
  const finished = Promise.withResolvers<void>();
  finished.promise.catch(() => {});
  const stopping = new AbortController();
  const watch = createClockWatch(clock);
  let spool: Spool | null = null;
  let schedule: Schedule | null = null;
  let uplink: Uplink | null = null;
  let stopped: Promise<void> | null = null;

  async function start(): Promise<void> {
    const boot = randomBytes(12).toString("hex");
    const opened = openSpool({
      folder: options.folder,
      boot,
      host: deps.host,
      watch,
      maxBytes: options.spoolBytes,
    });
    spool = opened;
    const identity = await identify(opened);
    if (stopping.signal.aborted) return;
    leaveIdentity(options.folder, identity);
    noteStart(opened, options.version);
    const measurement = createMeasurement(opened);
    schedule = createSchedule({ agentId: identity.agentId, clock, ...measurement });
    const { config } = readCachedConfig(opened.file);
    uplink = createUplink({
      spool: opened,
      transport,
      identity,
      clock,
      watch,
      log,
      random,
      onConfig: (fresh: AgentConfigV1) => schedule?.update(fresh.targets),
    });
    if (config !== null) schedule.update(config.targets);
    uplink.run().catch(fail);
    log.info({ agent: identity.agentId, boot, targets: config?.targets.length ?? 0 }, "agent started");
  }

  async function identify(opened: Spool) {
    const known = readIdentity(opened.file);
    if (known !== null) {
      if (options.token !== null)
        log.info({ agent: known.agentId }, "already enrolled; the token is not used");
      return known;
    }
    if (options.token === null) {
      throw new EnrolError("this agent is not enrolled yet: give it a token, --token sbe_…");
    }
    const backoff = createBackoff({ firstMs: 1_000, maxMs: () => 60_000, random });
    const request = { token: options.token, hardware: describeHardware(), version: options.version };
    return enrol(request, { file: opened.file, transport, backoff, log, signal: stopping.signal });
  }

  /** What the schedule does with a round: into the spool before anything else, then what it means. */
  function createMeasurement(opened: Spool) {
    const states = new Map<string, boolean>();
    const noteBroken = createBrokenNotes(opened, clock, log);
    return {
      maxConcurrent: options.maxConcurrent,
      probe: deps.probe,
      onRound(target: AgentTarget, monoMs: number, sample: Sample) {
        const round = { target: target.id, monoMs, sample };
        assertRound(round);
        guard(() => opened.addRound(round));
        noteJump(opened);
        const now = answered(sample);
        const before = states.get(target.id);
        if (now === null) return;
        states.set(target.id, now);
        if (before !== undefined && before !== now) uplink?.stateChanged(now);
      },
      onBroken: (target: AgentTarget, error: unknown) => guard(() => noteBroken(target, error)),
    };
  }

  function noteJump(opened: Spool): void {
    const deltaMs = watch.jumpedMs();
    if (deltaMs === null) return;
    log.warn({ deltaMs }, "the wall clock was set");
    guard(() => opened.addEvent("clock.jump", { deltaMs }));
  }

  /** A spool that cannot be written ends the agent: what it measured on would be known to nobody. */
  function guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      fail(error);
    }
  }

  function fail(error: unknown): void {
    finished.reject(error);
    schedule?.stop();
  }

  async function stopOnce(): Promise<void> {
    stopping.abort();
    schedule?.stop();
    try {
      await uplink?.stop(lastFlushMs);
      transport.close();
      spool?.close(true);
      finished.resolve();
    } catch (error) {
      finished.reject(error);
      throw error;
    }
  }

  return {
    start,
    finished: finished.promise,
    stop: () => (stopped ??= stopOnce()),
  };
}

function noteStart(spool: Spool, version: string): void {
  // A newer program may make of a refused batch what the collector takes.
  if (spool.file.getMeta("version") !== version) spool.retryAside();
  spool.file.setMeta("version", version);
  spool.addEvent("agent.start", { ...spool.startFacts, version });
}

/** One event per target and hour: a probe that cannot run fails in every round. */
const brokenEveryMs = 3_600_000;

function createBrokenNotes(spool: Spool, clock: Clock, log: Log) {
  const seen = new Map<string, { atMs: number; times: number }>();
  return (target: AgentTarget, error: unknown): void => {
    const reason = (error instanceof Error ? error.message : String(error)).slice(0, 400);
    const nowMs = clock.monoMs();
    const before = seen.get(target.id);
    if (before !== undefined && nowMs - before.atMs < brokenEveryMs) {
      before.times++;
      log.debug({ target: target.id, reason }, "probe broken");
      return;
    }
    log.error({ target: target.id, kind: target.kind, reason }, "probe broken: no round");
    spool.addEvent("probe.broken", {
      target: target.id,
      kind: target.kind,
      reason,
      unreported: before?.times ?? 0,
    });
    seen.set(target.id, { atMs: nowMs, times: 0 });
  };
}
