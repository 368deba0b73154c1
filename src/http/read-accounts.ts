import { createRoute, z } from "@hono/zod-openapi";
import { defaultTimeZone } from "../inventory/local-time.ts";
import { accountGroups } from "../report/reader.ts";
import { resolveAsOf } from "./as-of.ts";
import { createApi, json, refusedWith, rowsOf, withKey } from "./open-api.ts";
import type { Api } from "./open-api.ts";
import { asOfParam, fromParam, monthParam, resolveMonth, sitesParam, toParam } from "./params.ts";
import { chooseSites, metaOf } from "./read-context.ts";
import type { ReadDeps } from "./read-context.ts";
import { accountRow } from "./schemas.ts";

const accountsRoute = createRoute({
  method: "get",
  path: "/availability",
  tags: ["outages"],
  summary:
    "How sites, links, areas and providers fared: availability with its bounds, outages, MTTR and MTBF",
  description:
    "windowS = upS + downS + notMeasuredS + expectedOffS + maintenanceS; downS is the sum of byCause. In whole seconds. Single lost rounds are in downS, an interval each, and no outages. Ratios are of the time in which the thing was expected to be up; worstRatio and bestRatio are what it would be had all unmeasured time been down, or up.",
  security: withKey,
  request: {
    query: z.strictObject({
      by: z
        .enum(accountGroups, { error: `one of ${accountGroups.join(", ")}` })
        .default("site")
        .openapi({
          param: {
            description:
              "What is summed: sites by themselves or by area, links by themselves or by provider.",
          },
        }),
      month: monthParam,
      site: sitesParam,
      asOf: asOfParam,
      from: fromParam,
      to: toParam,
    }),
  },
  responses: { 200: json("One row per group.", rowsOf(accountRow)), ...refusedWith(400, 401, 403) },
});

export function createAccountRoutes({ reader, inventory, state, nowMs }: ReadDeps): Api {
  const api = createApi();
  api.openapi(accountsRoute, async (c) => {
    const { by, site, asOf, ...query } = c.req.valid("query");
    const range = resolveMonth(query, inventory().timeZone ?? defaultTimeZone, nowMs());
    const { sites, unknown } = chooseSites(inventory(), site);
    const known = sites.filter((code) => !unknown.includes(code));
    const asOfMs = await resolveAsOf(state, asOf, nowMs());
    const data = await reader.accounts({ ...range, by, sites: known, asOfMs });
    return c.json({ data, meta: metaOf(data, { range, unknown }) }, 200);
  });
  return api;
}
