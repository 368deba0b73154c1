import { createRoute, z } from "@hono/zod-openapi";
import type { AlertEntry } from "../state/alert-store.ts";
import { ackWays } from "../state/alert-store.ts";
import { severities } from "../notify/severity.ts";
import type { Payload } from "../notify/payload.ts";
import type { AdminDeps } from "./admin.ts";
import type { Admission } from "./auth.ts";
import { createApi, json, jsonBody, refusedWith, rowsOf, withAdminKey, withKey } from "./open-api.ts";
import type { Api } from "./open-api.ts";
import { limitParam } from "./params.ts";
import { conflict, notFound } from "./problem.ts";
import { metaOf } from "./read-context.ts";
import type { ReadDeps } from "./read-context.ts";
import { iso, isoOrNull, toMessageRow } from "./rows.ts";
import { messageRow, nullableTime, time } from "./schemas.ts";

const alertRow = z
  .object({
    id: z.string(),
    type: z.string().openapi({ description: "Of what was said last, such as site.down; condition.up." }),
    incident: z.string(),
    severity: z.enum(severities),
    root: z.string(),
    name: z.string(),
    opened: time,
    told: nullableTime,
    closed: nullableTime,
    ack: z.object({ time, by: z.string(), via: z.enum(ackWays) }).nullable(),
    payload: z.unknown().openapi({ description: "What was said last." }),
  })
  .openapi("Alert");

const limit = limitParam("Newest first; 1 to 1000.");

const common = { tags: ["alerts"], security: withKey };

const listRoute = createRoute({
  ...common,
  method: "get",
  path: "/alerts",
  summary: "What people were told of: the open ones first, then the newest",
  request: {
    query: z.strictObject({
      limit,
      open: z
        .enum(["true", "false"], { error: "true or false" })
        .optional()
        .openapi({ param: { description: "Only those that last, or only those that are over." } }),
    }),
  },
  responses: { 200: json("Alerts.", rowsOf(alertRow)), ...refusedWith(400, 401, 403) },
});

const messagesRoute = createRoute({
  ...common,
  method: "get",
  path: "/alerts/messages",
  summary: "Messages to people and machines, newest first, with what became of them",
  request: { query: z.strictObject({ limit }) },
  responses: { 200: json("Messages.", rowsOf(messageRow)), ...refusedWith(400, 401, 403) },
});

const ackRoute = createRoute({
  ...common,
  security: withAdminKey,
  method: "post",
  path: "/alerts/{id}/ack",
  summary: "Say that somebody knows of an alert: its escalation ends",
  description: "Saying so again changes nothing: the first stands.",
  request: {
    params: z.object({ id: z.string() }),
    ...jsonBody(
      z.strictObject({
        by: z
          .string({ error: "text" })
          .min(1, { error: "1 to 80 characters" })
          .max(80, { error: "1 to 80 characters" })
          .optional()
          .openapi({ description: "Who knows. Default: the name of the key." }),
      }),
    ),
  },
  responses: {
    200: json("The alert.", z.object({ data: alertRow })),
    ...refusedWith(400, 401, 403, 404, 409, 413, 415, 422),
  },
});

/** Reading, behind the scope `read`. */
export function createAlertReadRoutes({ state }: Pick<ReadDeps, "state">): Api {
  const api = createApi();
  api.openapi(listRoute, async (c) => {
    const { limit: most, open } = c.req.valid("query");
    const filter = { limit: Number(most) + 1, ...(open === undefined ? {} : { open: open === "true" }) };
    const found = await state.alertEntries(filter);
    const data = found.slice(0, Number(most)).map(toAlertRow);
    return c.json({ data, meta: metaOf(data, { truncated: found.length > Number(most) }) }, 200);
  });
  api.openapi(messagesRoute, async (c) => {
    const most = Number(c.req.valid("query").limit);
    const found = await state.messages({ limit: most + 1 });
    const data = found.slice(0, most).map(toMessageRow);
    return c.json({ data, meta: metaOf(data, { truncated: found.length > most }) }, 200);
  });
  return api;
}

/** Acknowledging, behind the scope `admin`. */
export function addAckRoute(room: Api, { state, nowMs }: AdminDeps, { actor }: Admission): void {
  room.openapi(ackRoute, async (c) => {
    const { id } = c.req.valid("param");
    const by = actor(c);
    const ack = { atMs: nowMs(), by: c.req.valid("json").by ?? by.name, via: "api" as const };
    const result = await state.acknowledge(id, ack, by);
    if (result === "unknown") throw notFound(`there is no alert ${id}`);
    if (result === "over") throw conflict("alert.over", `${id} is over: there is nothing to acknowledge`);
    return c.json({ data: toAlertRow((await state.alertEntry(id))!) }, 200);
  });
}

/** Of an alert that was told. One that still waits has said nothing, and has its id alone. */
function toAlertRow({ id, openedMs, toldMs, closedMs, facts, ack }: AlertEntry): z.output<typeof alertRow> {
  const said = facts as Exclude<Payload, { type: "digest" }> | null;
  return {
    id,
    type: said?.type ?? "waiting",
    incident: said?.incident ?? id,
    severity: said?.severity ?? "low",
    root: said?.root ?? "",
    name: said?.name ?? "",
    opened: iso(openedMs),
    told: isoOrNull(toldMs),
    closed: isoOrNull(closedMs),
    ack: ack === null ? null : { time: iso(ack.atMs), by: ack.by, via: ack.via },
    payload: said,
  };
}
