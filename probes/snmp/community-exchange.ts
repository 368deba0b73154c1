import { BerError } from "./ber.ts";
import type { SnmpFailure } from "#wire/rounds-v1.ts";
import type { Exchange, Question, Reply } from "./exchange.ts";
import { encodeRequest, knownOid, readResponseHead, readVarbinds } from "./message.ts";
import type { ResponseHead } from "./message.ts";
import type { KnownOid } from "./ber.ts";
import { sendFailure } from "./refusal.ts";
import type { Peer } from "./shared-socket.ts";

/*
 * v2c by our own codec: the path that nearly every device and every round takes.
 */

export interface CommunityExchangeOptions {
  community: string;
  /** A number that nobody can guess, 1 to 2^31 - 1. */
  requestId: () => number;
  /** Ids asked lately, kept from round to round: a late answer to one is no garbage. */
  recentIds: RecentIds;
  /** Gives the way to the device; called once. */
  hear: (onDatagram: (datagram: Buffer) => void) => Peer;
}

interface Waiting {
  settle(reply: Reply): void;
  known: readonly KnownOid[];
}

export function createCommunityExchange(options: CommunityExchangeOptions): Exchange {
  const { requestId, recentIds } = options;
  const community = Buffer.from(options.community);
  const waiting = new Map<number, Waiting>();
  const knownOids = new Map<string, KnownOid>();
  /** Something came that was no answer: better known than "timeout" when nothing better follows. */
  let strange: SnmpFailure | null = null;
  const peer = options.hear(receive);

  function receive(datagram: Buffer): void {
    try {
      const head = readResponseHead(datagram);
      const asked = waiting.get(head.requestId);
      if (asked === undefined) {
        if (!recentIds.has(head.requestId)) strange = "garbage";
        return;
      }
      if (!head.community.equals(community)) throw new BerError("garbage", "another community");
      asked.settle(toReply(head, asked.known, datagram.length));
    } catch (error) {
      if (!(error instanceof BerError)) throw error;
      strange = error.why;
    }
  }

  function known(root: string): KnownOid {
    let oid = knownOids.get(root);
    if (oid === undefined) knownOids.set(root, (oid = knownOid(root)));
    return oid;
  }

  return {
    get lastSent() {
      return peer.lastSent;
    },
    ask(question: Question, { tryMs, tries }) {
      const id = requestId();
      const { pdu, oids, maxRepetitions = 1 } = question;
      const datagram = encodeRequest({ pdu, community, requestId: id, oids, maxRepetitions });
      recentIds.add(id);
      return new Promise((resolve) => {
        let left = tries;
        let timer: NodeJS.Timeout | undefined;
        const settle = (reply: Reply): void => {
          if (!waiting.delete(id)) return;
          clearTimeout(timer);
          if (waiting.size === 0) peer.release();
          resolve(reply);
        };
        const send = (): void => {
          if (left-- <= 0) return settle({ kind: "failure", why: strange ?? "timeout" });
          timer = setTimeout(send, tryMs);
          peer.send(datagram, (error) => {
            if (error !== null) settle({ kind: "failure", why: sendFailure(error) });
          });
        };
        waiting.set(id, { settle, known: (question.roots ?? []).map(known) });
        peer.hold();
        send();
      });
    },
    fail(why) {
      const reason = why === "timeout" ? (strange ?? why) : why;
      for (const { settle } of waiting.values()) settle({ kind: "failure", why: reason });
    },
    [Symbol.dispose]() {
      for (const { settle } of waiting.values()) settle({ kind: "failure", why: "timeout" });
      peer.close();
    },
  };
}

function toReply(head: ResponseHead, known: readonly KnownOid[], bytes: number): Reply {
  if (head.errorStatus !== 0) {
    return { kind: "error", status: head.errorStatus, index: head.errorIndex };
  }
  return { kind: "answer", varbinds: readVarbinds(head, known), bytes };
}

export interface RecentIds {
  has(id: number): boolean;
  add(id: number): void;
}

/** How many questions back an answer is still known to be late; more than a round has in flight. */
const recentCount = 64;

export function createRecentIds(): RecentIds {
  const ids = new Set<number>();
  return {
    has: (id) => ids.has(id),
    add(id) {
      ids.add(id);
      if (ids.size > recentCount) ids.delete(ids.values().next().value!);
    },
  };
}
