import { createRoute, z } from "@hono/zod-openapi";
import { defaultTimeZone } from "../inventory/local-time.ts";
import { complaintDimensions, groupComplaints } from "../report/complaint-counts.ts";
import type { ComplaintDimension } from "../report/complaint-counts.ts";
import { complaintChannels, contactChannels, importSurfaces } from "../state/complaint-store.ts";
import { dayParams, resolveDays } from "./day-range.ts";
import { createApi, json, refusedWith, rowsOf, withKey } from "./open-api.ts";
import type { Api } from "./open-api.ts";
import { asOfParam, fromParam, resolveRange, toParam } from "./params.ts";
import { answer, maxRows, metaOf } from "./read-context.ts";
import type { ReadDeps } from "./read-context.ts";
import { iso } from "./rows.ts";

const common = { tags: ["complaints"], security: withKey, method: "get" as const };

const byAllowed = `some of ${complaintDimensions.join(", ")}, with commas`;
const byParam = z
  .string({ error: `${byAllowed}, once` })
  .default("kecamatan,month")
  .transform((text, context): readonly ComplaintDimension[] => {
    const wanted = new Set(text.split(",").map((word) => word.trim()));
    const known = complaintDimensions.filter((dimension) => wanted.has(dimension));
    if (known.length === wanted.size) return known;
    context.addIssue({ code: "custom", message: byAllowed });
    return z.NEVER;
  })
  .openapi({ type: "string", param: { description: `By what they are counted: ${byAllowed}.` } });

const countRow = z
  .object({
    area: z.string().optional(),
    kecamatan: z.string().optional(),
    day: z.string().optional(),
    month: z.string().optional(),
    channel: z.enum(complaintChannels).optional(),
    topic: z.string().optional(),
    connectivity: z.boolean().nullable().optional(),
    count: z.int(),
  })
  .openapi("ComplaintCount");

const countsRoute = createRoute({
  ...common,
  path: "/complaints",
  summary: "Numbers of complaints by area, time, channel and topic",
  description:
    "Days of the regency's zone. Numbers of one or two may point at a person in a village: they are for those with a key, and not for publication.",
  request: {
    query: z.strictObject({
      ...dayParams,
      by: byParam,
      asOf: asOfParam,
    }),
  },
  responses: { 200: json("Numbers.", rowsOf(countRow)), ...refusedWith(400, 401, 403) },
});

const contactRow = z
  .object({ time: z.string(), area: z.string(), channel: z.enum(contactChannels), count: z.int() })
  .openapi("Contact");

const contactsRoute = createRoute({
  ...common,
  path: "/contacts",
  summary: "Contacts with their moments",
  request: { query: z.strictObject({ from: fromParam, to: toParam }) },
  responses: { 200: json("Contacts.", rowsOf(contactRow)), ...refusedWith(400, 401, 403) },
});

const importRow = z
  .object({
    id: z.string(),
    time: z.string(),
    surface: z.enum(importSurfaces),
    refused: z.int(),
    firstDay: z.string().nullable().openapi({ description: "First day that it speaks of." }),
    lastDay: z.string().nullable(),
    added: z.int(),
    corrected: z.int(),
    unchanged: z.int(),
    hidden: z.int(),
    cells: z.int(),
  })
  .openapi("ComplaintImport");

const importsRoute = createRoute({
  ...common,
  path: "/complaints/imports",
  summary: "The newest 200 imports and what each changed",
  responses: { 200: json("Imports, the newest first.", rowsOf(importRow)), ...refusedWith(401, 403) },
});

export function createComplaintReadRoutes({ state, inventory, nowMs }: ReadDeps): Api {
  const api = createApi();
  api.openapi(countsRoute, async (c) => {
    const { by, asOf, ...query } = c.req.valid("query");
    const { fromDay, toDay } = resolveDays(query, nowMs(), inventory().timeZone ?? defaultTimeZone);
    const asOfMs = asOf === undefined || asOf >= nowMs() ? undefined : asOf;
    const groups = groupComplaints(await state.complaintCounts({ fromDay, toDay, asOfMs }), by);
    const data = groups.slice(0, maxRows);
    const meta = { ...metaOf(data, { truncated: groups.length > maxRows }), from: fromDay, to: toDay };
    return answer(c, { data, meta });
  });
  api.openapi(contactsRoute, async (c) => {
    const range = resolveRange(c.req.valid("query"), nowMs());
    const found = await state.contacts(range);
    const data = found.slice(0, maxRows).map(({ timeMs, ...row }) => ({ time: iso(timeMs), ...row }));
    return answer(c, { data, meta: metaOf(data, { range, truncated: found.length > maxRows }) });
  });
  api.openapi(importsRoute, async (c) => {
    const found = await state.complaintImports({ limit: 200 });
    const data = found.map(({ timeMs, ...row }) => ({ ...row, time: iso(timeMs) }));
    return c.json({ data, meta: metaOf(data) }, 200);
  });
  return api;
}
