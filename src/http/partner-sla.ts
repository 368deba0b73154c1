import { createRoute, z } from "@hono/zod-openapi";
import { evidenceFor, outageNames, slaCauseFor } from "../report/partner-evidence.ts";
import type { EvidenceView } from "../report/partner-evidence.ts";
import { mayBeOf, slaOfProvider } from "../report/partner-sla.ts";
import type { SlaMonth } from "../report/sla/create-sla-book.ts";
import { rollUpSla } from "../report/sla/roll-up.ts";
import type { SlaRow } from "../report/sla/roll-up.ts";
import type { LinkSla } from "../report/sla/sla.ts";
import { partnerCauses } from "../state/partner-store.ts";
import { createApi, json, refusedWith, withPartnerKey } from "./open-api.ts";
import type { Api } from "./open-api.ts";
import { providerOf } from "./partner-context.ts";
import type { PartnerDeps } from "./partner-context.ts";
import { badField, HttpProblem, notFound } from "./problem.ts";
import { answer } from "./read-context.ts";
import { checkPeriod, figuresParam, partParam, periodParam, wrongPeriod } from "./read-sla.ts";
import { checkIssue, issueParam, refuseBoth } from "./sla-issue.ts";
import { slaChangeRow, outageSchema, exclusionSchema, slaRow, toChangeRow, toSlaRow } from "./sla-rows.ts";
import { iso } from "./rows.ts";
import { createTurns } from "./turns.ts";

/** Questions of one provider that are under way or wait. */
const maxTurns = 10;
/** After so long one of them is answered, s. */
const retryAfterS = 5;

const common = { tags: ["partners"], security: withPartnerKey };

const cause = z.enum(partnerCauses);
// Of its own: of what extends a named shape the document says that it is both.
const partnerSlaRow = z
  .object({
    ...slaRow.shape,
    outages: z.array(
      outageSchema.extend({
        causes: z.array(z.object({ cause, start: z.iso.datetime(), end: z.iso.datetime() })),
        outages: z.array(z.string()).openapi({
          description: "Ids of /partner/outages; one of several links at once is in the record of none.",
        }),
      }),
    ),
    exclusions: z.array(exclusionSchema.pick({ kind: true, start: true, end: true })),
  })
  .openapi("PartnerSlaRow");

const slaRoute = createRoute({
  ...common,
  method: "get",
  path: "/sla",
  summary: "A month of your links against their contracts",
  description:
    "As the regency's own /sla by link: a month that was issued keeps its figures, and meta.pending is what a correction would change. Months, or parts of them, in which a link was not yours are left out.",
  request: { query: z.strictObject({ period: periodParam, figures: figuresParam, issue: issueParam }) },
  responses: {
    200: json(
      "One row per link, and for each contract of the month where there were several.",
      z.object({
        data: z.array(partnerSlaRow),
        meta: z.object({
          rows: z.int(),
          period: z.string(),
          issue: z
            .object({ number: z.string(), issued: z.iso.datetime() })
            .nullable()
            .openapi({ description: "The regency's report with these figures; null: they are provisional." }),
          pending: z.array(slaChangeRow),
        }),
      }),
    ),
    ...refusedWith(400, 401, 403, 404),
  },
});

const evidenceRoute = createRoute({
  ...common,
  method: "get",
  path: "/sla/{link}/evidence",
  summary:
    "The evidence of a month of one of your links: JSON lines, each with the hash of the one before it",
  description:
    "verify-evidence.py of the documentation recomputes every figure from it. Its chain is its own: in the regency's copy stand ids and causes of what lies beyond your link.",
  request: {
    params: z.object({ link: z.string() }),
    query: z.strictObject({ period: periodParam, issue: issueParam, part: partParam.optional() }),
  },
  responses: {
    200: { description: "The pack.", content: { "application/x-ndjson": { schema: z.string() } } },
    ...refusedWith(400, 401, 403, 404),
  },
});

