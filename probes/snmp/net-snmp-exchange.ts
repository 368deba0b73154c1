import type * as NetSnmpModule from "net-snmp";
import type { GetBulkCallback, GetSetCallback, Session, User } from "net-snmp";
import type { SnmpFailure } from "#wire/rounds-v1.ts";
import type { Exchange, Question, Reply } from "./exchange.ts";
import type { Varbind } from "./reader.ts";
import { sendFailure } from "./refusal.ts";
import type { Peer } from "./shared-socket.ts";

/*
 * v1 and v3 by net-snmp, with its edges taken off:
 * - it gets its datagrams from the shared socket, which knows whom they came from; net-snmp itself takes an answer from
 *   any address that guesses the request id;
 * - a malformed packet, or one that makes net-snmp throw, does not reach the process, and what was asked still ends;
 * - each question settles once, although net-snmp may call back a second time when it is closed, or never;
 * - the order of a walk is checked by walk.ts: net-snmp's own check takes an OID that is repeated for a later one.
 */

export type NetSnmp = typeof NetSnmpModule;

export interface NetSnmpOptions {
  snmp: NetSnmp;
  /** A community (v1), or a user (v3). */
  login: string | User;
  hear: (onDatagram: (datagram: Buffer) => void) => Peer;
}

type Callback = (error: Error | null, varbinds?: readonly (Varbind | Varbind[])[]) => void;

export function createNetSnmpExchange({ snmp, login, hear }: NetSnmpOptions): Exchange {
  /** What came in place of an answer to what is being asked; a session lives for many rounds. */
  let strange: SnmpFailure | null = null;
  let lastBytes = 0;
  const waiting = new Set<(reply: Reply) => void>();
  const listeners = new Map<string, (...values: unknown[]) => void>();
  const failAll = (why: SnmpFailure) => {
    for (const settle of waiting) settle({ kind: "failure", why });
  };

  const peer = hear((datagram) => {
    // Refused here because net-snmp reads a packet that breaks off as one with fewer objects.
    const bad = checkFrame(datagram);
    if (bad !== null) {
      strange = bad;
      return;
    }
    lastBytes = datagram.length;
    try {
      listeners.get("message")?.(datagram);
    } catch {
      // It had taken the question off its list already, so that it would never be answered.
      failAll("garbage");
    }
  });
  const session = createSession(snmp, login, facade(peer, listeners));
  session.on("error", () => void (strange = "garbage"));

  function toReply(error: Error | null, answered: readonly (Varbind | Varbind[])[] | undefined): Reply {
    if (error === null) return { kind: "answer", varbinds: flatten(answered ?? []), bytes: lastBytes };
    if (error instanceof snmp.RequestFailedError) return toErrorReply(error);
    // Its type is missing in the declarations.
    if (error.name === "RequestTimedOutError") return { kind: "failure", why: strange ?? "timeout" };
    if (error instanceof snmp.ResponseInvalidError) {
      return { kind: "failure", why: failureOf(error) };
    }
    return { kind: "failure", why: sendFailure(error) };
  }

  return {
    get lastSent() {
      return peer.lastSent;
    },
    ask(question, { tryMs, tries }) {
      return new Promise((resolve) => {
        const settle = (reply: Reply): void => {
          if (waiting.delete(settle)) resolve(locate(reply, question));
        };
        if (waiting.size === 0) strange = null;
        waiting.add(settle);
        // Sizes and times of a session are read anew for each of its requests.
        Object.assign(session, { timeout: tryMs, retries: tries - 1 });
        send(session, question, (error, answered) => settle(toReply(error, answered)));
      });
    },
    fail: (why) => failAll(why === "timeout" ? (strange ?? why) : why),
    [Symbol.dispose]() {
      failAll("timeout");
      session.close();
    },
  };
}

