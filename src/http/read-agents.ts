import { createRoute, z } from "@hono/zod-openapi";
import { createApi, json, refusedWith, rowsOf, withKey } from "./open-api.ts";
import type { Api } from "./open-api.ts";
import { idParam } from "./params.ts";
import { notFound } from "./problem.ts";
import { metaOf } from "./read-context.ts";
import type { ReadDeps } from "./read-context.ts";
import { toAgentRow, toKeyRow, toLedgerBody } from "./rows.ts";
import { agentRow, keyRow, ledgerBody, ledgerLists } from "./schemas.ts";

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

const chosenLedgerRoute = createRoute({
  method: "get",
  path: "/agents/ledger",
  tags: ["agents"],
  summary: "The lists of an account, of the agent that a dashboard has chosen",
  description:
    "Empty lists of an agent that has no account, since it has sent nothing yet or reports by Telegraf.",
  security: withKey,
  request: { query: z.strictObject({ agent: idParam("The agent.") }) },
  responses: {
    200: json("The lists.", z.object({ data: ledgerLists })),
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
  api.openapi(chosenLedgerRoute, async (c) => {
    const { agent } = c.req.valid("query");
    if (agent !== "" && (await state.agent(agent)) === null) throw notFound(`there is no agent ${agent}`);
    const ledger = agent === "" ? null : await reader.ledger(agent);
    const none = { holes: [], thinned: [], lost: [], months: [], clocks: [] };
    const { holes, thinned, lost, months, clocks } = ledger === null ? none : toLedgerBody(ledger, nowMs());
    return c.json({ data: { agent, holes, thinned, lost, months, clocks } }, 200);
  });
  api.openapi(whoamiRoute, (c) => c.json({ data: toKeyRow(c.get("key")) }, 200));
  return api;
}
