import { createHash } from "node:crypto";
import { createRoute, z } from "@hono/zod-openapi";
import { partnerLinks } from "../report/partner-links.ts";
import type { PartnerLinkView } from "../report/partner-links.ts";
import { toCommentRow, toPartnerRevision, toPartnerRow } from "../report/partner-rows.ts";
import { hiddenFrom } from "../report/partner-view.ts";
import type { Words } from "../report/words.ts";
import { headers } from "./answer-headers.ts";
import { createApi, json, refusedWith, rowsOf, withPartnerKey } from "./open-api.ts";
import type { Api } from "./open-api.ts";
import { fromParam, langParam, limitParam, openParam, resolveRange, timeParam, toParam } from "./params.ts";
import { ownOutage, providerOf } from "./partner-context.ts";
import type { PartnerDeps } from "./partner-context.ts";
import { partnerDetail, partnerLinkRow, partnerOutageRow } from "./partner-schemas.ts";
import { badField } from "./problem.ts";
import { metaOf } from "./read-context.ts";
import { iso } from "./rows.ts";

const common = { tags: ["partners"], security: withPartnerKey };

const linksRoute = createRoute({
  ...common,
  method: "get",
  path: "/links",
  summary: "Your links: how they stand now, and how they fared this month",
  request: { query: z.strictObject({ lang: langParam }) },
  responses: { 200: json("Links.", rowsOf(partnerLinkRow)), ...refusedWith(400, 401, 403) },
});

const cursorAllowed = "meta.nextCursor of an earlier page of the same query with a key of the same provider";

const outagesRoute = createRoute({
  ...common,
  method: "get",
  path: "/outages",
  summary: "Outages of your links, by their last change",
  description:
    "Ordered by the moment of their last change. meta.nextCursor stands behind the last row: asked for again later, it gives everything that changed since, and nothing is left out. What turned out to be no outage comes with `withdrawn: true`. Filters are of what an outage is when it is asked for: with `open=true` the feed does not tell that one has ended. Who wants every change asks without `open`, `from` and `to`.",
  request: {
    query: z.strictObject({
      link: z.string().max(200).optional(),
      open: openParam.openapi({
        param: {
          description:
            "true: only what still lasts. false: only what has ended, or turned out to be no outage.",
        },
      }),
      from: fromParam.openapi({ param: { description: "Only what lasted after it. Default: all." } }),
      to: toParam.openapi({ param: { description: "Only what began before it. Default: all." } }),
      since: timeParam("Only what changed at or after it. Default: all."),
      cursor: z
        .string()
        .optional()
        .openapi({ param: { description: "Where an earlier page ended. Default: the beginning." } }),
      limit: limitParam("Rows of a page; 1 to 1000."),
      lang: langParam,
    }),
  },
  responses: {
    200: json(
      "A page.",
      z.object({
        data: z.array(partnerOutageRow),
        meta: z.object({
          rows: z.int(),
          hasMore: z.boolean(),
          nextCursor: z.string().openapi({ description: "Also of the last page: for the next look." }),
        }),
      }),
      headers.next,
    ),
    ...refusedWith(400, 401, 403),
  },
});

const outageRoute = createRoute({
  ...common,
  method: "get",
  path: "/outages/{id}",
  summary: "One outage with its comments and revisions",
  request: { params: z.object({ id: z.string() }), query: z.strictObject({ lang: langParam }) },
  responses: { 200: json("The outage.", partnerDetail), ...refusedWith(400, 401, 403, 404) },
});

