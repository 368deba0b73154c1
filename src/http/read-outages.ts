import { createRoute, z } from "@hono/zod-openapi";
import { toCommentRow, toPartnerRow } from "../report/partner-rows.ts";
import type { OutageFilter } from "../state/state-store.ts";
import { resolveAsOf } from "./as-of.ts";
import { createApi, json, refusedWith, rowsOf, withKey } from "./open-api.ts";
import type { Api } from "./open-api.ts";
import {
  asOfParam,
  causesParam,
  fromParam,
  langParam,
  openParam,
  resolveRange,
  sitesParam,
  toParam,
} from "./params.ts";
import { notFound } from "./problem.ts";
import { answer, chooseSites, maxRows, metaOf } from "./read-context.ts";
import type { ReadDeps } from "./read-context.ts";
import { toIncidentRow, toOutageRow } from "./rows.ts";
import { partnerActsRow } from "./partner-schemas.ts";
import { incidentRow, outageRow } from "./schemas.ts";

const outagesRoute = createRoute({
  method: "get",
  path: "/outages",
  tags: ["outages"],
  summary: "Outages that overlap the range, oldest first; `asOf` gives the table as it was known then",
  security: withKey,
  request: {
    query: z.strictObject({
      site: sitesParam,
      service: z
        .string()
        .optional()
        .openapi({
          param: { description: "Only those of a service; empty: only those of sites. Default: both." },
        }),
      cause: causesParam,
      open: openParam,
      incident: z.string().optional(),
      asOf: asOfParam,
      from: fromParam,
      to: toParam,
      lang: langParam,
    }),
  },
  responses: { 200: json("Outages.", rowsOf(outageRow)), ...refusedWith(400, 401, 403) },
});

const outageRoute = createRoute({
  method: "get",
  path: "/outages/{id}",
  tags: ["outages"],
  summary: "One outage with all its revisions, oldest first",
  security: withKey,
  request: {
    params: z.object({ id: z.string() }),
    query: z.strictObject({ lang: langParam }),
  },
  responses: {
    200: json("The outage.", z.object({ data: outageRow, revisions: z.array(outageRow) })),
    ...refusedWith(400, 401, 403, 404),
  },
});

const partnersRoute = createRoute({
  method: "get",
  path: "/outages/{id}/partners",
  tags: ["outages"],
  summary: "What the provider did about an outage: acknowledgement, comments, and its trouble ticket",
  security: withKey,
  request: { params: z.object({ id: z.string() }) },
  responses: { 200: json("One row per provider.", rowsOf(partnerActsRow)), ...refusedWith(401, 403, 404) },
});

const incidentsRoute = createRoute({
  method: "get",
  path: "/incidents",
  tags: ["outages"],
  summary: "Outages with one root, as one",
  security: withKey,
  request: {
    query: z.strictObject({
      open: openParam,
      asOf: asOfParam,
      from: fromParam,
      to: toParam,
      lang: langParam,
    }),
  },
  responses: { 200: json("Incidents.", rowsOf(incidentRow)), ...refusedWith(400, 401, 403) },
});

export function createOutageRoutes({ reader, inventory, state, nowMs, words }: ReadDeps): Api {
  const api = createApi();
  api.openapi(outagesRoute, async (c) => {
    const { site, service, cause, open, incident, asOf: asked, lang, ...query } = c.req.valid("query");
    const asOf = await resolveAsOf(state, asked, nowMs());
    const range = resolveRange(query, nowMs());
    const filter: OutageFilter = {
      ...range,
      limit: maxRows + 1,
      ...(site === undefined ? {} : { sites: site }),
      ...(service === undefined ? {} : { service: service === "" ? null : service }),
      ...(cause === undefined ? {} : { causes: cause }),
      ...(open === undefined ? {} : { open }),
      ...(incident === undefined ? {} : { incident }),
      ...(asOf === undefined ? {} : { asOfMs: asOf }),
    };
    const found = await reader.outages(filter);
    const data = found
      .slice(0, maxRows)
      .map((outage) => toOutageRow(words(lang), inventory(), outage, asOf ?? nowMs()));
    const { unknown } = chooseSites(inventory(), site);
    return answer(c, { data, meta: metaOf(data, { truncated: found.length > maxRows, range, unknown }) });
  });
  api.openapi(outageRoute, async (c) => {
    const { id } = c.req.valid("param");
    const found = await reader.outage(id);
    if (found === null) throw notFound(`there is no outage ${id}`);
    const { lang } = c.req.valid("query");
    const [data, ...revisions] = [found.current, ...found.revisions].map((outage) =>
      toOutageRow(words(lang), inventory(), outage, nowMs()),
    );
    return c.json({ data: data!, revisions }, 200);
  });
  api.openapi(partnersRoute, async (c) => {
    const { id: outage } = c.req.valid("param");
    const records = await state.partnerRecordsOf(outage);
    if (records.length === 0 && (await reader.outage(outage)) === null)
      throw notFound(`there is no outage ${outage}`);
    const data = await Promise.all(
      records.map(async (record) => {
        const { provider, id } = record;
        const { link, acknowledgement, ticket } = toPartnerRow(words("id"), inventory(), record);
        const comments = (await state.partnerComments(provider, [id])).get(id) ?? [];
        return { provider, link, acknowledgement, comments: comments.map(toCommentRow), ticket };
      }),
    );
    return c.json({ data, meta: metaOf(data) }, 200);
  });
  api.openapi(incidentsRoute, async (c) => {
    const { open, asOf: asked, lang, ...query } = c.req.valid("query");
    const asOfMs = await resolveAsOf(state, asked, nowMs());
    const range = resolveRange(query, nowMs());
    const found = await reader.incidents({ ...range, open, asOfMs });
    const data = found
      .slice(0, maxRows)
      .map((view) => toIncidentRow(words(lang), inventory(), view, asOfMs ?? nowMs()));
    return answer(c, { data, meta: metaOf(data, { truncated: found.length > maxRows, range }) });
  });
  return api;
}
