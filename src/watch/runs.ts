import { badLossRatio, startsOf, weakLossRatio } from "#wire/summary-v1.ts";
import type { Broke, Run, Verdict } from "../outage/evidence.ts";
import { allowedGapMs, spacingMs } from "../outage/gap.ts";
import type { Rounds } from "../series/series-store.ts";

interface RoundVerdict {
  verdict: Verdict;
  phase: Broke | null;
  weak?: boolean;
}

/**
 * Rounds in run-length form, added to the runs of what came before. A gap (outage/gap.ts) separates the runs of what it
 * parts. A round in which nothing could be sent is no round, but for the one that had no route: nothing could pass then,
 * which is what a cut of the agent's own uplink looks like. It keeps that as its phase, since a machine that was never
 * given a way there (an IPv6 address, and none of its own) says the same: judge.ts weighs it.
 *
 * A summary is taken as the rounds that it stands for, those of them that began from `sinceMs` on: so a spool that was
 * full tells the same as one that was not.
 */
export function addRounds(
  runs: Run[],
  rounds: Rounds,
  intervalMs: number,
  gapFactor: number,
  sinceMs = -Infinity,
): Run[] {
  const verdictOf = verdicts(rounds);
  const { timeMs, merged, spanMs } = rounds;
  const maxGapMs = (run: Run) => allowedGapMs(intervalMs, gapFactor, spacingMs(run));
  for (const [row, ms] of timeMs.entries()) {
    const said = verdictOf(row);
    if (said === null) continue;
    if (merged === undefined || merged[row] === 1) addRound(runs, said, ms, maxGapMs);
    else
      for (const startMs of startsOf(ms, merged[row]!, spanMs![row]!))
        if (startMs >= sinceMs) addRound(runs, said, startMs, maxGapMs);
  }
  return runs;
}

function addRound(runs: Run[], said: RoundVerdict, ms: number, maxGapMs: (run: Run) => number): void {
  const last = runs.at(-1);
  if (last === undefined) {
    runs.push({ ...said, firstMs: ms, lastMs: ms, rounds: 1 });
    return;
  }
  const stepMs = ms - last.lastMs;
  const isAlike = last.verdict === said.verdict && last.phase === said.phase && last.weak === said.weak;
  if (isAlike && stepMs <= maxGapMs(last)) {
    if (last.stepMs !== undefined) last.stepBeforeMs = last.stepMs;
    last.stepMs = stepMs;
    last.lastMs = ms;
    last.rounds += 1;
  } else {
    const before = last.stepMs === undefined ? {} : { stepBeforeMs: last.stepMs };
    runs.push({ ...said, firstMs: ms, lastMs: ms, rounds: 1, stepMs, ...before });
  }
}

function verdicts(rounds: Rounds): (row: number) => RoundVerdict | null {
  switch (rounds.kind) {
    case "icmp":
      return (row) => {
        const sent = rounds.sent[row]!;
        if (sent === 0) return rounds.unsent?.[row] === "route" ? { verdict: "bad", phase: "route" } : null;
        const lossRatio = 1 - rounds.recv[row]! / sent;
        if (lossRatio >= badLossRatio) return { verdict: "bad", phase: null };
        return lossRatio >= weakLossRatio
          ? { verdict: "ok", phase: null, weak: true }
          : { verdict: "ok", phase: null };
      };
    case "snmp":
      return (row) => ({ verdict: rounds.ok[row] === 1 ? "ok" : "bad", phase: null });
    case "dns":
      return (row) =>
        rounds.ok[row] === 1 ? { verdict: "ok", phase: null } : { verdict: "bad", phase: "dns" };
    case "tcp":
      return (row) => ({ verdict: rounds.ok[row] === 1 ? "ok" : "bad", phase: rounds.phase[row]! });
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
