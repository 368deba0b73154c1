import type { StoredEvent } from "../../src/state/state-store.ts";
import type { Life } from "./agent-unit.ts";
import type { Snapshot, StoredRound } from "./snapshot.ts";
import type { Check } from "./witness.ts";

/*
 * The account of one agent, held against what its targets saw. Every check that a target got has to be stored once, or be
 * explained: by a summary, by a loss that the agent declared for that time, by the end of the agent in the midst of the
 * check, or by a cut of the power within the time that the agent may forget then.
 */
export interface Account {
  site: string;
  checks: number;
  stored: number;
  thinned: number;
  lost: number;
  open: number;
  /** Rounds stored although their check was stored already, or although there was no such check. */
  duplicates: number;
  strangers: number;
  /** Checks that are not stored, by what explains them. */
  missing: Record<"underWay" | "power" | "declared" | "unexplained", number>;
  /** Rounds declared lost that are stored, or that nobody measured. */
  lostInVain: number;
  /** Rounds whose check had no answer in time, and may not have been seen by the target. */
  unanswered: number;
  /** How far the stored time of a round lies from when its target saw it, at most, in ms. */
  worstTimeMs: number;
  /** Something that was measured later than what is asked for is stored: the agent is at work again. */
  isLive: boolean;
  /** The longest check that has an answer, in ms: how long one may have been under way. */
  longestCheckMs: number;
  /** What of the collector's own sums does not hold, in words. */
  faults: string[];
  /** Names of the first of the unexplained. */
  examples: string[];
}

export interface AccountOptions {
  site: string;
  snapshot: Snapshot;
  checks: ReadonlyMap<string, readonly Check[]>;
  lives: readonly Life[];
  /** Checks that came later are not asked for yet; Infinity: all of them are. */
  throughMonoMs: number;
  /** The same moment by the wall clock. */
  throughWallMs: number;
}

/** Longest time of a check, in ms: much, so that few end without an answer on a machine that is busy. */
export const checkTimeoutMs = 4_900;
/** A status names its check only within the time that it takes all of them to come round. */
const nearMs = 60_000;
/** What a power cut may take: the wait of a round for the disk, see docs/decisions/0006, and a round's own time. */
const powerMs = 80_000;
/** A round starts before its target sees it: at most by the time of a check, and of this process's turn. */
const arrivalMs = checkTimeoutMs + 1_000;
/**
 * Beyond the time of the check itself: what an agent takes to hear of the answer and to note the round, on a machine that
 * has much else to do. It excuses one check of a target at most, the last before an end.
 */
const turnMs = 500;

export function takeAccount(options: AccountOptions): Account {
  const { site, snapshot, checks, lives } = options;
  const own = [...checks].filter(([key]) => key.startsWith(`${site}/`));
  const all = own.flatMap(([, list]) => list);
  const ledger = snapshot.ledgers.get(site);
  const account: Account = {
    site,
    checks: all.length,
    stored: 0,
    thinned: ledger?.thinnedRounds ?? 0,
    lost: ledger?.lostRounds ?? 0,
    open: ledger?.openRounds ?? 0,
    duplicates: 0,
    strangers: 0,
    missing: { underWay: 0, power: 0, declared: 0, unexplained: 0 },
    lostInVain: 0,
    unanswered: 0,
    worstTimeMs: 0,
    isLive: false,
    longestCheckMs: 0,
    faults: [],
    examples: [],
  };
  const ranges = lostRanges(snapshot.eventsOf(site));
  const found = new Map(
    own.map(([key, list]) => [key, match(list, snapshot.rounds.get(key) ?? [], account)]),
  );
  const stored = own.flatMap(([key]) => snapshot.rounds.get(key) ?? []);
  account.isLive = stored.some(({ timeMs }) => timeMs > options.throughWallMs);
  let missing = 0;
  // What is missing at an end for a reason of its own may have been declared lost as well.
  let either = 0;
  for (const [key, list] of own) {
    const kept = found.get(key)!;
    const lastOfLife = new Map(list.map((check) => [check.life, check]));
    for (const check of list) {
      const isLater = check.monoMs > options.throughMonoMs;
      if (isLater || kept.has(check)) continue;
      const life = lives[check.life - 1];
      const isDeclared = ranges.some(
        ({ from, to }) => check.monoMs >= from && check.monoMs <= to + arrivalMs,
      );
      const beforeEndMs = life === undefined ? Number.POSITIVE_INFINITY : life.endMonoMs - check.monoMs;
      if (life?.power === true && beforeEndMs < powerMs) {
        account.missing.power++;
        if (isDeclared) either++;
      } else if (lastOfLife.get(check.life) === check && beforeEndMs < account.longestCheckMs * 2 + turnMs) {
        account.missing.underWay++;
        if (isDeclared) either++;
      } else if (isDeclared) missing++;
      else {
        account.missing.unexplained++;
        if (account.examples.length < 5)
          account.examples.push(
            `${key} #${check.index} life ${check.life}, ${Math.round(beforeEndMs)} ms before its end`,
          );
      }
    }
  }
  account.missing.declared = Math.min(missing, account.lost);
  account.missing.unexplained += missing - account.missing.declared;
  // A round without a status cannot be told from another, so it stands for any check that nothing else explains.
  account.missing.unexplained = Math.max(0, account.missing.unexplained - account.unanswered);
  account.lostInVain = Math.max(0, account.lost - account.missing.declared - either);
  if (ledger !== undefined) checkSums(account, ledger, all.length);
  return account;
}

