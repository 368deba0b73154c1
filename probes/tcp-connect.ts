import { once } from "node:events";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { roundMs } from "#wire/units.ts";
import type { Deadline } from "./deadline.ts";
import type { Note } from "./probe.ts";
import type { Address, LocalAddresses, Resolve } from "./resolve.ts";

/*
 * From a host to a connection, for the probes that speak over TCP. Both functions end with the deadline, and reject
 * when their step fails.
 */

const ignore = () => undefined;

/** Addresses of the host in the wanted IP version, or in both when that is null; at least one. */
export async function addressesOf(
  host: string,
  family: 4 | 6 | null,
  { resolve, deadline, note }: { resolve: Resolve; deadline: Deadline; note: Note },
): Promise<Address[]> {
  const found = await resolve(host, deadline, family).catch((error: unknown) => {
    note("resolve", { host, error: nameOf((error as Error).cause ?? error) });
    throw error;
  });
  note("resolve", { host, addresses: found.map(({ address }) => address).join(" ") });
  return found;
}

/**
 * Connects to the first address that takes the connection. Node's own race between addresses is not used: it gives
 * each a fraction of a second, and a geostationary satellite needs more than half of one. Here a silent address may
 * take its share of the time that is left, so that a dead one does not hide the next. `from`: addresses of this machine
 * to connect from; default: what the routes say.
 */
export async function connectTcp(
  addresses: readonly Address[],
  port: number,
  deadline: Deadline,
  note: Note,
  from: LocalAddresses = {},
): Promise<Socket> {
  let failure: unknown;
  for (const [index, { address, family }] of addresses.entries()) {
    const startedMs = deadline.elapsedMs();
    const localAddress = from[family];
    const bound = localAddress === undefined ? {} : { localAddress };
    const socket = connect({ host: address, port, family, noDelay: true, ...bound });
    const others = addresses.length - index - 1;
    const shareMs = deadline.remainingMs() / (others + 1);
    // The last one has the deadline itself.
    const timer = others === 0 ? undefined : setTimeout(() => socket.destroy(silence()), shareMs);
    try {
      await once(socket, "connect", { signal: deadline.signal });
      socket.on("error", ignore);
      note("connect", { address, port, ms: roundMs(deadline.elapsedMs() - startedMs) });
      return socket;
    } catch (error) {
      socket.on("error", ignore).destroy();
      note("connect", { address, port, error: nameOf(error) });
      failure = error;
      if (deadline.signal.aborted) break;
    } finally {
      clearTimeout(timer);
    }
  }
  throw failure;
}

const silence = () => Object.assign(new Error("no answer to the connection request"), { code: "ETIMEDOUT" });

/** What broke while connecting: a refusal is a word from the other end. */
export function connectPhase(error: unknown): "refused" | "connect" {
  return (error as NodeJS.ErrnoException).code === "ECONNREFUSED" ? "refused" : "connect";
}

/** The short name of a failure, such as ECONNREFUSED, for a note. */
export function nameOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === "ABORT_ERR" ? "time is up" : (code ?? message ?? String(error));
}
