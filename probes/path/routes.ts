/*
 * The default route of this machine, from the kernel's own tables.
 *
 * /proc/net/route, one line per route, numbers hexadecimal and addresses in the machine's byte order:
 *   Iface  Destination  Gateway   Flags  RefCnt  Use  Metric  Mask      MTU  Window  IRTT
 *   eth0   00000000     0101080A  0003   0       0    100     00000000  0    0       0
 *
 * /proc/net/ipv6_route, no heading, addresses of 32 digits as they are written:
 *   destination prefix source prefix nextHop metric references use flags interface
 */
export interface DefaultRoute {
  interface: string;
  /** Null on a link with nobody to name at its other end, such as ppp0 or a tunnel. */
  gateway: string | null;
}

/** From linux/route.h: the route is usable; it refuses what it matches. */
const usable = 0x0001;
const rejecting = 0x0200;

/** The IPv4 default route with the lowest metric, as the kernel chooses it. */
export function readDefaultRoute4(table: string, littleEndian = true): DefaultRoute | null {
  let best: { route: DefaultRoute; metric: number } | null = null;
  for (const line of table.split("\n").slice(1)) {
    const [name = "", destination = "", gateway = "", flags = "", , , metric = "", mask = ""] = line
      .trim()
      .split(/\s+/);
    if (!/^0{8}$/.test(destination) || !/^0{8}$/.test(mask) || !/^[0-9A-F]{8}$/i.test(gateway)) continue;
    if (!isUsable(flags) || (best !== null && best.metric <= Number(metric))) continue;
    best = { route: { interface: name, gateway: toAddress4(gateway, littleEndian) }, metric: Number(metric) };
  }
  return best?.route ?? null;
}

/** The IPv6 one. The gateway is nearly always link-local, and has its interface as zone then. */
export function readDefaultRoute6(table: string): DefaultRoute | null {
  let best: { route: DefaultRoute; metric: number } | null = null;
  for (const line of table.split("\n")) {
    const [destination = "", prefix = "", , , gateway = "", metricHex = "", , , flags = "", name = ""] = line
      .trim()
      .split(/\s+/);
    if (!/^0{32}$/.test(destination) || prefix !== "00" || !/^[0-9a-f]{32}$/i.test(gateway)) continue;
    const metric = Number.parseInt(metricHex, 16);
    // The kernel keeps an unreachable default on lo, which is there when there is no other.
    if (name === "lo" || !isUsable(flags) || (best !== null && best.metric <= metric)) continue;
    best = { route: { interface: name, gateway: toGateway6(gateway, name) }, metric };
  }
  return best?.route ?? null;
}

function isUsable(flagsHex: string): boolean {
  const flags = Number.parseInt(flagsHex, 16);
  return (flags & usable) !== 0 && (flags & rejecting) === 0;
}

function toAddress4(hex: string, littleEndian: boolean): string | null {
  const bytes = [...Buffer.from(hex, "hex")];
  if (bytes.every((byte) => byte === 0)) return null;
  return (littleEndian ? bytes.toReversed() : bytes).join(".");
}

function toGateway6(hex: string, name: string): string | null {
  if (/^0+$/.test(hex)) return null;
  const address = toAddress6(hex);
  return /^fe[89ab]/i.test(address) ? `${address}%${name}` : address;
}

/** An IPv6 address of 32 digits as people write it. */
export function toAddress6(hex: string): string {
  const groups = hex.match(/.{4}/g)!.join(":");
  // A URL writes an address as RFC 5952 wants it.
  return new URL(`http://[${groups}]`).hostname.slice(1, -1);
}
