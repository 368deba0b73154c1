/*
 * What an agent says it produced, beside what is stored here: produced = stored + thinned + lost + open. The counts are
 * cumulative in seq, so those of the highest seq are the agent's word on everything below it. Whatever they say, the
 * rounds of a batch are stored; numbers that cannot be are noted with what was said.
 */

/** Rounds since enrolment, as a batch declares them. */
export interface DeclaredCounts {
  producedRounds: number;
  thinnedRounds: number;
  lostRounds: number;
}

export interface Account extends DeclaredCounts {
  lastSeq: number;
  /** Rounds in the store. */
  storedRounds: number;
}

/** Numbers of an agent that cannot be. */
export interface Contradiction {
  seq: number;
  /**
   * `sum`: fewer rounds produced than are stored, thinned and lost · `produced`, `thinned`, `lost`: this count went
   * backwards against a batch of another seq.
   */
  what: "sum" | "produced" | "thinned" | "lost";
  said: DeclaredCounts;
  /** The account before that. */
  known: Account;
}

export const emptyAccount: Account = {
  lastSeq: 0,
  producedRounds: 0,
  thinnedRounds: 0,
  lostRounds: 0,
  storedRounds: 0,
};

/** The account with one more batch in it, and what cannot be about that batch's numbers; null: nothing. */
export function enterBatch(
  known: Account,
  batch: DeclaredCounts & { seq: number; rounds: number },
): { account: Account; contradiction: Contradiction | null } {
  const { seq, rounds, producedRounds, thinnedRounds, lostRounds } = batch;
  const said = { producedRounds, thinnedRounds, lostRounds };
  const isNewest = seq > known.lastSeq;
  const account = {
    ...(isNewest ? { ...said, lastSeq: seq } : known),
    storedRounds: known.storedRounds + rounds,
  };
  const what = findWrong(known, { ...said, rounds, isNewest }) ?? (openRoundsOf(account) < 0 ? "sum" : null);
  return { account, contradiction: what === null ? null : { seq, what, said, known } };
}

/** Rounds produced that are neither stored nor declared as thinned or lost: on their way, or in the holes. */
export function openRoundsOf({ producedRounds, storedRounds, thinnedRounds, lostRounds }: Account): number {
  return producedRounds - storedRounds - thinnedRounds - lostRounds;
}

/**
 * Only `produced` can be held against a batch of a higher seq: a frame that could not be read any more is declared lost
 * in the batch that held it, after batches of a higher seq may have gone out.
 */
function findWrong(
  known: Account,
  said: DeclaredCounts & { rounds: number; isNewest: boolean },
): Contradiction["what"] | null {
  if (!said.isNewest) return said.producedRounds > known.producedRounds ? "produced" : null;
  if (said.producedRounds < known.producedRounds + said.rounds) return "produced";
  if (said.thinnedRounds < known.thinnedRounds) return "thinned";
  return said.lostRounds < known.lostRounds ? "lost" : null;
}
