import { randomInt } from "node:crypto";
import type { SnmpAuth } from "#wire/targets-v1.ts";
import type { Deadline } from "../deadline.ts";
import type { Note } from "../probe.ts";
import type { Address } from "../resolve.ts";
import { createCommunityExchange } from "./community-exchange.ts";
import { createDeviceBook } from "./devices.ts";
import type { Device } from "./devices.ts";
import type { Exchange, Loan, Question, Reply } from "./exchange.ts";
import { getObjects } from "./get.ts";
import { createKeptExchanges } from "./kept-exchanges.ts";
import type { Answers, SnmpReader } from "./reader.ts";
import { lookForRefusal } from "./refusal.ts";
import { createSharedSockets, peerKey } from "./shared-socket.ts";
import { walkColumns } from "./walk.ts";

/*
 * The wrapper: an SnmpReader over the network, for one round of one target. v2c goes by our own codec, v1 and v3 by
 * net-snmp, all over one socket per address family.
 */

export interface SnmpClientOptions {
  /** Monotonic time. Default performance.now(). */
  nowMs?: () => number;
  /** A number that nobody can guess, 1 to 2^31 - 1. Default: from the system's random source. */
  requestId?: () => number;
}

/** Whom a session speaks to, and how long it may. */
export interface SnmpPeer {
  /** Named in the errors of the operator. */
  targetId: string;
  auth: SnmpAuth;
  address: Address;
  port: number;
  deadline: Deadline;
  note?: Note | undefined;
}

export interface SnmpSession extends SnmpReader, Disposable {
  /** True once the device has answered a question of this session, be it with an error. */
  readonly heard: boolean;
  /** To be called when the device has rebooted: what was learned about it may be wrong now. */
  forgetDevice(): void;
}

export interface SnmpClient {
  /** Throws when `auth` is one that SNMP does not have, naming the field. */
  open(peer: SnmpPeer): Promise<SnmpSession>;
}

/** Shortest silence before a question is repeated. */
const minTryMs = 300;
/** The same for a device that has not answered yet: longer than a satellite and a slow agent take together. */
const unknownTryMs = 2_000;
/** How much slower than lately a device may be before it is asked again. */
const slackMs = 1_000;
const triesPerRound = 3;
/** Silence after which it is looked whether anything listens on the port. */
const secondLookMs = 1_000;

export function createSnmpClient(options: SnmpClientOptions = {}): SnmpClient {
  const { nowMs = () => performance.now(), requestId = () => randomInt(1, 0x7fff_ffff) } = options;
  const sockets = createSharedSockets();
  const devices = createDeviceBook(nowMs);
  const kept = createKeptExchanges(sockets, nowMs);

  return {
    async open(peer) {
      const { auth, address, port } = peer;
      const key = peerKey(address.address, port);
      const device = devices.of(key);
      if (auth.version !== "2c")
        return createSession(peer, device, await kept.lend(peer.targetId, auth, address, port));
      const exchange = createCommunityExchange({
        community: auth.community,
        requestId,
        recentIds: device.recentIds,
        hear: (onDatagram) => sockets.hear(address, port, onDatagram),
      });
      return createSession(peer, device, {
        exchange,
        isFresh: true,
        renew: () => null,
        [Symbol.dispose]: () => exchange[Symbol.dispose](),
      });
    },
  };
}

function createSession(peer: SnmpPeer, device: Device, loan: Loan): SnmpSession {
  const { deadline, note } = peer;
  let { exchange } = loan;
  let heard = false;
  let lookedForRefusal = false;
  let closed = false;
  const giveUp = () => exchange.fail("timeout");
  deadline.signal.addEventListener("abort", giveUp, { once: true });

  async function ask(question: Question, tries: number): Promise<Reply> {
    using turn = await device.enter(deadline.signal);
    if (turn === null || closed || deadline.signal.aborted) return { kind: "failure", why: "timeout" };
    const askedMs = deadline.elapsedMs();
    // A session of an earlier round gets one try, so that there is time for a new one.
    let reply = await askOnce(question, loan.isFresh || heard ? tries : 1);
    while (reply.kind === "failure") {
      const renewed = loan.renew(reply.why);
      if (renewed === null) break;
      exchange = renewed;
      if (deadline.signal.aborted) break;
      note?.("snmp.session", { why: reply.why, renewed: true });
      reply = await askOnce(question, tries);
    }
    learn(reply, deadline.elapsedMs() - askedMs);
    note?.("snmp.ask", describe(question, reply));
    return reply;
  }

  async function askOnce(question: Question, tries: number): Promise<Reply> {
    const tryMs = tryTimeMs();
    const asked = exchange;
    const second = setTimeout(() => void secondLook(asked, tryMs), Math.min(tryMs, secondLookMs));
    const reply = await asked.ask(question, { tryMs, tries });
    clearTimeout(second);
    return reply;
  }

  function tryTimeMs(): number {
    const shareMs = deadline.remainingMs() / triesPerRound;
    const usualMs = device.rttMs === null ? unknownTryMs : slackMs + 4 * device.rttMs;
    return Math.max(minTryMs, Math.floor(Math.min(shareMs, usualMs)));
  }

  /** Once a session, and only while the device has said nothing: is there anybody at that port? */
  async function secondLook(asked: Exchange, waitMs: number): Promise<void> {
    const { lastSent } = asked;
    if (heard || lookedForRefusal || lastSent === null) return;
    lookedForRefusal = true;
    const why = await lookForRefusal(peer.address, peer.port, lastSent, waitMs);
    if (why !== null) asked.fail(why);
  }

  function learn(reply: Reply, tookMs: number): void {
    if (reply.kind === "failure") return;
    heard = true;
    // RFC 6298 §2: the smoothed round trip takes one eighth of the new one.
    device.rttMs = device.rttMs === null ? tookMs : device.rttMs + (tookMs - device.rttMs) / 8;
  }

  /** A device that answered and then did not is one that stopped half-way. */
  const whole = (answers: Answers): Answers =>
    answers.why === "timeout" && heard ? { ...answers, why: "truncated" } : answers;

  return {
    get heard() {
      return heard;
    },
    get: async (oids) => whole(await getObjects(ask, device, oids)),
    avoidBulk() {
      device.bulk = "broken";
    },
    walk: async (roots, maxVarbinds) =>
      whole(await walkColumns(ask, device, roots, { maxVarbinds, hasBulk: peer.auth.version !== "1" })),
    forgetDevice: () => device.forget(),
    [Symbol.dispose]() {
      closed = true;
      deadline.signal.removeEventListener("abort", giveUp);
      loan[Symbol.dispose]();
    },
  };
}

function describe(question: Question, reply: Reply): Parameters<Note>[1] {
  const asked = { pdu: question.pdu, objects: question.oids.length, first: question.oids[0] ?? null };
  switch (reply.kind) {
    case "answer":
      return { ...asked, answered: reply.varbinds.length, bytes: reply.bytes };
    case "error":
      return { ...asked, errorStatus: reply.status, errorIndex: reply.index };
    case "failure":
      return { ...asked, why: reply.why };
  }
}
