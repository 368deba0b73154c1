import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import { openRoundsOf } from "./account.ts";
import type { Contradiction } from "./account.ts";
import { toAccount, toSaid } from "./ledger-heads.ts";
import type { LedgerHeads } from "./ledger-heads.ts";
import type {
  ClockAnchor,
  ClockSource,
  Ledger,
  LedgerRange,
  LostRange,
  SentBytes,
  Standing,
  StateStore,
  StoredEvent,
  ThinnedRange,
} from "./state-store.ts";

/** The newest declarations of an agent's spool that are shown. It makes one of a kind for each of its starts. */
const maxDeclared = 1_000;
/** The newest ranges of seqs that are shown. An agent of ours has a handful; one that leaves out every other seq, millions. */
const maxRanges = 1_000;

export function ledgerMethods(
  db: DatabaseSync,
  heads: Pick<LedgerHeads, "known">,
): Pick<StateStore, "batch" | "commitsUntil" | "clockAnchors" | "ledger" | "standings" | "events"> {
  const batch = db.prepare(
    `SELECT names.name AS boot, rounds FROM batches JOIN names ON names.id = batches.boot
     WHERE agent = (SELECT id FROM names WHERE name = ?) AND seq = ?`,
  );
  const commits = db.prepare(
    `WITH heard AS (SELECT agent FROM ledgers ORDER BY seen_ms DESC, agent LIMIT ?3)
     SELECT heard.agent, agents.site, batches.received_ms, batches.last_ms FROM heard
     JOIN agents ON agents.id = heard.agent JOIN names ON names.name = heard.agent
     JOIN batches ON batches.agent = names.id AND batches.seq =
       (SELECT seq FROM batches WHERE agent = names.id AND received_ms <= ?1 AND last_ms >= ?2 ORDER BY seq DESC LIMIT 1)`,
  );
  const anchors = db.prepare("SELECT * FROM clock_anchors WHERE agent = ? ORDER BY boot_ms");
  const declared = db.prepare(
    `SELECT * FROM events WHERE agent = ? AND type IN ('spool.thinned', 'spool.lost')
     ORDER BY time_ms DESC, id DESC LIMIT ${maxDeclared}`,
  );
  const months = db.prepare("SELECT month, bytes FROM sent_bytes WHERE agent = ? ORDER BY month");
  const ranges = db.prepare(
    `SELECT from_seq, to_seq FROM ledger_ranges WHERE agent = ? ORDER BY from_seq DESC LIMIT ${maxRanges}`,
  );
  const allMonths = db.prepare("SELECT agent, month, bytes FROM sent_bytes ORDER BY agent, month");
  // SQLite takes the other columns from the row that has the maximum.
  const latestErrors = db.prepare(
    "SELECT agent, uncertainty_ms, max(boot_ms) FROM clock_anchors GROUP BY agent",
  );
  return {
    async batch(agent, seq) {
      const tail = heads.known(agent)?.tail;
      // What comes in order, which is nearly all, is new.
      if (tail !== undefined && tail !== null && seq > tail.toSeq) return null;
      const row = batch.get(agent, seq);
      return row === undefined ? null : { boot: row.boot as string, rounds: row.rounds as number };
    },
    async commitsUntil(untilMs, leastLastMs, most) {
      return commits.all(untilMs, leastLastMs, most).map((row) => ({
        agent: row.agent as string,
        site: row.site as string,
        receivedMs: row.received_ms as number,
        lastMs: row.last_ms as number,
      }));
    },
    async clockAnchors(agent) {
      return anchors.all(agent).map(toAnchor);
    },
    async ledger(agent) {
      const sums = db.prepare("SELECT * FROM ledgers WHERE agent = ?").get(agent);
      if (sums === undefined) return null;
      const stored = ranges
        .all(agent)
        .map((row) => ({ fromSeq: row.from_seq as number, toSeq: row.to_seq as number }))
        .reverse();
      const spoolEvents = declared.all(agent).map(toEvent).reverse();
      return {
        ...toLedger(agent, stored, sums),
        thinned: spoolEvents.filter(({ type }) => type === "spool.thinned").map(toThinned),
        lost: spoolEvents.filter(({ type }) => type === "spool.lost").map(toLost),
        clocks: anchors.all(agent).map(toAnchor),
        sentBytes: toMonths(months.all(agent)),
      };
    },
    async standings() {
      const errors = new Map(latestErrors.all().map((row) => [row.agent, row.uncertainty_ms as number]));
      const byAgent = Map.groupBy(allMonths.all(), (row) => row.agent as string);
      const rows = db.prepare("SELECT * FROM ledgers").all();
      return new Map(
        rows.map((row) => {
          const agent = row.agent as string;
          const sentBytes = toMonths(byAgent.get(agent) ?? []);
          return [agent, { ...toStanding(row), sentBytes, clockUncertaintyMs: errors.get(agent) ?? null }];
        }),
      );
    },
    async events({ fromMs, toMs, sites }) {
      const rows = db
        .prepare("SELECT * FROM events WHERE time_ms >= ? AND time_ms < ? ORDER BY time_ms, site, type, id")
        .all(fromMs, toMs);
      return rows.filter((row) => sites === undefined || sites.includes(row.site as string)).map(toEvent);
    },
  };
}

