import { createRoute, z } from "@hono/zod-openapi";
import type { OutageFilter } from "../state/state-store.ts";
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
import { badField, notFound } from "./problem.ts";
import { answer, chooseSites, maxRows, metaOf } from "./read-context.ts";
import type { ReadDeps } from "./read-context.ts";
import { iso, toIncidentRow, toOutageRow } from "./rows.ts";
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
    ...refusedWith(401, 403, 404),
  },
});

const incidentsRoute = createRoute({
  method: "get",
  path: "/incidents",
  tags: ["outages"],
  summary: "Outages with one root, as one",
  security: withKey,
  request: { query: z.strictObject({ open: openParam, from: fromParam, to: toParam, lang: langParam }) },
  responses: { 200: json("Incidents.", rowsOf(incidentRow)), ...refusedWith(400, 401, 403) },
});

export function createOutageRoutes({ reader, inventory, nowMs, words, state }: ReadDeps): Api {
  const api = createApi();
  api.openapi(outagesRoute, async (c) => {
    const { site, service, cause, open, incident, asOf: asked, lang, ...query } = c.req.valid("query");
    // Nobody knows yet what will be known: an outage that lasts must not seem to have lasted until then.
    const asOf = asked === undefined ? undefined : Math.min(asked, nowMs());
    if (asOf !== undefined) await assertBegun(state, asOf);
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
  api.openapi(incidentsRoute, async (c) => {
    const { open, lang, ...query } = c.req.valid("query");
    const range = resolveRange(query, nowMs());
    const found = await reader.incidents({ ...range, open });
    const data = found
      .slice(0, maxRows)
      .map((view) => toIncidentRow(words(lang), inventory(), view, nowMs()));
    return answer(c, { data, meta: metaOf(data, { truncated: found.length > maxRows, range }) });
  });
  return api;
}

/** Before the first agent was enrolled nothing could be known: an empty table would look like a quiet one. */
async function assertBegun(state: ReadDeps["state"], asOfMs: number): Promise<void> {
  const agents = await state.agents();
  const beganMs = agents.reduce((earliest, { enrolledMs }) => Math.min(earliest, enrolledMs), Infinity);
  if (agents.length === 0 || asOfMs >= beganMs) return;
  const allowed = `a time from ${iso(beganMs)} on, when the first agent was enrolled`;
  throw badField(400, [{ field: "asOf", value: iso(asOfMs), allowed }]);
}
