import type { AgentConfigV1 } from "#wire/agent-config-v1.ts";
import type { EnrolledV1 } from "#wire/ack-v1.ts";
import { createBudget } from "./budget.ts";
import type { ClockWatch } from "./clock.ts";
import { cacheConfig, readCachedConfig, readConfigAnswer } from "./config.ts";
import { createGate } from "./gate.ts";
import type { Log } from "./log.ts";
import { readAck } from "./outcome.ts";
import type { Failure } from "./outcome.ts";
import type { Clock } from "./probe.ts";
import { isDiskFull } from "./spool/spool-error.ts";
import type { Spool } from "./spool/spool.ts";
import type { Transport, TransportRequest, TransportResponse } from "./transport.ts";
import { createWaker, pause } from "./waker.ts";
import { packBatch } from "./pack.ts";

export interface UplinkOptions {
  spool: Spool;
  transport: Transport;
  identity: EnrolledV1;
  clock: Clock;
  watch: ClockWatch;
  log: Log;
  /** 0 to 1, as Math.random; spreads the waits of agents. */
  random: () => number;
  onConfig: (config: AgentConfigV1) => void;
}

export interface Uplink {
  /** Sends until it is stopped. Rejects only when the spool fails. */
  run(): Promise<void>;
  /** A target stopped answering, or answers again: report soon. */
  stateChanged(recovered: boolean): void;
  /** Ends `run` after one last try to send what is new, `withinMs` in all. */
  stop(withinMs: number): Promise<void>;
}

/** What changes together is reported together: a switch takes its devices with it. */
const debounceMs = 200;
/** Rounds of a live batch. Small, so that the present arrives in seconds also on a thin link; the rest is backlog. */
const liveRounds = 1_000;
/**
 * Batches under way, not acknowledged, beyond which none is composed. Rounds in a batch cannot be given up for room, so
 * a link on which every request times out must not turn the whole spool into batches.
 */
const maxPending = 8;
const slowPauseMs = 5_000;
/** Before a disk that took no batch of the backlog is asked again. */
const fullDiskPauseMs = 60_000;
const requestTimeoutMs = 30_000;
/** Below this a link counts as dead. A batch never changes, so one that needs longer than 30 s must be given longer. */
const slowestBytesPerS = 1_000;
const spentPauseMs = 3_600_000;
/** Longest sleep of the loop: bounds how late it sees that the day has turned, or a clock that was suspended. */
const maxSleepMs = 30_000;

