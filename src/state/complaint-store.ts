import type { Actor } from "./audit.ts";

/*
 * Complaints without the people who made them (UU 27/2022). A case is known by a keyed hash of its tracking id, and has no
 * text that anybody wrote: areas, channels, topics and statuses come from closed lists. A case that is anonymous or
 * confidential, and one that is past its retention, is only counted in a cell (area, day, channel, topic, connectivity): what
 * is kept of it is which cell that is, so that it is counted once, whatever a later export says of it.
 *
 * Days are YYYY-MM-DD in the district's zone. Spans are [fromDay, toDay).
 */

export const complaintChannels = [
  "web",
  "app",
  "sms",
  "whatsapp",
  "x",
  "email",
  "phone",
  "walk-in",
  "omnichannel",
  "other",
] as const;
/** How a complaint reached the service. */
export type ComplaintChannel = (typeof complaintChannels)[number];

export const complaintStatuses = [
  "received",
  "verified",
  "in-progress",
  "closed",
  "postponed",
  "not-ours",
  "archived",
] as const;
/** Where a case stands: SP4N-LAPOR!'s own steps, and those with which an administrator ends one. */
export type ComplaintStatus = (typeof complaintStatuses)[number];

export const contactChannels = ["whatsapp", "omnichannel", "portal"] as const;
/** Where people showed up, with the moment: messages, or hits of a portal. */
export type ContactChannel = (typeof contactChannels)[number];

/** What is counted. */
export interface ComplaintCell {
  /** Kemendagri code of the place complained about, at whatever level it is known. */
  area: string;
  /** When it was received. */
  day: string;
  channel: ComplaintChannel;
  /** From a closed list; `other` where the file has none. */
  topic: string;
  /** null: nobody said. */
  aboutConnectivity: boolean | null;
}

export interface ComplaintCase extends ComplaintCell {
  /** HMAC-SHA-256 of the tracking id, base64url. */
  hash: string;
  status: ComplaintStatus | null;
  verifiedDay: string | null;
  followedUpDay: string | null;
  closedDay: string | null;
}

/** A case that is only counted. */
export interface HiddenCase extends ComplaintCell {
  /** As of a case; it is not stored. */
  hash: string;
}

export interface ComplaintCount extends ComplaintCell {
  count: number;
}

/** One version of a case, as an import made it. */
export interface ComplaintVersion extends ComplaintCase {
  /** 1, 2, 3 … */
  version: number;
  /** Id of the import. */
  import: string;
  knownMs: number;
  /** When another version took its place; null: it is in force. */
  supersededMs: number | null;
}

/** Working time of the cases of one area that were received on one day and have the same dates. */
export interface ComplaintHandling {
  area: string;
  receivedDay: string;
  status: ComplaintStatus | null;
  verifiedDay: string | null;
  followedUpDay: string | null;
  closedDay: string | null;
  count: number;
}

export interface ContactCount {
  area: string;
  /** Epoch ms. */
  timeMs: number;
  channel: ContactChannel;
  count: number;
}

/** A time in which the contacts of a channel were being counted, epoch ms, half-open. */
export interface ContactSpan {
  channel: ContactChannel;
  fromMs: number;
  toMs: number;
}

export const importSurfaces = ["api", "folder"] as const;

/** What one import brings: every line checked, nothing of a person in it. */
export interface ComplaintImport {
  id: string;
  /** Through which door it came; a command comes through the API. */
  surface: (typeof importSurfaces)[number];
  /** Keyed hash of the file, to see the same one come again. */
  fileHash: string;
  cases: readonly ComplaintCase[];
  /** Cases that are only counted: anonymous, confidential, or past their retention. */
  hidden: readonly HiddenCase[];
  /** Numbers of lines without an id, whole for a cell: each takes the place of the number that the cell had. 0: there is none. */
  counts: readonly ComplaintCount[];
  /** The days that it speaks of, both of them included: a day on which nothing stands there had none. null: none. */
  days: { first: string; last: string } | null;
  /** Lines that were refused. */
  refused: number;
}

/** What an import changed. */
export interface ImportResult {
  /** Cases that were not known. */
  added: number;
  /** Cases of which something changed; what was known before stays readable. */
  corrected: number;
  unchanged: number;
  /** Cases that are only counted from now on. */
  hidden: number;
  /** Cells whose number changed. */
  cells: number;
}

export interface ComplaintImportRecord extends ImportResult {
  id: string;
  timeMs: number;
  surface: ComplaintImport["surface"];
  refused: number;
  /** See ComplaintImport.days. */
  firstDay: string | null;
  lastDay: string | null;
}

/** How long rows stay, days. */
export interface ComplaintRetention {
  /** Cases; then they are numbers. */
  caseDays: number;
  /** Numbers. */
  countDays: number;
  contactDays: number;
}

export interface ComplaintStore {
  /**
   * Complaints by cell, cases and numbers together, ascending by day, then area. `asOfMs`: as it was known then (default:
   * now); what was deleted is not told of earlier either, and what is only counted is told in the cell that it has now.
   */
  complaintCounts(filter: {
    fromDay: string;
    toDay: string;
    asOfMs?: number | undefined;
  }): Promise<ComplaintCount[]>;
  /** Of cases received in the span, ascending by day, then area. What is only a number has no dates and is not in it. */
  complaintHandling(filter: { fromDay: string; toDay: string }): Promise<ComplaintHandling[]>;
  /** Hashes of cases that were deleted: an import has to pass them over. */
  deletedComplaints(): Promise<ReadonlySet<string>>;
  /** Every version of one case, oldest first. */
  complaintHistory(hash: string): Promise<ComplaintVersion[]>;
  /** Ascending by time. */
  contacts(filter: { fromMs: number; toMs: number }): Promise<ContactCount[]>;
  /** Those that overlap [fromMs, toMs), ascending per channel, none touching the next. */
  contactSpans(filter: { fromMs: number; toMs: number }): Promise<ContactSpan[]>;
  /** What imports speak of any day in [fromDay, toDay), ascending by first day, and when they came. */
  countedDays(filter: {
    fromDay: string;
    toDay: string;
  }): Promise<{ firstDay: string; lastDay: string; timeMs: number }[]>;
  /** The newest first. */
  complaintImports(filter: { limit: number }): Promise<ComplaintImportRecord[]>;

  /**
   * Stores an import whole or not at all, with its row of the audit log. The same file again changes nothing but that row.
   * `dryRun`: says what it would change, and changes nothing. Nothing else may change complaints until it resolves.
   */
  importComplaints(what: ComplaintImport, nowMs: number, by: Actor, dryRun?: boolean): Promise<ImportResult>;
  /**
   * All contacts of the spans, each of which lies in one of its channel: they take the place of what was stored of these spans.
   * Resolves with how many are new, other than before, or gone.
   */
  putContacts(
    spans: readonly ContactSpan[],
    contacts: readonly ContactCount[],
    nowMs: number,
    by: Actor,
  ): Promise<number>;
  /** From now on the import speaks of no day; what it brought stays. False when there is none of this id. */
  withdrawDays(id: string, nowMs: number, by: Actor): Promise<boolean>;
  /**
   * Takes a case out of the store and of the file it lies in, its history too, and keeps it out: a later import passes it
   * over. False when there is none.
   */
  deleteComplaint(hash: string, nowMs: number, by: Actor): Promise<boolean>;
  /** Makes numbers of cases received before `caseDay`, and deletes what is older than the rest says. */
  purgeComplaints(
    before: { caseDay: string; countDay: string; contactMs: number },
    nowMs: number,
    by: Actor,
  ): Promise<{ cases: number; counts: number; contacts: number }>;
}
