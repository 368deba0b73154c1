import { createRoute, z } from "@hono/zod-openapi";
import type { Inventory } from "../inventory/inventory.ts";
import type { TopologyProposal } from "../outage/audit.ts";
import { causes } from "../outage/table.ts";
import type { Words } from "../report/words.ts";
import { createApi, json, refusedWith, rowsOf, withKey } from "./open-api.ts";
import type { Api } from "./open-api.ts";
import { fromParam, langParam, resolveRange, toParam } from "./params.ts";
import { answer, metaOf } from "./read-context.ts";
import type { ReadDeps } from "./read-context.ts";
import { iso } from "./rows.ts";

/** Sites seldom fall more often than three times a month: a season of it tells a habit from a coincidence. */
const usualWindowMs = 90 * 86_400_000;

const proposalRow = z
  .object({
    kind: z.enum(["hub", "group"]),
    hub: z.string().nullable(),
    hubName: z.string().nullable(),
    sites: z.array(z.string()),
    siteNames: z.array(z.string()),
    text: z.string(),
    days: z.int(),
    chance: z.number(),
    cause: z.enum(causes),
    causeText: z.string(),
    first: z.string(),
    last: z.string(),
  })
  .openapi("TopologyProposal");

const proposalsRoute = createRoute({
  method: "get",
  path: "/topology/proposals",
  tags: ["outages"],
  summary:
    "What the inventory may have wrong: sites that fall together again and again without a known parent in common. " +
    "Default range: the last 90 days",
  security: withKey,
  request: { query: z.strictObject({ from: fromParam, to: toParam, lang: langParam }) },
  responses: {
    200: json("Proposals, the surest first.", rowsOf(proposalRow)),
    ...refusedWith(400, 401, 403),
  },
});

export function createTopologyRoutes({ reader, inventory, nowMs, words }: ReadDeps): Api {
  const api = createApi();
  api.openapi(proposalsRoute, async (c) => {
    const { lang, ...query } = c.req.valid("query");
    const toMs = query.to ?? nowMs();
    const range = resolveRange({ from: query.from ?? toMs - usualWindowMs, to: query.to }, nowMs());
    const found = await reader.topologyProposals(range);
    const data = found.map((proposal) => toRow(words(lang), inventory(), proposal));
    return answer(c, { data, meta: metaOf(data, { range }) });
  });
  return api;
}

function toRow(words: Words, { sites }: Inventory, proposal: TopologyProposal): z.input<typeof proposalRow> {
  const nameOf = (code: string) => sites.get(code)?.name ?? code;
  const { kind, hub, days, chance, cause, firstMs, lastMs } = proposal;
  const siteNames = proposal.sites.map(nameOf);
  return {
    kind,
    hub,
    hubName: hub === null ? null : nameOf(hub),
    sites: proposal.sites,
    siteNames,
    text: words.proposal({ sites: siteNames, hub: hub === null ? null : nameOf(hub), days }),
    days,
    chance,
    cause,
    causeText: words.cause(cause)!,
    first: iso(firstMs),
    last: iso(lastMs),
  };
}
