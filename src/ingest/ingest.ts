import { randomBytes } from "node:crypto";
import type { AckV1, EnrolledV1 } from "#wire/ack-v1.ts";
import { parseEnrolRequest } from "#wire/ack-v1.ts";
import type { AgentConfigV1 } from "#wire/agent-config-v1.ts";
import { countRounds, parseBatch } from "#wire/batch-v1.ts";
import type { BatchV1 } from "#wire/batch-v1.ts";
import type { Kind } from "#wire/rounds-v1.ts";
import { seqUsedCode } from "#wire/seq-used-v1.ts";
import { limits } from "#wire/units.ts";
import { showValue, WireError } from "#wire/wire-error.ts";
import type { Inventory, Target } from "../inventory/inventory.ts";
import type { Rounds, SeriesStore } from "../series/series-store.ts";
import type { BatchLog } from "../state/batch-log.ts";
import { hashKey, isWellFormedKey, keyPrefix, makeKey } from "../state/keys.ts";
import type { AgentRecord, StateStore, StoredEvent } from "../state/state-store.ts";
import { createAdmission } from "./admission.ts";
import type { Admission, Queue, Ticket } from "./admission.ts";
import { eventsLoad, roundsLoad } from "./allowance.ts";
import type { Allowance } from "./allowance.ts";
import { createAgentConfigs } from "./agent-config.ts";
import type { AgentConfigOptions } from "./agent-config.ts";
import { placeBatch } from "./clock.ts";
import { createClockDoubt } from "./clock-doubt.ts";
import { decodeBody } from "./decode.ts";
import { IngestError } from "./ingest-error.ts";
import type { IngestErrorOptions } from "./ingest-error.ts";
import { placeEvents, placeRounds } from "./place-rounds.ts";
import type { Track } from "./track.ts";

/** What a stored batch changed, for the watch. */
export interface Touched {
  /** `<site>/<target>` of every series that got rounds. */
  keys: readonly string[];
  /** First round or event, epoch ms. */
  fromMs: number;
  /** Start of the newest round; absent: there was none. */
  newestMs?: number;
  /** The rounds, where they came as one piece each and need not be read again. */
  rounds?: readonly Rounds[];
}

export interface IngestDeps {
  inventory: () => Inventory;
  state: StateStore;
  series: SeriesStore;
  batchLog: BatchLog;
  now: () => number;
  agentConfig: AgentConfigOptions;
  /** Default: one of its own, which knows nothing of the event loop's lag. */
  admission?: Admission;
  /** Default: agents may have stored what they like. */
  allowance?: Allowance;
  /** Rounds older than this are stored, and change no outage. Default: `judgedMs`. */
  judgedMs?: number;
  /** Called after a batch became durable, before it is acknowledged. */
  onStored: (touched: Touched) => void;
  /** Told what is the matter with this machine's own clock when that comes up, and null when it is gone. */
  onClockDoubt?: (why: string | null) => void;
}

/** A batch that was let in. */
export interface Arrival {
  ticket: Ticket;
  queue: Queue;
  /** When it began to arrive, epoch ms: on a thin link its body takes seconds. */
  receivedMs: number;
}

export interface Ingest {
  /** Takes one batch as it came over the wire. Stored whole and durable when this resolves; throws IngestError. */
  acceptBatch(
    agent: AgentRecord,
    body: Uint8Array,
    encoding: string | null,
    arrival?: Arrival,
  ): Promise<AckV1>;
  /**
   * Lets a batch of an agent in before its body is read; throws IngestError (503) when there is too much work. Whoever asks
   * gives the ticket back. A batch that comes without one enters with its body, as live.
   */
  admit(queue: Queue, bodyBytes: number, agent: AgentRecord): Arrival;
  /** `address`: from where it is asked, for the audit log. */
  enrol(request: unknown, address?: string | null): Promise<EnrolledV1>;
  agentConfig(agent: AgentRecord): { etag: string; body: AgentConfigV1 };
  /** Whose key this is. The first use of a key that was rotated in revokes those before it. */
  authenticateAgent(bearer: string, address?: string | null): Promise<AgentRecord | null>;
  /** What is the matter with this machine's own clock, and what to do; null: the agents do not contradict it. */
  clockDoubt(): string | null;
  /** Batches and rounds stored since the start; and pieces of work, Telegraf's writes among them, that were put off. */
  counts(): {
    batches: number;
    rounds: number;
    duplicates: number;
    refused: number;
    putOffLive: number;
    putOffBacklog: number;
  };
}

