import { createRoute, z } from "@hono/zod-openapi";
import type { Inventory } from "../inventory/inventory.ts";
import { createApi, json, refusedWith, rowsOf, withKey } from "./open-api.ts";
import type { Api } from "./open-api.ts";
import type { SiteView } from "../report/reader.ts";
import { codeParam, langParam, sitesParam } from "./params.ts";
import { badField, notFound } from "./problem.ts";
import { chooseSites, metaOf } from "./read-context.ts";
import type { ReadDeps } from "./read-context.ts";
import { toMapRow, toSiteRow, toTargetRow } from "./rows.ts";
import { mapRow, siteRow, targetRow } from "./schemas.ts";

const sitesRoute = createRoute({
  method: "get",
  path: "/sites",
  tags: ["sites"],
  summary: "Every site with its state now, parents before children",
  security: withKey,
  request: {
    query: z.strictObject({
      within: codeParam
        .or(z.literal(""))
        .optional()
        .openapi({
          type: "string",
          param: { description: "Only this site and those below it. Empty: none. Default: all." },
          example: "64.08.05",
        }),
      lang: langParam,
    }),
  },
  responses: { 200: json("Sites.", rowsOf(siteRow)), ...refusedWith(400, 401, 403) },
});

const siteRoute = createRoute({
  method: "get",
  path: "/sites/{code}",
  tags: ["sites"],
  summary: "One site",
  security: withKey,
  request: {
    params: z.object({ code: codeParam.openapi({ example: "64.08.05" }) }),
    query: z.strictObject({ lang: langParam }),
  },
  responses: { 200: json("The site.", z.object({ data: siteRow })), ...refusedWith(400, 401, 403, 404) },
});

const mapRoute = createRoute({
  method: "get",
  path: "/map",
  tags: ["sites"],
  summary: "Sites as flat rows for a map",
  security: withKey,
  request: {
    query: z.strictObject({
      parent: codeParam
        .optional()
        .openapi({ param: { description: "Only sites below this one. Default: all." }, example: "64.08.05" }),
      lang: langParam,
    }),
  },
  responses: { 200: json("Sites.", rowsOf(mapRow)), ...refusedWith(400, 401, 403) },
});

const targetsRoute = createRoute({
  method: "get",
  path: "/targets",
  tags: ["sites"],
  summary: "What is measured, by the names that /series and /smoke take",
  security: withKey,
  request: { query: z.strictObject({ site: sitesParam, lang: langParam }) },
  responses: { 200: json("Targets.", rowsOf(targetRow)), ...refusedWith(400, 401, 403) },
});

export function createSiteRoutes({ reader, inventory, words }: ReadDeps): Api {
  const api = createApi();
  api.openapi(sitesRoute, async (c) => {
    const { within, lang } = c.req.valid("query");
    if (within !== undefined && within !== "") refuseUnknownSite(inventory(), "within", within);
    const views = within === "" ? [] : await reader.sites();
    const chosen = within === undefined ? views : viewsWithin(views, within);
    const data = chosen.map((view) => toSiteRow(words(lang), view));
    return c.json({ data, meta: metaOf(data) }, 200);
  });
  api.openapi(siteRoute, async (c) => {
    const { code } = c.req.valid("param");
    const view = await reader.site(code);
    if (view === null) throw notFound(`the inventory has no site ${code}`);
    return c.json({ data: toSiteRow(words(c.req.valid("query").lang), view) }, 200);
  });
  api.openapi(mapRoute, async (c) => {
    const { parent, lang } = c.req.valid("query");
    if (parent !== undefined) refuseUnknownSite(inventory(), "parent", parent);
    const { sites, trouble } = await reader.map(parent ?? null);
    const data = sites.map((view) => toMapRow(words(lang), view));
    return c.json({ data, meta: metaOf(data, { trouble }) }, 200);
  });
  api.openapi(targetsRoute, (c) => {
    const { site, lang } = c.req.valid("query");
    const { sites, unknown } = chooseSites(inventory(), site);
    const data = reader.targets(sites).map((view) => toTargetRow(words(lang), inventory(), view));
    return c.json({ data, meta: metaOf(data, { unknown }) }, 200);
  });
  return api;
}

/** Parents come before their children. */
function viewsWithin(views: readonly SiteView[], code: string): SiteView[] {
  const inside = new Set([code]);
  return views.filter((view) => {
    if (view.parent !== null && inside.has(view.parent)) inside.add(view.code);
    return inside.has(view.code);
  });
}

function refuseUnknownSite(inventory: Inventory, field: string, code: string): void {
  if (inventory.sites.has(code)) return;
  throw badField(400, [{ field, value: code, allowed: "the code of a site of the inventory" }]);
}
