import type { Rounds } from "./series-store.ts";

/** Whether anything came back to one of these rounds; a page with the wrong status did. */
export function hasAnswer(rounds: Rounds): boolean {
  if (rounds.kind === "icmp") return rounds.recv.some((received) => received > 0);
  if (rounds.ok.includes(1)) return true;
  return rounds.kind === "http" && rounds.status.some((status) => status !== null);
}
