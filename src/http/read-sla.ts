import { createRoute, z } from "@hono/zod-openapi";
import { createLocalTime, defaultTimeZone, parseTimeMs } from "../inventory/local-time.ts";
import { explainSla } from "../report/sla/explain.ts";
import { rollUpSla, slaGroups } from "../report/sla/roll-up.ts";
import type { SlaBook, SlaMonth } from "../report/sla/create-sla-book.ts";
import type { Cause } from "../outage/table.ts";
import { createApi, json, refusedWith, withKey } from "./open-api.ts";
import type { Api } from "./open-api.ts";
import { langParam } from "./params.ts";
import { badField, notFound } from "./problem.ts";
import { answer } from "./read-context.ts";
import type { ReadDeps } from "./read-context.ts";
import { addSlaIssueRoutes, checkIssue, issueParam, refuseBoth } from "./sla-issue.ts";
import { slaChangeRow, slaIssueRow, slaRow, toChangeRow, toIssueRow, toSlaRow } from "./sla-rows.ts";

const periodAllowed = "a month that has begun, such as 2026-10";
export const periodParam = z.string({ error: periodAllowed }).openapi({
  param: { description: "A month by the wall clock of the regency." },
  example: "2026-10",
});
const periodOrMomentParam = periodParam.openapi({
  param: {
    description:
      "A month by the wall clock of the regency; or a moment of it, such as the end of a panel's range, of which one to come is now.",
  },
  example: "2026-10",
});
export const figuresParam = z
  .enum(["issued", "now"], { error: "issued or now" })
  .default("issued")
  .openapi({
    param: { description: "issued: as they were issued last, where they were. now: as known now." },
  });
export const partParam = z.coerce
  .number({ error: "1, 2, …" })
  .int({ error: "1, 2, …" })
  .min(1, { error: "1, 2, …" })
  .openapi({
    param: {
      description:
        "Which of the month's contracts, where the link had several: 1 for the first. Needed there, and there alone.",
    },
  });
const linkParams = z.object({ link: z.string() });
const common = { tags: ["sla"], security: withKey };

const slaMeta = z.object({
  rows: z.int(),
  period: z.string(),
  // As a union: of what may be null by itself the document says that it is an object all the same.
  issue: z
    .union([slaIssueRow, z.null()])
    .openapi({ description: "Whose figures these are; null: provisional ones." }),
  pending: z.array(slaChangeRow).openapi({ description: "What a correction issued now would change." }),
});

const slaRoute = createRoute({
  ...common,
  method: "get",
  path: "/sla",
  summary: "A month against the contracts, by link, provider or area",
  description:
    "Availability with its bounds and coverage, MTTR, MTBF, outages with reasons, exclusions with authors, restitution and what is left of the promise. A month that was issued keeps its figures; what was learned since is in meta.pending until a correction is issued.",
  request: {
    query: z.strictObject({
      period: periodOrMomentParam,
      by: z
        .enum(slaGroups, { error: `one of ${slaGroups.join(", ")}` })
        .default("link")
        .openapi({ param: { description: "What is summed." } }),
      figures: figuresParam,
      issue: issueParam,
    }),
  },
  responses: {
    200: json("One row per link or group.", z.object({ data: z.array(slaRow), meta: slaMeta })),
    ...refusedWith(400, 401, 403, 404),
  },
});

const explainRoute = createRoute({
  ...common,
  method: "get",
  path: "/sla/{link}/explain",
  summary: "The arithmetic of a link's month, line by line",
  request: {
    params: linkParams,
    query: z.strictObject({
      period: periodParam,
      figures: figuresParam,
      issue: issueParam,
      lang: langParam,
    }),
  },
  responses: {
    200: json("Lines of text.", z.object({ data: z.array(z.string()), meta: slaMeta })),
    ...refusedWith(400, 401, 403, 404),
  },
});

const evidenceRoute = createRoute({
  ...common,
  method: "get",
  path: "/sla/{link}/evidence",
  summary: "The evidence of a link's month: JSON lines, each with the hash of the one before it",
  description:
    "Outages with the rounds behind them, from both ends; exclusions, clocks, ledgers, the contract and the figures. verify-evidence.py of the documentation recomputes every figure from it. Of an issued month it is what was known when the last issue was made.",
  request: {
    params: linkParams,
    query: z.strictObject({ period: periodParam, issue: issueParam, part: partParam.optional() }),
  },
  responses: {
    200: {
      description: "The pack.",
      content: { "application/x-ndjson": { schema: z.string() } },
    },
    ...refusedWith(400, 401, 403, 404),
  },
});

