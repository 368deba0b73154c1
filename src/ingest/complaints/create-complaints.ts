import { randomBytes } from "node:crypto";
import type { Inventory } from "../../inventory/inventory.ts";
import { createLocalTime } from "../../inventory/local-time.ts";
import { commandActor } from "../../state/audit.ts";
import type { Actor } from "../../state/audit.ts";
import type {
  ComplaintImport,
  ComplaintRetention,
  ContactCount,
  ContactSpan,
  ImportResult,
} from "../../state/complaint-store.ts";
import type { StateStore } from "../../state/state-store.ts";
import { createAreaFinder } from "./areas.ts";
import { toTrackingId } from "./check-line.ts";
import type { Words } from "./check-line.ts";
import { checkRows } from "./check-rows.ts";
import type { CheckedRows } from "./check-rows.ts";
import type { Field } from "./columns.ts";
import { createDayReader } from "./days.ts";
import { readTable } from "./read-table.ts";
import { ComplaintFileError, refuseFile } from "./refusal.ts";
import type { Refusal } from "./refusal.ts";
import type { ComplaintSecret } from "./secret.ts";
import { toImport } from "./to-import.ts";
import type { SheetRow } from "./xlsx.ts";

export const importModes = ["all-or-nothing", "good-lines"] as const;
/** What becomes of a file with a line that is refused. */
export type ImportMode = (typeof importModes)[number];

export interface ImportRequest {
  /** A file as it came, or rows whose first has the names of the columns. */
  from: Buffer | Iterable<SheetRow>;
  surface: ComplaintImport["surface"];
  mode: ImportMode;
  /** Says what would happen, and changes nothing. */
  dryRun: boolean;
  /**
   * The days that the export speaks of, YYYY-MM-DD, both of them included. Default: from the first day on which a line of it was
   * received to the last.
   */
  days?: { first: string; last: string } | undefined;
  by: Actor;
}

export interface ImportReport {
  /** Id of the import; null: nothing was stored. */
  import: string | null;
  mode: ImportMode;
  dryRun: boolean;
  /** Lines below the names of the columns. */
  rows: number;
  /** Lines that were refused. */
  refused: number;
  /** Why; the first 1,000. */
  refusals: Refusal[];
  /** The days that it speaks of, or would, both included; null: of none, for it has no line that was taken. */
  days: { first: string; last: string } | null;
  /** Lines that were passed over, since their case was deleted. */
  passedOver: number;
  /** What changed, or would; null: nothing was to be stored. */
  result: ImportResult | null;
}

export interface ComplaintOptions {
  /** Largest file, bytes. */
  maxFileBytes: number;
  /** Most lines of a file. */
  maxRows: number;
  retention: ComplaintRetention;
  /** Names of columns beside the known ones, plain. */
  columnNames: ReadonlyMap<string, Field>;
  words: Words;
  /** IANA name of the zone in which days are cut. */
  timeZone: string;
}

export interface Complaints {
  readonly maxFileBytes: number;
  /** Throws ComplaintFileError where the file as a whole cannot be taken; nothing was stored then. */
  importFile(request: ImportRequest): Promise<ImportReport>;
  /** Takes back of which days an import speaks, and nothing else of it. False when there is no such import. */
  withdrawDays(id: string, by: Actor): Promise<boolean>;
  /** False when there is no such case. */
  remove(trackingId: string, by: Actor): Promise<boolean>;
  /** All contacts of the spans, in place of those before; resolves with how many changed. */
  putContacts(spans: readonly ContactSpan[], contacts: readonly ContactCount[], by: Actor): Promise<number>;
  /** Makes numbers of old cases, and deletes what is older still. */
  purge(): Promise<void>;
}

export interface ComplaintDeps {
  state: StateStore;
  inventory: () => Inventory;
  secret: ComplaintSecret;
  nowMs: () => number;
  options: ComplaintOptions;
}

const dayMs = 86_400_000;
const maxRefusals = 1_000;

