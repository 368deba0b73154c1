import { BlockList } from "node:net";
import type { TrapsV1 } from "#wire/agent-config-v1.ts";
import type { SnmpTarget } from "#wire/targets-v1.ts";
import { addRange, isInRanges } from "../address-ranges.ts";
import { startDeadline } from "../deadline.ts";
import type { Log } from "../log.ts";
import { resolveFirst } from "../resolve.ts";
import type { Resolve } from "../resolve.ts";

/*
 * Who is heard. A source address on UDP is no proof of anything: it keeps strangers, and what is meant for others, away
 * from the decoder. Community and user are what is believed.
 */
export interface Sources {
  /** Null: nobody that is heard. Otherwise the id of the SNMP target at that address, null where there is none. */
  find(address: string): { target: string | null } | null;
  /** Names of targets that have no address yet. */
  unresolved: string[];
}

/** Longest wait for one name, in ms. */
const resolveMs = 5_000;

export async function findSources(
  ranges: TrapsV1["sources"],
  targets: readonly SnmpTarget[],
  deps: { resolve: Resolve; log: Log; signal: AbortSignal },
): Promise<Sources> {
  const listed = readRanges(ranges, deps.log);
  const targetAt = new Map<string, string>();
  const unresolved: string[] = [];
  await Promise.all(
    targets.map(async ({ id, address }) => {
      using deadline = startDeadline({ signal: deps.signal, timeoutMs: resolveMs });
      const found = await resolveFirst(deps.resolve, address, deadline);
      if (found === null) unresolved.push(address);
      else if (!targetAt.has(found.address)) targetAt.set(plainAddress(found.address), id);
    }),
  );
  return {
    find(address) {
      const target = targetAt.get(address);
      if (target !== undefined) return { target };
      return isInRanges(listed, address) ? { target: null } : null;
    },
    unresolved,
  };
}

/** An address as it is compared: without a zone, and an IPv4 one as such though it came in on an IPv6 socket. */
export function plainAddress(address: string): string {
  const [plain = ""] = address.split("%");
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)?.[1] ?? plain;
}

/** A range that cannot be read is said and left out: the others still are who they were. */
function readRanges(ranges: TrapsV1["sources"], log: Log): BlockList {
  const listed = new BlockList();
  for (const [index, range] of ranges.entries()) {
    if (addRange(listed, range)) continue;
    const allowed = "an address, or a range such as 10.8.0.0/16";
    log.error(
      { field: `traps.sources[${index}]`, value: range, allowed },
      "this source of traps cannot be read and is not heard",
    );
  }
  return listed;
}
