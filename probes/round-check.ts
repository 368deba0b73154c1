import { isSnmpValue, parseColumns } from "#wire/rounds-v1.ts";
import type { SnmpSample } from "./probe.ts";
import { toColumns } from "./compose.ts";
import type { Round } from "./compose.ts";

/** Names of SNMP objects that are remembered as good. An agent's devices have some thousands at most. */
const maxNames = 20_000;

/**
 * Makes the check of rounds before they go into the spool: it throws WireError when the collector would refuse the
 * round, since one bad cell would have the whole batch around it refused, and a batch never changes.
 */
export function createRoundCheck(): (round: Round) => void {
  const names = new Set<string>();

  /** Whether a poll has only names that were found good before, and good values: hundreds of them a round. */
  function isKnownGood({ values }: SnmpSample): boolean {
    for (const name in values) if (!names.has(name) || !isSnmpValue(values[name])) return false;
    return true;
  }

  return (round) => {
    const { sample } = round;
    if (sample.kind === "snmp" && isKnownGood(sample)) return;
    parseColumns("round", toColumns([round])[0], round.monoMs);
    if (sample.kind !== "snmp") return;
    if (names.size > maxNames) names.clear();
    for (const name of Object.keys(sample.values)) names.add(name);
  };
}
