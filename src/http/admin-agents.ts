import { createRoute, z } from "@hono/zod-openapi";
import { hashKey, keyPrefix, makeKey } from "../state/keys.ts";
import { agentKinds } from "../state/state-store.ts";
import type { AdminDeps } from "./admin.ts";
import type { Admission } from "./auth.ts";
import { json, jsonBody, refusedWith, rowsOf, withAdminKey } from "./open-api.ts";
import type { Api } from "./open-api.ts";
import { badField, conflict, notFound } from "./problem.ts";
import { metaOf } from "./read-context.ts";
import { iso, toTokenRow } from "./rows.ts";
import { tokenRow } from "./schemas.ts";

/** An enrolment token is good for a day: long enough to drive to a village. */
const tokenLifeMs = 86_400_000;

const siteAllowed = "the code of a site of the inventory";
const kindAllowed = `one of ${agentKinds.join(", ")}`;
const idParams = z.object({ id: z.string() });
const common = { tags: ["administration"], security: withAdminKey };

const tokenRoute = createRoute({
  ...common,
  method: "post",
  path: "/agents/tokens",
  summary: "A token with which one agent enrols at a site, once, within 24 hours",
  request: jsonBody(
    z.strictObject({
      site: z.string({ error: siteAllowed }),
      kind: z
        .enum(agentKinds, { error: kindAllowed })
        .default("sambung")
        .openapi({ description: "`telegraf`: for a Telegraf that writes to /api/v2/write." }),
    }),
  ),
  responses: {
    201: json(
      "Shown here and never again.",
      z.object({
        data: z.object({ id: z.string(), token: z.string(), site: z.string(), expires: z.iso.datetime() }),
      }),
    ),
    ...refusedWith(400, 401, 403, 413, 415, 422),
  },
});

const tokensRoute = createRoute({
  ...common,
  method: "get",
  path: "/agents/tokens",
  summary: "Enrolment tokens, without the tokens: those in force, used, expired and revoked",
  responses: { 200: json("Tokens.", rowsOf(tokenRow)), ...refusedWith(401, 403) },
});

const revokeTokenRoute = createRoute({
  ...common,
  method: "delete",
  path: "/agents/tokens/{id}",
  summary: "Revoke a token that was not used yet, at once",
  request: { params: idParams },
  responses: { 204: { description: "Revoked." }, ...refusedWith(401, 403, 404, 409) },
});

const rotateRoute = createRoute({
  ...common,
  method: "post",
  path: "/agents/{id}/rotate",
  summary: "Ask an agent to take a new key; its present one is revoked when it first uses the new one",
  request: { params: idParams },
  responses: {
    202: json("Asked for; it learns of it with its next report.", z.object({ data: z.looseObject({}) })),
    ...refusedWith(401, 403, 404, 409),
  },
});

const revokeRoute = createRoute({
  ...common,
  method: "delete",
  path: "/agents/{id}",
  summary: "Revoke an agent with all its keys, at once; its measurements stay",
  request: { params: idParams },
  responses: { 204: { description: "Revoked." }, ...refusedWith(401, 403, 404) },
});

const settleRoute = createRoute({
  ...common,
  method: "post",
  path: "/agents/{id}/ledger/settle",
  summary: "Take the note `inconsistent` from an agent's account, once its cause is known",
  description: "The numbers stay as they are. The note comes back with the next numbers that cannot be.",
  request: { params: idParams },
  responses: { 204: { description: "Taken away." }, ...refusedWith(401, 403, 404, 409) },
});

export function addAgentRoutes(
  room: Api,
  { state, inventory, nowMs }: AdminDeps,
  { actor }: Admission,
): void {
  room.openapi(tokenRoute, async (c) => {
    const { site, kind } = c.req.valid("json");
    if (!inventory().sites.has(site))
      throw badField(422, [{ field: "site", value: site, allowed: siteAllowed }]);
    const token = makeKey("sbe");
    const madeMs = nowMs();
    const expiresMs = madeMs + tokenLifeMs;
    const record = { hash: hashKey(token), prefix: keyPrefix(token), site, kind, expiresMs, nowMs: madeMs };
    const id = await state.addEnrolToken(record, actor(c));
    return c.json({ data: { id, token, site, expires: iso(expiresMs) } }, 201);
  });
  room.openapi(tokensRoute, async (c) => {
    const data = (await state.enrolTokens()).map(toTokenRow);
    return c.json({ data, meta: metaOf(data) }, 200);
  });
  room.openapi(revokeTokenRoute, async (c) => {
    const { id } = c.req.valid("param");
    const outcome = await state.revokeEnrolToken(id, nowMs(), actor(c));
    if (outcome === "unknown") throw notFound(`there is no token ${id} that could be revoked`);
    if (outcome === "used")
      throw conflict("token.used", "the token was used: revoke the agent that it became");
    return c.body(null, 204);
  });
  room.openapi(rotateRoute, async (c) => {
    const { id } = c.req.valid("param");
    const agent = await state.agent(id);
    if (agent === null || agent.revokedMs !== null) throw notFound(`there is no agent ${id} in force`);
    if (agent.kind !== "sambung")
      throw conflict(
        "agent.kind",
        `a ${agent.kind} agent takes no new key by itself: make another and revoke it`,
      );
    const askedMs = nowMs();
    await state.askRotation(id, askedMs, actor(c));
    return c.json({ data: { agent: id, rotateAsked: iso(askedMs) } }, 202);
  });
  room.openapi(revokeRoute, async (c) => {
    const { id } = c.req.valid("param");
    if (!(await state.revokeAgent(id, nowMs(), actor(c)))) throw notFound(`there is no agent ${id} in force`);
    return c.body(null, 204);
  });
  room.openapi(settleRoute, async (c) => {
    const { id } = c.req.valid("param");
    if ((await state.agent(id)) === null) throw notFound(`there is no agent ${id}`);
    if (!(await state.settleLedger(id, nowMs(), actor(c))))
      throw conflict("ledger.consistent", `nothing in the account of ${id} is inconsistent`);
    return c.body(null, 204);
  });
}
