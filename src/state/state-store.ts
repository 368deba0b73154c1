import type { Account, Contradiction } from "./account.ts";
import type { Target } from "../inventory/inventory.ts";
import type { Blip } from "../outage/blips.ts";
import type { RevisedOutage } from "../outage/revise.ts";
import type { Cause, StateSegment } from "../outage/table.ts";
import type { Actor, AuditEntry, AuditRecord } from "./audit.ts";
import type { AlertStore } from "./alert-store.ts";
import type { ComplaintStore } from "./complaint-store.ts";
import type { MaintenanceChange, MaintenanceRecord } from "./maintenance-record.ts";
import type { SlaStore } from "./sla-store.ts";
import type { PartnerStore } from "./partner-store.ts";

export const agentKinds = ["sambung", "telegraf"] as const;
/**
 * What reports from a site. `sambung`: our own agent, which numbers what it produces · `telegraf`: a Telegraf with our
 * configuration, which does not, so that there is no account to keep of it.
 */
export type AgentKind = (typeof agentKinds)[number];

export interface AgentRecord {
  id: string;
  site: string;
  /** What its enrolment token was made for. */
  kind: AgentKind;
  hardware: string;
  version: string;
  enrolledMs: number;
  revokedMs: number | null;
  /** Arrival of the last batch; null: never heard. */
  lastSeenMs: number | null;
  /** When an administrator asked it to take a new key; null: nobody did, or it has. */
  rotateAskedMs: number | null;
}

export interface EnrolTokenRecord {
  id: string;
  /** First 8 characters. */
  prefix: string;
  site: string;
  kind: AgentKind;
  expiresMs: number;
  usedMs: number | null;
  /** The agent that it became. */
  usedBy: string | null;
  revokedMs: number | null;
}

export interface LedgerRange {
  fromSeq: number;
  /** Inclusive. */
  toSeq: number;
}

/** Rounds that an agent's spool gave up, as it declared them. Times are null where they are not known. */
export interface LostRange {
  /** When it was declared. */
  atMs: number;
  fromMs: number | null;
  toMs: number | null;
  rounds: number;
  /** Such as `full`, `corrupt` or `torn`; null: the agent did not say. */
  reason: string | null;
}

/** Rounds that an agent's spool merged into summaries. */
export interface ThinnedRange extends Omit<LostRange, "reason"> {
  /** Summaries that are left of them. */
  summaries: number;
  stepS: number | null;
}

/** Bytes that an agent sent, as it counts them on the wire. */
export interface SentBytes {
  /** Since enrolment. */
  total: number;
  /** Ascending; months such as 2026-11, in UTC. One from which nothing arrived is missing, and its bytes are the next one's. */
  months: { month: string; bytes: number }[];
}

/** What a list of agents shows of an account, read for all of them at once; the whole of one is its ledger. */
export interface Standing extends Account {
  openRounds: number;
  backlog: Ledger["backlog"];
  sentBytes: SentBytes | null;
  /** How wrong the clock of its latest host boot may be, ms. */
  clockUncertaintyMs: number | null;
  isInconsistent: boolean;
}

/** An agent's account: produced = stored + thinned + lost + open. */
export interface Ledger {
  agent: string;
  /** Seqs stored, ascending, merged: the newest 1,000 ranges. */
  stored: LedgerRange[];
  /** Seqs between these, and below the first where it is all of them, that have not arrived. */
  holes: LedgerRange[];
  lastSeq: number;
  /** Rounds, as the agent's highest seq declares them. */
  producedRounds: number;
  thinnedRounds: number;
  lostRounds: number;
  /** Rounds in the store. */
  storedRounds: number;
  /** producedRounds − stored − thinned − lost: rounds still on their way, in the holes. 0 when the account closes. */
  openRounds: number;
  /** The newest declarations of either kind, ascending. */
  thinned: ThinnedRange[];
  lost: LostRange[];
  /**
   * What waited in the agent's spool, and the age of its oldest round, when it last said so, ms (null: nothing waited).
   * null: it never said.
   */
  backlog: { rounds: number; oldestMs: number | null; atMs: number } | null;
  /** null: the agent does not count them. */
  sentBytes: SentBytes | null;
  /** The host boots that batches came from, the latest last: how their clocks were placed, and how well. */
  clocks: ClockAnchor[];
  /** The last numbers of the agent that could not be; null: all could. */
  inconsistent: (Contradiction & { atMs: number }) | null;
}

export interface StoredEvent {
  agent: string;
  site: string;
  timeMs: number;
  type: string;
  detail: Record<string, string | number | boolean | null>;
}

