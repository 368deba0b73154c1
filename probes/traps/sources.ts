import { BlockList, isIP } from "node:net";
import type { TrapsV1 } from "#wire/agent-config-v1.ts";
import type { SnmpTarget } from "#wire/targets-v1.ts";
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
      const family = isIP(address);
      if (family === 0) return null;
      return listed.check(address, family === 4 ? "ipv4" : "ipv6") ? { target: null } : null;
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
    const [address = "", prefix] = range.split("/");
    const family = isIP(address);
    const bits = family === 4 ? 32 : 128;
    if (family === 0 || (prefix !== undefined && Number(prefix) > bits)) {
      log.error(
        {
          field: `traps.sources[${index}]`,
          value: range,
          allowed: "an address, or a range such as 10.8.0.0/16",
        },
        "this source of traps cannot be read and is not heard",
      );
      continue;
    }
    listed.addSubnet(address, prefix === undefined ? bits : Number(prefix), family === 4 ? "ipv4" : "ipv6");
  }
  return listed;
}
