import type { Phase } from "#wire/rounds-v1.ts";
import { badLossRatio, lossRatioOf, startsOf, weakLossRatio } from "#wire/summary-v1.ts";
import type { Broke, Run, Verdict } from "../outage/evidence.ts";
import { allowedGapMs, spacingMs } from "../outage/gap.ts";
import type { Rounds } from "../series/series-store.ts";

/** What a round says of its target. Those with the same object say the same. */
export interface RoundVerdict {
  verdict: Verdict;
  phase: Broke | null;
  weak?: boolean;
}

/**
 * Rounds in run-length form, added to the runs of what came before. A gap (outage/gap.ts) separates the runs of what it
 * parts. A round in which nothing could be sent is no round, but for the one that had no route: nothing could pass then,
 * which is what a cut of the agent's own uplink looks like. It keeps that as its phase, since a machine that was never
 * given a way there (an IPv6 address, and none of its own) says the same: outage/judge-rules.ts weighs it.
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
  for (const [row, ms] of timeMs.entries()) {
    const said = verdictOf(row);
    if (said === null) continue;
    if (merged === undefined || merged[row] === 1) addRound(runs, said, ms, intervalMs, gapFactor);
    else
      for (const startMs of startsOf(ms, merged[row]!, spanMs![row]!))
        if (startMs >= sinceMs) addRound(runs, said, startMs, intervalMs, gapFactor);
  }
  return runs;
}

/** One more round, later than all before it. */
export function addRound(
  runs: Run[],
  said: RoundVerdict,
  ms: number,
  intervalMs: number,
  gapFactor: number,
): void {
  const last = runs.at(-1);
  if (last === undefined) {
    runs.push({ ...said, firstMs: ms, lastMs: ms, rounds: 1 });
    return;
  }
  const stepMs = ms - last.lastMs;
  const isAlike = last.verdict === said.verdict && last.phase === said.phase && last.weak === said.weak;
  if (isAlike && stepMs <= allowedGapMs(intervalMs, gapFactor, spacingMs(last))) {
    if (last.stepMs !== undefined) last.stepBeforeMs = last.stepMs;
    last.stepMs = stepMs;
    last.lastMs = ms;
    last.rounds += 1;
    return;
  }
  const steps = { stepMs, ...(last.stepMs === undefined ? {} : { stepBeforeMs: last.stepMs }) };
  runs.push({ ...said, firstMs: ms, lastMs: ms, rounds: 1, ...steps });
}

const fine: RoundVerdict = { verdict: "ok", phase: null };
const poor: RoundVerdict = { verdict: "ok", phase: null, weak: true };
const lost: RoundVerdict = { verdict: "bad", phase: null };

/** Of echoes that were sent. */
export function verdictOfLoss(lossRatio: number): RoundVerdict {
  return lossRatio >= badLossRatio ? lost : lossRatio >= weakLossRatio ? poor : fine;
}

/** `phase`: what broke, null: nothing · `hasCertificate`: the other end showed one. */
export function verdictOfHttp(phase: Phase | null, hasCertificate: boolean): RoundVerdict {
  if (phase === null) return fine;
  // A status, a certificate to complain of, or a refusal came from the other end.
  const isWord = phase === "http" || phase === "body" || phase === "refused";
  const answered = isWord || (phase === "tls" && hasCertificate);
  return { verdict: answered ? "answered" : "bad", phase };
}

function verdicts(rounds: Rounds): (row: number) => RoundVerdict | null {
  switch (rounds.kind) {
    case "icmp":
      return (row) => {
        const sent = rounds.sent[row]!;
        if (sent === 0) return rounds.unsent?.[row] === "route" ? { verdict: "bad", phase: "route" } : null;
        return verdictOfLoss(lossRatioOf(sent, rounds.recv[row]!));
      };
    case "snmp":
      return (row) => (rounds.ok[row] === 1 ? fine : lost);
    case "dns":
      return (row) => (rounds.ok[row] === 1 ? fine : { verdict: "bad", phase: "dns" });
    case "tcp":
      return (row) => ({ verdict: rounds.ok[row] === 1 ? "ok" : "bad", phase: rounds.phase[row]! });
    case "http":
      return (row) => {
        if (rounds.ok[row] === 1) return fine;
        return verdictOfHttp(rounds.phase[row]!, rounds.certExpiresS[row] !== null);
      };
  }
}