/** A proxy that compresses makes a strong tag weak; it still names the same document. */
const bareTag = (etag: string) => etag.replace(/^W\//, "");

/**
 * One request at a time: the newest first, then the backlog, newest first, and between any two of it whatever is due now.
 */
export function createUplink(options: UplinkOptions): Uplink {
  const { spool, transport, identity, clock, watch, log, onConfig } = options;
  const cached = readCachedConfig(spool.store);
  const budget = createBudget(spool.store, clock);
  const waker = createWaker();
  const stopping = new AbortController();
  const requests = new AbortController();
  let { etag } = cached;
  let badEtag = "";
  let clockIsWitnessed = false;
  let announcedEtag = "";
  let reportIntervalS = cached.config?.reportIntervalS ?? 60;
  let dayBytes = cached.config?.dayBytes ?? null;
  const gate = createGate({ clock, log, random: options.random, reportIntervalS: () => reportIntervalS });
  // Monotonic times at which something is due. At the start everything is: the collector learns of it at once.
  let configAtMs = 0;
  let liveAtMs = 0;
  let backlogAtMs = 0;
  let lastExchangeMs = Number.NEGATIVE_INFINITY;
  // How often the collector answered a batch with trouble of its own. One that it stumbles over must not hold up the rest.
  const stumbles = new Map<number, number>();
  let finished = Promise.resolve();

  async function exchange(
    request: Omit<TransportRequest, "timeoutMs" | "signal">,
  ): Promise<TransportResponse | Failure> {
    const bytes = request.body?.byteLength ?? 0;
    const before = transport.bytesSent();
    try {
      return await transport.send({
        ...request,
        headers: { authorization: `Bearer ${identity.key}`, ...request.headers },
        timeoutMs: requestTimeoutMs + (bytes / slowestBytesPerS) * 1000,
        signal: requests.signal,
      });
    } catch (error) {
      return { kind: "unreachable", reason: (error as Error).message };
    } finally {
      budget.spend(transport.bytesSent() - before);
    }
  }

  const isFailure = (answer: TransportResponse | Failure): answer is Failure => "kind" in answer;

  function answeredWith(serverMs: number | null, sentMonoMs: number): void {
    if (serverMs !== null) {
      watch.exchanged(serverMs, sentMonoMs);
      clockIsWitnessed = true;
    }
    lastExchangeMs = clock.monoMs();
    gate.succeeded();
  }

  async function fetchConfig(): Promise<void> {
    const sentMonoMs = clock.monoMs();
    // A 304 carries no time. The first answer of a start has to, since it is what vouches for this machine's clock.
    const headers: Record<string, string> = etag === "" || !clockIsWitnessed ? {} : { "if-none-match": etag };
    const response = await exchange({ method: "GET", path: "/api/v1/agent/config", headers });
    const answer = isFailure(response) ? response : readConfigAnswer(response, identity.agentId);
    configAtMs = Number.POSITIVE_INFINITY;
    switch (answer.kind) {
      case "same":
        return answeredWith(null, sentMonoMs);
      case "new":
        answeredWith(answer.config.serverMs, sentMonoMs);
        ({ reportIntervalS, dayBytes } = answer.config);
        etag = answer.etag;
        keepConfig(answer.text);
        log.info({ targets: answer.config.targets.length, etag }, "configuration received");
        return onConfig(answer.config);
      case "bad":
        answeredWith(null, sentMonoMs);
        return refuseConfig(answer.etag, answer.reason);
      case "refused":
      case "busy":
        // Only the configuration is in trouble; batches go on, and it is asked for again with the next report.
        log.warn({ reason: answer.reason }, "no configuration from the collector");
        configAtMs = clock.monoMs() + Math.max(reportIntervalS, 60) * 1000;
        if (answer.kind === "busy" && answer.retryAfterS > 0) gate.failed(answer);
        else gate.succeeded();
        return;
      case "denied":
      case "unreachable":
        configAtMs = 0;
        return gate.failed(answer);
    }
  }

  /** A full disk is no reason not to follow it: the next start asks for it again. */
  function keepConfig(text: string): void {
    try {
      cacheConfig(spool.store, text, etag);
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      log.warn({ reason: (error as Error).message }, "the configuration is followed, but cannot be kept");
    }
  }

  function refuseConfig(tag: string, reason: string): void {
    if (tag === badEtag && tag !== "") return;
    badEtag = tag;
    log.error({ reason }, "the configuration cannot be followed; the one in force stays");
    spool.addEvent("config.refused", { reason: reason.slice(0, 400) });
  }

  async function sendBatch(seq: number): Promise<void> {
    const body = packBatch(spool.batch(seq, identity.agentId));
    const sentMonoMs = clock.monoMs();
    const response = await exchange({
      method: "POST",
      path: "/api/v1/batches",
      headers: { "content-type": "application/json", "content-encoding": "zstd" },
      body,
    });
    const outcome = isFailure(response) ? response : readAck(response, seq);
    if (outcome.kind === "acked") {
      const { serverMs, configEtag, backlog } = outcome.ack;
      spool.acknowledge(seq);
      stumbles.delete(seq);
      answeredWith(serverMs, sentMonoMs);
      // Asked for once per announcement: a tag that never matches, or a configuration that is no good, is no loop.
      if (bareTag(configEtag) !== bareTag(etag) && configEtag !== announcedEtag) configAtMs = 0;
      announcedEtag = configEtag;
      backlogAtMs = backlog === "slow" ? clock.monoMs() + slowPauseMs : 0;
      return;
    }
    if (outcome.kind === "used") {
      stumbles.delete(seq);
      answeredWith(null, sentMonoMs);
      if (spool.seqWasUsed(seq, outcome.stored)) return;
      log.warn({ seq, rounds: outcome.stored.rounds }, "the seq was used before; its rounds get another");
      spool.addEvent("batch.renumbered", { seq, rounds: outcome.stored.rounds });
      return;
    }
    if (outcome.kind === "refused") {
      log.error({ seq, reason: outcome.reason }, "batch refused; it is kept aside");
      stumbles.delete(seq);
      spool.moveAside(seq, outcome.reason);
      spool.addEvent("batch.refused", { seq, detail: outcome.reason });
      gate.succeeded();
      return;
    }
    if (outcome.kind === "busy") stumbles.set(seq, (stumbles.get(seq) ?? 0) + 1);
    gate.failed(outcome);
  }

  /** Of the batches under way the one with the fewest stumbles, the newest of those. */
  function nextPending(pending: readonly number[]): number | null {
    const count = (seq: number) => stumbles.get(seq) ?? 0;
    return pending.reduce<number | null>(
      (best, seq) => (best === null || count(seq) < count(best) ? seq : best),
      null,
    );
  }

  async function sendLive(): Promise<void> {
    const pending = spool.pending();
    if (pending.length >= maxPending) return sendBatch(nextPending(pending)!);
    const seq = spool.compose("live", liveRounds);
    liveAtMs = clock.monoMs() + reportIntervalS * 1000;
    // With nothing to report the collector is asked instead, else an agent without targets would never be given any.
    if (seq === null && clock.monoMs() - lastExchangeMs >= reportIntervalS * 1000) configAtMs = 0;
    else if (seq !== null) await sendBatch(seq);
  }

  async function sendBacklog(): Promise<void> {
    const pending = spool.pending();
    const next = nextPending(pending);
    const stuck = next !== null && (stumbles.get(next) ?? 0) >= 3 && pending.length < maxPending;
    const seq = next === null || stuck ? (spool.compose("backlog") ?? next) : next;
    if (seq !== null) return sendBatch(seq);
    // Tried again at once, this would turn for ever and let no round happen.
    backlogAtMs = clock.monoMs() + fullDiskPauseMs;
  }

  /** What is due, and when. The day's bytes spent: one live batch an hour, and the backlog waits for the next day. */
  function nextStep(): { atMs: number; act: () => Promise<void> } {
    const spent = budget.isSpent(dayBytes);
    const liveMs = spent ? Math.max(liveAtMs, lastExchangeMs + spentPauseMs) : liveAtMs;
    const configMs = spent ? Math.max(configAtMs, lastExchangeMs + spentPauseMs) : configAtMs;
    let step = { atMs: liveMs, act: sendLive };
    if (!spent && backlogAtMs < step.atMs && spool.hasBacklog() && liveMs > clock.monoMs()) {
      step = { atMs: backlogAtMs, act: sendBacklog };
    }
    if (configMs <= step.atMs || configMs <= clock.monoMs()) step = { atMs: configMs, act: fetchConfig };
    // After a cut the first request is the smallest there is, so that a dead link is not fed with batches.
    if (gate.isCut()) step.act = fetchConfig;
    return { atMs: Math.max(step.atMs, gate.openAtMs()), act: step.act };
  }

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      const { atMs, act } = nextStep();
      const waitMs = atMs - clock.monoMs();
      if (waitMs > 0) await waker.wait(Math.min(waitMs, maxSleepMs));
      else await act();
    }
  }

  return {
    run: () => (finished = loop()),
    stateChanged(recovered) {
      liveAtMs = Math.min(liveAtMs, clock.monoMs() + debounceMs);
      if (recovered) gate.hint();
      waker.wake();
    },
    async stop(withinMs) {
      if (stopping.signal.aborted) return;
      stopping.abort();
      waker.wake();
      const done = new AbortController();
      void pause(withinMs, done.signal).then(() => requests.abort());
      await finished;
      if (!requests.signal.aborted && !budget.isSpent(dayBytes)) {
        const seq = spool.compose("live", liveRounds);
        if (seq !== null) await sendBatch(seq);
      }
      done.abort();
    },
  };
}
