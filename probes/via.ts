import { isIP } from "node:net";
import { networkInterfaces } from "node:os";
import type { LocalAddresses } from "./resolve.ts";

/**
 * The addresses that connections leave from on the way out that `--via` names: an address of this machine, or an
 * interface, which has its addresses from the provider and may get others. Throws where it has none: the modem is not
 * there, or not connected.
 *
 * Node can bind a socket to an address and not to an interface: which way packets of that address go is the routing's
 * business (`ip rule add from …`).
 */
export function localAddressesOf(
  via: string,
  interfaces: typeof networkInterfaces = networkInterfaces,
): LocalAddresses {
  const family = isIP(via);
  if (family === 4 || family === 6) return { [family]: via };
  const own = interfaces()[via];
  if (own === undefined) throw new Error(`there is no interface ${via}`);
  const first = (wanted: "IPv4" | "IPv6") =>
    own.find(({ family: of, address }) => of === wanted && !/^fe80:/i.test(address))?.address;
  const found = { 4: first("IPv4"), 6: first("IPv6") };
  if (found[4] === undefined && found[6] === undefined)
    throw new Error(`the interface ${via} has no address`);
  return found;
}
