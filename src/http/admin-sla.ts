import { createRoute, z } from "@hono/zod-openapi";
import type { AdminDeps } from "./admin.ts";
import type { Admission } from "./auth.ts";
import { json, jsonBody, refusedWith, withAdminKey } from "./open-api.ts";
import type { Api } from "./open-api.ts";
import { badField, conflict } from "./problem.ts";
import { slaIssueRow, toIssueRow } from "./sla-rows.ts";

const issueRoute = createRoute({
  tags: ["sla"],
  security: withAdminKey,
  method: "post",
  path: "/sla/issues",
  summary: "Issue a month's figures, or a correction of them where late data changed something",
  description:
    "Issued figures never change: a correction has a number of its own. A month can be issued a day after its end. One in which nothing was measured cannot. Issuing again what has not changed is refused.",
  request: jsonBody(
    z.strictObject({ month: z.string({ error: "a month such as 2026-10" }).openapi({ example: "2026-10" }) }),
  ),
  responses: {
    201: json("The issue.", z.object({ data: slaIssueRow })),
    ...refusedWith(401, 403, 409, 413, 415, 422),
  },
});

/** Writing, behind the scope `admin`. */
export function addSlaIssueRoute(room: Api, { sla }: AdminDeps, { actor }: Admission): void {
  room.openapi(issueRoute, async (c) => {
    const { month } = c.req.valid("json");
    const issued = await sla.issue(month, actor(c));
    if (issued === "unknown")
      throw badField(422, [
        { field: "month", value: month.slice(0, 80), allowed: "a month that has begun, such as 2026-10" },
      ]);
    if (issued === "early") throw conflict("sla.early", `${month} can be issued from a day after its end on`);
    if (issued === "unmeasured")
      throw conflict("sla.unmeasured", `nothing was measured in ${month}: there is nothing to issue`);
    if (issued === "holidays")
      throw conflict(
        "sla.holidays",
        `a contract owes no service on holidays, and holidays.csv has none of the year of ${month}: enter them first`,
      );
    if (issued === "unchanged") throw conflict("sla.unchanged", `${month} stands as it was issued`);
    return c.json({ data: toIssueRow(issued) }, 201);
  });
}
