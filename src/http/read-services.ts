import { createRoute, z } from "@hono/zod-openapi";
import { calendarSteps, defaultTimeZone } from "../inventory/local-time.ts";
import type { Inventory } from "../inventory/inventory.ts";
import { createAreas } from "../report/areas.ts";
import { availabilityGroups } from "../report/reader.ts";
import type { AvailabilityGroup } from "../report/reader.ts";
import { resolveAsOf } from "./as-of.ts";
import { createApi, json, refusedWith, rowsOf, withKey } from "./open-api.ts";
import type { Api } from "./open-api.ts";
import { asOfParam, fromParam, idParam, langParam, monthParam, resolveMonth, toParam } from "./params.ts";
import { notFound } from "./problem.ts";
import { maxRows, metaOf } from "./read-context.ts";
import type { ReadDeps } from "./read-context.ts";
import { toAvailabilityRow, toServiceRow } from "./rows.ts";
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

const availabilityQuery = {
  by: z
    .enum(availabilityGroups, { error: `one of ${availabilityGroups.join(", ")}` })
    .default("kabupaten")
    .openapi({ param: { description: "What places are summed by." } }),
  step: z
    .enum(calendarSteps, { error: `one of ${calendarSteps.join(", ")}` })
    .default("whole")
    .openapi({
      param: { description: "One row for each day or month, by the wall clock of the regency." },
    }),
  month: monthParam,
  asOf: asOfParam,
  from: fromParam,
  to: toParam,
};

const availabilityRoute = createRoute({
  method: "get",
  path: "/services/{id}/availability",
  tags: ["services"],
  summary: "How far a service could be reached, and what of the rest was whose",
  description:
    "windowS = availableS + unavailableS + notMeasuredS + expectedOffS; unavailableS is the sum of byCause, and of networkOnlyS, serviceOnlyS, bothS and unexplainedS. In whole seconds. What the service itself did is what its control vantage saw. Single rounds that all that lies beyond a site lost are in unavailableS, an interval each.",
  security: withKey,
  request: {
    params: z.object({ id: z.string() }),
    query: z.strictObject(availabilityQuery),
  },
  responses: {
    200: json("One row per group and step.", rowsOf(availabilityRow)),
    ...refusedWith(400, 401, 403, 404),
  },
});

const chosenAvailabilityRoute = createRoute({
  method: "get",
  path: "/services/availability",
  tags: ["services"],
  summary: "The same, of the service that a dashboard has chosen",
  security: withKey,
  request: { query: z.strictObject({ service: idParam("The service."), ...availabilityQuery }) },
  responses: {
    200: json("One row per group and step.", rowsOf(availabilityRow)),
    ...refusedWith(400, 401, 403, 404),
  },
});

type AvailabilityAsked = z.output<z.ZodObject<typeof availabilityQuery>>;

export function createServiceRoutes({ reader, inventory, state, nowMs, words }: ReadDeps): Api {
  const api = createApi();
  api.openapi(servicesRoute, async (c) => {
    const { lang } = c.req.valid("query");
    const data = (await reader.services()).map((view) => toServiceRow(words(lang), inventory(), view));
    return c.json({ data, meta: metaOf(data) }, 200);
  });
  /** `id`: empty, there are no rows. */
  async function availabilityOf(id: string, { by, step, asOf, ...query }: AvailabilityAsked) {
    const range = resolveMonth(query, inventory().timeZone ?? defaultTimeZone, nowMs());
    const asOfMs = await resolveAsOf(state, asOf, nowMs());
    const rows = id === "" ? [] : await reader.availability({ ...range, service: id, by, step, asOfMs });
    if (rows === null) throw notFound(`the inventory has no service ${id}`);
    const behind = sitesBehind(inventory(), by);
    const data = rows.slice(0, maxRows).map((row) => toAvailabilityRow(row, behind(row.group)));
    return { data, meta: metaOf(data, { range, truncated: rows.length > maxRows }) };
  }
  api.openapi(availabilityRoute, async (c) =>
    c.json(await availabilityOf(c.req.valid("param").id, c.req.valid("query")), 200),
  );
  api.openapi(chosenAvailabilityRoute, async (c) => {
    const { service, ...query } = c.req.valid("query");
    return c.json(await availabilityOf(service, query), 200);
  });
  return api;
}

/** Sites whose outages are behind a group's row. */
function sitesBehind(
  inventory: Inventory,
  by: AvailabilityGroup,
): (group: string) => string[] | "all" | null {
  if (by === "provider") return () => null;
  if (by === "site") return (group) => [group];
  const { below } = createAreas(inventory);
  return (group) => {
    const { kind, parent } = inventory.sites.get(group)!;
    // The district's own office stands for itself among kecamatan.
    if (by === "kecamatan" && kind !== "kecamatan") return [group];
    return parent === null ? "all" : [group, ...below(group)];
  };
}
