import { createRoute, z } from "@hono/zod-openapi";
import { technologies } from "../inventory/inventory.ts";
import type { Inventory } from "../inventory/inventory.ts";
import { contractAt } from "../inventory/validity.ts";
import { causes, siteStates } from "../outage/table.ts";
import type { SiteView } from "../report/reader.ts";
import type { Words } from "../report/words.ts";
import { createApi, json, refusedWith, rowsOf, withKey } from "./open-api.ts";
import type { Api } from "./open-api.ts";
import { langParam, sitesParam } from "./params.ts";
import { chooseSites, metaOf } from "./read-context.ts";
import type { ReadDeps } from "./read-context.ts";
import { iso } from "./rows.ts";

const linkRow = z
  .object({
    link: z.string(),
    site: z.string(),
    name: z.string().openapi({ description: "Of the site." }),
    provider: z.string(),
    technology: z.enum(technologies),
    circuitId: z.string().nullable(),
    contract: z.string().nullable().openapi({ description: "In force now." }),
    slaRatio: z.number().nullable().openapi({
      description: "Promised availability; null: no promise. How the month went is in /sla.",
    }),
    state: z.enum(siteStates).nullable().openapi({
      description: "Of the only link that of the site; null: one of several that no target tests.",
    }),
    stateText: z.string().nullable(),
    since: z.iso.datetime().nullable(),
    cause: z.enum(causes).nullable(),
    causeText: z.string().nullable(),
  })
  .openapi("Link");

const linksRoute = createRoute({
  method: "get",
  path: "/links",
  tags: ["sites"],
  summary: "Every link with its state now and what was promised of it",
  security: withKey,
  request: { query: z.strictObject({ site: sitesParam, lang: langParam }) },
  responses: { 200: json("Links.", rowsOf(linkRow)), ...refusedWith(400, 401, 403) },
});

export function createLinkRoutes({ reader, inventory, words, nowMs }: ReadDeps): Api {
  const api = createApi();
  api.openapi(linksRoute, async (c) => {
    const { site, lang } = c.req.valid("query");
    const { sites, unknown } = chooseSites(inventory(), site);
    const wanted = new Set(sites);
    const views = (await reader.sites()).filter(({ code }) => wanted.has(code));
    const data = views.flatMap((view) =>
      view.links.map(({ id }) => toLinkRow(words(lang), inventory(), view, id, nowMs())),
    );
    return c.json({ data, meta: metaOf(data, { unknown }) }, 200);
  });
  return api;
}

function toLinkRow(
  words: Words,
  inventory: Inventory,
  view: SiteView,
  id: string,
  nowMs: number,
): z.input<typeof linkRow> {
  const link = inventory.links.get(id)!;
  const { site, provider, technology, circuitId } = link;
  const contract = contractAt(inventory, link, nowMs);
  const own = view.links.length === 1 ? view : view.links.find((link) => link.id === id)?.standing;
  return {
    link: id,
    site,
    name: view.name,
    provider,
    technology,
    circuitId,
    contract: contract?.id ?? null,
    slaRatio: contract?.slaRatio ?? null,
    state: own?.state ?? null,
    stateText: own === undefined ? null : words.state(own.state),
    since: own === undefined || own.sinceMs === null ? null : iso(own.sinceMs),
    cause: own?.cause ?? null,
    causeText: own === undefined ? null : words.cause(own.cause, own.state),
  };
}
