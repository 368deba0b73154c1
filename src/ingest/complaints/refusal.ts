/*
 * Why a file of complaints, or a line of it, is not taken. A refusal names places and never what stands there: what does not
 * belong in a file may be a person's name, and would end in a log, a report or an answer.
 */

export const fileCodes = [
  "file.empty",
  "file.size",
  "file.rows",
  "file.encoding",
  "file.kind",
  "file.broken",
  "column.personal",
  "column.unknown",
  "column.twice",
  "column.missing",
] as const;

export const lineCodes = [
  "line.fields",
  "line.twice",
  "value.missing",
  "value.unreadable",
  "value.day",
  "value.day.swapped",
  "value.day.ambiguous",
  "value.day.future",
  "value.day.order",
  "value.day.outside",
  "value.area",
  "value.area.ambiguous",
  "value.channel",
  "value.topic",
  "value.status",
  "value.yesno",
  "value.count",
  "value.id",
  "value.time",
  "value.contact",
  "value.counted",
  "value.uncounted",
  "value.contact.count",
  "value.personal.nik",
  "value.personal.phone",
  "value.personal.email",
  "value.personal.coordinates",
] as const;

export type RefusalCode = (typeof fileCodes)[number] | (typeof lineCodes)[number];

export interface Refusal {
  code: RefusalCode;
  /** From 1, in the file; null: of the file as a whole. */
  line: number | null;
  /** From 1; null: of the line as a whole. */
  column: number | null;
  /** What the column is for, or the known word in its name for which it is refused; null: neither is known. */
  name: string | null;
  /** What it is measured by: another line, bytes or rows allowed. */
  other?: number;
}

/** A file of which nothing was taken, whatever was asked for. */
export class ComplaintFileError extends Error {
  readonly code = "complaints.file";
  readonly refusals: readonly Refusal[];

  constructor(refusals: readonly Refusal[]) {
    super(refusals.map(({ code }) => code).join(", "));
    this.name = "ComplaintFileError";
    this.refusals = refusals;
  }
}

/** A refusal of the file as a whole. */
export function refuseFile(
  code: (typeof fileCodes)[number],
  more: Partial<Refusal> = {},
): ComplaintFileError {
  return new ComplaintFileError([{ code, line: null, column: null, name: null, ...more }]);
}
