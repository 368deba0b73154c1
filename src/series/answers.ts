import type { Rounds } from "./series-store.ts";

/** Start of the first round to which anything came back, a page with the wrong status among it; null: to none. */
export function firstAnswerMs(rounds: Rounds): number | null {
  const row =
    rounds.kind === "icmp"
      ? rounds.recv.findIndex((received) => received > 0)
      : rounds.ok.findIndex((ok, at) => ok === 1 || (rounds.kind === "http" && rounds.status[at] !== null));
  return rounds.timeMs[row] ?? null;
}
