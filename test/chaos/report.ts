import { faultKinds } from "./faults.ts";
import type { ChaosResult } from "./run-chaos.ts";

/** The counts of a run as text: faults by kind, then each agent's account. */
export function showResult({ faults, requests, accounts, ...result }: ChaosResult): string {
  const lines = [`${result.rounds} rounds, ${result.lives} ends of an agent`, ""];
  for (const kind of faultKinds) {
    const count = faults.get(kind) ?? null;
    const done = count === null ? "not possible on this machine" : String(count).padStart(6);
    const hit = requests.has(kind) ? `  (${requests.get(kind)} requests)` : "";
    lines.push(`  ${kind.padEnd(18)} ${done}${hit}`);
  }
  for (const { site, missing, faults: wrong, examples, isLive, ...account } of accounts) {
    lines.push(
      "",
      `agent of ${site}: ${account.checks} checks seen by its targets`,
      `  stored ${account.stored}, thinned ${account.thinned}, lost ${account.lost}, open ${account.open}`,
      `  not stored: ${missing.underWay} under way at an end, ${missing.power} by power cuts, ${missing.declared} declared lost`,
      `  duplicates ${account.duplicates}, strangers ${account.strangers}, unexplained ${missing.unexplained}`,
      `  declared lost in vain ${account.lostInVain}, unanswered ${account.unanswered}, worst time ${account.worstTimeMs} ms`,
      ...(isLive || result.failedRound === null ? [] : ["  SILENT: nothing new is stored"]),
      ...wrong.map((text) => `  WRONG: ${text}`),
      ...examples.map((text) => `  MISSING: ${text}`),
    );
  }
  return [...lines, ...result.failures.map((text) => `ENDED: ${text}`)].join("\n");
}
