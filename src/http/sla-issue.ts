import { createRoute, z } from "@hono/zod-openapi";
import type { SlaBook } from "../report/sla/create-sla-book.ts";
import { json, refusedWith, withKey } from "./open-api.ts";
import type { Api } from "./open-api.ts";
import { badField, notFound } from "./problem.ts";
import { slaIssueRow, toIssueRow } from "./sla-rows.ts";

/* Issued months by their numbers. */

const allowed = "the number of an issue, such as SLA-2026-10 or SLA-2026-10-K1";

export const issueParam = z
  .string()
  .regex(/^SLA-\d{4}-\d{2}(-K\d{1,4})?$/, { error: allowed })
  .optional()
  .openapi({
    param: {
      description: "Of this issue, also where a correction has taken its place. Default: of the last one.",
    },
    example: "SLA-2026-10-K1",
  });

/** Refuses what is no issue of that month. `where`: what whoever asks may read of them. */
export async function checkIssue(
  sla: SlaBook,
  month: string,
  number: string | undefined,
  where = "/api/v1/sla/issues has them",
): Promise<void> {
  if (number === undefined) return;
  if (!(await sla.issues()).some((head) => head.number === number && head.month === month))
    throw notFound(`there is no issue ${number} of ${month}; ${where}`);
}

/** The figures of an issue and those as known now are not asked for at once. */
export function refuseBoth(issue: string | undefined, figures: "issued" | "now"): void {
  if (issue !== undefined && figures === "now")
    throw badField(400, [{ field: "figures", value: figures, allowed: "issued, where an issue is named" }]);
}

const common = { tags: ["sla"], security: withKey };

const issuesRoute = createRoute({
  ...common,
  method: "get",
  path: "/sla/issues",
  summary: "Issued months and their corrections",
  responses: {
    200: json(
      "By month, then correction.",
      z.object({ data: z.array(slaIssueRow), meta: z.object({ rows: z.int() }) }),
    ),
    ...refusedWith(401, 403),
  },
});

const issueRoute = createRoute({
  ...common,
  method: "get",
  path: "/sla/issues/{number}",
  summary: "The figures of an issue, byte for byte as they were signed",
  description:
    "The SHA-256 of this body is the digest that the issue, its report and its evidence name: sha256sum says whether a page is of these figures.",
  request: { params: z.object({ number: z.string().openapi({ example: "SLA-2026-10" }) }) },
  responses: {
    200: {
      description: "Durations in ms, times as epoch ms.",
      content: { "application/json": { schema: z.looseObject({ links: z.array(z.looseObject({})) }) } },
    },
    ...refusedWith(401, 403, 404),
  },
});

export function addSlaIssueRoutes(api: Api, sla: SlaBook): void {
  api.openapi(issuesRoute, async (c) => {
    const data = (await sla.issues()).map(toIssueRow);
    return c.json({ data, meta: { rows: data.length } }, 200);
  });
  api.openapi(issueRoute, async (c) => {
    const { number } = c.req.valid("param");
    const issue = await sla.issueOf(number);
    if (issue === null)
      throw notFound(`there is no issue ${number.slice(0, 80)}; /api/v1/sla/issues has them`);
    return c.body(issue.figures, 200, {
      "Content-Type": "application/json",
      "Content-Disposition": `attachment; filename="${issue.number}.json"`,
      ETag: `"${issue.digest}"`,
    }) as never;
  });
}
