import { BlockList, isIP } from "node:net";

/*
 * Addresses at which no service for citizens is: of private networks, of the machine itself, of one cable, and those that
 * are no single host's. IANA's registries of special-purpose addresses (RFC 6890), without the blocks for documentation
 * (RFC 5737), which examples are written with and which lead nowhere.
 */
const ranges = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  // Relays to 6to4, which are no more (RFC 7526).
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "224.0.0.0/3",
  // The machine itself, and the form of old in which an IPv6 address carries an IPv4 one.
  "::/96",
  // IPv4 as a translator of one network writes it (RFC 2765), and what is thrown away (RFC 6666).
  "::ffff:0:0:0/96",
  "100::/64",
  // NAT64 of one network alone (RFC 8215).
  "64:ff9b:1::/48",
  // Tunnels that nobody should lead citizens through, with an IPv4 address inside: Teredo, 6to4 (RFC 7526).
  "2001::/32",
  "2002::/16",
  "fc00::/7",
  "fe80::/10",
  "fec0::/10",
  "ff00::/8",
];
/** IPv6 that carries an IPv4 address in its last 32 bits: mapped, and by NAT64. */
const carriers = /^(?:::ffff:|64:ff9b::)([0-9a-f]{1,4}):([0-9a-f]{1,4})$/;
/** Names that a machine or a house resolves for itself (RFC 6761, RFC 6762, RFC 8375, ICANN 2024). */
const ownNames = /(^|\.)(localhost|local|internal|home\.arpa|localdomain|lan)\.?$/;

/** Tells whether a host, an address or a name as an operator writes it, lies in the private parts of the network. */
export function createPrivateCheck(): (host: string) => boolean {
  const list = new BlockList();
  for (const range of ranges) {
    const [address, bits] = range.split("/");
    list.addSubnet(address!, Number(bits), isIP(address!) === 6 ? "ipv6" : "ipv4");
  }
  return (host) => {
    const name = canonical(host);
    if (isIP(name) === 4) return list.check(name, "ipv4");
    if (isIP(name) === 0) return ownNames.test(name) || !name.replace(/\.$/, "").includes(".");
    const [, high, low] = carriers.exec(name) ?? [];
    if (high === undefined || low === undefined) return list.check(name, "ipv6");
    const bytes = [high, low].flatMap((part) => [parseInt(part, 16) >> 8, parseInt(part, 16) & 255]);
    return list.check(bytes.join("."), "ipv4");
  };
}

/** As a URL has it, where 0x7f.1 and 2130706433 are 127.0.0.1, and an IPv6 address has its shortest form. */
function canonical(host: string): string {
  const bare = host.replace(/^\[|\]$/g, "").replace(/%.*$/, "");
  const url = `http://${isIP(bare) === 6 ? `[${bare}]` : bare}/`;
  const name = URL.canParse(url) ? new URL(url).hostname : bare;
  return name.replace(/^\[|\]$/g, "").toLowerCase();
}
