import { createRoute, z } from "@hono/zod-openapi";
import { importModes } from "../ingest/complaints/create-complaints.ts";
import { complaintChannels, complaintStatuses, contactChannels } from "../state/complaint-store.ts";
import { dayParam } from "./day-range.ts";
import { json, refusalRow, refusedWith, withComplaintsKey } from "./open-api.ts";
import { langParam } from "./params.ts";

/* The description of what complaints.ts does; the bodies are checked by ingest/. */

const common = { tags: ["complaints"], security: withComplaintsKey };
const day = z.string().openapi({ example: "2026-03-04" });
const yesNo = z.union([z.boolean(), z.string()]);

const row = z
  .object({
    trackingId: z.string().optional().openapi({ description: "Stored as a keyed hash.", example: "7654321" }),
    area: z.string().optional().openapi({ description: "Code, name or alias.", example: "64.08.05.2001" }),
    kecamatan: z.string().optional(),
    village: z.string().optional(),
    received: day,
    channel: z.enum(complaintChannels).optional(),
    topic: z.string().optional().openapi({ example: "Jaringan Internet" }),
    status: z.enum(complaintStatuses).optional(),
    verified: day.optional(),
    followedUp: day.optional(),
    closed: day.optional(),
    aboutConnectivity: yesNo.optional(),
    anonymous: yesNo.optional(),
    confidential: yesNo.optional(),
    count: z
      .int()
      .optional()
      .openapi({ description: "Of a row without trackingId: how many it stands for." }),
  })
  .openapi("ComplaintRow");

const file = z.string().openapi({ format: "binary" });

const resultRow = z
  .object({
    added: z.int(),
    corrected: z.int().openapi({ description: "Cases of which something changed." }),
    unchanged: z.int(),
    hidden: z.int().openapi({ description: "Cases that are only counted from now on." }),
    cells: z.int().openapi({ description: "Cells whose number changed." }),
  })
  .openapi("ComplaintImportResult");

const report = z
  .object({
    import: z.string().nullable(),
    mode: z.enum(importModes),
    dryRun: z.boolean(),
    rows: z.int(),
    refused: z.int().openapi({ description: "Lines that were refused." }),
    refusals: z.array(refusalRow),
    days: z
      .object({ first: day, last: day })
      .nullable()
      .openapi({ description: "The days that it speaks of, both included. null: of none." }),
    passedOver: z.int().openapi({ description: "Lines of cases that were deleted." }),
    result: resultRow.nullable(),
  })
  .openapi("ComplaintImportReport");

export const exportDays = {
  from: dayParam(
    "First day that the export speaks of. Default: the first on which a line of it was received.",
  ),
  to: dayParam(
    "Day after the last one that it speaks of, tomorrow at most. Default: after the last on which a line was received. Days between the two without a line count as days without complaints; a line of another day is refused.",
  ),
};

const personal =
  "Columns that speak of people, and values that look like a NIK, a phone number, an e-mail address or coordinates, are refused; no answer repeats what was sent.";

export const importRoute = createRoute({
  ...common,
  method: "post",
  path: "/complaints",
  summary: "A file of complaints, or rows of one",
  description: `A scope of its own, complaints, is enough. ${personal} The same file again changes nothing; a case that changed is corrected, and keeps its history.`,
  request: {
    query: z.object({
      mode: z.enum(importModes).optional().openapi({
        description: "What becomes of a file with a line that is refused. Default: all-or-nothing.",
      }),
      dryRun: z
        .enum(["true", "false"])
        .optional()
        .openapi({ description: "true: says what would happen, and changes nothing." }),
      ...exportDays,
      lang: langParam,
    }),
    body: {
      required: true,
      content: {
        "text/csv": { schema: file },
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": { schema: file },
        "application/octet-stream": { schema: file },
        "application/json": { schema: z.object({ rows: z.array(row) }) },
      },
    },
  },
  responses: {
    200: json("What changed.", z.object({ data: report })),
    ...refusedWith(400, 401, 403, 413, 422),
  },
});

export const daysRoute = createRoute({
  ...common,
  method: "delete",
  path: "/complaints/imports/{id}/days",
  summary: "Take back of which days an import speaks, where a period was wrong",
  description:
    "What the import brought stays. Days of which no other import speaks are not counted as days without complaints.",
  request: { params: z.object({ id: z.string() }) },
  responses: { 204: { description: "Taken back." }, ...refusedWith(401, 403, 404) },
});

export const deletionRoute = createRoute({
  ...common,
  method: "post",
  path: "/complaints/deletions",
  summary: "Delete a case with its history, and keep it out of later imports",
  description: "The tracking id is in the body, since a path ends in logs.",
  request: {
    query: z.strictObject({ lang: langParam }),
    body: {
      required: true,
      content: { "application/json": { schema: z.object({ trackingId: z.string() }) } },
    },
  },
  responses: { 204: { description: "Deleted." }, ...refusedWith(400, 401, 403, 404, 413, 422) },
});

const contact = z
  .object({
    area: z.string().openapi({
      example: "64.08.05.2001",
      description: "Only a village's tell whether it could reach the service at that moment.",
    }),
    time: z.string().openapi({ example: "2026-03-04T10:15:00+08:00" }),
    channel: z.enum(contactChannels),
    count: z.int().optional().openapi({ description: "Default: 1." }),
  })
  .openapi("ContactRow");

const counted = z
  .object({
    channel: z.enum(contactChannels),
    from: z.string().openapi({ example: "2026-03-04T00:00:00+08:00" }),
    to: z.string().openapi({ example: "2026-03-05T00:00:00+08:00" }),
  })
  .openapi("ContactSpan");

export const contactsRoute = createRoute({
  ...common,
  method: "post",
  path: "/contacts",
  summary: "Contacts with their moments: messages, or hits of a portal; numbers only",
  description:
    "All of them or none. `counted` says of which time of a channel this is everything: it takes the place of what was stored of it, and where nothing came that is a zero.",
  request: {
    query: z.strictObject({ lang: langParam }),
    body: {
      required: true,
      content: {
        "application/json": { schema: z.object({ counted: z.array(counted), contacts: z.array(contact) }) },
      },
    },
  },
  responses: {
    200: json(
      "How many there were, and how many changed something.",
      z.object({
        data: z.object({ rows: z.int(), changed: z.int() }),
      }),
    ),
    ...refusedWith(400, 401, 403, 413, 422),
  },
});
