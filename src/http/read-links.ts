import { createRoute, z } from "@hono/zod-openapi";
import { technologies } from "../inventory/inventory.ts";
import type { Inventory } from "../inventory/inventory.ts";
import { createLocalTime, defaultTimeZone } from "../inventory/local-time.ts";
import { causes, siteStates } from "../outage/table.ts";
import type { Account } from "../relation/account.ts";
import type { SiteView } from "../report/reader.ts";
import type { Words } from "../report/words.ts";
import { createApi, json, refusedWith, rowsOf, withKey } from "./open-api.ts";
import type { Api } from "./open-api.ts";
import { langParam, monthParam, resolveMonth, sitesParam } from "./params.ts";
import type { Range } from "./params.ts";
import { chooseSites, metaOf } from "./read-context.ts";
import type { ReadDeps } from "./read-context.ts";
import { iso } from "./rows.ts";

const ratio = z.number().nullable();

const linkRow = z
  .object({
    link: z.string(),
    site: z.string(),
    name: z.string().openapi({ description: "Of the site." }),
    provider: z.string(),
    technology: z.enum(technologies),
    circuitId: z.string().nullable(),
    contract: z.string().nullable(),
    slaRatio: ratio.openapi({ description: "Promised availability; null: no promise." }),
    state: z.enum(siteStates).nullable().openapi({
      description: "Of the only link that of the site; null: one of several that no target tests.",
    }),
    stateText: z.string().nullable(),
    since: z.iso.datetime().nullable(),
    cause: z.enum(causes).nullable(),
    causeText: z.string().nullable(),
    month: z.string(),
    availabilityRatio: ratio,
    worstRatio: ratio,
    bestRatio: ratio,
    coverageRatio: ratio,
    downS: z.int(),
    notMeasuredS: z.int(),
    outages: z.int(),
    mttrS: z.number().nullable(),
    allowedDownS: z.int().nullable().openapi({
      description:
        "What the promise leaves of the whole month, without announced work and hours without supply.",
    }),
    leftDownS: z.int().nullable().openapi({ description: "Less downS; below 0 the promise is broken." }),
    usedRatio: ratio.openapi({ description: "downS / allowedDownS." }),
  })
  .openapi("Link");

const linksRoute = createRoute({
  method: "get",
  path: "/links",
  tags: ["sites"],
  summary: "Every link with its state now, its promise, and how it fared in a month so far",
  description:
    "The month's figures are those of /availability by link, without announced work. They hold the plain promise against the time that was measured; what a contract excludes, rounds or restores is not in them.",
  security: withKey,
  request: { query: z.strictObject({ month: monthParam, site: sitesParam, lang: langParam }) },
  responses: { 200: json("Links.", rowsOf(linkRow)), ...refusedWith(400, 401, 403) },
});

type LinkRow = z.input<typeof linkRow>;

export function createLinkRoutes({ reader, inventory, nowMs, words }: ReadDeps): Api {
  const api = createApi();
  api.openapi(linksRoute, async (c) => {
    const { site, lang, ...query } = c.req.valid("query");
    const zone = inventory().timeZone ?? defaultTimeZone;
    const month = query.month ?? new Date(createLocalTime(zone).toLocalMs(nowMs())).toISOString().slice(0, 7);
    const range = resolveMonth({ month }, zone, nowMs());
    const { sites, unknown } = chooseSites(inventory(), site);
    const known = sites.filter((code) => !unknown.includes(code));
    const [accounts, views] = await Promise.all([
      reader.accounts({ ...range, by: "link", sites: known }),
      reader.sites(),
    ]);
    const bySite = new Map(views.map((view) => [view.code, view]));
    const data = accounts.map(({ group, withoutMaintenance }): LinkRow => {
      const { contract, ...link } = linkOf(inventory(), bySite, group, words(lang));
      return { ...link, ...contract, month, ...figuresOf(withoutMaintenance, contract.slaRatio, range) };
    });
    return c.json({ data, meta: metaOf(data, { range, unknown }) }, 200);
  });
  return api;
}

function linkOf(inventory: Inventory, views: ReadonlyMap<string, SiteView>, id: string, words: Words) {
  const link = inventory.links.get(id)!;
  const { site, provider, technology, circuitId } = link;
  const view = views.get(site)!;
  const own = view.links.length === 1 ? view : view.links.find((each) => each.id === id)?.standing;
  return {
    link: id,
    site,
    name: view.name,
    provider,
    technology,
    circuitId,
    contract: {
      contract: link.contract,
      slaRatio:
        (link.contract === null ? undefined : inventory.contracts.get(link.contract))?.slaRatio ?? null,
    },
    state: own?.state ?? null,
    stateText: own === undefined ? null : words.state(own.state),
    since: own === undefined || own.sinceMs === null ? null : iso(own.sinceMs),
    cause: own?.cause ?? null,
    causeText: own === undefined ? null : words.cause(own.cause, own.state),
  };
}

function figuresOf(account: Account, slaRatio: number | null, { fromMs, toMs }: Range) {
  const { availabilityRatio, worstRatio, bestRatio, coverageRatio } = account;
  const { downS, notMeasuredS, outages, mttrS, maintenanceS, expectedOffS } = account;
  const expectedS = (toMs - fromMs) / 1000 - maintenanceS - expectedOffS;
  const allowedDownS = slaRatio === null ? null : Math.round((1 - slaRatio) * expectedS);
  return {
    availabilityRatio,
    worstRatio,
    bestRatio,
    coverageRatio,
    downS,
    notMeasuredS,
    outages,
    mttrS,
    allowedDownS,
    leftDownS: allowedDownS === null ? null : allowedDownS - downS,
    usedRatio: allowedDownS === null || allowedDownS <= 0 ? null : downS / allowedDownS,
  };
}
