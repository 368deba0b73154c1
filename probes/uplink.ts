import type { AgentConfigV1 } from "#wire/agent-config-v1.ts";
import { countRounds } from "#wire/batch-v1.ts";
import { createBudget } from "./budget.ts";
import type { ClockWatch } from "./clock.ts";
import { cacheConfig, readCachedConfig, readConfigAnswer } from "./config.ts";
import { createExchange, isFailure } from "./exchange.ts";
import { createGate, spreadMs } from "./gate.ts";
import { createKeyRing } from "./key-ring.ts";
import type { Identity } from "./key-ring.ts";
import type { Log } from "./log.ts";
import { readAck, readNewKey } from "./outcome.ts";
import { createPace } from "./pace.ts";
import type { Clock } from "./probe.ts";
import { isDiskFull } from "./spool/spool-error.ts";
import type { Spool } from "./spool/spool.ts";
import type { Transport } from "./transport.ts";
import { createWaker, pause } from "./waker.ts";
import { batchHeaders, packBatch } from "./pack.ts";

export interface UplinkOptions {
  spool: Spool;
  transport: Transport;
  identity: Identity;
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
/** Once a budget is spent: between two signs of life, and between two reports of changes. */
const spentPauseMs = 3_600_000;
const spentChangePauseMs = 60_000;
/** Least rounds of a report while the backlog has to wait. */
const thriftyRounds = 20;
/** Before the collector is asked again for a key that it did not give, or that the disk did not take. */
const keyPauseMs = 3_600_000;
/** Longest sleep of the loop: bounds how late it sees that the day has turned, or a clock that was suspended. */
const maxSleepMs = 30_000;

/** A proxy that compresses makes a strong tag weak; it still names the same document. */
const bareTag = (etag: string) => etag.replace(/^W\//, "");

/** Rounds that are measured between two reports. */
function roundsAReportOf({
  targets,
  reportIntervalS,
}: Pick<AgentConfigV1, "targets" | "reportIntervalS">): number {
  return targets.reduce((sum, { intervalS }) => sum + Math.ceil(reportIntervalS / intervalS), 0);
}

/**
 * One request at a time: the newest first, then the backlog, newest first, and between any two of it whatever is due now.
 */
export function createUplink(options: UplinkOptions): Uplink {
  const { spool, transport, identity, clock, watch, log, onConfig } = options;
  const { time } = transport;
  const cached = readCachedConfig(spool.store);
  if (cached.config !== null) time.isAfter(cached.config.serverMs);
  const budget = createBudget(spool.store, time.nowMs);
  const keys = createKeyRing(spool.store, identity);
  const pace = createPace();
  const waker = createWaker();
  const stopping = new AbortController();
  const requests = new AbortController();
  const exchange = createExchange({ transport, keys, budget, signal: requests.signal });
  let { etag } = cached;
  let badEtag = "";
  let clockIsWitnessed = false;
  let announcedEtag = "";
  let reportIntervalS = cached.config?.reportIntervalS ?? 60;
  let roundsAReport = cached.config === null ? 0 : roundsAReportOf(cached.config);
  let limits = { dayBytes: cached.config?.dayBytes ?? null, monthBytes: cached.config?.monthBytes ?? null };
  let way = transport.way();
  const gate = createGate({ clock, log, random: options.random, reportIntervalS: () => reportIntervalS });
  // Monotonic times at which something is due. At the start everything is: the collector learns of it at once.
  let configAtMs = 0;
  let liveAtMs = 0;
  let changeAtMs = Number.POSITIVE_INFINITY;
  let backlogAtMs = 0;
  let putOffUntilMs = 0;
  let keyAtMs = Number.POSITIVE_INFINITY;
  let lastChangeMs = Number.NEGATIVE_INFINITY;
  let lastExchangeMs = Number.NEGATIVE_INFINITY;
  // How often a batch was answered with trouble that is not its own. One that it stumbles over must not hold up the rest.
  const stumbles = new Map<number, number>();
  let isDictionaryUnknown = false;
  let finished = Promise.resolve();

  function answeredWith(serverMs: number | null, sentMonoMs: number): void {
    if (serverMs !== null) {
      watch.exchanged(serverMs, sentMonoMs);
      time.told(serverMs, sentMonoMs);
      clockIsWitnessed = true;
    }
    keys.accepted();
    lastExchangeMs = clock.monoMs();
    gate.succeeded();
  }

  async function fetchConfig(): Promise<void> {
    const sentMonoMs = clock.monoMs();
    // A 304 carries no time. The first answer of a start has to, since it is what vouches for this machine's clock, and
    // the first after a cut, since it is what the rounds of the cut are dated by.
    const headers: Record<string, string> =
      etag === "" || !clockIsWitnessed || gate.isCut() ? {} : { "if-none-match": etag };
    const response = await exchange({ method: "GET", path: "/api/v1/agent/config", headers });
    const answer = isFailure(response) ? response : readConfigAnswer(response, identity.agentId);
    configAtMs = Number.POSITIVE_INFINITY;
    switch (answer.kind) {
      case "same":
        return answeredWith(null, sentMonoMs);
      case "new":
        answeredWith(answer.config.serverMs, sentMonoMs);
        follow(answer.config);
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

  function follow({ rotateKey, ...config }: AgentConfigV1): void {
    reportIntervalS = config.reportIntervalS;
    limits = { dayBytes: config.dayBytes, monthBytes: config.monthBytes };
    roundsAReport = roundsAReportOf(config);
    keyAtMs = rotateKey === true ? 0 : Number.POSITIVE_INFINITY;
  }

  async function renewKey(): Promise<void> {
    keyAtMs = clock.monoMs() + keyPauseMs;
    const response = await exchange({ method: "POST", path: "/api/v1/agent/key" });
    const answer = isFailure(response) ? response : readNewKey(response);
    if (answer.kind === "key") {
      try {
        keys.renew(answer.key);
      } catch (error) {
        if (!isDiskFull(error)) throw error;
        return log.warn("the disk is full: the new key cannot be kept, so the old one stays in use");
      }
      keyAtMs = Number.POSITIVE_INFINITY;
      gate.succeeded();
      return log.info("the key was renewed");
    }
    log.warn({ reason: answer.reason }, "no new key from the collector");
    if (answer.kind === "refused") return gate.succeeded();
    if (answer.kind === "unreachable") keyAtMs = 0;
    gate.failed(answer);
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

  async function sendBatch(seq: number, queue: "live" | "backlog" = "live"): Promise<void> {
    const batch = spool.batch(seq, identity.agentId);
    const told = { ...batch, ledger: { ...batch.ledger, sentBytes: budget.total() } };
    const { body, encoding } = packBatch(told, { plain: isDictionaryUnknown });
    const sentMonoMs = clock.monoMs();
    const response = await exchange({
      method: "POST",
      path: "/api/v1/batches",
      headers: batchHeaders(encoding, queue),
      body,
    });
    if (!isFailure(response) && response.status === 415 && !isDictionaryUnknown) {
      // A collector older than this agent, or a proxy that looks inside: the batch goes again without it.
      isDictionaryUnknown = true;
      log.info(
        "the collector does not know the dictionary of batches; they go without it until the next start",
      );
      return gate.succeeded();
    }
    const outcome = isFailure(response) ? response : readAck(response, seq);
    noteWay();
    if (outcome.kind === "acked" && !isFailure(response)) {
      pace.answered({ bytes: body.byteLength, rounds: countRounds(batch), tookMs: response.tookMs });
      const { serverMs, configEtag, backlog } = outcome.ack;
      spool.acknowledge(seq);
      stumbles.delete(seq);
      answeredWith(serverMs, sentMonoMs);
      // Asked for once per announcement: a tag that never matches, or a configuration that is no good, is no loop.
      if (bareTag(configEtag) !== bareTag(etag) && configEtag !== announcedEtag) configAtMs = 0;
      announcedEtag = configEtag;
      backlogAtMs = Math.max(putOffUntilMs, backlog === "slow" ? clock.monoMs() + slowPauseMs : 0);
      return;
    }
    if (outcome.kind === "unreachable") pace.failed();
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
    // Or a proxy on the way that does not let this one through.
    const isStumble = outcome.kind === "busy" || (outcome.kind === "unreachable" && !isFailure(response));
    if (isStumble) stumbles.set(seq, (stumbles.get(seq) ?? 0) + 1);
    // A collector with too much to do puts off the backlog first: what is new still goes.
    if (outcome.kind === "busy" && queue === "backlog" && !isFailure(response) && response.status === 503) {
      log.debug({ seq, reason: outcome.reason }, "the collector puts off the backlog");
      putOffUntilMs = clock.monoMs() + Math.max(slowPauseMs, spreadMs(outcome.retryAfterS, options.random));
      backlogAtMs = putOffUntilMs;
      gate.succeeded();
      return;
    }
    if (outcome.kind !== "acked") gate.failed(outcome);
  }

  /** Of another way nothing is known yet. */
  function noteWay(): void {
    if (transport.way() !== way) pace.reset();
    way = transport.way();
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
    // A live batch is filled up with what was left over before, and that has to keep to the backlog's share.
    const isThrifty = budget.forBacklog(limits) <= 0;
    const most = isThrifty ? Math.max(thriftyRounds, roundsAReport) : liveRounds;
    const seq = spool.compose("live", Math.min(most, pace.rounds()));
    if (changeAtMs <= clock.monoMs()) lastChangeMs = clock.monoMs();
    liveAtMs = clock.monoMs() + reportIntervalS * 1000;
    changeAtMs = Number.POSITIVE_INFINITY;
    // With nothing to report the collector is asked instead, else an agent without targets would never be given any.
    if (seq === null && clock.monoMs() - lastExchangeMs >= reportIntervalS * 1000) configAtMs = 0;
    else if (seq !== null) await sendBatch(seq);
  }

  async function sendBacklog(): Promise<void> {
    const pending = spool.pending();
    const next = nextPending(pending);
    const stuck = next !== null && (stumbles.get(next) ?? 0) >= 3 && pending.length < maxPending;
    const rounds = pace.rounds(budget.forBacklog(limits));
    const seq = next === null || stuck ? (spool.compose("backlog", rounds) ?? next) : next;
    if (seq !== null) return sendBatch(seq, "backlog");
    // Tried again at once, this would turn for ever and let no round happen.
    backlogAtMs = clock.monoMs() + fullDiskPauseMs;
  }

  /** When rounds are to be reported. A budget spent: changes at once, but not each of them, and a sign of life an hour. */
  function nextLiveMs(): number {
    if (!budget.isSpent(limits)) return Math.min(liveAtMs, changeAtMs);
    const aliveMs = Math.max(liveAtMs, lastExchangeMs + spentPauseMs);
    return Math.min(aliveMs, Math.max(changeAtMs, lastChangeMs + spentChangePauseMs));
  }

  /** What is due, and when: the configuration, live rounds, a new key, the backlog. */
  function nextStep(): { atMs: number; act: () => Promise<void> } {
    const nowMs = clock.monoMs();
    const liveMs = nextLiveMs();
    const configMs = budget.isSpent(limits)
      ? Math.max(configAtMs, lastExchangeMs + spentPauseMs)
      : configAtMs;
    let step = { atMs: liveMs, act: sendLive };
    if (liveMs > nowMs) {
      const hasBacklog = spool.hasBacklog() && budget.forBacklog(limits) > 0;
      if (hasBacklog && backlogAtMs < step.atMs) step = { atMs: backlogAtMs, act: sendBacklog };
      if (keyAtMs < step.atMs || keyAtMs <= nowMs) step = { atMs: keyAtMs, act: renewKey };
    }
    if (configMs <= step.atMs || configMs <= nowMs) step = { atMs: configMs, act: fetchConfig };
    // After a cut the first request is the smallest there is, so that a dead link is not fed with batches.
    if (gate.isCut()) step.act = fetchConfig;
    return { atMs: Math.max(step.atMs, gate.openAtMs()), act: step.act };
  }

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      const { atMs, act } = nextStep();
      const waitMs = atMs - clock.monoMs();
      if (waitMs <= 0) await act();
      else {
        transport.rest(waitMs);
        await waker.wait(Math.min(waitMs, maxSleepMs));
      }
    }
  }

  return {
    run: () => (finished = loop()),
    stateChanged(recovered) {
      changeAtMs = Math.min(changeAtMs, clock.monoMs() + debounceMs);
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
      if (!requests.signal.aborted && !budget.isSpent(limits)) {
        const seq = spool.compose("live", liveRounds);
        if (seq !== null) await sendBatch(seq);
      }
      done.abort();
    },
  };
}
