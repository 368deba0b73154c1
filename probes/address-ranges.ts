import type { BlockList } from "node:net";
import { isIP } from "node:net";

/** Adds an address, or a range as CIDR writes it, of IPv4 or IPv6. False when it is neither. */
export function addRange(list: BlockList, range: string): boolean {
  const [address = "", prefix] = range.split("/");
  const family = isIP(address);
  const bits = family === 4 ? 32 : 128;
  if (family === 0 || (prefix !== undefined && !(/^\d+$/.test(prefix) && Number(prefix) <= bits)))
    return false;
  list.addSubnet(address, prefix === undefined ? bits : Number(prefix), familyName(family));
  return true;
}

/** Whether an address is in one of the list's ranges; what is no address is in none. */
export function isInRanges(list: BlockList, address: string): boolean {
  const family = isIP(address);
  return family !== 0 && list.check(address, familyName(family));
}

const familyName = (family: number) => (family === 4 ? "ipv4" : "ipv6");