type Row = Record<string, SQLOutputValue>;

function toEvent(row: Row): StoredEvent {
  return {
    agent: row.agent as string,
    site: row.site as string,
    timeMs: row.time_ms as number,
    type: row.type as string,
    detail: JSON.parse(row.detail as string) as StoredEvent["detail"],
  };
}

function toLedger(
  agent: string,
  stored: LedgerRange[],
  row: Row,
): Omit<Ledger, "thinned" | "lost" | "clocks" | "sentBytes"> {
  const { isInconsistent, ...standing } = toStanding(row);
  return {
    agent,
    stored,
    holes: holesIn(stored),
    ...standing,
    inconsistent: isInconsistent
      ? {
          ...(JSON.parse(row.contradiction as string) as Contradiction),
          atMs: row.contradicted_ms as number,
        }
      : null,
  };
}

function toStanding(row: Row): Omit<Standing, "sentBytes" | "clockUncertaintyMs"> {
  const account = toAccount(row);
  const said = toSaid(row);
  return {
    ...account,
    openRounds: openRoundsOf(account),
    backlog: said === null ? null : { rounds: said.waitingRounds, oldestMs: said.oldestMs, atMs: said.atMs },
    isInconsistent: row.contradiction !== null,
  };
}

function toAnchor(row: Row): ClockAnchor {
  return {
    hostBoot: row.host_boot as string,
    offsetMs: row.offset_ms as number,
    uncertaintyMs: row.uncertainty_ms as number,
    source: row.source as ClockSource,
    bootMs: row.boot_ms as number,
    bootUncertaintyMs: row.boot_uncertainty_ms as number,
    firstStart: row.first_start as number | null,
    lastStart: row.last_start as number | null,
    lastSeq: row.last_seq as number,
    lastMonoMs: row.last_mono_ms as number,
    lastMs: row.last_ms as number,
  };
}

function holesIn(stored: readonly LedgerRange[]): LedgerRange[] {
  const holes: LedgerRange[] = [];
  // Below the oldest range that is shown where there are more lies what is not shown, and not one hole.
  let next = stored.length < maxRanges ? 1 : stored[0]!.fromSeq;
  for (const range of stored) {
    if (range.fromSeq > next) holes.push({ fromSeq: next, toSeq: range.fromSeq - 1 });
    next = range.toSeq + 1;
  }
  return holes;
}

const numberOrNull = (cell: StoredEvent["detail"][string] | undefined) =>
  typeof cell === "number" ? cell : null;

/** An agent's event says what it says: what is not there, or is no number, is not known. */
function toLost({ timeMs, detail }: StoredEvent): LostRange {
  return {
    atMs: timeMs,
    fromMs: numberOrNull(detail["fromMs"]),
    toMs: numberOrNull(detail["toMs"]),
    rounds: numberOrNull(detail["rounds"]) ?? 0,
    reason: typeof detail["reason"] === "string" ? detail["reason"] : null,
  };
}

function toThinned({ timeMs, detail }: StoredEvent): ThinnedRange {
  return {
    atMs: timeMs,
    fromMs: numberOrNull(detail["fromMs"]),
    toMs: numberOrNull(detail["toMs"]),
    rounds: numberOrNull(detail["rounds"]) ?? 0,
    summaries: numberOrNull(detail["summaries"]) ?? 0,
    stepS: numberOrNull(detail["stepS"]),
  };
}

function toMonths(rows: readonly Row[]): SentBytes | null {
  let before = 0;
  const byMonth = rows.map((row) => {
    const bytes = Math.max(0, (row.bytes as number) - before);
    before = Math.max(before, row.bytes as number);
    return { month: row.month as string, bytes };
  });
  return byMonth.length === 0 ? null : { total: before, months: byMonth };
}