export function createPartnerOutageRoutes(deps: PartnerDeps): Api {
  const { inventory, state, nowMs, words } = deps;
  const api = createApi();
  api.openapi(linksRoute, async (c) => {
    const { lang } = c.req.valid("query");
    const views = await partnerLinks({ ...deps, inventory: inventory() }, providerOf(c), nowMs());
    const data = views.map((view) => toLinkRow(words(lang), view));
    return c.json({ data, meta: metaOf(data) }, 200);
  });
  api.openapi(outagesRoute, async (c) => {
    const { lang, limit: asked, cursor, from, to, since, ...rest } = c.req.valid("query");
    const provider = providerOf(c);
    if (from !== undefined && to !== undefined) resolveRange({ from, to }, nowMs());
    const limit = Number(asked);
    const filter = { ...rest, fromMs: from, toMs: to, sinceMs: since };
    const binding = bindingOf(provider, filter);
    const afterSeq = cursor === undefined ? 0 : readCursor(cursor, binding);
    const hidden = hiddenFrom(inventory(), provider);
    const found = await state.partnerOutages({
      provider,
      hidden,
      ...filter,
      afterSeq,
      limit: limit + 1,
    });
    const page = found.slice(0, limit);
    const hasMore = found.length > limit;
    const nextCursor = toCursor(page.at(-1)?.seq ?? afterSeq, binding);
    if (hasMore) {
      const next = new URLSearchParams(c.req.query());
      next.set("cursor", nextCursor);
      c.header("Link", `<?${next.toString()}>; rel="next"`);
    }
    const data = page.map((record) => toPartnerRow(words(lang), inventory(), record));
    return c.json({ data, meta: { rows: data.length, hasMore, nextCursor } }, 200);
  });
  api.openapi(outageRoute, async (c) => {
    const provider = providerOf(c);
    const record = await ownOutage(deps, provider, c.req.valid("param").id);
    const { lang } = c.req.valid("query");
    const changes = await state.partnerChanges(provider, record.id);
    const comments = changes.flatMap(({ comment }) => (comment === null ? [] : [toCommentRow(comment)]));
    const seen = new Map(changes.map(({ record: was }) => [was!.revision, was!]));
    const revisions = [...seen.values()].map((was) => toPartnerRevision(words(lang), was));
    const data = { ...toPartnerRow(words(lang), inventory(), record), comments, revisions };
    c.header("ETag", tagOf(record.seq, { data }));
    return c.json({ data }, 200);
  });
  return api;
}

/** The place of the last change, which writes are checked against, and the text, which depends on the language too. */
export function tagOf(seq: number, body: object): string {
  return `"${seq}-${createHash("sha256").update(JSON.stringify(body)).digest("hex").slice(0, 16)}"`;
}

function bindingOf(provider: string, filter: object): string {
  return createHash("sha256")
    .update(JSON.stringify([provider, filter]))
    .digest("hex")
    .slice(0, 16);
}

function toCursor(seq: number, binding: string): string {
  return Buffer.from(`${seq}.${binding}`).toString("base64url");
}

function readCursor(cursor: string, binding: string): number {
  const [seq = "", bound] = Buffer.from(cursor, "base64url").toString("latin1").split(".");
  if (/^\d{1,15}$/.test(seq) && bound === binding && toCursor(Number(seq), binding) === cursor)
    return Number(seq);
  throw badField(400, [{ field: "cursor", value: cursor.slice(0, 80), allowed: cursorAllowed }]);
}

function toLinkRow(words: Words, view: PartnerLinkView) {
  const { link, siteName, state, sinceMs, fromMs, toMs, month } = view;
  return {
    link: link.id,
    circuitId: link.circuitId,
    technology: link.technology,
    site: link.site,
    name: siteName,
    state,
    stateText: words.state(state),
    since: sinceMs === null ? null : iso(sinceMs),
    month: month === null ? null : { from: iso(fromMs), to: iso(toMs), ...figuresOf(month) },
  };
}

function figuresOf(month: NonNullable<PartnerLinkView["month"]>) {
  const { availabilityRatio, worstRatio, bestRatio, coverageRatio, outages, mttrS, mtbfS } = month;
  const { upS, downS, notMeasuredS, expectedOffS, maintenanceS } = month;
  const seconds = { upS, downS, notMeasuredS, expectedOffS, maintenanceS };
  return { availabilityRatio, worstRatio, bestRatio, coverageRatio, ...seconds, outages, mttrS, mtbfS };
}
