import type { HttpRounds, IcmpRounds, Rounds } from "../../src/series/series-store.ts";
import type { BatchLog } from "../../src/state/batch-log.ts";
import type { BatchEntry } from "../../src/state/state-store.ts";

/** ICMP rounds from the replies of each, ms; an empty list is a round without an answer. */
export function icmpRounds(
  key: string,
  fromMs: number,
  intervalMs: number,
  repliesMs: readonly (readonly number[])[],
): IcmpRounds {
  return {
    key,
    kind: "icmp",
    timeMs: repliesMs.map((_, index) => fromMs + index * intervalMs),
    sent: repliesMs.map(() => 5),
    recv: repliesMs.map((replies) => replies.length),
    rttUs: repliesMs.flatMap((replies) => replies.map((ms) => Math.round(ms * 1000))),
  };
}

/** Checks of a page: ms that it took, or the failing phase. */
export function httpRounds(
  key: string,
  fromMs: number,
  intervalMs: number,
  outcomes: readonly (number | "dns" | "timeout")[],
): HttpRounds {
  const passed = outcomes.map((outcome) => typeof outcome === "number");
  const each = (share: number) =>
    outcomes.map((outcome) => (typeof outcome === "number" ? Math.round(outcome * share * 10) / 10 : null));
  return {
    key,
    kind: "http",
    timeMs: outcomes.map((_, index) => fromMs + index * intervalMs),
    ok: passed.map((ok) => (ok ? 1 : 0)),
    phase: outcomes.map((outcome) => (typeof outcome === "number" ? null : outcome)),
    status: passed.map((ok) => (ok ? 200 : null)),
    dnsMs: each(0.1),
    connectMs: each(0.2),
    tlsMs: each(0.3),
    ttfbMs: each(0.9),
    // A check that timed out took its time too; it must not count as the time that a page takes.
    totalMs: outcomes.map((outcome) => (typeof outcome === "number" ? outcome : 10_000)),
    certExpiresS: passed.map((ok) => (ok ? 86_400 : null)),
  };
}

/** Stores rounds as the next batches of one agent, as ingest would. */
export function createWriter(batchLog: BatchLog, agent: { id: string; site: string }) {
  let seq = 0;
  let produced = 0;
  return async (rounds: readonly Rounds[], more: Partial<BatchEntry> = {}) => {
    const count = rounds.reduce((sum, { timeMs }) => sum + timeMs.length, 0);
    produced += count;
    seq = more.seq ?? seq + 1;
    return batchLog.commit(
      {
        agent: agent.id,
        site: agent.site,
        seq,
        boot: "boot1",
        hostBoot: "host1",
        rounds: count,
        producedRounds: produced,
        thinnedRounds: 0,
        lostRounds: 0,
        wallMs: 1_790_000_000_000,
        monoMs: 1,
        synced: true,
        receivedMs: 1_790_000_000_000,
        offsetMs: 0,
        uncertaintyMs: 0,
        clockSource: "synced",
        lateFromMs: null,
        events: [],
        ...more,
      },
      rounds,
    );
  };
}