/** Finds each round's check; answers those that are stored. */
function match(list: readonly Check[], rounds: readonly StoredRound[], account: Account): Set<Check> {
  const byStatus = Map.groupBy(list, ({ status }) => status);
  const found = new Set<Check>();
  account.stored += rounds.length;
  for (const { timeMs, status, totalMs, merged } of rounds) {
    account.longestCheckMs = Math.max(account.longestCheckMs, totalMs ?? 0);
    if (status === null) {
      account.unanswered += merged;
      continue;
    }
    const check = nearest(byStatus.get(status) ?? [], timeMs);
    if (check === null || Math.abs(check.wallMs - timeMs) > nearMs) account.strangers++;
    else if (found.has(check)) account.duplicates++;
    else {
      found.add(check);
      account.worstTimeMs = Math.max(account.worstTimeMs, Math.abs(check.wallMs - timeMs));
      // The others of a summary are those that follow.
      for (const next of list.slice(check.index + 1, check.index + merged)) found.add(next);
    }
  }
  return found;
}

function nearest(checks: readonly Check[], timeMs: number): Check | null {
  const distance = ({ wallMs }: Check) => Math.abs(wallMs - timeMs);
  return checks.reduce<Check | null>(
    (best, check) => (best === null || distance(check) < distance(best) ? check : best),
    null,
  );
}

/** Between which moments of the machine's monotonic clock rounds were declared lost. */
function lostRanges(events: readonly StoredEvent[]): { from: number; to: number }[] {
  return events
    .filter(({ type }) => type === "spool.lost")
    .map(({ detail: { fromMonoMs, toMonoMs } }) => ({
      from: typeof fromMonoMs === "number" ? fromMonoMs : Number.NEGATIVE_INFINITY,
      to: typeof toMonoMs === "number" ? toMonoMs : Number.POSITIVE_INFINITY,
    }));
}

function checkSums(
  account: Account,
  ledger: NonNullable<ReturnType<Snapshot["ledgers"]["get"]>>,
  checks: number,
): void {
  const { storedRounds, producedRounds, openRounds, holes } = ledger;
  if (storedRounds !== account.stored)
    account.faults.push(`the ledger has ${storedRounds} rounds stored, the series ${account.stored}`);
  if (producedRounds > checks + account.unanswered)
    account.faults.push(`${producedRounds} rounds produced of ${checks} checks`);
  if (openRounds !== 0) account.faults.push(`${openRounds} rounds are open`);
  if (holes.length > 0)
    account.faults.push(
      `seqs ${holes.map(({ fromSeq, toSeq }) => `${fromSeq}-${toSeq}`).join(", ")} are missing`,
    );
}

/** Whether there is nothing in it that nobody can explain. */
export const isClosed = ({ duplicates, strangers, missing, faults }: Account) =>
  duplicates + strangers + missing.unexplained + faults.length === 0;