export function createSlaRoutes({ sla, inventory, nowMs, words }: ReadDeps): Api {
  const api = createApi();
  api.openapi(slaRoute, async (c) => {
    const { period, by, figures, issue } = c.req.valid("query");
    const month = toMonth(period, inventory().timeZone ?? defaultTimeZone, nowMs());
    refuseBoth(issue, figures);
    const found = await monthOf(sla, month, figures === "issued", { issue });
    const nameOf = (code: string) => found.about.names[code] ?? code;
    const data = rollUpSla(found.links, by, nameOf).map((row) => toSlaRow(row, by));
    return answer(c, { data, meta: metaOf(found, data.length) });
  });
  addSlaIssueRoutes(api, sla);
  api.openapi(explainRoute, async (c) => {
    const { period, figures, issue, lang } = c.req.valid("query");
    const { link } = c.req.valid("param");
    refuseBoth(issue, figures);
    const found = await monthOf(sla, period, figures === "issued", { link, issue });
    if (found.links.length === 0)
      throw notFound(`there is no link ${link} in ${period}; /api/v1/links has them`);
    const data = found.links.flatMap((sla, index) => [
      ...(index === 0 ? [] : [""]),
      ...explainSla({
        sla,
        fromMs: found.span.fromMs,
        issue: found.issue,
        language: lang,
        timeZone: found.about.timeZone,
        causeText: (cause) => words(lang).cause(cause as Cause) ?? cause,
      }),
    ]);
    return c.json({ data, meta: metaOf(found, data.length) }, 200);
  });
  api.openapi(evidenceRoute, async (c) => {
    const { period, issue, part } = c.req.valid("query");
    const { link } = c.req.valid("param");
    // Says which part of the address is wrong.
    checkPeriod(sla, period);
    await checkIssue(sla, period, issue);
    const pack = await sla.evidence(link, period, { part, number: issue });
    if (pack === null) throw notFound(`there is no link ${link} in ${period}; /api/v1/links has them`);
    if (typeof pack !== "string") {
      const allowed = `1 to ${pack.parts}: ${link} had as many contracts, or none for a while, in ${period}`;
      throw badField(400, [{ field: "part", value: String(part ?? ""), allowed }]);
    }
    return c.body(pack, 200, {
      "Content-Type": "application/x-ndjson",
      "Content-Disposition": `attachment; filename="${await packName(sla, { link, month: period, issue, part })}"`,
    }) as never;
  });
  return api;
}

/** A moment's month by the wall clock; anything else is left as it is, to be taken for a month or refused. */
function toMonth(period: string, timeZone: string, nowMs: number): string {
  const momentMs = /^\d+$/.test(period) ? null : parseTimeMs(period);
  if (momentMs === null) return period;
  const { toLocalMs } = createLocalTime(timeZone);
  return new Date(toLocalMs(Math.min(momentMs, nowMs))).toISOString().slice(0, 7);
}

async function monthOf(
  sla: SlaBook,
  period: string,
  asIssued: boolean,
  { link, issue }: { link?: string | undefined; issue?: string | undefined },
): Promise<SlaMonth> {
  checkPeriod(sla, period);
  await checkIssue(sla, period, issue);
  const found = await sla.month(period, asIssued, link, issue);
  if (found === null) throw wrongPeriod(period);
  return found;
}

/** With the number of a correction, so that its pack does not take the name of the one before it. */
async function packName(
  sla: SlaBook,
  {
    link,
    month,
    issue,
    part,
  }: { link: string; month: string; issue?: string | undefined; part?: number | undefined },
): Promise<string> {
  const last = (await sla.issues()).findLast((head) => head.month === month)?.number;
  const which = (issue ?? last)?.replace(/^SLA-/, "") ?? `${month}-sementara`;
  return `bukti-${link}-${which}${part === undefined ? "" : `-bagian-${part}`}.jsonl`;
}

export function checkPeriod(sla: SlaBook, period: string): void {
  if (!sla.isMonth(period)) throw wrongPeriod(period);
}

export function wrongPeriod(period: string): Error {
  return badField(400, [{ field: "period", value: period.slice(0, 80), allowed: periodAllowed }]);
}

function metaOf({ month, issue, pending }: SlaMonth, rows: number): z.input<typeof slaMeta> {
  return {
    rows,
    period: month,
    issue: issue === null ? null : toIssueRow(issue),
    pending: pending.map(toChangeRow),
  };
}