/** Rounds older than this are remembered as unjudged until the watch has seen them, so that no crash forgets them. */
const lateMs = 900_000;
/**
 * Rounds older than this are stored, and change no outage any more: 92 days, three times what a spool has to hold. The watch
 * goes over everything of everybody from the earliest of them on; one round of years ago, by a clock that is wrong or by
 * somebody's hand, would keep it from the present for hours.
 */
export const judgedMs = 92 * 86_400_000;
/** How far ahead of the collector's clock a round may lie: what a synced agent may be wrong by, and to spare. */
const aheadMs = 300_000;

export function createIngest(deps: IngestDeps): Ingest {
  const { state, now, admission = createAdmission({ lagMs: () => 0 }) } = deps;
  const agentConfig = createAgentConfigs(deps.inventory, deps.agentConfig, now);
  const findKinds = createKindLookup(deps);
  const targetsOf = createTargetLookup(deps.inventory);
  const counts = { batches: 0, rounds: 0, duplicates: 0, refused: 0 };
  const doubt = createClockDoubt({ now, onChange: deps.onClockDoubt });

  async function store(agent: AgentRecord, batch: BatchV1, receivedMs: number): Promise<void> {
    const own = targetsOf(agent.site);
    const isKnown = ({ target, kind }: BatchV1["rounds"][number]) => own.get(target)?.probe.kind === kind;
    if (!batch.rounds.every(isKnown)) await refuseUnknownTargets(agent.site, batch, findKinds);
    const { track, source, uncertaintyMs } = await placeBatch(batch, {
      receivedMs,
      enrolledMs: agent.enrolledMs,
      anchors: () => state.clockAnchors(agent.id),
    });
    refuseImpossibleTimes(batch, track, receivedMs);
    deps.allowance?.check(agent.id);
    const keyOf = (target: string) => own.get(target)?.key ?? `${agent.site}/${target}`;
    const rounds = placeRounds(agent.site, batch.rounds, track, keyOf);
    const events = placeEvents(agent.id, agent.site, batch, track);
    const touched =
      rounds.length + events.length > 0
        ? touchedBy(rounds, events, receivedMs - (deps.judgedMs ?? judgedMs))
        : null;
    const outcome = await deps.batchLog.commit(
      {
        agent: agent.id,
        site: agent.site,
        seq: batch.seq,
        boot: batch.boot,
        hostBoot: batch.host.bootId,
        rounds: countRounds(batch),
        producedRounds: batch.ledger.produced,
        thinnedRounds: batch.ledger.thinned,
        lostRounds: batch.ledger.lost,
        waitingRounds: batch.ledger.waiting,
        oldestMs: batch.ledger.oldestMs,
        sentBytes: batch.ledger.sentBytes,
        wallMs: batch.clock.wallMs,
        monoMs: batch.clock.monoMs,
        synced: batch.clock.synced,
        receivedMs,
        offsetMs: track.at(batch.clock.monoMs) - batch.clock.monoMs,
        uncertaintyMs,
        clockSource: source,
        start: batch.start,
        bootMs: track.at(0),
        bootUncertaintyMs: track.uncertaintyMs(0),
        events,
        lateFromMs: touched !== null && touched.fromMs < receivedMs - lateMs ? touched.fromMs : null,
      },
      rounds,
    );
    if (outcome === "duplicate") {
      // Another one of the same seq was stored while this one was on its way there.
      refuseOtherContent(batch, (await state.batch(agent.id, batch.seq))!);
      counts.duplicates += 1;
      return;
    }
    counts.batches += 1;
    counts.rounds += countRounds(batch);
    deps.allowance?.charge(agent.id, roundsLoad(rounds), eventsLoad(batch.events));
    if (touched !== null) deps.onStored(touched);
  }

  async function accept(
    agent: AgentRecord,
    body: Uint8Array,
    encoding: string | null,
    { ticket, queue, receivedMs }: Arrival,
  ): Promise<AckV1> {
    const batch = await ticket.inTurn(() => readBatch(agent, body, encoding, ticket));
    // A batch of the backlog may be of a boot that is over, and bears its last reading.
    if (queue === "live") doubt.note(agent.id, batch.clock.wallMs, receivedMs);
    const stored = await state.batch(agent.id, batch.seq);
    if (stored === null) await store(agent, batch, receivedMs);
    else {
      refuseOtherContent(batch, stored);
      counts.duplicates += 1;
    }
    return {
      acked: batch.seq,
      serverMs: now(),
      configEtag: agentConfig(agent).etag,
      backlog: admission.isStrained() ? "slow" : "go",
    };
  }

  const admit: Ingest["admit"] = (queue, bodyBytes, agent) => ({
    ticket: admission.enter(queue, bodyBytes, agent.id),
    queue,
    receivedMs: now(),
  });

  return {
    agentConfig,
    clockDoubt: doubt.why,
    counts() {
      const { refusedLive, refusedBacklog } = admission.stats();
      return { ...counts, putOffLive: refusedLive, putOffBacklog: refusedBacklog };
    },
    admit,
    async acceptBatch(agent, body, encoding, given) {
      const arrival = given ?? admit("live", body.byteLength, agent);
      try {
        return await accept(agent, body, encoding, arrival);
      } catch (error) {
        counts.refused += 1;
        throw error;
      } finally {
        if (given === undefined) arrival.ticket.leave();
      }
    },
    async authenticateAgent(bearer, address = null) {
      return isWellFormedKey(bearer, "sba") ? state.useAgentKey(hashKey(bearer), now(), address) : null;
    },
    async enrol(request, address = null) {
      const { token, nonce, hardware, version } = asRefusal(() => parseEnrolRequest(request));
      const key = makeKey("sba");
      const id = `ag_${randomBytes(8).toString("hex")}`;
      const nonceHash = nonce === undefined ? null : hashKey(nonce);
      const made = { id, keyHash: hashKey(key), keyPrefix: keyPrefix(key), nonceHash, hardware, version };
      const agent = await state.redeemEnrolToken(hashKey(token), now(), made, address);
      if (typeof agent === "string") {
        throw new IngestError({
          code: `enrol.${agent}`,
          status: 403,
          title: "Enrolment refused",
          detail: {
            unknown: "there is no such token",
            used: "the token was used before; each is good for one agent",
            expired: "the token has expired",
            revoked: "the token was revoked",
          }[agent],
        });
      }
      return { agentId: agent.id, key, site: agent.site };
    },
  };
}

