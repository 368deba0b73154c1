import { describe, expect, it } from "vitest";
import type { Ledger, StoredEvent } from "../../src/state/state-store.ts";
import { isClosed, takeAccount } from "./account.ts";
import type { StoredRound } from "./snapshot.ts";
import type { Check } from "./witness.ts";

/* What the judge of the chaos test finds, and what it takes for explained: a judge that passes everything proves nothing. */

const site = "64.08";
const key = `${site}/t0`;
const stepMs = 2_000;

const checks = (count: number, life = 1): Check[] =>
  Array.from({ length: count }, (_, index) => ({
    key,
    index,
    status: 200 + index,
    wallMs: 1_000_000 + index * stepMs,
    monoMs: 1_000 + index * stepMs,
    life,
  }));
const roundOf = ({ wallMs, status }: Check, merged = 1): StoredRound => ({
  timeMs: wallMs,
  status,
  totalMs: 5,
  merged,
});

function account(
  list: readonly Check[],
  rounds: readonly StoredRound[],
  more: {
    ledger?: Partial<Ledger>;
    events?: StoredEvent[];
    power?: boolean;
    running?: boolean;
    endedAfterMs?: number;
  } = {},
) {
  const stored = rounds.length;
  const { lostRounds = 0, thinnedRounds = 0 } = more.ledger ?? {};
  const ledger: Ledger = {
    agent: "ag_1",
    stored: [{ fromSeq: 1, toSeq: 1 }],
    holes: [],
    lastSeq: 1,
    producedRounds: stored + lostRounds + thinnedRounds,
    thinnedRounds,
    lostRounds,
    storedRounds: stored,
    openRounds: 0,
    thinned: [],
    lost: [],
    backlog: null,
    sentBytes: null,
    clocks: [],
    inconsistent: null,
    ...more.ledger,
  };
  const endMonoMs = list.at(-1)!.monoMs + (more.endedAfterMs ?? 100);
  return takeAccount({
    site,
    snapshot: {
      rounds: new Map([[key, rounds]]),
      ledgers: new Map([[site, ledger]]),
      eventsOf: () => more.events ?? [],
    },
    checks: new Map([[key, list]]),
    lives: more.running === true ? [] : [{ endMonoMs, power: more.power ?? false }],
    throughMonoMs: Number.POSITIVE_INFINITY,
    throughWallMs: 1_000_000,
  });
}

const lost = (fromMonoMs: number | null, toMonoMs: number | null, rounds: number): StoredEvent => ({
  agent: "ag_1",
  site,
  timeMs: 0,
  type: "spool.lost",
  detail: { fromMonoMs, toMonoMs, rounds, reason: "corrupt" },
});

describe("the account of a chaos run", () => {
  const list = checks(6);
  const all = list.map((check) => roundOf(check));

  it("closes where each check is stored once", () => {
    const found = account(list, all);
    expect(found).toMatchObject({ checks: 6, stored: 6, duplicates: 0, worstTimeMs: 0, isLive: true });
    expect(isClosed(found)).toBe(true);
  });

  it("finds a round that is stored twice", () => {
    const found = account(list, [...all, all[2]!]);
    expect(found.duplicates).toBe(1);
    expect(isClosed(found)).toBe(false);
  });

  it("finds a round that nobody measured, and one that lies at a wrong time", () => {
    const found = account(list, [...all.slice(0, 5), { ...all[5]!, timeMs: 3_600_000 }]);
    expect(found.strangers).toBe(1);
    expect(account(list, [...all, { timeMs: 1_000_000, status: 399, totalMs: 5, merged: 1 }]).strangers).toBe(
      1,
    );
  });

  it("finds a check that is not stored", () => {
    const found = account(list, all.toSpliced(2, 1));
    expect(found).toMatchObject({
      missing: { unexplained: 1 },
      examples: [`${key} #2 life 1, 6100 ms before its end`],
    });
    expect(isClosed(found)).toBe(false);
  });

  it("takes the last check of a start for one under way, and only that, once the start has ended", () => {
    expect(account(list, all.slice(0, 5)).missing).toMatchObject({ underWay: 1, unexplained: 0 });
    expect(account(list, all.slice(0, 4)).missing).toMatchObject({ underWay: 1, unexplained: 1 });
    expect(account(list, all.slice(0, 5), { endedAfterMs: 5_000 }).missing).toMatchObject({ unexplained: 1 });
    expect(account(list, all.slice(0, 5), { running: true }).missing).toMatchObject({ unexplained: 1 });
  });

  it("allows a power cut what waits for the disk, and no more", () => {
    const long = checks(100);
    const rounds = long.map((check) => roundOf(check));
    expect(account(long, rounds.slice(0, 90), { power: true }).missing).toMatchObject({
      power: 10,
      unexplained: 0,
    });
    expect(account(long, rounds.slice(0, 50), { power: true }).missing.unexplained).toBe(10);
  });

  it("believes a declared loss for as many rounds as were declared, in the time that was declared", () => {
    const gone = all.toSpliced(2, 2);
    const from = list[2]!.monoMs;
    const to = list[3]!.monoMs;
    const ledger = { lostRounds: 2 };
    expect(isClosed(account(list, gone, { ledger, events: [lost(from, to, 2)] }))).toBe(true);
    expect(isClosed(account(list, gone, { ledger, events: [lost(null, null, 2)] }))).toBe(true);
    const few = account(list, gone, { ledger: { lostRounds: 1 }, events: [lost(from, to, 1)] });
    expect(few.missing).toMatchObject({ declared: 1, unexplained: 1 });
    const elsewhere = account(list, gone, { ledger, events: [lost(from + 20_000, to + 20_000, 2)] });
    expect(elsewhere.missing.unexplained).toBeGreaterThan(0);
  });

  it("counts a loss that was declared although the rounds are stored", () => {
    const found = account(list, all, { ledger: { lostRounds: 3, openRounds: -3, producedRounds: 6 } });
    expect(found.lostInVain).toBe(3);
    expect(found.faults).toEqual(["-3 rounds are open"]);
  });

  it("takes a summary for all the checks that it stands for", () => {
    const summary = [roundOf(list[0]!, 4), ...all.slice(4)];
    expect(isClosed(account(list, summary, { ledger: { thinnedRounds: 3 } }))).toBe(true);
  });

  it("tells of sums that do not hold and of seqs that are missing", () => {
    const found = account(list, all, {
      ledger: { storedRounds: 5, producedRounds: 7, openRounds: 2, holes: [{ fromSeq: 3, toSeq: 4 }] },
    });
    expect(found.faults).toEqual([
      "the ledger has 5 rounds stored, the series 6",
      "7 rounds produced of 6 checks",
      "2 rounds are open",
      "seqs 3-4 are missing",
    ]);
  });
});