export const clockSources = ["exchange", "synced", "anchor", "arrival", "between"] as const;
/** How the place of a machine's monotonic clock in true time was found: ingest/clock.ts. */
export type ClockSource = (typeof clockSources)[number];

/** The place of a host boot's monotonic clock in time, at its latest reading: epoch ms = monoMs + offsetMs. */
export interface ClockAnchor {
  hostBoot: string;
  offsetMs: number;
  /** How wrong it may be, ms. */
  uncertaintyMs: number;
  source: ClockSource;
  /** When the host booted, epoch ms, and how wrong that may be, ms. */
  bootMs: number;
  bootUncertaintyMs: number;
  /** Numbers of the agent's first and last start in it; null: it does not number them. */
  firstStart: number | null;
  lastStart: number | null;
  /** Highest seq that came from this host boot. */
  lastSeq: number;
  /** Latest reading of its monotonic clock. */
  lastMonoMs: number;
  /** Latest moment of this host boot that is placed, epoch ms: the machine was in it then, and in no other. */
  lastMs: number;
}

/** A batch's entry in the ledger, with the clock readings as they came. */
export interface BatchEntry {
  agent: string;
  site: string;
  seq: number;
  boot: string;
  hostBoot: string;
  rounds: number;
  producedRounds: number;
  thinnedRounds: number;
  lostRounds: number;
  /** Rounds left in the agent's spool when it sent this, and the age of the oldest of them, ms; where it says so. */
  waitingRounds?: number | undefined;
  oldestMs?: number | undefined;
  /** Bytes that it sent since its enrolment; where it says so. */
  sentBytes?: number | undefined;
  wallMs: number;
  monoMs: number;
  synced: boolean;
  receivedMs: number;
  /** At the batch's clock reading: epoch ms = monoMs + offsetMs. */
  offsetMs: number;
  /** How wrong the time of any of its rounds and events may be, ms. */
  uncertaintyMs: number;
  clockSource: ClockSource;
  /** Number of the agent's start, where it numbers them. */
  start?: number | undefined;
  /** When the host booted, by this batch, and how wrong that may be, ms. Default: as its offset. */
  bootMs?: number | undefined;
  bootUncertaintyMs?: number | undefined;
  events: StoredEvent[];
  /** First round or event of the batch, where it lies so far back that the watch would not look there of itself; else null. */
  lateFromMs: number | null;
}

export interface ApiKeyRecord {
  id: string;
  name: string;
  /** First 8 characters, to tell keys apart in lists. */
  prefix: string;
  scopes: Scope[];
  /** Whose links a key with the scope `partner` is for; null: of all others. */
  provider: string | null;
  createdMs: number;
  /** From then on it is refused; null: never. */
  expiresMs: number | null;
  /** Id of the key that took its place; it is refused from expiresMs on. */
  replacedBy: string | null;
  revokedMs: number | null;
}

export type NewApiKey = Omit<ApiKeyRecord, "expiresMs" | "replacedBy" | "provider"> & {
  hash: string;
  /** Left out: none. */
  provider?: string | null;
  /** Left out: it does not expire. */
  expiresMs?: number | null;
};

export const scopes = ["read", "complaints", "admin", "partner"] as const;
/**
 * `read`: everything under /api/v1 that only reads · `complaints`: writes complaints and contacts, and reads nothing ·
 * `admin`: all of that, and tokens, keys, agents and the audit log as well · `partner`: the links of one provider, and nothing
 * else; no other scope includes it.
 */
export type Scope = (typeof scopes)[number];

/** A row of the outage table with what we know about our knowing it. `incident` is shared by the outages of one root at one time. */
export type OutageRecord = RevisedOutage & {
  /** It is suspected at this moment, and not of the table; nothing of it is written down. */
  provisional?: true;
};

export interface OutageFilter {
  /** Overlapping [fromMs, toMs). */
  fromMs?: number;
  toMs?: number;
  sites?: readonly string[];
  service?: string | null;
  causes?: readonly string[];
  /** true: only those without an end; false: only ended ones. */
  open?: boolean;
  incident?: string;
  incidents?: readonly string[];
  /** The table as it was known then. Default: now. */
  asOfMs?: number;
  limit?: number;
}

