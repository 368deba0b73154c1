import type { SnmpFailure } from "#wire/rounds-v1.ts";
import type { Varbind } from "./reader.ts";

/*
 * One question to a device and its one answer, whichever code speaks the protocol.
 */

export interface Question {
  pdu: "get" | "next" | "bulk";
  oids: readonly string[];
  /** For bulk: rows asked for at once, of every object. */
  maxRepetitions?: number;
  /** What the OIDs of the answer will probably begin with, in the order of `oids`; a help to the decoder, no promise. */
  roots?: readonly string[];
}

export type Reply =
  | {
      kind: "answer";
      /** As sent, those without a value (noSuchObject, endOfMibView…) included; of bulk: row by row. */
      varbinds: Varbind[];
      /** Octets of the datagram, 0 where they are not known. */
      bytes: number;
    }
  /** RFC 3416 §3: 1 tooBig, 2 noSuchName, 5 genErr… The index counts from 1; 0: it names no object. */
  | { kind: "error"; status: number; index: number }
  | { kind: "failure"; why: SnmpFailure };

export interface Patience {
  /** Silence after which the same question is sent again. */
  tryMs: number;
  /** How often it is sent; an answer to any of them counts. */
  tries: number;
}

export interface Exchange extends Disposable {
  /** Settles once, at the latest when tries and time are up. Never rejects over anything that a device can send. */
  ask(question: Question, patience: Patience): Promise<Reply>;
  /** The datagram sent last. */
  readonly lastSent: Buffer | null;
  /** Ends what is being asked with this reason. */
  fail(why: SnmpFailure): void;
}

/** Error statuses that are acted upon (RFC 3416 §3). */
export const errorStatus = { tooBig: 1, noSuchName: 2 } as const;

/** An exchange for one round. */
export interface Loan extends Disposable {
  readonly exchange: Exchange;
  /** False when it was used in an earlier round, so that the device may have forgotten it. */
  readonly isFresh: boolean;
  /** Told of every failure. Gives a new exchange in place of the one that failed; null when there is no use in it. */
  renew(why: SnmpFailure): Exchange | null;
}