/** Takes complaints in, and deletes them. One thing at a time: an import looks at the store before it writes. */
export function createComplaints(deps: ComplaintDeps): Complaints {
  const { state, inventory, secret, nowMs, options } = deps;
  const { retention, timeZone } = options;
  const { toLocalMs } = createLocalTime(timeZone);
  const inTurn = createTurns();
  const dayAgo = (days: number) => new Date(toLocalMs(nowMs()) - days * dayMs).toISOString().slice(0, 10);

  const purge = async () => {
    const before = {
      caseDay: dayAgo(retention.caseDays),
      countDay: dayAgo(retention.countDays),
      contactMs: nowMs() - retention.contactDays * dayMs,
    };
    await state.purgeComplaints(before, nowMs(), commandActor("complaints.retention"));
  };

  async function check({ from, days }: ImportRequest): Promise<CheckedRows> {
    if (Buffer.isBuffer(from) && from.length > options.maxFileBytes)
      throw refuseFile("file.size", { other: options.maxFileBytes });
    return checkRows(Buffer.isBuffer(from) ? readTable(from) : from, {
      columnNames: options.columnNames,
      maxRows: options.maxRows,
      areas: createAreaFinder(inventory()),
      words: options.words,
      readDay: createDayReader(timeZone),
      today: dayAgo(0),
      spokenOf: days ?? null,
    });
  }

  async function store(request: ImportRequest, checked: CheckedRows): Promise<ImportReport> {
    const { mode, dryRun, by, surface, from } = request;
    const refused = new Set(checked.refusals.map(({ line }) => line)).size;
    const told = {
      mode,
      dryRun,
      rows: checked.rows,
      refused,
      refusals: checked.refusals.slice(0, maxRefusals),
    };
    if (refused > 0 && mode === "all-or-nothing") {
      if (!dryRun) await noteRefused(request, checked.refusals);
      return { ...told, import: null, days: null, passedOver: 0, result: null };
    }
    const id = `imp_${randomBytes(8).toString("hex")}`;
    const { passedOver, ...parts } = await toImport(checked.lines, {
      hash: (trackingId) => secret.hash("case", trackingId),
      deleted: await state.deletedComplaints(),
      caseDay: dayAgo(retention.caseDays),
    });
    const content = Buffer.isBuffer(from) ? from : JSON.stringify(checked.lines);
    const fileHash = await secret.hash("file", content);
    const days = daysOf(request, checked);
    const what = { id, surface, fileHash, refused, days, ...parts };
    const result = await state.importComplaints(what, nowMs(), by, dryRun);
    return { ...told, import: dryRun ? null : id, days, passedOver, result };
  }

  async function noteRefused({ surface, by }: ImportRequest, refusals: readonly Refusal[]): Promise<void> {
    const detail = { surface, refusals: refusals.length, first: refusals[0]!.code };
    const entry = { action: "complaints.refused", subject: "", result: "refused", detail } as const;
    await state.addAudit({ timeMs: nowMs(), by, ...entry });
  }

  return {
    maxFileBytes: options.maxFileBytes,
    importFile: (request) =>
      inTurn(async () => {
        try {
          const checked = await check(request);
          if (!request.dryRun) await purge();
          return await store(request, checked);
        } catch (error) {
          if (error instanceof ComplaintFileError && !request.dryRun)
            await noteRefused(request, error.refusals);
          throw error;
        }
      }),
    withdrawDays: (id, by) => inTurn(() => state.withdrawDays(id, nowMs(), by)),
    remove: (trackingId, by) =>
      inTurn(async () => {
        const hash = await secret.hash("case", toTrackingId(trackingId));
        return state.deleteComplaint(hash, nowMs(), by);
      }),
    putContacts: (spans, contacts, by) => state.putContacts(spans, contacts, nowMs(), by),
    purge: () => inTurn(purge),
  };
}

/** A file of which every line was refused says nothing of any day; one without lines says that there were no complaints. */
function daysOf({ days: said }: ImportRequest, { lines, rows }: CheckedRows): ImportReport["days"] {
  if (said !== undefined) return lines.length === 0 && rows > 0 ? null : said;
  const days = lines.map(({ cell }) => cell.day).toSorted();
  return days.length === 0 ? null : { first: days[0]!, last: days.at(-1)! };
}

/** Runs one after the other, in the order in which they came; one that fails does not hold up the next. */
function createTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const next = last.then(work, work);
    last = next.catch(() => {});
    return next;
  };
}
