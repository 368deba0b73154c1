import { createRoute, z } from "@hono/zod-openapi";
import type { Inventory } from "../inventory/inventory.ts";
import { allLinksOf } from "../inventory/validity.ts";
import { resolveAsOf } from "./as-of.ts";
import { createApi, json, refusedWith, rowsOf, withKey } from "./open-api.ts";
import type { Api } from "./open-api.ts";
import { asOfParam, fromParam, langParam, resolveRange, sitesParam, toParam } from "./params.ts";
import { answer, chooseSites, maxRows, metaOf } from "./read-context.ts";
import type { ReadDeps, SiteChoice } from "./read-context.ts";
import { toStateRow } from "./rows.ts";
import { stateRow } from "./schemas.ts";
import { toChanges } from "./state-rows.ts";

const statesRoute = createRoute({
  method: "get",
  path: "/states",
  tags: ["outages"],
  summary: "The state timeline: change points, with a row at each end of the range for every site",
  security: withKey,
  request: {
    query: z.strictObject({
      site: sitesParam,
      service: z
        .string()
        .default("")
        .openapi({
          param: { description: "The service as seen from the sites. Default: the sites themselves." },
        }),
      link: z
        .string()
        .optional()
        .openapi({
          param: { description: "One link of a site that has several, by its id, in place of the sites." },
        }),
      asOf: asOfParam,
      from: fromParam,
      to: toParam,
      lang: langParam,
    }),
  },
  responses: { 200: json("Rows, ascending in time.", rowsOf(stateRow)), ...refusedWith(400, 401, 403) },
});

/** The site whose link it is, or was. */
function chooseLink(inventory: Inventory, link: string): SiteChoice {
  const site = allLinksOf(inventory).get(link)?.site;
  return site === undefined ? { sites: [], unknown: [link] } : { sites: [site], unknown: [] };
}

export function createStateRoutes({ reader, inventory, state, nowMs, words }: ReadDeps): Api {
  const api = createApi();
  api.openapi(statesRoute, async (c) => {
    const { site, service, link, asOf: wanted, lang, ...query } = c.req.valid("query");
    const asked = resolveRange(query, nowMs());
    const { sites, unknown } =
      link === undefined ? chooseSites(inventory(), site) : chooseLink(inventory(), link);
    const asOfMs = await resolveAsOf(state, wanted, nowMs());
    // What has not happened yet has no state.
    const range = { fromMs: asked.fromMs, toMs: Math.min(asked.toMs, asOfMs ?? nowMs()) };
    const isPast = range.fromMs < range.toMs;
    const read = async () =>
      link === undefined
        ? reader.states({ ...range, sites, service, asOfMs })
        : (await reader.linkStates({ ...range, sites, asOfMs })).filter((segment) => segment.link === link);
    const changes = toChanges(isPast ? await read() : [], isPast ? sites : [], range);
    const data = changes
      .slice(0, maxRows)
      .map((change) =>
        toStateRow(
          words(lang),
          inventory(),
          link === undefined ? change : { ...change, link },
          change.timeMs,
        ),
      );
    const truncated = changes.length > maxRows;
    return answer(c, { data, meta: metaOf(data, { truncated, range: asked, unknown }) });
  });
  return api;
}
