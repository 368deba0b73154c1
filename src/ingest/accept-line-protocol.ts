import type { Inventory } from "../inventory/inventory.ts";
import type { Rounds, SeriesStore } from "../series/series-store.ts";
import type { BatchLog } from "../state/batch-log.ts";
import type { AgentRecord, BatchEntry, StateStore } from "../state/state-store.ts";
import { createAdmission } from "./admission.ts";
import type { Admission, Ticket } from "./admission.ts";
import { roundsLoad } from "./allowance.ts";
import type { Allowance } from "./allowance.ts";
import { IngestError } from "./ingest-error.ts";
import { judgedMs } from "./ingest.ts";
import type { Touched } from "./ingest.ts";
import { expandWrite } from "./line-protocol-body.ts";
import { gatherLines } from "./line-protocol-gather.ts";
import type { Precision, WriteOutcome } from "./line-protocol-gather.ts";
import { createRoundsBuilder } from "./line-protocol-rounds.ts";
import type { RoundsBuilder } from "./line-protocol-rounds.ts";
import { createTargetFinder } from "./line-protocol-target.ts";

/*
 * What Telegraf reports of a site, taken as rounds. The good lines of a write are stored, all in one transaction, and the
 * bad ones told; a line is taken whole or not at all. Lines that are stored already change nothing.
 *
 * Telegraf numbers nothing, so there is no account of what it produced. Its writes get numbers here, as they come, since
 * the store names rounds by agent and number; the ledger of such an agent says nothing and is not shown.
 */

export interface LineProtocolDeps {
  inventory: () => Inventory;
  state: Pick<StateStore, "ledger">;
  series: Pick<SeriesStore, "read">;
  batchLog: BatchLog;
  now: () => number;
  /** Default: one of its own. */
  admission?: Admission;
  /** Default: agents may have stored what they like. */
  allowance?: Allowance;
  /** As of batches. */
  judgedMs?: number;
  /** Called after a write became durable, before it is answered. */
  onStored: (touched: Touched) => void;
}

export interface LineProtocolIngest {
  /** Takes one write as it came. What it accepts is durable when this resolves; throws IngestError. */
  acceptLines(
    agent: AgentRecord,
    body: Uint8Array,
    encoding: string | null,
    precision: Precision,
    ticket?: Ticket,
  ): Promise<WriteOutcome>;
  /** Lets a write of an agent in before its body is read; throws IngestError (503). Whoever asks gives the ticket back. */
  admit(bodyBytes: number, agent: AgentRecord): Ticket;
  /** Lines since the start: those taken, those that came again among them, and those refused. */
  counts(): { lines: number; linesRefused: number };
}

/** As for batches: see ingest.ts. */
const lateMs = 900_000;