async function readBatch(
  agent: AgentRecord,
  body: Uint8Array,
  encoding: string | null,
  ticket: Ticket,
): Promise<BatchV1> {
  // The numbers that its batches would bear are those that its writes of line protocol get.
  if (agent.kind !== "sambung") {
    throw new IngestError({
      code: "agent.kind",
      status: 403,
      title: "Not for this agent",
      detail: `the key belongs to a ${agent.kind} agent, which writes to /api/v2/write`,
    });
  }
  const document = await decodeBody(body, encoding, ticket);
  const batch = asRefusal(() => parseBatch(document));
  if (batch.agent !== agent.id) {
    throw new IngestError({
      code: "agent.mismatch",
      status: 403,
      title: "Not your batch",
      detail: "the key belongs to another agent",
      field: "agent",
      value: showValue(batch.agent),
      allowed: agent.id,
    });
  }
  return batch;
}

/** The targets of a site by their ids, gathered once for each inventory. Their keys are texts that no batch has to make anew. */
function createTargetLookup(inventory: () => Inventory): (site: string) => ReadonlyMap<string, Target> {
  let gathered: Inventory | null = null;
  let bySite = new Map<string, Map<string, Target>>();
  return (site) => {
    const current = inventory();
    if (gathered !== current) {
      bySite = new Map();
      for (const target of current.targets.values()) {
        const own = bySite.get(target.site) ?? new Map<string, Target>();
        own.set(target.probe.id, target);
        bySite.set(target.site, own);
      }
      gathered = current;
    }
    return bySite.get(site) ?? noTargets;
  };
}

