import { createRoute, z } from "@hono/zod-openapi";
import { hiddenFrom } from "../report/partner-view.ts";
import { toTroubleTicket } from "../report/tmf-ticket.ts";
import type { PartnerRecord, PartnerTicket, TicketStatus } from "../state/partner-store.ts";
import { headers } from "./answer-headers.ts";
import type { Admission } from "./auth.ts";
import type { DoOnceIfNamed } from "./once.ts";
import { createApi, json, jsonBody, tmfRefusedWith, withPartnerKey } from "./open-api.ts";
import type { Api } from "./open-api.ts";
import { onceIfNamedHeader } from "./partner-acts.ts";
import { actedOn, providerOf } from "./partner-context.ts";
import type { PartnerDeps } from "./partner-context.ts";
import { providerTime } from "./partner-times.ts";
import { badField, notFound } from "./problem.ts";
import { alarmRecord } from "./tmf-alarms.ts";
import { listQuery, oneQuery, selected, sendPage, toTmfQuery } from "./tmf-list.ts";
import { ticketChange, ticketInput, tmfTicket } from "./tmf-schemas.ts";

/* TMF621 Trouble Ticket v4: a provider's own tickets on outages of its links. */

const common = { tags: ["TMF621"], security: withPartnerKey };
const noSuchTicket = "there is no such trouble ticket";
const maxTickets = 100_000;

const listRoute = createRoute({
  ...common,
  method: "get",
  path: "/troubleTicket",
  summary: "Your trouble tickets",
  request: { query: listQuery(tmfTicket) },
  responses: {
    200: json("A page.", z.array(tmfTicket.partial()), { ...headers.totals, ...headers.next }),
    ...tmfRefusedWith(400, 401, 403),
  },
});

const oneRoute = createRoute({
  ...common,
  method: "get",
  path: "/troubleTicket/{id}",
  summary: "One trouble ticket",
  request: { params: z.object({ id: z.string() }), query: oneQuery(tmfTicket) },
  responses: { 200: json("The ticket.", tmfTicket.partial()), ...tmfRefusedWith(400, 401, 403, 404) },
});

const addRoute = createRoute({
  ...common,
  method: "post",
  path: "/troubleTicket",
  summary: "Your trouble ticket on an outage",
  request: { headers: onceIfNamedHeader, ...jsonBody(ticketInput) },
  responses: {
    201: json("The ticket.", tmfTicket, headers.made),
    ...tmfRefusedWith(400, 401, 403, 404, 409, 413, 415),
  },
});

const changeRoute = createRoute({
  ...common,
  method: "patch",
  path: "/troubleTicket/{id}",
  summary: "Change status, texts or number of a ticket",
  description:
    "What is left out stays as it is. A ticket that is neither resolved nor closed any more has no resolutionDate, unless one is sent.",
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
    const record = await alarmRecord(deps, provider, id, noSuchTicket);
    if (record.ticket === null) throw notFound(noSuchTicket);
    return { ...record, ticket: record.ticket };
  }

  api.openapi(listRoute, async (c) => {
    const provider = providerOf(c);
    const hidden = hiddenFrom(inventory(), provider);
    const records = await state.partnerOutages({ provider, hidden, withdrawn: false, limit: maxTickets });
    const tickets = records.filter(({ ticket }) => ticket !== null).map(rowOf);
    return sendPage(c, tickets, toTmfQuery(c.req.valid("query")));
  });
  api.openapi(oneRoute, async (c) => {
    const { fields } = c.req.valid("query");
    return c.json(selected(rowOf(await own(providerOf(c), c.req.valid("param").id)), fields), 200);
  });
  api.openapi(addRoute, async (c) => {
    const given = c.req.valid("json");
    const provider = providerOf(c);
    const [related] = given.relatedEntity;
    const record = await alarmRecord(deps, provider, related!.id);
    const { externalId: number, ticketType: type, status, description, severity } = given;
    const endMs = resolutionOf(given.resolutionDate ?? null, record, nowMs());
    const ticket = { number, type, status, description, severity, startMs: null, endMs };
    const answered = await once(c, provider, given, async (keep, keeps) => {
      const kept = ([done]: readonly PartnerRecord[]) => keep(201, rowOf(done!));
      const options = { ifNoTicket: true, ...(keeps ? { once: kept } : {}) };
      const act = { kind: "ticket", ticket } as const;
      const outcome = await state.actOnOutages(provider, [record.id], act, nowMs(), actor(c), options);
      const records = actedOn(outcome);
      partners.poke();
      return kept(records);
    });
    answered.headers.set("Location", `${bases.base}/troubleTicket/${record.number}`);
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
        endMs:
          given.resolutionDate === undefined
            ? stillResolved(before, given.status)
            : resolutionOf(given.resolutionDate, record, nowMs()),
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

const over: ReadonlySet<TicketStatus> = new Set(["resolved", "closed"]);

/** The end that stands, which goes when the ticket is taken up again: the provider has taken it back. */
function stillResolved(before: Pick<PartnerTicket, "status" | "endMs">, next = before.status): number | null {
  return over.has(before.status) && !over.has(next) ? null : before.endMs;
}

function resolutionOf(given: string | null, record: PartnerRecord, nowMs: number): number | null {
  if (given === null) return null;
  const endMs = providerTime("resolutionDate", given, { outageStartMs: record.startMs, nowMs });
  const startMs = record.ticket?.startMs ?? null;
  if (startMs === null || endMs >= startMs) return endMs;
  const allowed = "a time that is not before the start of the ticket";
  throw badField(422, [{ field: "resolutionDate", value: given, allowed }]);
}