export function createLineProtocolIngest(deps: LineProtocolDeps): LineProtocolIngest {
  const finderOf = createTargetFinder(deps.inventory);
  /** One write of a site at a time: what is stored is looked up before the rest is added. */
  const queues = new Map<string, Promise<unknown>>();
  const counts = { lines: 0, linesRefused: 0 };
  const { admission = createAdmission({ lagMs: () => 0 }) } = deps;

  function inTurn<T>(site: string, work: () => Promise<T>): Promise<T> {
    const before = queues.get(site) ?? Promise.resolve();
    const mine = before.then(work, work);
    const settled = mine.then(
      () => undefined,
      () => undefined,
    );
    queues.set(site, settled);
    void settled.then(() => {
      if (queues.get(site) === settled) queues.delete(site);
    });
    return mine;
  }

  async function accept(
    agent: AgentRecord,
    body: Uint8Array,
    encoding: string | null,
    precision: Precision,
    ticket: Ticket,
  ): Promise<WriteOutcome> {
    const builder = createRoundsBuilder(agent.site);
    const outcome = await ticket.inTurn(async () => {
      const bytes = await expandWrite(body, encoding, ticket);
      return gatherLines(bytes, finderOf(agent.site), builder, precision, deps.now());
    });
    const range = builder.range();
    if (range !== null) await inTurn(agent.site, () => asUnavailable(() => store(agent, builder, range)));
    counts.lines += outcome.accepted;
    counts.linesRefused += outcome.rejected;
    return outcome;
  }

  async function store(
    agent: AgentRecord,
    builder: RoundsBuilder,
    { keys, fromMs, toMs }: { keys: string[]; fromMs: number; toMs: number },
  ): Promise<void> {
    builder.leaveOut(await deps.series.read(keys, fromMs, toMs + 1));
    const rounds = builder.rounds();
    const changed = builder.range();
    if (changed === null) return;
    const fromJudgedMs = Math.max(changed.fromMs, deps.now() - (deps.judgedMs ?? judgedMs));
    const entry = await toEntry(agent, rounds, fromJudgedMs);
    deps.allowance?.check(agent.id);
    if ((await deps.batchLog.commit(entry, rounds)) === "duplicate")
      throw new Error(`write ${entry.seq} of ${agent.id} is stored already`);
    deps.allowance?.charge(agent.id, roundsLoad(rounds), 0);
    deps.onStored({ keys: changed.keys, fromMs: fromJudgedMs, newestMs: changed.toMs });
  }

  /** A write in the shape of a batch, its clock being the collector's own: the lines bear their times. */
  async function toEntry(agent: AgentRecord, rounds: readonly Rounds[], fromMs: number): Promise<BatchEntry> {
    const before = await deps.state.ledger(agent.id);
    const count = rounds.reduce((sum, { timeMs }) => sum + timeMs.length, 0);
    const receivedMs = deps.now();
    return {
      agent: agent.id,
      site: agent.site,
      seq: (before?.lastSeq ?? 0) + 1,
      boot: "telegraf",
      hostBoot: "telegraf",
      rounds: count,
      producedRounds: (before?.storedRounds ?? 0) + count,
      thinnedRounds: 0,
      lostRounds: 0,
      wallMs: receivedMs,
      monoMs: receivedMs,
      synced: true,
      receivedMs,
      offsetMs: 0,
      uncertaintyMs: 0,
      clockSource: "synced",
      events: [],
      lateFromMs: fromMs < receivedMs - lateMs ? fromMs : null,
    };
  }

  return {
    counts: () => ({ ...counts }),
    admit: (bodyBytes, agent) => admission.enter("live", bodyBytes, agent.id),
    async acceptLines(agent, body, encoding, precision, given) {
      refuseStranger(agent, deps.inventory());
      const ticket = given ?? admission.enter("live", body.byteLength, agent.id);
      try {
        return await accept(agent, body, encoding, precision, ticket);
      } finally {
        if (given === undefined) ticket.leave();
      }
    },
  };
}

/** Answered by 403, after which Telegraf keeps what it has and tries again: both may be put right by the operator. */
function refuseStranger(agent: AgentRecord, inventory: Inventory): void {
  const refuse = (code: string, detail: string) => {
    throw new IngestError({ code, status: 403, title: "Not for this agent", detail });
  };
  // The numbers that its writes would get are the ones that the agent gives to its batches.
  if (agent.kind !== "telegraf")
    refuse(
      "agent.kind",
      "the key belongs to an agent that sends batches; make one by sambung agents telegraf",
    );
  if (!inventory.sites.has(agent.site)) refuse("agent.site", `site ${agent.site} is not in the inventory`);
}

/** A store that cannot be read or written now may be again soon: nothing may be dropped for it. */
async function asUnavailable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof IngestError) throw cause;
    throw unavailable("store", "the store cannot be read or written", 30, cause);
  }
}

function unavailable(code: string, detail: string, retryAfterS: number, cause?: unknown): IngestError {
  return new IngestError({ code, status: 503, title: "Not now", detail, retryAfterS, cause });
}