/** One message on its way to one channel. */
export interface OutboxMessage {
  id: string;
  /** The same key is queued once, however often the watch runs. */
  dedupeKey: string;
  channel: string;
  /** Such as `site.down`, `site.update`, `site.up`, `service.down`, `condition.update`, `digest`. */
  type: string;
  /** The alert that it is of; of a digest its own name. */
  alert: string;
  incident: string;
  /** What the channel formats; JSON. */
  payload: unknown;
  createdMs: number;
  attempts: number;
  nextTryMs: number;
  sentMs: number | null;
  failedMs: number | null;
  lastError: string | null;
  /** It is told in the digest of this moment and not by itself; null: by itself. */
  digestMs: number | null;
  /** What the other side calls it, where it said so. */
  remoteId: string | null;
}

export type NewMessage = Pick<
  OutboxMessage,
  "dedupeKey" | "channel" | "type" | "incident" | "payload" | "createdMs" | "nextTryMs"
> & {
  /** Default: the incident. */
  alert?: string;
  /** Default: null. */
  digestMs?: number | null;
};

/** What became of a message, without what it says. */
export type ToldMessage = Pick<
  OutboxMessage,
  "dedupeKey" | "channel" | "type" | "alert" | "incident" | "createdMs" | "failedMs" | "digestMs"
> & {
  /** Key of the digest that told it, or of the message that says all of it; null: none. */
  toldIn: string | null;
};

/** One root's trouble, as a part of an alert. */
export interface AlertPart {
  /** The root, and `<site>#service` for services that one site alone misses. */
  key: string;
  root: string;
  startMs: number;
  /** null while it lasts, or while the place is still cut off by another fault. */
  endMs: number | null;
}

/** `outage`: one root · `area`: several roots that fell together · `unstable`: one that comes and goes. */
export type AlertKind = "outage" | "area" | "unstable";

/** What people think of an alert: what it was called when they were told last. */
export interface AlertFace {
  kind: AlertKind;
  root: string;
  cause: Cause;
  /** No site is cut off, services alone cannot be reached. */
  isService: boolean;
  /** How many sites it cut off. */
  sites: number;
}

/** Something that people were, or will be, told of: one problem and its end. */
export interface AlertRecord {
  id: string;
  /** Of its first fault; where the API has its outages. */
  incident: string;
  /** At least one; by start, then key. */
  parts: AlertPart[];
  /** Site under which several parts are told as one. */
  area: string | null;
  /** Sites that it cut off, sorted. */
  sites: string[];
  /** When its first outage was learned. */
  openedMs: number;
  /** From when the hold counts: openedMs, or when the outage of a parent was over. */
  sinceMs: number;
  /** A parent is cut off as well. */
  isHidden: boolean;
  /** The root comes and goes. */
  isUnstable: boolean;
  /** When the message that it began was queued; null: not yet. */
  toldMs: number | null;
  /** What people were told last; null: nothing yet. */
  told: AlertFace | null;
  /** Parent that was in doubt when it was told; what falls below that at the time belongs to it. */
  doubted: string | null;
  /** Since when it is something else than what was told; null: it is not. */
  changedMs: number | null;
  /** How often a change was told. */
  updates: number;
  /** When it was first seen to be over; null: it is not. */
  endedMs: number | null;
  /** When the message that it is over was queued, or the alert was dropped unsent. */
  closedMs: number | null;
  /** What the last message said, for a correction of what is not in the table any more; JSON. null: nothing was said. */
  facts: unknown;
}

/** What one run of the watch found new; written whole or not at all. */
export interface WatchWrite {
  /** Late touches up to this id were judged; see StateStore.lateTouches. */
  judgedTouches?: number;
  /** Changes of announced work up to this id are in the table; see StateStore.maintenanceTouches. */
  judgedMaintenance?: number;
  outages: readonly OutageRecord[];
  /**
   * Segments to store. For each (site, link, service) what was stored from `replaceFromMs` on goes; a segment that reaches
   * past it is cut there, and joined to the first new one when they are alike.
   */
  states: readonly {
    site: string;
    link?: string;
    service: string;
    replaceFromMs: number;
    /** When it was learned; what is replaced can be read back as of earlier moments. */
    knownMs: number;
    segments: readonly StateSegment[];
  }[];
  /** `gone`: stored ones that are no more, or not so any more · `found`: new ones. Left out: nothing changed. */
  blips?: { gone: readonly Blip[]; found: readonly Blip[]; knownMs: number };
  alerts: readonly AlertRecord[];
  messages: readonly NewMessage[];
  baselines?: readonly BaselineRow[];
}

/** Round-trip times of a target in the hours of one day, as watch/round-trips.ts packs them. */
export interface BaselineRow {
  key: string;
  /** Days since the epoch, UTC. */
  day: number;
  hours: Uint8Array;
}

