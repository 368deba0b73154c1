import { createRoute, z } from "@hono/zod-openapi";
import { createApi, json, refusedWith, rowsOf, withKey } from "./open-api.ts";
import type { Api } from "./open-api.ts";
import { notFound } from "./problem.ts";
import { metaOf } from "./read-context.ts";
import type { ReadDeps } from "./read-context.ts";
import { toAgentRow, toKeyRow, toLedgerBody } from "./rows.ts";
import { agentRow, keyRow, ledgerBody } from "./schemas.ts";

const agentsRoute = createRoute({
  method: "get",
  path: "/agents",
  tags: ["agents"],
  summary: "Agents with the state of their account",
  security: withKey,
  request: { query: z.strictObject({}) },
  responses: { 200: json("Agents.", rowsOf(agentRow)), ...refusedWith(400, 401, 403) },
});

const ledgerRoute = createRoute({
  method: "get",
  path: "/agents/{id}/ledger",
  tags: ["agents"],
  summary: "Which batches of an agent are stored, which are missing, and what was thinned or lost",
  security: withKey,
  request: { params: z.object({ id: z.string() }), query: z.strictObject({}) },
  responses: {
    200: json("The account.", z.object({ data: ledgerBody })),
    ...refusedWith(400, 401, 403, 404),
  },
});

const whoamiRoute = createRoute({
  method: "get",
  path: "/whoami",
  tags: ["administration"],
  summary: "Which key this is",
  security: withKey,
  responses: { 200: json("The key.", z.object({ data: keyRow })), ...refusedWith(401, 403) },
});

export function createAgentReadRoutes({ reader, state, inventory, nowMs }: ReadDeps): Api {
  const api = createApi();
  api.openapi(agentsRoute, async (c) => {
    const data = (await reader.agents()).map((agent) => toAgentRow(inventory(), agent, nowMs()));
    return c.json({ data, meta: metaOf(data) }, 200);
  });
  api.openapi(ledgerRoute, async (c) => {
    const { id } = c.req.valid("param");
    const agent = await state.agent(id);
    if (agent?.kind === "telegraf")
      throw notFound(`agent ${id} reports by Telegraf, which numbers nothing: its rounds are not counted`);
    if (agent === null) throw notFound(`there is no agent ${id}`);
    const ledger = await reader.ledger(id);
    if (ledger === null) throw notFound(`agent ${id} has sent nothing yet: it has no account`);
    return c.json({ data: toLedgerBody(ledger, nowMs()) }, 200);
  });
  api.openapi(whoamiRoute, (c) => c.json({ data: toKeyRow(c.get("key")) }, 200));
  return api;
}
