import { z } from "zod";
import { fields, personalWordIn } from "../ingest/complaints/columns.ts";
import { importModes } from "../ingest/complaints/create-complaints.ts";
import { complaintChannels, complaintStatuses } from "../state/complaint-store.ts";
import { daysUpTo, text, wholeUpTo } from "./fields.ts";

const columnAllowed = "the name of a column that does not speak of people";

/** What is taken in of complaints, and how long it stays. Further words of an export go beside the known ones. */
export const complaints = z.strictObject({
  /** Largest file, MiB. */
  maxFileMiB: wholeUpTo(512)(8),
  /** Most lines of a file. */
  maxRows: wholeUpTo(1_000_000)(50_000),
  /** Folder into which files are put to be imported, relative to the file; null: none. */
  folder: text.nullable().default(null),
  /** What becomes of a file there with a line that is refused. */
  mode: z.enum(importModes).default("all-or-nothing"),
  /** Days after which files that were imported or refused are deleted from its folders. */
  fileDays: daysUpTo(3_650, 30),
  retention: z
    .strictObject({
      /** Cases; then they are numbers. */
      caseDays: daysUpTo(3_650, 730),
      /** Numbers of complaints. */
      countDays: daysUpTo(36_500, 3_650),
      contactDays: daysUpTo(3_650, 1_095),
    })
    .prefault({}),
  /** Fields by further names of columns. */
  columns: z
    .record(
      text.refine((name) => personalWordIn(name) === null, columnAllowed),
      z.enum(fields),
    )
    .default({}),
  /** Further topics. */
  topics: z.array(text).default([]),
  /** Channels and statuses by further words. */
  channels: z.record(text, z.enum(complaintChannels)).default({}),
  statuses: z.record(text, z.enum(complaintStatuses)).default({}),
});
