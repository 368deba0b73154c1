import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";
import type { TLSSocket } from "node:tls";
import type { Context } from "hono";
import type { HttpEnv } from "./env.ts";

/** Who is at the other end, as far as the connection tells. */
export interface Client {
  /** IP address; null: the request came over no connection, since a part of the program asked. */
  address: string | null;
  scheme: "http" | "https";
  /** It showed a certificate that `tls.clientCa` signed, or is the agent beside the collector. */
  certified: boolean;
}

/** Hops of X-Forwarded-For that are looked at. */
const maxHops = 20;

/**
 * Reads the client of a request. What a proxy says of those behind it counts only where the connection comes from one of
 * `trustProxy`, addresses or CIDR ranges; of everybody else X-Forwarded-For and -Proto are just text.
 */
export function createClientReader(trustProxy: readonly string[]): (c: Context<HttpEnv>) => Client {
  const isTrusted = createRangeCheck(trustProxy);
  return (c) => {
    // Asked from within the program there is no environment at all.
    const env = c.env as { incoming?: IncomingMessage; beside?: boolean } | undefined;
    const socket = env?.incoming?.socket as TLSSocket | undefined;
    const peer = plainAddress(socket?.remoteAddress ?? "");
    const encrypted = socket?.encrypted === true;
    const own: Client = {
      address: peer,
      scheme: encrypted ? "https" : "http",
      certified: env?.beside === true || (encrypted && socket?.authorized === true),
    };
    if (peer === null || !isTrusted(peer)) return own;
    const proto = c.req.header("X-Forwarded-Proto")?.split(",").at(-1)?.trim().toLowerCase();
    return {
      ...own,
      address: behind(peer, c.req.header("X-Forwarded-For") ?? ""),
      scheme: proto === "https" || proto === "http" ? proto : own.scheme,
    };
  };

  /** From the nearest hop outwards: the first that is no proxy of ours. What is no address ends the search. */
  function behind(peer: string, forwardedFor: string): string {
    const hops = forwardedFor.split(",").slice(-maxHops).toReversed();
    let client = peer;
    for (const hop of hops) {
      const address = plainAddress(hop.trim());
      if (address === null) break;
      client = address;
      if (!isTrusted(address)) break;
    }
    return client;
  }
}

/** Tells whether an address lies in one of the ranges: addresses or CIDR. */
export function createRangeCheck(ranges: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const range of ranges) {
    const [address, bits] = range.split("/");
    const family = isIP(address!) === 6 ? "ipv6" : "ipv4";
    if (bits === undefined) list.addAddress(address!, family);
    else list.addSubnet(address!, Number(bits), family);
  }
  return (address) => list.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

/** The address without zone, and an IPv4 one as such also where it arrives mapped into IPv6; null: it is none. */
export function plainAddress(text: string): string | null {
  const address = text.replace(/%.*$/, "").replace(/^::ffff:(?=\d+\.)/i, "");
  return isIP(address) === 0 ? null : address;
}

/**
 * What shares a limit: an IPv4 address, or the /64 of an IPv6 one, since whoever has one address there has them all.
 */
export function partitionOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head, tail] = address.split("::");
  const groups = (part: string | undefined) => (part === undefined || part === "" ? [] : part.split(":"));
  const [before, after] = [groups(head), groups(tail)];
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const all = [...before, ...Array.from({ length: zeros }, () => "0"), ...after];
  return `${all
    .slice(0, 4)
    .map((group) => parseInt(group, 16).toString(16))
    .join(":")}::/64`;
}
