import { randomBytes } from "node:crypto";
import type { AgentConfigV1 } from "#wire/agent-config-v1.ts";
import type { AgentEvent } from "#wire/batch-v1.ts";
import { limits } from "#wire/units.ts";
import { createBackoff } from "./backoff.ts";
import { createClockWatch } from "./clock.ts";
import type { Host } from "./clock.ts";
import type { Round } from "./compose.ts";
import { readCachedConfig } from "./config.ts";
import { describeHardware, enrol, EnrolError, leaveIdentity } from "./enrol.ts";
import { readIdentity } from "./key-ring.ts";
import type { Log } from "./log.ts";
import type { InstrumentDeps, Instruments, OnEvent } from "./instruments.ts";
import { createMeasurement } from "./measurement.ts";
import type { Measurement } from "./measurement.ts";
import type { Clock } from "./probe.ts";
import { DocumentError } from "./spool/documents.ts";
import { openSpool } from "./spool/spool.ts";
import { isDiskFull } from "./spool/spool-error.ts";
import type { Spool } from "./spool/spool.ts";
import type { Transport } from "./transport.ts";
import { createUplink } from "./uplink.ts";
import type { Uplink } from "./uplink.ts";
import type { Watchdog } from "./watchdog.ts";

export interface AgentOptions {
  /** Folder of the spool. */
  folder: string;
  /** Enrolment token, `sbe_…`; needed once. */
  token: string | null;
  version: string;
  /** Bytes of rounds kept while the collector does not take them. Default 64 MB. */
  spoolBytes?: number | undefined;
  /** Folder in memory (tmpfs) where waiting rounds are noted too. Default /dev/shm. */
  memoryFolder?: string | undefined;
  /** Rounds under way at once. Default 16. */
  maxConcurrent?: number | undefined;
}

export interface AgentDeps {
  /** What to measure with; see InstrumentDeps for what it is given. */
  createInstruments: (given: Pick<InstrumentDeps, "onEvent" | "synced">) => Promise<Instruments>;
  clock: Clock;
  host: Host;
  transport: Transport;
  log: Log;
  /** 0 to 1, as Math.random. */
  random: () => number;
  /** Hears of each stored round, and how often one is to be expected; for a service manager. */
  watchdog?: Pick<Watchdog, "progress" | "expect">;
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
  let measurement: Measurement | null = null;
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
      memoryFolder: options.memoryFolder,
    });
    spool = opened;
    const identity = await identify(opened);
    if (stopping.signal.aborted) return;
    unlessFull(() => leaveIdentity(options.folder, identity));
    noteVersion(opened);
    opened.addEvent("agent.start", { ...opened.startFacts, version: options.version });
    const onEvent: OnEvent = (type, detail) => guard(() => opened.addEvent(type, clipTexts(detail)));
    const instruments = await deps.createInstruments({ onEvent, synced: () => watch.read().synced });
    if (stopping.signal.aborted) return;
    measurement = createMeasurement({
      agentId: identity.agentId,
      clock,
      log,
      instruments,
      maxConcurrent: options.maxConcurrent,
      onRound: (round) => store(opened, round),
      onEvent,
      onState: (isUp) => uplink?.stateChanged(isUp),
    });
    const { config } = readCachedConfig(opened.store);
    uplink = createUplink({
      spool: opened,
      transport,
      identity,
      clock,
      watch,
      log,
      random,
      onConfig: apply,
    });
    if (config !== null) apply(config);
    uplink.run().catch(fail);
    log.info({ agent: identity.agentId, boot, targets: config?.targets.length ?? 0 }, "agent started");
  }

  /** What the next start can make up for is no reason to measure nothing while the disk is full. */
  function unlessFull(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      log.warn({ reason: (error as Error).message }, "the disk is full: a file of the agent stays as it was");
    }
  }

  /** A newer program may make of a refused batch what the collector takes. */
  function noteVersion({ store, retryAside }: Spool): void {
    if (writtenVersion(store) === options.version) return;
    retryAside();
    unlessFull(() => store.set("version", options.version));
  }

  function apply(config: AgentConfigV1): void {
    if (config.targets.length === 0)
      log.warn("the inventory has no targets for this site: nothing is measured");
    measurement?.update(config);
    const shortestS = Math.min(...config.targets.map(({ intervalS }) => intervalS));
    deps.watchdog?.expect(config.targets.length === 0 ? null : shortestS * 1_000);
  }

  async function identify(opened: Spool) {
    const known = readIdentity(opened.store);
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
    return enrol(request, { store: opened.store, transport, backoff, log, signal: stopping.signal });
  }

  /** Into the spool before anything else. */
  function store(opened: Spool, round: Round): void {
    guard(() => opened.addRound(round));
    deps.watchdog?.progress();
    noteJump(opened);
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
    measurement?.stop().catch(() => {});
  }

  async function stopOnce(): Promise<void> {
    stopping.abort();
    try {
      await measurement?.stop();
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

/** Null where that is not known any more: a batch too many is tried again. */
function writtenVersion(store: Spool["store"]): string | null {
  try {
    return store.get("version");
  } catch (error) {
    if (error instanceof DocumentError) return null;
    throw error;
  }
}

/** One text that is too long would have the whole batch around it refused. */
function clipTexts(detail: AgentEvent["detail"]): AgentEvent["detail"] {
  const clip = (cell: AgentEvent["detail"][string]) =>
    typeof cell === "string" ? cell.slice(0, limits.detailLength) : cell;
  return Object.fromEntries(Object.entries(detail).map(([key, cell]) => [key, clip(cell)]));
}
