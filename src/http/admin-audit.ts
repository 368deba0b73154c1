import { createRoute, z } from "@hono/zod-openapi";
import type { AdminDeps } from "./admin.ts";
import { headers } from "./answer-headers.ts";
import { json, refusedWith, withAdminKey } from "./open-api.ts";
import type { Api } from "./open-api.ts";
import { limitParam } from "./params.ts";
import { badField } from "./problem.ts";
import { toAuditRow } from "./rows.ts";
import { auditRow } from "./schemas.ts";

const cursorAllowed = "meta.nextCursor of the page before";

const auditRoute = createRoute({
  method: "get",
  path: "/audit",
  tags: ["administration"],
  summary: "Administrative acts and refused attempts, newest first, page by page",
  security: withAdminKey,
  request: {
    query: z.strictObject({
      cursor: z
        .string()
        .optional()
        .openapi({ param: { description: "Where the page before ended. Default: the newest." } }),
      limit: limitParam("Rows of a page; 1 to 1000."),
    }),
  },
  responses: {
    200: json(
      "A page.",
      z.object({
        data: z.array(auditRow),
        meta: z.object({ rows: z.int(), nextCursor: z.string().nullable() }),
      }),
      headers.next,
    ),
    ...refusedWith(400, 401, 403),
  },
});

export function addAuditRoute(room: Api, { state }: AdminDeps): void {
  room.openapi(auditRoute, async (c) => {
    const query = c.req.valid("query");
    const limit = Number(query.limit);
    const beforeId = query.cursor === undefined ? undefined : readCursor(query.cursor);
    const found = await state.audit({ beforeId, limit: limit + 1 });
    const page = found.slice(0, limit);
    const nextCursor = found.length > limit ? toCursor(page.at(-1)!.id) : null;
    if (nextCursor !== null) c.header("Link", `<?cursor=${nextCursor}&limit=${limit}>; rel="next"`);
    return c.json({ data: page.map(toAuditRow), meta: { rows: page.length, nextCursor } }, 200);
  });
}

/* A cursor is the id of the last row in a form that nobody takes for a number to count with. */

function toCursor(id: number): string {
  return Buffer.from(`a${id}`).toString("base64url");
}

function readCursor(cursor: string): number {
  const id = /^a([1-9]\d{0,14})$/.exec(Buffer.from(cursor, "base64url").toString("latin1"))?.[1];
  if (id === undefined) throw badField(400, [{ field: "cursor", value: cursor, allowed: cursorAllowed }]);
  return Number(id);
}
