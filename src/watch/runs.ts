import type { Phase } from "#wire/batch-v1.ts";
import type { Run, Verdict } from "../outage/evidence.ts";
import { allowedGapMs, spacingMs } from "../outage/gap.ts";
import type { Rounds } from "../series/series-store.ts";

/** Loss from which a round counts as lost altogether: 0.75 (methods.md §A2; Y.1540's threshold, configurable there too). */
const badLossRatio = 0.75;

interface RoundVerdict {
  verdict: Verdict;
  phase: Phase | null;
}

/**
 * Rounds in run-length form. A gap (outage/gap.ts) separates the runs of what it parts. A round in which nothing could be
 * sent is no round.
 */
export function toRuns(rounds: Rounds, intervalMs: number, gapFactor: number): Run[] {
  const runs: Run[] = [];
  const { timeMs } = rounds;
  const verdictOf = verdicts(rounds);
  const apartMs = (row: number) =>
    row <= 0 || row >= timeMs.length ? Infinity : timeMs[row]! - timeMs[row - 1]!;
  for (const [row, ms] of timeMs.entries()) {
    const said = verdictOf(row);
    if (said === null) continue;
    const allowedMs = allowedGapMs(intervalMs, gapFactor, apartMs(row - 1), apartMs(row + 1));
    join(runs, { ...said, firstMs: ms, lastMs: ms, rounds: 1 }, allowedMs);
  }
  return runs;
}

/** Adds later runs at the end. */
export function extend(runs: Run[], later: readonly Run[], intervalMs: number, gapFactor: number): void {
  for (const next of later) {
    const last = runs.at(-1);
    const allowedMs =
      last === undefined ? 0 : allowedGapMs(intervalMs, gapFactor, spacingMs(last), spacingMs(next));
    join(runs, next, allowedMs);
  }
}

/** Adds a run at the end, joined to the last one where they say the same and are no further apart than allowed. */
function join(runs: Run[], next: Run, allowedMs: number): void {
  const last = runs.at(-1);
  if (
    last !== undefined &&
    last.verdict === next.verdict &&
    last.phase === next.phase &&
    next.firstMs - last.lastMs <= allowedMs
  ) {
    last.lastMs = next.lastMs;
    last.rounds += next.rounds;
  } else {
    runs.push(next);
  }
}

function verdicts(rounds: Rounds): (row: number) => RoundVerdict | null {
  switch (rounds.kind) {
    case "icmp":
      return (row) => {
        const sent = rounds.sent[row]!;
        if (sent === 0) return null;
        return { verdict: 1 - rounds.recv[row]! / sent < badLossRatio ? "ok" : "bad", phase: null };
      };
    case "snmp":
      return (row) => ({ verdict: rounds.ok[row] === 1 ? "ok" : "bad", phase: null });
    case "dns":
      return (row) =>
        rounds.ok[row] === 1 ? { verdict: "ok", phase: null } : { verdict: "bad", phase: "dns" };
    case "http":
      return (row) => {
        const phase = rounds.phase[row]!;
        if (rounds.ok[row] === 1) return { verdict: "ok", phase: null };
        // A status, or a certificate to complain of, came from the other end.
        const answered =
          phase === "http" || phase === "body" || (phase === "tls" && rounds.certExpiresS[row] !== null);
        return { verdict: answered ? "answered" : "bad", phase };
      };
  }
}
