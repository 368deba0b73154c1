import { createRoute, z } from "@hono/zod-openapi";
import { hiddenFrom } from "../report/partner-view.ts";
import { toTroubleTicket } from "../report/tmf-ticket.ts";
import type { PartnerRecord, PartnerTicket } from "../state/partner-store.ts";
import type { Admission } from "./auth.ts";
import type { DoOnceIfNamed } from "./once.ts";
import { createApi, json, jsonBody, tmfRefusedWith, withPartnerKey } from "./open-api.ts";
import type { Api } from "./open-api.ts";
import { onceIfNamedHeader } from "./partner-acts.ts";
import { actedOn, providerOf } from "./partner-context.ts";
import type { PartnerDeps } from "./partner-context.ts";
import { badField, notFound } from "./problem.ts";
import { alarmRecord } from "./tmf-alarms.ts";
import { fieldsOf, pageOf, readTmfQuery, selected } from "./tmf-list.ts";
import { ticketAttributes, ticketChange, ticketInput, tmfTicket } from "./tmf-schemas.ts";

/* TMF621 Trouble Ticket v4: a provider's own tickets on outages of its links. */

const common = { tags: ["TMF621"], security: withPartnerKey };
const noSuchTicket = "there is no such trouble ticket";
const maxTickets = 100_000;
const fieldsParam = z.string().optional();

const listRoute = createRoute({
  ...common,
  method: "get",
  path: "/troubleTicket",
  summary: "Your trouble tickets",
  request: {
    query: z.looseObject({
      fields: fieldsParam,
      offset: z.string().optional().openapi({ type: "integer", example: "0" }),
      limit: z.string().optional().openapi({ type: "integer", example: "100" }),
      status: z.string().optional(),
      externalId: z.string().optional(),
    }),
  },
  responses: {
    200: json("A page. X-Total-Count and X-Result-Count say how many.", z.array(tmfTicket.partial())),
    ...tmfRefusedWith(400, 401, 403),
  },
});

const oneRoute = createRoute({
  ...common,
  method: "get",
  path: "/troubleTicket/{id}",
  summary: "One trouble ticket",
  request: { params: z.object({ id: z.string() }), query: z.object({ fields: fieldsParam }) },
  responses: { 200: json("The ticket.", tmfTicket.partial()), ...tmfRefusedWith(400, 401, 403, 404) },
});

const addRoute = createRoute({
  ...common,
  method: "post",
  path: "/troubleTicket",
  summary: "Your trouble ticket on an outage",
  request: { headers: onceIfNamedHeader, ...jsonBody(ticketInput) },
  responses: { 201: json("The ticket.", tmfTicket), ...tmfRefusedWith(400, 401, 403, 404, 409, 413, 415) },
});

const changeRoute = createRoute({
  ...common,
  method: "patch",
  path: "/troubleTicket/{id}",
  summary: "Change status, texts or number of a ticket",
  request: { params: z.object({ id: z.string() }), ...jsonBody(ticketChange) },
  responses: { 200: json("The ticket.", tmfTicket), ...tmfRefusedWith(400, 401, 403, 404, 409, 413, 415) },
});

export function createTmfTicketRoutes(
  deps: PartnerDeps,
  { actor }: Admission,
  once: DoOnceIfNamed,
  bases: { base: string; alarmBase: string },
): Api {
  const { inventory, state, nowMs, partners } = deps;
  const api = createApi();
  const rowOf = (record: PartnerRecord) => toTroubleTicket(record, bases);

  async function own(provider: string, id: string): Promise<PartnerRecord & { ticket: PartnerTicket }> {
    const record = await alarmRecord(deps, provider, id).catch(() => null);
    if (record === null || record.ticket === null) throw notFound(noSuchTicket);
    return { ...record, ticket: record.ticket };
  }

  api.openapi(listRoute, async (c) => {
    const query = readTmfQuery(c.req.query(), ticketAttributes);
    const provider = providerOf(c);
    const hidden = hiddenFrom(inventory(), provider);
    const records = await state.partnerOutages({ provider, hidden, withdrawn: false, limit: maxTickets });
    const page = pageOf(c, records.filter(({ ticket }) => ticket !== null).map(rowOf), query);
    return c.json(
      page.map((ticket) => selected(ticket, query.fields)),
      200,
    );
  });
  api.openapi(oneRoute, async (c) => {
    const fields = fieldsOf(c.req.valid("query").fields, ticketAttributes);
    return c.json(selected(rowOf(await own(providerOf(c), c.req.valid("param").id)), fields), 200);
  });
  api.openapi(addRoute, async (c) => {
    const given = c.req.valid("json");
    const provider = providerOf(c);
    const [related] = given.relatedEntity;
    const record = await alarmRecord(deps, provider, related!.id);
    const { externalId: number, ticketType: type, status, description, severity } = given;
    const endMs = endOf(given.resolutionDate, record);
    const ticket = { number, type, status, description, severity, startMs: null, endMs };
    c.header("Location", `${bases.base}/troubleTicket/${record.number}`);
    const answered = await once(c, provider, given, async (keep, keeps) => {
      const kept = ([done]: readonly PartnerRecord[]) => keep(201, rowOf(done!));
      const options = { ifNoTicket: true, ...(keeps ? { once: kept } : {}) };
      const act = { kind: "ticket", ticket } as const;
      const outcome = await state.actOnOutages(provider, [record.id], act, nowMs(), actor(c), options);
      const records = actedOn(outcome);
      partners.poke();
      return kept(records);
    });
    return answered as never;
  });
  api.openapi(changeRoute, async (c) => {
    const given = c.req.valid("json");
    const provider = providerOf(c);
    for (;;) {
      const record = await own(provider, c.req.valid("param").id);
      const { madeMs: _made, changedMs: _changed, by: _by, ...before } = record.ticket;
      const ticket = {
        number: given.externalId ?? before.number,
        type: given.ticketType ?? before.type,
        status: given.status ?? before.status,
        description: given.description ?? before.description,
        severity: given.severity ?? before.severity,
        startMs: before.startMs,
        endMs: given.resolutionDate === undefined ? before.endMs : endOf(given.resolutionDate, record),
      };
      const act = { kind: "ticket", ticket } as const;
      const options = { ifSeq: [record.seq] };
      const outcome = await state.actOnOutages(provider, [record.id], act, nowMs(), actor(c), options);
      // What another request changed in between is the ground of this one's change.
      if (outcome === "changed") continue;
      const [done] = actedOn(outcome);
      partners.poke();
      return c.json(rowOf(done!), 200);
    }
  });
  return api;
}

function endOf(resolutionDate: string | undefined, { ticket }: PartnerRecord): number | null {
  if (resolutionDate === undefined) return null;
  const endMs = Date.parse(resolutionDate);
  const startMs = ticket?.startMs ?? null;
  if (startMs === null || endMs >= startMs) return endMs;
  const allowed = "a time that is not before the start of the ticket";
  throw badField(422, [{ field: "resolutionDate", value: resolutionDate, allowed }]);
}
