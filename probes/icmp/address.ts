import { isIP } from "node:net";
import type { IcmpTarget } from "#wire/targets-v1.ts";
import type { Deadline } from "../deadline.ts";
import { dataOnly } from "../failure.ts";
import type { Address, Resolve } from "../resolve.ts";

/** What the operator has to change about an address before anything can be sent to it, or null. */
export function addressMistake(target: IcmpTarget): string | null {
  const { id, address, family } = target;
  if (address.startsWith("-")) {
    // The address is given to a program; this one would be read as an option.
    return `target ${id}: address ${address} must not begin with '-'`;
  }
  // fping reads its targets as a list with comments.
  if (/[\s#]/.test(address)) return `target ${id}: address ${JSON.stringify(address)} has a space or a '#'`;
  const literal = isIP(address);
  if (literal !== 0 && family !== null && family !== literal) {
    return `target ${id}: family ${family}, but its address ${address} is IPv${literal}`;
  }
  return null;
}

/**
 * The first address of a target's host that has the family asked for, or null when there is none in time: it is data
 * that a name does not resolve. The address in use is kept while it is among those of the name, whatever their order.
 */
export async function findAddress(
  resolve: Resolve,
  target: IcmpTarget,
  deadline: Deadline,
  inUse?: Address | null,
): Promise<Address | null> {
  const { address, family } = target;
  try {
    const found = await resolve(address, deadline);
    const same = found.find((one) => one.address === inUse?.address);
    return same ?? found.find((one) => family === null || one.family === family) ?? null;
  } catch (error) {
    dataOnly(error);
    return null;
  }
}
