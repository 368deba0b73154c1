import { createHash } from "node:crypto";
import type { Actor } from "./audit.ts";
import type { OutageRecord } from "./state-store.ts";

/*
 * What providers see of the outage table, and what they do to it. Each provider has a record of its own: numbers, ids and
 * places in its feed are counted for it alone, so that nothing of them tells how much there is of others'.
 *
 *   partner_outages   the present record of each outage of each provider
 *   partner_changes   every change of these, numbered 1, 2, 3 … for each provider: its feed, and what webhooks deliver
 */

export const partnerFaults = ["own", "elsewhere", "power", "maintenance", "unknown"] as const;
/**
 * Where the fault of a partner's outage lies. `own`: in the link itself · `elsewhere`: in something that the link hangs from, of
 * which nothing is said · `power`: in the supply of the link's site · `maintenance`: in announced work on it.
 */
export type PartnerFault = (typeof partnerFaults)[number];

export const partnerCauses = ["link", "rain", "power", "elsewhere", "maintenance", "unknown"] as const;
export type PartnerCause = (typeof partnerCauses)[number];

/** A statement about the link itself or its own site, without the names of targets. */
export interface PartnerEvidence {
  fact: string;
  detail: Record<string, number>;
}

/** What a provider may know of one revision of an outage. */
export interface PartnerView {
  startMs: number;
  endMs: number | null;
  atFault: PartnerFault;
  cause: PartnerCause;
  evidence: PartnerEvidence[];
  /** It turned out to be none. */
  withdrawn: boolean;
}

/** Who did something at a provider. */
export interface PartnerAuthor {
  /** Name of the key. */
  by: string;
  /** The provider's own person and system, as it says. */
  user: string | null;
  system: string | null;
}

export interface PartnerAck extends PartnerAuthor {
  atMs: number;
  note: string | null;
}

export const ticketStatuses = [
  "acknowledged",
  "rejected",
  "pending",
  "held",
  "inProgress",
  "cancelled",
  "closed",
  "resolved",
] as const;
/** As TMF621 has them. */
export type TicketStatus = (typeof ticketStatuses)[number];

/** The provider's own trouble ticket on an outage, with its own times of it. */
export interface PartnerTicket {
  number: string;
  status: TicketStatus;
  description: string | null;
  /** As TMF621 has them, in the provider's own words. */
  severity: string | null;
  type: string | null;
  /** When the outage was by the provider's account, epoch ms. */
  startMs: number | null;
  endMs: number | null;
  madeMs: number;
  changedMs: number;
  by: string;
}

/** What makes an outage a provider's: the link, and under whom it stood when the outage was written down. */
export interface PartnerSubject {
  provider: string;
  link: string;
  site: string;
}

export interface PartnerRecord extends PartnerSubject, PartnerView {
  /** `pout_…`: made from the outage's id and the provider. */
  id: string;
  /** 1, 2, 3 … of this provider's outages. */
  number: number;
  /** Id in the outage table; never shown to the provider. */
  outage: string;
  /** Counts what the provider could see change in what was measured. */
  revision: number;
  firstKnownMs: number;
  /** When the collector learned what this revision says. */
  knownMs: number;
  /** When anything of the record changed last, the provider's own acts included. */
  changedMs: number;
  /** Place of that change in the provider's feed. */
  seq: number;
  acknowledged: PartnerAck | null;
  ticket: PartnerTicket | null;
}

export interface PartnerComment extends PartnerAuthor {
  atMs: number;
  text: string;
}

export const partnerChangeTypes = [
  "outage.opened",
  "outage.updated",
  "outage.ended",
  "outage.reopened",
  "outage.withdrawn",
  "outage.acknowledged",
  "outage.unacknowledged",
  "outage.commented",
  "outage.ticket",
  "webhook.test",
] as const;
export type PartnerChangeType = (typeof partnerChangeTypes)[number];

export interface PartnerChange {
  provider: string;
  seq: number;
  type: PartnerChangeType;
  atMs: number;
  /** As it stood after the change; null: of a test. */
  record: PartnerRecord | null;
  /** Of a comment. */
  comment: PartnerComment | null;
}

export type PartnerAct =
  | {
      kind: "acknowledge";
      note: string | null;
      user: string | null;
      system: string | null;
      /** Whoever acknowledged it before stays who did. Default: the last one is. */
      onlyFirst?: boolean;
    }
  | { kind: "unacknowledge" }
  | { kind: "comment"; text: string; user: string | null; system: string | null }
  | { kind: "ticket"; ticket: Omit<PartnerTicket, "madeMs" | "changedMs" | "by"> };

