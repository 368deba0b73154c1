import type { RemoteInfo } from "node:dgram";
import type NetSnmp from "net-snmp";
import type { TrapsV1 } from "#wire/agent-config-v1.ts";
import type { Log } from "../log.ts";
import type { ReceivedPdu } from "./notification.ts";
import { readV3Header } from "./v3-header.ts";

/*
 * net-snmp's receiver without its socket: packets go in one by one, and what it has to answer (acknowledgements of
 * informs, reports of SNMPv3) comes out by `send`. This closes what the receiver leaves open:
 * - it sends from its own socket and prints failures of that to standard error;
 * - it throws out of the socket's listener when an answer cannot be encoded;
 * - it takes a SNMPv3 message with an empty user name, and without any authentication, for believed: here the user has
 *   to be one of the configuration;
 * - its error texts hold communities: they are never passed on.
 *
 * What SNMPv3 does not give here. The receiver keeps no engine boots and time of its senders, so that a genuine message
 * which someone recorded is believed again when it is sent again: replay is not prevented. Neither is an engine bound
 * to an address: a message of one device, sent again from the address of another, is taken for the other's. Whoever can
 * do that sits on the village's own network.
 */
export type Decoded =
  | { kind: "notification"; version: "1" | "2c" | "3"; pdu: ReceivedPdu; engineId: string | null }
  /** A discovery of SNMPv3, which was answered. */
  | { kind: "discovery" }
  | { kind: "refused"; reason: Refusal };

/** Why a packet was not believed. */
export type Refusal = "community" | "user" | "key" | "level" | "garbage" | "other";

export interface Decoder {
  /** Hexadecimal. */
  engineId: string;
  decode(packet: Buffer, from: RemoteInfo): Decoded;
}

interface Outcome {
  error: Error | null;
  pdu: ReceivedPdu | null;
}

type Send = (packet: Buffer, to: RemoteInfo) => void;

/** v1 Trap-PDU, as net-snmp numbers it: its tag. */
const trapV1Tag = 0xa4;

/** Loads net-snmp, 2 to 3 MB that an agent without traps and SNMP does not need. */
export async function createDecoder(
  believed: Pick<TrapsV1, "communities" | "users">,
  { send, log }: { send: Send; log: Log },
): Promise<Decoder> {
  const { default: snmp } = await import("net-snmp");
  const users = new Set<string>();
  let answerTo: RemoteInfo | null = null;
  const outcomes: Outcome[] = [];
  let receive: ((packet: Buffer, from: RemoteInfo) => void) | null = null;

  const socket = {
    on(event: string, listener: (packet: Buffer, from: RemoteInfo) => void) {
      if (event === "message") receive = listener;
    },
    bind() {},
    close() {},
    send(packet: Buffer) {
      if (answerTo !== null) send(packet, answerTo);
    },
  };
  const receiver = snmp.createReceiver(
    { dgramModule: { createSocket: () => socket }, disableAuthorization: false, includeAuthentication: true },
    (error: Error | null, data?: { pdu: ReceivedPdu }) => {
      outcomes.push({ error, pdu: data?.pdu ?? null });
    },
  ) as Receiver;

  const authorizer = receiver.getAuthorizer();
  for (const community of believed.communities) authorizer.addCommunity(community);
  for (const [index, auth] of believed.users.entries()) {
    const user = toUser(snmp, auth);
    if (user === null) {
      const wrong = { field: `traps.users[${index}].privProtocol`, value: auth.privProtocol };
      log.error({ ...wrong, allowed: "none, where authProtocol is none" }, "this user is not believed");
      continue;
    }
    users.add(auth.user);
    authorizer.addUser(user);
  }

  /** What the receiver made of one packet; it calls back, if at all, before it returns. */
  function ask(packet: Buffer, from: RemoteInfo): Outcome | null {
    outcomes.length = 0;
    answerTo = from;
    try {
      receive?.(packet, from);
    } catch (error) {
      // It understood the packet and could not encode its answer.
      outcomes.push({ error: error as Error, pdu: null });
    } finally {
      answerTo = null;
    }
    return outcomes[0] ?? null;
  }

  return {
    engineId: receiver.engine.engineID.toString("hex"),
    decode(packet, from) {
      const header = readV3Header(packet);
      const result = ask(packet, from);
      if (result === null) {
        // It sent a report: to a discovery, which names nobody, or because it does not believe who is named.
        return header?.user ? { kind: "refused", reason: "user" } : { kind: "discovery" };
      }
      const { error, pdu } = result;
      if (error !== null || pdu === null) return { kind: "refused", reason: toRefusal(error) };
      if (pdu.user !== undefined) {
        if (!users.has(pdu.user)) return { kind: "refused", reason: "user" };
        return { kind: "notification", version: "3", pdu, engineId: header?.engineId ?? null };
      }
      if (pdu.community === undefined) return { kind: "refused", reason: "community" };
      return { kind: "notification", version: pdu.type === trapV1Tag ? "1" : "2c", pdu, engineId: null };
    },
  };
}

/** The part of net-snmp's receiver that is used; its types say `any`. */
interface Receiver {
  engine: { engineID: Buffer };
  getAuthorizer(): { addCommunity(community: string): void; addUser(user: object): void };
}

/** Null: privacy without authentication, a level that SNMPv3 does not have (RFC 3411 §3.4.3). */
function toUser(snmp: typeof NetSnmp, auth: TrapsV1["users"][number]): object | null {
  const { user: name, authProtocol, privProtocol, authKey, privKey } = auth;
  const { SecurityLevel, AuthProtocols, PrivProtocols } = snmp;
  if (authProtocol === "none")
    return privProtocol === "none" ? { name, level: SecurityLevel.noAuthNoPriv } : null;
  const authentic = { name, authProtocol: AuthProtocols[authProtocol], authKey };
  if (privProtocol === "none") return { ...authentic, level: SecurityLevel.authNoPriv };
  return { ...authentic, level: SecurityLevel.authPriv, privProtocol: PrivProtocols[privProtocol], privKey };
}

/** From the texts of net-snmp 3.29: only some of its errors have codes. */
function toRefusal(error: Error | null): Refusal {
  const text = error?.message ?? "";
  if (text.startsWith("Local community not found")) return "community";
  if (text.startsWith("Local user not found")) return "user";
  if (/^Local user .* requires (authentication|privacy)/s.test(text)) return "level";
  if (text.startsWith("Authentication digest") || text.startsWith("Failed to decrypt")) return "key";
  if (text.startsWith("Failure to process incoming message")) return "garbage";
  return "other";
}
