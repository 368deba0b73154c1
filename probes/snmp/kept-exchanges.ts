import type { SnmpFailure } from "#wire/rounds-v1.ts";
import type { SnmpAuth } from "#wire/targets-v1.ts";
import type { Address } from "../resolve.ts";
import type { Exchange, Loan } from "./exchange.ts";
import { toLogin } from "./login.ts";
import { createNetSnmpExchange } from "./net-snmp-exchange.ts";
import type { NetSnmp } from "./net-snmp-exchange.ts";
import { peerKey } from "./shared-socket.ts";
import type { SharedSockets } from "./shared-socket.ts";

/*
 * Sessions of net-snmp from round to round. One of v3 costs a round trip for the discovery of the engine, and where a
 * device is met for the first time two million octets of hashing for its keys; so it is kept, but only while all goes
 * well. A device that restarts without counting its boots makes a session useless for ever, so that any failure of one
 * that is not new is answered with a new one, once a round.
 */

export interface KeptExchanges {
  lend(targetId: string, auth: SnmpAuth, address: Address, port: number): Promise<Loan>;
}

/** A session that was not used for this long is given up; the longest interval in use is 15 minutes. */
const keepMs = 3_600_000;

interface Kept {
  exchange: Exchange;
  usedMs: number;
}

export function createKeptExchanges(sockets: SharedSockets, nowMs: () => number): KeptExchanges {
  const kept = new Map<string, Kept>();
  let loaded: Promise<NetSnmp> | null = null;
  // Ten megabytes that an agent without v1 and v3 does not need.
  const load = () => (loaded ??= import("net-snmp").then((module) => module.default as NetSnmp));

  function sweep(): void {
    const now = nowMs();
    for (const [key, { exchange, usedMs }] of kept) {
      if (now - usedMs < keepMs) continue;
      exchange[Symbol.dispose]();
      kept.delete(key);
    }
  }

  return {
    async lend(targetId, auth, address, port) {
      const snmp = await load();
      const login = toLogin(snmp, targetId, auth);
      const key = `${peerKey(address.address, port)} ${JSON.stringify(auth)}`;
      const create = () =>
        createNetSnmpExchange({ snmp, login, hear: (heard) => sockets.hear(address, port, heard) });
      sweep();
      const known = kept.get(key);
      kept.delete(key);
      let exchange = known?.exchange ?? create();
      const isFresh = known === undefined;
      let renewed = false;
      let failed = false;
      return {
        exchange,
        isFresh,
        renew(why: SnmpFailure) {
          failed = true;
          // A new session that finds the engine's time wrong may have met it while it restarted.
          if (renewed || (isFresh && why !== "engine")) return null;
          renewed = true;
          failed = false;
          exchange[Symbol.dispose]();
          return (exchange = create());
        },
        [Symbol.dispose]() {
          if (failed || kept.has(key)) exchange[Symbol.dispose]();
          else kept.set(key, { exchange, usedMs: nowMs() });
        },
      };
    },
  };
}