const noTargets: ReadonlyMap<string, Target> = new Map();

/**
 * Whether a target may have rounds of this kind: what the inventory says, or what is stored, since a backlog may tell of
 * targets that were taken out of the inventory, or measured by other means, meanwhile. Answers the kinds that it may have.
 */
function createKindLookup({
  inventory,
  series,
}: IngestDeps): (key: string, kind: Kind) => Promise<readonly Kind[]> {
  let stored: ReadonlyMap<string, readonly Kind[]> = new Map();
  return async (key, kind) => {
    const target = inventory().targets.get(key);
    if (target?.probe.kind === kind) return [kind];
    if (stored.get(key)?.includes(kind) !== true) stored = await series.keys();
    return [...(target === undefined ? [] : [target.probe.kind]), ...(stored.get(key) ?? [])];
  };
}

async function refuseUnknownTargets(
  site: string,
  batch: BatchV1,
  findKinds: (key: string, kind: Kind) => Promise<readonly Kind[]>,
): Promise<void> {
  for (const [index, { target, kind }] of batch.rounds.entries()) {
    const kinds = await findKinds(`${site}/${target}`, kind);
    if (kinds.length === 0)
      throw unprocessable(new WireError(`rounds[${index}].target`, target, `a target of site ${site}`));
    if (!kinds.includes(kind))
      throw unprocessable(
        new WireError(`rounds[${index}].kind`, kind, `${kinds.join(" or ")}, as target ${target} is`),
      );
  }
}

/** Whatever the clocks say, nothing was measured before the project began or after now. */
function refuseImpossibleTimes(batch: BatchV1, track: Track, receivedMs: number): void {
  const latestMs = receivedMs + aheadMs;
  const refuseAt = (field: string, timeMs: number) => {
    if (timeMs >= limits.earliestWallMs && timeMs <= latestMs) return;
    const allowed = `a time from 2020-01-01T00:00:00Z to ${new Date(latestMs).toISOString()}`;
    throw unprocessable(new WireError(field, new Date(timeMs).toISOString(), allowed));
  };
  for (const [index, { monoMs }] of batch.rounds.entries()) {
    refuseAt(`rounds[${index}].monoMs`, track.at(monoMs[0]!));
    refuseAt(`rounds[${index}].monoMs`, track.at(monoMs.reduce((a, b) => a + b)));
  }
  for (const [index, { monoMs }] of batch.events.entries())
    refuseAt(`events[${index}].monoMs`, track.at(monoMs));
}

/**
 * A seq that comes again with other rounds is a spool that lost them meanwhile, or went back in time, such as a card
 * restored from a copy. To acknowledge it would lose what it holds; what is stored tells it which of both, and what to do.
 */
function refuseOtherContent(batch: BatchV1, stored: { boot: string; rounds: number }): void {
  if (batch.boot === stored.boot && countRounds(batch) === stored.rounds) return;
  const error = new WireError("seq", batch.seq, "a number that was not used for other rounds");
  const { boot, rounds } = stored;
  throw new IngestError({ ...describe(error), code: seqUsedCode, stored: { boot, rounds } });
}

function touchedBy(rounds: readonly Rounds[], events: readonly StoredEvent[], earliestMs: number): Touched {
  const times = [...rounds.map(({ timeMs }) => timeMs[0]!), ...events.map(({ timeMs }) => timeMs)];
  const fromMs = Math.max(Math.min(...times), earliestMs);
  const newest = rounds.map(({ timeMs }) => timeMs.at(-1)!);
  return {
    keys: rounds.map(({ key }) => key),
    fromMs,
    ...(newest.length === 0 ? {} : { newestMs: newest.reduce((a, b) => Math.max(a, b)) }),
    rounds,
  };
}

function asRefusal<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof WireError ? unprocessable(error) : error;
  }
}

const unprocessable = (error: WireError) => new IngestError(describe(error));

function describe(error: WireError): IngestErrorOptions {
  const { code, message: detail, field, value, allowed } = error;
  return { code, status: 422, title: "Not as agreed", detail, field, value, allowed, cause: error };
}
