import { BlockList, isIP } from "node:net";

/**
 * Says of an address whether it is in one of the ranges, each an address or a CIDR range of IPv4 or IPv6; without any
 * range every address is. Throws when a range is none.
 */
export function createAnswerRanges(ranges: readonly string[]): (address: string) => boolean {
  if (ranges.length === 0) return () => true;
  const list = new BlockList();
  for (const range of ranges) add(list, range);
  return (address) => list.check(address, familyOf(address));
}

function add(list: BlockList, range: string): void {
  const [address = "", prefix] = range.split("/");
  try {
    if (prefix === undefined) list.addAddress(address, familyOf(address));
    else list.addSubnet(address, Number(prefix), familyOf(address));
  } catch (error) {
    throw new Error(`expectAnswer ${range}: expected an address, or a range such as 103.28.0.0/16`, {
      cause: error,
    });
  }
}

const familyOf = (address: string) => (isIP(address) === 6 ? "ipv6" : "ipv4");