export interface NewAgent {
  id: string;
  keyHash: string;
  keyPrefix: string;
  /** Of what its request was marked with; left out or null: it cannot be repeated. */
  nonceHash?: string | null;
  hardware: string;
  version: string;
}

/** Everything that is not a time series. Each method is one transaction; what it promised is durable when it resolves. */
export interface StateStore extends ComplaintStore, AlertStore, SlaStore, PartnerStore {
  /*
   * Each administrative act writes its row of the audit log in its own transaction. `by`: who does it.
   */

  /** Resolves with the token's id. */
  addEnrolToken(
    token: {
      hash: string;
      prefix: string;
      site: string;
      kind: AgentKind;
      expiresMs: number;
      nowMs: number;
    },
    by?: Actor,
  ): Promise<string>;
  enrolTokens(): Promise<EnrolTokenRecord[]>;
  revokeEnrolToken(id: string, nowMs: number, by?: Actor): Promise<"revoked" | "unknown" | "used">;
  /**
   * Burns the token and makes the agent, or says why not. `address`: from where it was asked for. A burned token with the
   * same nonce, while no key of its agent was used: that agent again, with this key in place of those before.
   */
  redeemEnrolToken(
    tokenHash: string,
    nowMs: number,
    agent: NewAgent,
    address?: string | null,
  ): Promise<AgentRecord | "unknown" | "used" | "expired" | "revoked">;
  /** Only looks. */
  agentByKeyHash(keyHash: string): Promise<AgentRecord | null>;
  /**
   * Whose key this is; null: nobody's, or not any more. The first use of a key revokes all others of the agent. When the
   * agent was last seen may be what it was at an earlier use.
   */
  useAgentKey(keyHash: string, nowMs: number, address?: string | null): Promise<AgentRecord | null>;
  /** A further key, good at once beside the present one. Of those never used the newest three stay good. */
  addAgentKey(agent: string, key: { hash: string; prefix: string }, nowMs: number, by: Actor): Promise<void>;
  /** The agent's configuration asks it to take a new key. False when there is no such agent. */
  askRotation(agent: string, nowMs: number, by: Actor): Promise<boolean>;
  agent(id: string): Promise<AgentRecord | null>;
  agents(): Promise<AgentRecord[]>;
  /** At once: the next request with the key is refused. False when there is no such agent. */
  revokeAgent(id: string, nowMs: number, by?: Actor): Promise<boolean>;
  /**
   * Takes the note of numbers that could not be from the agent's account, once somebody has seen to it; the numbers stay as
   * they are. False when there is none.
   */
  settleLedger(id: string, nowMs: number, by: Actor): Promise<boolean>;

  addApiKey(key: NewApiKey, by?: Actor): Promise<void>;
  /** A key that was not revoked; whether it has expired is for the caller to see. */
  apiKeyByHash(hash: string): Promise<ApiKeyRecord | null>;
  apiKeys(): Promise<ApiKeyRecord[]>;
  /** Adds a key in place of another, which is good until `oldUntilMs` or its own end. `replaced`: it was done before. */
  rotateApiKey(
    id: string,
    how: { oldUntilMs: number; makeNew: (old: ApiKeyRecord) => NewApiKey },
    nowMs: number,
    by?: Actor,
  ): Promise<ApiKeyRecord | "unknown" | "replaced">;
  revokeApiKey(id: string, nowMs: number, by?: Actor): Promise<boolean>;

  /** For acts that change nothing here, and for attempts that were refused. */
  addAudit(entry: AuditEntry): Promise<void>;
  /** The newest first, from before `beforeId` on. */
  audit(filter: { beforeId?: number | undefined; limit: number }): Promise<AuditRecord[]>;

  /**
   * Of the `most` agents that were heard last, the newest batch that each had stored until then of those whose last round
   * (`lastMs`) began at `leastLastMs` or later.
   */
  commitsUntil(
    untilMs: number,
    leastLastMs: number,
    most: number,
  ): Promise<{ agent: string; site: string; receivedMs: number; lastMs: number }[]>;
  /** What is stored under the agent's seq; null: nothing. */
  batch(agent: string, seq: number): Promise<{ boot: string; rounds: number } | null>;
  clockAnchors(agent: string): Promise<ClockAnchor[]>;
  ledger(agent: string): Promise<Ledger | null>;
  /** By agent, of those that have sent anything. */
  standings(): Promise<ReadonlyMap<string, Standing>>;
  events(filter: { fromMs: number; toMs: number; sites?: readonly string[] }): Promise<StoredEvent[]>;

