import { createRoute, z } from "@hono/zod-openapi";
import { availabilityGroups } from "../report/reader.ts";
import { createApi, json, refusedWith, rowsOf, withKey } from "./open-api.ts";
import type { Api } from "./open-api.ts";
import { fromParam, langParam, resolveRange, toParam } from "./params.ts";
import { notFound } from "./problem.ts";
import { metaOf } from "./read-context.ts";
import type { ReadDeps } from "./read-context.ts";
import { toServiceRow } from "./rows.ts";
import { availabilityRow, serviceRow } from "./schemas.ts";

const servicesRoute = createRoute({
  method: "get",
  path: "/services",
  tags: ["services"],
  summary: "Services with their state at the control vantage",
  security: withKey,
  request: { query: z.strictObject({ lang: langParam }) },
  responses: { 200: json("Services.", rowsOf(serviceRow)), ...refusedWith(400, 401, 403) },
});

const availabilityRoute = createRoute({
  method: "get",
  path: "/services/{id}/availability",
  tags: ["services"],
  summary: "How far a service could be reached, and what of the rest was whose",
  description:
    "windowS = availableS + unavailableS + notMeasuredS + expectedOffS; unavailableS is the sum of byCause. In whole seconds. Single rounds that all that lies beyond a site lost are in unavailableS, an interval each.",
  security: withKey,
  request: {
    params: z.object({ id: z.string() }),
    query: z.strictObject({
      by: z
        .enum(availabilityGroups, { error: `one of ${availabilityGroups.join(", ")}` })
        .default("kabupaten")
        .openapi({ param: { description: "What places are summed by." } }),
      from: fromParam,
      to: toParam,
    }),
  },
  responses: { 200: json("One row per group.", rowsOf(availabilityRow)), ...refusedWith(400, 401, 403, 404) },
});

export function createServiceRoutes({ reader, inventory, nowMs, words }: ReadDeps): Api {
  const api = createApi();
  api.openapi(servicesRoute, async (c) => {
    const { lang } = c.req.valid("query");
    const data = (await reader.services()).map((view) => toServiceRow(words(lang), inventory(), view));
    return c.json({ data, meta: metaOf(data) }, 200);
  });
  api.openapi(availabilityRoute, async (c) => {
    const { by, ...query } = c.req.valid("query");
    const { id } = c.req.valid("param");
    const range = resolveRange(query, nowMs());
    const groups = await reader.availability({ ...range, service: id, by });
    if (groups === null) throw notFound(`the inventory has no service ${id}`);
    const data = groups.map(({ group, name, availability }) => ({ group, name, ...availability }));
    return c.json({ data, meta: metaOf(data, { range }) }, 200);
  });
  return api;
}