export function createPartnerSlaRoutes(deps: PartnerDeps): Api {
  const { inventory, sla } = deps;
  const api = createApi();
  const viewOf = async (provider: string, { site, outages }: LinkSla): Promise<EvidenceView> => ({
    provider,
    names: await outageNames(
      deps.state,
      provider,
      outages.flatMap(({ ids }) => ids),
    ),
    isCentre: inventory().sites.get(site)?.parent === null,
  });
  const own = (provider: string, month: Pick<SlaMonth, "links" | "pending">) =>
    slaOfProvider({ ...deps, inventory: inventory() }, provider, month);
  const inTurn = createTurns(maxTurns, busy);
  const checkAsked = async (period: string, issue: string | undefined) => {
    checkPeriod(sla, period);
    await checkIssue(sla, period, issue, "left out, /api/v1/partner/sla has the last one");
  };
  const monthOf = async (
    provider: string,
    period: string,
    asIssued: boolean,
    issue: string | undefined,
  ): Promise<SlaMonth> => {
    // By the inventory of the moment in which it is reckoned.
    const has = (link: string) => mayBeOf(inventory(), provider)(link);
    const meant = { whose: provider, has };
    const month = await sla.month(period, asIssued, meant, issue);
    if (month === null) throw wrongPeriod(period);
    return { ...month, ...(await own(provider, month)) };
  };
  /** The parts of one link's month that are the provider's; nothing is reckoned of what is another's or nobody's. */
  const partsOf = async (provider: string, link: string, period: string, issue: string | undefined) => {
    const isOwn = mayBeOf(inventory(), provider);
    const links = await sla.figures(period, (id) => id === link && isOwn(id), issue);
    if (links === null) throw wrongPeriod(period);
    return (await own(provider, { links, pending: [] })).links;
  };

  api.openapi(slaRoute, async (c) => {
    const { period, figures, issue: asked } = c.req.valid("query");
    refuseBoth(asked, figures);
    const provider = providerOf(c);
    await checkAsked(period, asked);
    const month = await inTurn(provider, () => monthOf(provider, period, figures === "issued", asked));
    const rows = rollUpSla(month.links, "link", (code) => month.about.names[code] ?? code);
    const data = await Promise.all(rows.map(async (row) => toRow(await viewOf(provider, row.of!), row)));
    const issue =
      month.issue === null ? null : { number: month.issue.number, issued: iso(month.issue.issuedMs) };
    const meta = { rows: data.length, period: month.month, issue, pending: month.pending.map(toChangeRow) };
    return answer(c, { data, meta });
  });
  api.openapi(evidenceRoute, async (c) => {
    const { period, issue, part } = c.req.valid("query");
    const { link } = c.req.valid("param");
    const provider = providerOf(c);
    await checkAsked(period, issue);
    const { pack, meant, parts } = await inTurn(provider, async () => {
      const own = await partsOf(provider, link, period, issue);
      const one =
        part === undefined && own.length === 1 ? own[0] : own.find(({ part: of }) => of.index === part);
      const read =
        one === undefined ? null : await sla.evidence(link, period, { part: one.part.index, number: issue });
      return { pack: read, meant: one, parts: own };
    });
    if (parts.length > 0 && meant === undefined) {
      const allowed = `one of ${parts.map(({ part: of }) => of.index).join(", ")}: contracts of ${link} in ${period}`;
      throw badField(400, [{ field: "part", value: part === undefined ? undefined : String(part), allowed }]);
    }
    if (meant === undefined || typeof pack !== "string")
      throw notFound("you have no such link in this month; /api/v1/partner/sla has them");
    return c.body(evidenceFor(await viewOf(provider, meant), pack), 200, {
      "Content-Type": "application/x-ndjson",
      "Content-Disposition": `attachment; filename="bukti-${link}-${period}${part === undefined ? "" : `-${part}`}.jsonl"`,
    }) as never;
  });
  return api;
}

function toRow(view: EvidenceView, row: SlaRow): z.input<typeof partnerSlaRow> {
  const { outages = [], exclusions = [], ...figures } = toSlaRow(row, "link");
  return {
    ...figures,
    outages: outages.map(({ causes, outages: ids, ...outage }) => ({
      ...outage,
      causes: causes.map((part) => ({ ...part, cause: slaCauseFor(view, part.cause) })),
      outages: ids.flatMap((id) => view.names.get(id) ?? []),
    })),
    exclusions: exclusions.map(({ kind, start, end }) => ({ kind, start, end })),
  };
}

function busy(): HttpProblem {
  return new HttpProblem({
    status: 503,
    code: "busy",
    title: "Not now",
    detail: `${maxTurns} questions of yours are being answered already`,
    headers: { "Retry-After": String(retryAfterS) },
  });
}