  outages(filter: OutageFilter): Promise<OutageRecord[]>;
  /** Every revision, oldest first; empty when there is no such outage. */
  outageRevisions(id: string): Promise<OutageRecord[]>;
  /** When the record begins: nothing was known before, epoch ms; null: nothing is known yet. */
  recordBeganMs(): Promise<number | null>;
  /**
   * Segments overlapping [fromMs, toMs), ascending per (site, service). service "" is the site itself. `asOfMs`: as they
   * were known then (default: now).
   */
  states(filter: {
    fromMs: number;
    toMs: number;
    sites?: readonly string[];
    service: string;
    asOfMs?: number | undefined;
  }): Promise<StateSegment[]>;
  /**
   * `stamp`: another text when anything else is known of these services ("": the sites and their links), or of blips, in [fromMs, toMs), so
   * that what was made of the segments under one stamp need not be made again under it. `lastMs`: when the last of it was
   * learned; null: nothing is known.
   */
  statesStamp(filter: {
    fromMs: number;
    toMs: number;
    services: readonly string[];
  }): Promise<{ stamp: string; lastMs: number | null }>;
  /** The last segment of each (site, service). */
  currentStates(): Promise<StateSegment[]>;
  /** The same of links, where a site has several: segments overlapping [fromMs, toMs), ascending per link. */
  linkStates(filter: {
    fromMs: number;
    toMs: number;
    sites?: readonly string[];
    asOfMs?: number | undefined;
  }): Promise<StateSegment[]>;
  currentLinkStates(): Promise<StateSegment[]>;
  /** By site: when the first state of any of its links begins, epoch ms. A site without one is missing. */
  linksTrackedSince(sites: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** Losses too short for an outage that overlap [fromMs, toMs), ascending per site. `asOfMs`: as they were known then (default: now). */
  blips(filter: {
    fromMs: number;
    toMs: number;
    sites?: readonly string[];
    asOfMs?: number | undefined;
  }): Promise<Blip[]>;
  /** Of the days [fromDay, toDay), ascending. */
  baselines(key: string, fromDay: number, toDay: number): Promise<BaselineRow[]>;
  writeWatch(write: WatchWrite): Promise<void>;
  /** Rounds far back that were stored and not judged yet: the newest entry's id and the earliest moment; null: none. */
  lateTouches(): Promise<{ upTo: number; fromMs: number } | null>;

  /** Announced work in force, the first written down first. `asOfMs`: as it was known then (default: now). */
  maintenance(filter?: { asOfMs?: number | undefined }): Promise<MaintenanceRecord[]>;
  /** Changes it, each with its row of the audit log. `decide` sees what is in force and may refuse by throwing. */
  changeMaintenance(
    decide: (current: readonly MaintenanceRecord[]) => readonly MaintenanceChange[],
    nowMs: number,
    by: Actor,
  ): Promise<void>;
  /** Changes that the table does not tell of yet: the newest entry's id and the earliest moment; null: none. */
  maintenanceTouches(): Promise<{ upTo: number; fromMs: number } | null>;

  /** Every target that was ever in force, as it was last defined. */
  targets(): Promise<Target[]>;
  putTargets(targets: readonly Target[]): Promise<void>;

  openAlerts(): Promise<AlertRecord[]>;
  /** Of either kind: of an outage, or of a condition. */
  isAlertOpen(id: string): Promise<boolean>;
  /** What is to be delivered by a channel now, in the order in which it was queued. */
  dueMessages(channel: string, nowMs: number, limit: number): Promise<OutboxMessage[]>;
  /** What waits for channels other than these. */
  strandedMessages(channels: readonly string[], limit: number): Promise<OutboxMessage[]>;
  /** How many messages wait by themselves, by channel, and since when the oldest does, epoch ms. */
  pendingMessages(): Promise<{ channel: string; count: number; oldestMs: number }[]>;
  messages(filter: { limit: number }): Promise<OutboxMessage[]>;
  /** `remoteId`: what the other side calls it · `note`: what an operator should see although it arrived. */
  messageSent(id: string, nowMs: number, remoteId?: string, note?: string): Promise<void>;
  /** nextTryMs null: given up. */
  messageFailed(id: string, nowMs: number, error: string, nextTryMs: number | null): Promise<void>;
  /** Given up, since another message on the same channel, that is queued or will be, says all of it; `by`: its key. */
  messageOvertaken(id: string, nowMs: number, reason: string, by: string): Promise<void>;

  setting(name: string): Promise<string | null>;
  setSetting(name: string, value: string): Promise<void>;
  /** Rejects when the store cannot be written. For /readyz. */
  ping(): Promise<void>;
}
