import { createSocket } from "node:dgram";
import type { Socket } from "node:dgram";
import { once } from "node:events";
import snmp from "net-snmp";
import type { Session, User, Varbind } from "net-snmp";
import type { SnmpAuth } from "#wire/agent-config-v1.ts";
import type { Deadline } from "../deadline.ts";
import { dataOnly } from "../failure.ts";
import type { Address } from "../resolve.ts";

/*
 * One net-snmp session for one round, with its edges taken off:
 * - its socket is connected to the device, so that the kernel drops whatever comes from anyone else: net-snmp takes an
 *   answer from any address that guesses the request id;
 * - a malformed packet, or one that makes net-snmp throw, does not reach the process;
 * - each request settles once, although net-snmp may call back a second time when it is closed;
 * - it is never kept for the next round: a v3 session whose device restarted without counting its boots would be
 *   stuck for ever. The price is one round trip for the discovery of the engine.
 */
export interface SnmpSession extends Disposable {
  /** The answered objects, "refused" when the device answers with an error status, null when it does not answer. */
  get(oids: readonly string[]): Promise<Varbind[] | "refused" | null>;
}

/** What opens a device: a community, or a user. */
export type Login = string | User;

/** Tries of one request that would fit into a round; the deadline of the round is what ends them. */
const triesPerRound = 3;
const minTryMs = 200;

/** Null when there is no way to the address. */
export async function openSession(
  login: Login,
  address: Address,
  port: number,
  deadline: Deadline,
): Promise<SnmpSession | null> {
  const transport = address.family === 6 ? "udp6" : "udp4";
  const socket = await connectSocket(transport, address.address, port, deadline.signal);
  if (socket === null) return null;
  const broken = Promise.withResolvers<null>();
  const fail = () => broken.resolve(null);
  deadline.signal.addEventListener("abort", fail, { once: true });
  const options = {
    transport,
    port,
    timeout: Math.max(minTryMs, Math.floor(deadline.remainingMs() / triesPerRound)),
    retries: 2 * triesPerRound,
    backwardsGetNexts: false,
    reportOidMismatchErrors: true,
    dgramModule: { createSocket: () => guardSocket(socket, fail) },
  } as const;
  const session =
    typeof login === "string"
      ? snmp.createSession(address.address, login, { ...options, version: snmp.Version2c })
      : snmp.createV3Session(address.address, login, { ...options, version: snmp.Version3 });
  // A packet that cannot be read is no answer; without a listener it would end the process.
  session.on("error", () => undefined);
  return {
    get: (oids) => Promise.race([getOnce(session, oids), broken.promise]),
    [Symbol.dispose]: () => void session.close(),
  };
}

function getOnce(session: Session, oids: readonly string[]): Promise<Varbind[] | "refused" | null> {
  return new Promise((resolve) => {
    // Only the first call back counts: on close() net-snmp calls a second time for a request whose retry failed.
    session.get([...oids], (error, varbinds) => {
      if (error === null) resolve(varbinds ?? []);
      else resolve(error instanceof snmp.RequestFailedError ? "refused" : null);
    });
  });
}

/** Maps the configured protocols to a security level; privacy without authentication is none that SNMP has. */
export function toLogin(targetId: string, auth: SnmpAuth): Login {
  if (auth.version === "2c") return auth.community;
  const { authProtocol, privProtocol } = auth;
  if (authProtocol === "none") {
    if (privProtocol === "none") return { name: auth.user, level: snmp.SecurityLevel.noAuthNoPriv };
    throw new Error(
      `target ${targetId}: auth.privProtocol ${privProtocol} needs an auth.authProtocol other than none (RFC 3411 §3.4.3)`,
    );
  }
  const authentic = {
    name: auth.user,
    authProtocol: snmp.AuthProtocols[authProtocol],
    authKey: auth.authKey,
  };
  if (privProtocol === "none") return { ...authentic, level: snmp.SecurityLevel.authNoPriv };
  return {
    ...authentic,
    level: snmp.SecurityLevel.authPriv,
    privProtocol: snmp.PrivProtocols[privProtocol],
    privKey: auth.privKey,
  };
}

async function connectSocket(
  transport: "udp4" | "udp6",
  address: string,
  port: number,
  signal: AbortSignal,
): Promise<Socket | null> {
  const socket = createSocket(transport);
  try {
    socket.connect(port, address);
    await once(socket, "connect", { signal });
    return socket;
  } catch (error) {
    socket.on("error", () => undefined);
    socket.close();
    // No route to the address, or the time is up.
    dataOnly(error);
    return null;
  }
}

/** What net-snmp uses of a dgram.Socket, on one that is connected already. */
function guardSocket(socket: Socket, fail: () => void) {
  // ECONNREFUSED arrives here: the device has nothing listening on that port.
  socket.on("error", fail);
  return {
    on(event: string, listener: (...values: unknown[]) => void) {
      if (event === "error") return;
      socket.on(event, (...values: unknown[]) => {
        try {
          listener(...values);
        } catch {
          fail();
        }
      });
    },
    ref: () => socket.ref(),
    unref: () => socket.unref(),
    close: () => socket.close(),
    send(
      buffer: Buffer,
      offset: number,
      length: number,
      _port: number,
      _address: string,
      sent: (error: Error | null) => void,
    ) {
      socket.send(buffer, offset, length, sent);
    },
  };
}
