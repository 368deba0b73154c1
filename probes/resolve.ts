import { Resolver } from "node:dns/promises";
import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import type { Deadline } from "./deadline.ts";
import { dataOnly } from "./failure.ts";

/*
 * Host names to addresses, for the probes that are given names.
 *
 * dns.lookup() is not used. It blocks one of the four threads that Node shares with file access and compression, it
 * cannot be cancelled, and on a cut uplink it holds that thread for as long as resolv.conf says: four such targets
 * would stop the agent from writing its spool, in just the hour that the spool is for. The queries here go out on
 * sockets of their own and end with the round. What is given up: search domains, mDNS and other nsswitch modules, so
 * names are written in full.
 */

export interface Address {
  address: string;
  family: 4 | 6;
}

/**
 * Addresses of a host, IPv4 before IPv6, at least one; rejects when there are none or the time is up. With a family
 * those of that family alone.
 */
export type Resolve = (host: string, deadline: Deadline, family?: 4 | 6 | null) => Promise<Address[]>;

export interface ResolveOptions {
  /** Addresses, or address:port, of the resolvers to ask. Default: the machine's own (resolv.conf). */
  nameservers?: readonly string[];
  /** Names that need no resolver. Default: /etc/hosts. */
  hostsFile?: string;
  /** Addresses of this machine to ask from, asked for each time. Default: what the routes say. */
  from?: () => LocalAddresses;
}

/** Addresses of this machine; undefined: none of that family. */
export interface LocalAddresses {
  4?: string | undefined;
  6?: string | undefined;
}

/**
 * How long a name with IPv4 addresses is held up for its IPv6 ones. RFC 8305 §3 gives the same 50 ms to the family
 * that it prefers.
 */
const ipv6GraceMs = 50;

/** As Resolve, with null for a name that cannot be resolved in time. */
export async function resolveFirst(
  resolve: Resolve,
  host: string,
  deadline: Deadline,
): Promise<Address | null> {
  try {
    return (await resolve(host, deadline))[0] ?? null;
  } catch (error) {
    dataOnly(error);
    return null;
  }
}

export function createResolve(options: ResolveOptions = {}): Resolve {
  const { nameservers, hostsFile = "/etc/hosts", from } = options;
  return async (host, deadline, family = null) => {
    const isWanted = (one: Address) => family === null || one.family === family;
    const literal = isIP(host);
    if (literal !== 0) {
      const address: Address = { address: host, family: literal === 4 ? 4 : 6 };
      if (isWanted(address)) return [address];
      throw new Error(`${host} is no IPv${family} address`);
    }
    const local = findInHosts(await readHosts(hostsFile), host).filter(isWanted);
    if (local.length > 0) return local;
    return withResolver(deadline, { nameservers, from: from?.() }, (resolver, cancel) =>
      family === null
        ? queryBothFamilies(host, deadline, resolver, cancel)
        : queryFamily(resolver, host, family),
    );
  };
}

/** A resolver whose two tries, the second twice as long as the first, fit into the time that is left. */
export function createRoundResolver(deadline: Deadline, nameservers?: readonly string[]): Resolver {
  const resolver = new Resolver({ timeout: Math.max(1, Math.floor(deadline.remainingMs() / 3)), tries: 2 });
  if (nameservers !== undefined) resolver.setServers(nameservers);
  return resolver;
}

/** Asks with a resolver of its own, which ends with the round. */
async function withResolver<T>(
  deadline: Deadline,
  { nameservers, from }: { nameservers: readonly string[] | undefined; from: LocalAddresses | undefined },
  ask: (resolver: Resolver, cancel: () => void) => Promise<T>,
): Promise<T> {
  deadline.signal.throwIfAborted();
  const resolver = createRoundResolver(deadline, nameservers);
  if (from !== undefined) resolver.setLocalAddress(from[4], from[6]);
  const cancel = () => resolver.cancel();
  deadline.signal.addEventListener("abort", cancel, { once: true });
  try {
    return await ask(resolver, cancel);
  } finally {
    deadline.signal.removeEventListener("abort", cancel);
  }
}

async function queryBothFamilies(
  host: string,
  deadline: Deadline,
  resolver: Resolver,
  cancel: () => void,
): Promise<Address[]> {
  let grace: NodeJS.Timeout | undefined;
  const giveOther = (graceMs: number) => {
    clearTimeout(grace);
    grace = setTimeout(cancel, graceMs);
  };
  try {
    // Both are given a handler at once: a rejection of the second must not go unheard while the first is awaited.
    const asked4 = queryFamily(resolver, host, 4).then((addresses) => {
      giveOther(ipv6GraceMs);
      return addresses;
    }, asError);
    const asked6 = queryFamily(resolver, host, 6).then((addresses) => {
      // Most of our places have IPv4 alone, whatever the name has: half of the time for a slow answer to that.
      giveOther(deadline.remainingMs() / 2);
      return addresses;
    }, asError);
    const [found4, found6] = await Promise.all([asked4, asked6]);
    const found = [found4, found6].flatMap((family) => (family instanceof Error ? [] : family));
    if (found.length > 0) return found;
    throw new Error(`${host} has no address`, { cause: found4 });
  } finally {
    clearTimeout(grace);
  }
}

async function queryFamily(resolver: Resolver, host: string, family: 4 | 6): Promise<Address[]> {
  const addresses = await (family === 4 ? resolver.resolve4(host) : resolver.resolve6(host));
  return addresses.map((address) => ({ address, family }));
}

const asError = (error: Error): Error => error;

async function readHosts(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch {
    // A machine without the file has no local names, which is allowed.
    return "";
  }
}

function findInHosts(hosts: string, host: string): Address[] {
  const wanted = host.toLowerCase();
  const found: Address[] = [];
  for (const line of hosts.split("\n")) {
    const [address = "", ...names] = line.replace(/#.*/, "").trim().split(/\s+/);
    const family = isIP(address);
    if (family === 0 || !names.some((name) => name.toLowerCase() === wanted)) continue;
    found.push({ address, family: family === 4 ? 4 : 6 });
  }
  // RFC 6761 §6.3: localhost is the loopback, file or no file.
  if (found.length === 0 && wanted === "localhost") return [{ address: "127.0.0.1", family: 4 }];
  return found.toSorted((a, b) => a.family - b.family);
}