/** Most comments of one outage, and most acts of all kinds: a program that goes round in a circle must not fill the disk. */
export const maxComments = 100;
export const maxActs = 1_000;

export interface ActOptions {
  /** Only if the last change has one of these places in the feed. */
  ifSeq?: readonly number[];
  /** Only where there is no ticket yet. */
  ifNoTicket?: boolean;
  /** What is kept of the answer, in the same transaction. */
  once?: (records: readonly PartnerRecord[]) => Once;
}

/**
 * Why nothing was done. `unknown`: there is no such outage · `changed`: since the place asked for · `ticketed`: it has a ticket
 * · `comments`, `acts`: it has as many as it may have
 */
export type ActRefusal = "unknown" | "changed" | "ticketed" | "comments" | "acts";

/** Whether a link is another's now: what was written down of it is shown to nobody. */
export type IsHidden = (link: string) => boolean;

export interface PartnerFilter {
  provider: string;
  hidden: IsHidden;
  link?: string | undefined;
  open?: boolean | undefined;
  fromMs?: number | undefined;
  toMs?: number | undefined;
  /** Changed at or after it. */
  sinceMs?: number | undefined;
  /** Only those after this place in the feed. */
  afterSeq?: number | undefined;
  withdrawn?: boolean;
  limit: number;
}

/** An answer that is given again to the same request: draft-ietf-httpapi-idempotency-key-header. */
export interface KeptAnswer {
  fingerprint: string;
  status: number;
  body: string;
}

/** Kept in the transaction of the act that it answers. */
export interface Once extends KeptAnswer {
  provider: string;
  key: string;
  atMs: number;
}

/** `webhook`: Standard Webhooks · `tmf`: a callback of TM Forum's hub. */
export type HookKind = "webhook" | "tmf";

export interface PartnerHook {
  id: string;
  provider: string;
  kind: HookKind;
  /** Id of the API key that registered it, or of the one that took its place. Without one in force nothing is delivered. */
  key: string;
  url: string;
  /** Types of change, or of TMF's events, that are wanted; empty: all. */
  types: string[];
  /** As it was asked for, for TMF's hub. */
  query: string | null;
  /** `whsec_…`; the newest first. None with TMF's hub. */
  secrets: { secret: string; untilMs: number | null }[];
  madeMs: number;
  disabledMs: number | null;
  disabledReason: string | null;
  /** Changes that waited for too long while it was disabled, and are not delivered any more. */
  dropped: number;
}

export interface HookStanding extends PartnerHook {
  waiting: number;
  lastSentMs: number | null;
  lastError: string | null;
}

/** One name for a change at a hook, however often it is sent: what receivers deduplicate by. */
export function messageIdOf(hook: string, seq: number): string {
  return `msg_${createHash("sha256").update(`${hook}\n${seq}`).digest("hex").slice(0, 24)}`;
}

export interface PartnerDelivery {
  hook: PartnerHook;
  change: PartnerChange;
  attempts: number;
}

/** Under whom a link stood at a moment; null: nobody noted it. */
export type ProviderAt = (link: string, atMs: number) => string | null;

