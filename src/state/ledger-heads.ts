import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import { emptyAccount } from "./account.ts";
import type { Account } from "./account.ts";

/** What the next batch of an agent is entered into: its ledger as it stands in the store. */
export interface LedgerHead {
  account: Account;
  /** Arrival of its last batch, epoch ms. */
  seenMs: number;
  /** What it last said of its spool, and when; null: never. */
  said: { waitingRounds: number; oldestMs: number | null; atMs: number } | null;
  /** The highest range of its seqs; null: none is stored. */
  tail: { fromSeq: number; toSeq: number } | null;
}

/**
 * Ledgers in memory, so that a batch is entered without reading. Written through: whoever changes one writes the same in the
 * open transaction, and forgets all of them when it fails.
 */
export interface LedgerHeads {
  /** Read from the store where it is not known. */
  of(agent: string): LedgerHead;
  /** Looks only at what is known. */
  known(agent: string): LedgerHead | undefined;
  /** The highest range, read anew. */
  readTail(agent: string): LedgerHead["tail"];
  forget(): void;
}

export function createLedgerHeads(db: DatabaseSync): LedgerHeads {
  const find = db.prepare("SELECT * FROM ledgers WHERE agent = ?");
  const findTail = db.prepare(
    "SELECT from_seq, to_seq FROM ledger_ranges WHERE agent = ? ORDER BY from_seq DESC LIMIT 1",
  );
  const heads = new Map<string, LedgerHead>();
  const readTail = (agent: string) => {
    const row = findTail.get(agent);
    return row === undefined ? null : { fromSeq: row.from_seq as number, toSeq: row.to_seq as number };
  };
  return {
    of(agent) {
      let head = heads.get(agent);
      if (head === undefined)
        heads.set(agent, (head = { ...toHead(find.get(agent)), tail: readTail(agent) }));
      return head;
    },
    known: (agent) => heads.get(agent),
    readTail,
    forget: () => heads.clear(),
  };
}

type Row = Record<string, SQLOutputValue>;

function toHead(row: Row | undefined): Omit<LedgerHead, "tail"> {
  if (row === undefined) return { account: emptyAccount, seenMs: 0, said: null };
  return { account: toAccount(row), seenMs: row.seen_ms as number, said: toSaid(row) };
}

export function toSaid(row: Row): LedgerHead["said"] {
  if (row.said_ms === null) return null;
  return {
    waitingRounds: row.waiting as number,
    oldestMs: row.oldest_ms as number | null,
    atMs: row.said_ms as number,
  };
}

export function toAccount(row: Row): Account {
  return {
    lastSeq: row.last_seq as number,
    producedRounds: row.produced as number,
    thinnedRounds: row.thinned as number,
    lostRounds: row.lost as number,
    storedRounds: row.stored as number,
  };
}
