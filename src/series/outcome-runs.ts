import { startsOf } from "#wire/summary-v1.ts";
import type { Outcomes, Rounds } from "./series-store.ts";

/*
 * What a check said in a day, small enough to be kept as long as figures of an hour: runs of rounds that said the same and came
 * at an even pace. A page that was there all day is one run. Read back, a run is a summary (wire/summary-v1.ts): as many rounds
 * as it had, evenly from its first to its last, whose times are exact. A hole in which nothing was measured ends a run.
 */
export interface OutcomeRun {
  startMs: number;
  /** 1 and more. */
  rounds: number;
  /** From the start of the first to the start of the last, ms. */
  spanMs: number;
  ok: 0 | 1;
}

interface Outcome {
  startMs: number;
  ok: 0 | 1;
}

/** Gaps of a run are its first one, or by so much longer or shorter; a round that is missing makes one twice as long. */
const evenRatio = 1.25;

/** Of those rounds that began in [fromMs, toMs); none of what is not a check. */
export function runsOf(rounds: Rounds, { fromMs, toMs }: { fromMs: number; toMs: number }): OutcomeRun[] {
  if (rounds.kind === "icmp" || rounds.kind === "snmp") return [];
  const runs: OutcomeRun[] = [];
  let paceMs = 0;
  for (const { startMs, ok } of outcomesIn(rounds)) {
    if (startMs < fromMs || startMs >= toMs) continue;
    const run = runs.at(-1);
    const gapMs = run === undefined ? 0 : startMs - run.startMs - run.spanMs;
    const isEven = run?.rounds === 1 || (gapMs <= paceMs * evenRatio && gapMs >= paceMs / evenRatio);
    if (run === undefined || run.ok !== ok || !isEven) {
      runs.push({ startMs, rounds: 1, spanMs: 0, ok });
      continue;
    }
    if (run.rounds === 1) paceMs = gapMs;
    run.rounds += 1;
    run.spanMs += gapMs;
  }
  return runs;
}

function outcomesIn({ timeMs, ok, merged, spanMs }: Omit<Outcomes, "key" | "kind">): Outcome[] {
  return timeMs
    .flatMap((firstMs, row) =>
      Array.from(startsOf(firstMs, merged?.[row] ?? 1, spanMs?.[row] ?? 0), (startMs) => ({
        startMs,
        ok: ok[row]!,
      })),
    )
    .sort(inOrder);
}

const inOrder = (a: Outcome, b: Outcome) => a.startMs - b.startMs || b.ok - a.ok;

/** Runs of several parts as one, the same in whatever order they came. */
export const joinRuns = (parts: readonly (readonly OutcomeRun[])[]): OutcomeRun[] =>
  parts.flat().sort((a, b) => inOrder(a, b) || a.spanMs - b.spanMs || a.rounds - b.rounds);

/** The rounds of runs in order of time. What came late may lie within a run; then each round is one by itself. */
export function outcomesOf(name: Pick<Outcomes, "key" | "kind">, runs: readonly OutcomeRun[]): Outcomes {
  const columns = {
    timeMs: runs.map(({ startMs }) => startMs),
    ok: runs.map(({ ok }) => ok),
    merged: runs.map(({ rounds }) => rounds),
    spanMs: runs.map(({ spanMs }) => spanMs),
  };
  const isApart = runs.every(
    ({ startMs, spanMs }, at) => startMs + spanMs <= (runs[at + 1]?.startMs ?? Infinity),
  );
  if (isApart && runs.some(({ rounds }) => rounds > 1)) return { ...name, ...columns };
  const each = outcomesIn(columns);
  return { ...name, timeMs: each.map(({ startMs }) => startMs), ok: each.map(({ ok }) => ok) };
}