export interface PartnerStore {
  /**
   * Takes outages that were revised since, with all their revisions, and writes what `follow` makes of each into the records of
   * providers; `known`: records that it has already. What it answers null to is put off until the links have others for
   * providers. Resolves with how many outages it took; 0: all is done.
   */
  followOutages(
    limit: number,
    follow: (
      revisions: readonly OutageRecord[],
      known: readonly PartnerSubject[],
      had: ProviderAt,
    ) => readonly FollowedOutage[] | null,
  ): Promise<number>;
  /** Notes whose the links are from now on, where that is new, and takes up what was put off. A link's first provider had it always. */
  noteProviders(links: ReadonlyMap<string, string>, nowMs: number): Promise<void>;
  /** Links that had another provider before, and since when they have their present one. */
  handedOver(): Promise<ReadonlyMap<string, number>>;
  /** Since when a link was under the provider that it had at a moment, epoch ms; 0: always. */
  providerSince(link: string, atMs: number): Promise<number>;
  /**
   * Forgets outages that are over and did not change since `changedMs`, and what waits for disabled hooks since before
   * `waitingMs`; at most so many of each. Whether there may be more.
   */
  forgetPartners(before: { changedMs: number; waitingMs: number }, limit: number): Promise<boolean>;
  /** By its id or its number; null: this provider has none such. */
  partnerOutage(provider: string, name: string | number): Promise<PartnerRecord | null>;
  /** Ascending by the last change. */
  partnerOutages(filter: PartnerFilter): Promise<PartnerRecord[]>;
  /** Of one outage, in order. */
  partnerChanges(provider: string, id: string): Promise<PartnerChange[]>;
  /** By the outages' ids; of all where there are many. */
  partnerComments(provider: string, ids: readonly string[]): Promise<ReadonlyMap<string, PartnerComment[]>>;
  /** What providers did to an outage of the table, for its own readers. */
  partnerRecordsOf(outage: string): Promise<PartnerRecord[]>;
  /**
   * One act of a provider on some of its outages: done to all of them, or to none. What it would not change is not written, and
   * counts as done.
   */
  actOnOutages(
    provider: string,
    ids: readonly string[],
    act: PartnerAct,
    nowMs: number,
    by: Actor,
    options?: ActOptions,
  ): Promise<readonly PartnerRecord[] | ActRefusal>;
  /** Answers of the last 24 hours. */
  keptAnswer(provider: string, key: string, nowMs: number): Promise<KeptAnswer | null>;

  hooks(provider: string, kind: HookKind): Promise<HookStanding[]>;
  /** Of all providers, of either kind. */
  allHooks(): Promise<PartnerHook[]>;
  /** The same, with how they stand. */
  allStandings(): Promise<HookStanding[]>;
  /**
   * `most`: of this provider and kind; without it any number. One of TM Forum's that is there already, address and query, is
   * the `same`, unless it is disabled: then that one is enabled, and answered.
   */
  addHook(
    hook: PartnerHook,
    by: Actor,
    options?: { most?: number; once?: (hook: PartnerHook) => Once },
  ): Promise<PartnerHook | "full" | "same">;
  /** `of` left out: whosever it is. False: there is none such. */
  removeHook(
    id: string,
    nowMs: number,
    by: Actor,
    of?: { provider: string; kind: HookKind },
  ): Promise<boolean>;
  changeHook(
    provider: string,
    id: string,
    change: (hook: PartnerHook) => PartnerHook,
    nowMs: number,
    by: Actor,
    once?: (hook: PartnerHook) => Once,
  ): Promise<PartnerHook | null>;
  /** What waits is due at once, also where it was not disabled. Its key is from now on that of whoever did this. */
  enableHook(provider: string, id: string, nowMs: number, by: Actor, once: Once): Promise<void>;
  /** Everything that changed from then on is delivered once more, but of hidden links. Resolves with how many. */
  replayHook(
    hook: PartnerHook,
    fromMs: number,
    hidden: IsHidden,
    once: (count: number) => Once,
  ): Promise<number>;
  testHook(hook: PartnerHook, nowMs: number, once: Once): Promise<void>;
  /** Hooks that have something to be delivered. */
  dueHooks(nowMs: number): Promise<string[]>;
  /** Hooks that are not disabled, and have no key in force. */
  hooksWithoutKey(nowMs: number): Promise<string[]>;
  /** The next of one hook: of each outage the earliest that was not delivered. null: nothing is due. */
  nextDelivery(hook: string, nowMs: number): Promise<PartnerDelivery | null>;
  /** `wakes`: what else waits for the hook is due now. */
  delivered(hook: string, seq: number, nowMs: number, wakes: boolean): Promise<void>;
  /** It is not to be delivered. */
  skipDelivery(hook: string, seq: number): Promise<void>;
  notDelivered(hook: string, seq: number, error: string, nextTryMs: number): Promise<void>;
  /** Nothing is delivered to it any more; what waits stays for a while. */
  disableHook(hook: string, reason: string, nowMs: number): Promise<void>;
}

/** What became of an outage for one provider: every view of it so far, each known since. */
export interface FollowedOutage {
  subject: PartnerSubject;
  /** A name that no other outage gets, without the number. */
  id: string;
  views: readonly (PartnerView & { knownMs: number })[];
}

/** What brings changes to the addresses that providers registered. */
export type PartnerDeliveryStore = Pick<
  PartnerStore,
  | "dueHooks"
  | "hooksWithoutKey"
  | "nextDelivery"
  | "delivered"
  | "skipDelivery"
  | "notDelivered"
  | "disableHook"
>;
