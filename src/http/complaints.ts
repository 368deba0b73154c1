import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { readContacts } from "../ingest/complaints/contacts.ts";
import { importModes } from "../ingest/complaints/create-complaints.ts";
import type { Complaints } from "../ingest/complaints/create-complaints.ts";
import { jsonRows } from "../ingest/complaints/json-rows.ts";
import { ComplaintFileError, refuseFile } from "../ingest/complaints/refusal.ts";
import { showRefusals, showReport } from "../ingest/complaints/show-report.ts";
import type { Inventory } from "../inventory/inventory.ts";
import type { Language } from "../report/language.ts";
import { defaultTimeZone } from "../inventory/local-time.ts";
import type { Admission } from "./auth.ts";
import { contactsRoute, daysRoute, deletionRoute, exportDays, importRoute } from "./complaint-routes.ts";
import { readDays } from "./day-range.ts";
import type { HttpEnv } from "./env.ts";
import { createApi, guarded } from "./open-api.ts";
import type { Api } from "./open-api.ts";
import { langParam } from "./params.ts";
import { badField, HttpProblem, malformedBody, notFound } from "./problem.ts";

/*
 * Complaints and contacts on their way in. The bodies are checked by ingest/: what is wrong with one is never repeated in an
 * answer, as it is elsewhere, for it may be somebody's name or number.
 */

export interface ComplaintRouteDeps {
  complaints: Complaints;
  inventory: () => Inventory;
  nowMs: () => number;
}

/** Bodies that are not files. */
const maxSmallBytes = 1_048_576;
const busyRetryAfterS = 5;
/** Refusals in an answer; the command asks for a dry run to see the rest. */
const shownRefusals = 100;

export function createComplaintRoutes(deps: ComplaintRouteDeps, admission: Admission): Api {
  const { complaints, inventory, nowMs } = deps;
  const room = createApi();
  const alone = createGate();

  room.post(importRoute.path, async (c) => {
    const query = readQuery(c);
    return alone(() =>
      explained(query.lang, async () => {
        const body = await readLimited(c.req.raw, complaints.maxFileBytes);
        const isJson = (c.req.header("Content-Type") ?? "").startsWith("application/json");
        const from = isJson ? jsonRows(parseJson(body)) : body;
        const { mode, dryRun, lang } = query;
        const days = readDays(query, nowMs(), inventory().timeZone ?? defaultTimeZone);
        const request = { from, mode, dryRun, days, surface: "api", by: admission.actor(c) } as const;
        const report = await complaints.importFile(request);
        if (report.result === null) throw new ComplaintFileError(report.refusals);
        return c.json({ data: showReport(report, lang) }, 200);
      }),
    );
  });

  room.openapi(daysRoute, async (c) => {
    const { id } = c.req.valid("param");
    if (!(await complaints.withdrawDays(id, admission.actor(c)))) throw notFound(`there is no import ${id}`);
    return c.body(null, 204);
  });

  room.post(deletionRoute.path, async (c) =>
    explained(readLanguage(c), async () => {
      const { trackingId, ...more } = (parseJson(await readLimited(c.req.raw, maxSmallBytes)) ?? {}) as {
        trackingId?: unknown;
      };
      if (typeof trackingId !== "string" || trackingId.length > 64 || Object.keys(more).length > 0)
        throw refuseFile("file.broken");
      if (!(await complaints.remove(trackingId, admission.actor(c))))
        throw notFound("there is no case of this tracking id");
      return c.body(null, 204);
    }),
  );

  room.post(contactsRoute.path, async (c) =>
    explained(readLanguage(c), async () => {
      const document = parseJson(await readLimited(c.req.raw, maxSmallBytes));
      const { spans, contacts } = readContacts(document, inventory(), nowMs());
      const changed = await complaints.putContacts(spans, contacts, admission.actor(c));
      return c.json({ data: { rows: contacts.length, changed } }, 200);
    }),
  );

  for (const route of [importRoute, deletionRoute, contactsRoute]) room.openAPIRegistry.registerPath(route);
  return guarded(room, admission.scope("complaints"), noStore);
}

const noStore = createMiddleware<HttpEnv>(async (c, next) => {
  await next();
  c.res.headers.set("Cache-Control", "no-store");
});

const querySchema = z.strictObject({
  mode: z.enum(importModes, { error: `one of ${importModes.join(", ")}` }).default("all-or-nothing"),
  dryRun: z
    .enum(["true", "false"], { error: "true or false" })
    .default("false")
    .transform((text) => text === "true"),
  from: exportDays.from,
  to: exportDays.to,
  lang: langParam,
});

function readQuery(c: Context<HttpEnv>): z.output<typeof querySchema> {
  const given = c.req.query();
  const read = querySchema.safeParse(given);
  if (read.success) return read.data;
  const misfits = read.error.issues.map(({ path, message }) => {
    const field = path.join(".") || "(query)";
    return { field, value: given[field], allowed: message };
  });
  throw badField(400, misfits);
}

function readLanguage(c: Context<HttpEnv>): Language {
  return langParam.parse(c.req.query("lang") === "en" ? "en" : "id");
}

/** What is wrong with a file, as a problem document. */
async function explained<T>(language: Language, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ComplaintFileError)) throw error;
    const refusals = showRefusals(error.refusals.slice(0, shownRefusals), language);
    const isLarge = error.refusals.some(({ code }) => code === "file.size");
    throw new HttpProblem({
      status: isLarge ? 413 : 422,
      code: "complaints.refused",
      title: "Nothing was stored",
      detail: refusals[0]!.text,
      members: { refusals },
    });
  }
}

/** One file at a time is held in memory. */
function createGate() {
  let isBusy = false;
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (isBusy) {
      const headers = { "Retry-After": String(busyRetryAfterS) };
      const detail = "another file is being imported";
      throw new HttpProblem({ status: 503, code: "complaints.busy", title: "Not now", detail, headers });
    }
    isBusy = true;
    try {
      return await work();
    } finally {
      isBusy = false;
    }
  };
}

/** The body, of at most so many bytes; a longer one is not read. */
async function readLimited(request: Request, maxBytes: number): Promise<Buffer> {
  const tooLarge = () => refuseFile("file.size", { other: maxBytes });
  if (Number(request.headers.get("Content-Length") ?? 0) > maxBytes) throw tooLarge();
  if (request.body === null) return Buffer.alloc(0);
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of request.body) {
    bytes += part.byteLength;
    if (bytes > maxBytes) throw tooLarge();
    parts.push(part);
  }
  return Buffer.concat(parts, bytes);
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8")) as unknown;
  } catch {
    throw new HttpProblem(malformedBody);
  }
}