function createSession(snmp: NetSnmp, login: string | User, dgramModule: unknown): Session {
  const options = { dgramModule, backwardsGetNexts: true, reportOidMismatchErrors: false };
  // The name is never used: the facade sends to its own peer.
  return typeof login === "string"
    ? snmp.createSession("127.0.0.1", login, { ...options, version: snmp.Version1 })
    : snmp.createV3Session("127.0.0.1", login, { ...options, version: snmp.Version3 });
}

function send(session: Session, { pdu, oids, maxRepetitions = 1 }: Question, done: Callback): void {
  if (pdu === "get") session.get([...oids], done as GetSetCallback);
  else if (pdu === "next") session.getNext([...oids], done as GetSetCallback);
  else session.getBulk([...oids], 0, maxRepetitions, done as GetBulkCallback);
}

/** What net-snmp uses of node:dgram, over one peer of the shared socket. */
function facade(peer: Peer, listeners: Map<string, (...values: unknown[]) => void>) {
  return {
    createSocket: () => ({
      on: (event: string, listener: (...values: unknown[]) => void) => void listeners.set(event, listener),
      ref: () => peer.hold(),
      unref: () => peer.release(),
      close() {
        peer.close();
        listeners.get("close")?.();
      },
      send(
        buffer: Buffer,
        offset: number,
        length: number,
        _port: number,
        _address: string,
        sent: (error: Error | null) => void,
      ) {
        peer.send(buffer.subarray(offset, offset + length), sent);
      },
    }),
  };
}

/** Columns of getBulk, each a list, to the row by row of the packet. */
function flatten(answered: readonly (Varbind | Varbind[])[]): Varbind[] {
  if (!Array.isArray(answered[0])) return (answered as readonly Varbind[]).map(withCounter);
  const columns = answered as readonly Varbind[][];
  const rows: Varbind[] = [];
  for (let row = 0; row < columns[0]!.length; row++) {
    for (const column of columns) {
      const varbind = column[row];
      if (varbind !== undefined) rows.push(withCounter(varbind));
    }
  }
  return rows;
}

const counter64 = 70;

/** net-snmp leaves a Counter64 in its octets: one to nine, unsigned. */
function withCounter({ oid, type, value }: Varbind): Varbind {
  if (type !== counter64 || !Buffer.isBuffer(value)) return { oid, type, value };
  const count = value.length === 0 ? 0n : BigInt(`0x${value.toString("hex")}`);
  return { oid, type, value: count <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(count) : count };
}

/** The text of the error ends in the OID that the device named, if it named one: locate() looks it up. */
interface Located {
  kind: "error";
  status: number;
  index: number;
  oid?: string | undefined;
}

function toErrorReply(error: Error): Located {
  const status = (error as Error & { status?: number }).status ?? 5;
  return { kind: "error", status, index: 0, oid: /: ([0-9.]+)$/.exec(error.message)?.[1] };
}

function locate(reply: Reply | Located, question: Question): Reply {
  if (reply.kind !== "error") return reply;
  const oid = "oid" in reply ? reply.oid : undefined;
  return {
    kind: "error",
    status: reply.status,
    index: oid === undefined ? 0 : question.oids.indexOf(oid) + 1,
  };
}

/**
 * Reports of the user-based security model (RFC 3414 §5) come as texts: about time and identity of the engine, or about
 * user, level and keys. Anything else that net-snmp finds invalid is no answer to the question.
 */
function failureOf(error: Error): SnmpFailure {
  const { code } = error as Error & { code?: number };
  if (code === 14 || /time window|engine/i.test(error.message)) return "engine";
  return code === 4 || code === 5 ? "auth" : "garbage";
}

/** The outermost length has to be that of the datagram. */
function checkFrame(datagram: Buffer): SnmpFailure | null {
  if (datagram.length < 2 || datagram[0] !== 0x30) return "garbage";
  const first = datagram[1]!;
  if (first < 0x80) return 2 + first > datagram.length ? "truncated" : null;
  const octets = first & 0x7f;
  if (octets === 0 || octets > 4) return "garbage";
  if (datagram.length < 2 + octets) return "truncated";
  return 2 + octets + datagram.readUIntBE(2, octets) > datagram.length ? "truncated" : null;
}
