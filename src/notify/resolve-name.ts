import type { LookupAddress } from "node:dns";
import { Resolver } from "node:dns/promises";

/** All addresses of a name. Ends its work when the signal is aborted. */
export type Resolve = (name: string, signal: AbortSignal) => Promise<readonly LookupAddress[]>;

/** Longest wait for a name server, ms, and how often each is asked. */
const timeout = 2_000;
const tries = 3;

/**
 * Asks name servers and not getaddrinfo: that one holds a thread of the few that files and compression need as well, for as long
 * as a server does not answer, and cannot be ended. /etc/hosts is not looked at.
 *
 * `servers`: such as 127.0.0.1:53. Default: the system's.
 */
export function createResolve(servers?: readonly string[]): Resolve {
  return async (name, signal) => {
    const resolver = new Resolver({ timeout, tries });
    if (servers !== undefined) resolver.setServers(servers);
    const cancel = () => resolver.cancel();
    signal.addEventListener("abort", cancel, { once: true });
    try {
      const [four, six] = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
      const found = [...addressesOf(four, 4), ...addressesOf(six, 6)];
      if (found.length === 0 && four.status === "rejected") throw four.reason;
      return found;
    } finally {
      signal.removeEventListener("abort", cancel);
    }
  };
}

/** A name that has none of one family is refused for that one alone. */
function addressesOf(result: PromiseSettledResult<string[]>, family: 4 | 6): LookupAddress[] {
  return result.status === "fulfilled" ? result.value.map((address) => ({ address, family })) : [];
}
