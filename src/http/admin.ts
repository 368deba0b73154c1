import { randomBytes } from "node:crypto";
import { createRoute, z } from "@hono/zod-openapi";
import { bodyLimit } from "hono/body-limit";
import { createMiddleware } from "hono/factory";
import type { Inventory } from "../inventory/inventory.ts";
import { hashKey, keyPrefix, makeKey } from "../state/keys.ts";
import { agentKinds, scopes } from "../state/state-store.ts";
import type { StateStore } from "../state/state-store.ts";
import { requireScope } from "./auth.ts";
import type { HttpEnv, HttpLogger } from "./env.ts";
import { createApi, guarded, json, refusedWith, rowsOf, withKey } from "./open-api.ts";
import type { Api } from "./open-api.ts";
import { badField, notFound } from "./problem.ts";
import { metaOf } from "./read-context.ts";
import { iso, toKeyRow } from "./rows.ts";
import { keyRow } from "./schemas.ts";

export interface AdminDeps {
  state: StateStore;
  inventory: () => Inventory;
  nowMs: () => number;
  logger: HttpLogger;
}

/** An enrolment token is good for a day: long enough to drive to a village. */
const tokenLifeMs = 86_400_000;

const body = <T extends z.ZodType>(schema: T) => ({
  body: { required: true, content: { "application/json": { schema } } },
});
const siteAllowed = "the code of a site of the inventory";
const kindAllowed = `one of ${agentKinds.join(", ")}`;
const nameAllowed = "1 to 100 characters";
const scopesAllowed = `one or both of ${scopes.join(", ")}`;
const idParams = z.object({ id: z.string() });

const tokenRoute = createRoute({
  method: "post",
  path: "/agents/tokens",
  tags: ["administration"],
  summary: "A token with which one agent enrols at a site, once, within 24 hours",
  security: withKey,
  request: body(
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
      z.object({ data: z.object({ token: z.string(), site: z.string(), expires: z.iso.datetime() }) }),
    ),
    ...refusedWith(400, 401, 403, 413, 415, 422),
  },
});

const revokeAgentRoute = createRoute({
  method: "delete",
  path: "/agents/{id}",
  tags: ["administration"],
  summary: "Revoke an agent's key, at once; its measurements stay",
  security: withKey,
  request: { params: idParams },
  responses: { 204: { description: "Revoked." }, ...refusedWith(401, 403, 404) },
});

const keysRoute = createRoute({
  method: "get",
  path: "/keys",
  tags: ["administration"],
  summary: "API keys, without the keys",
  security: withKey,
  responses: { 200: json("Keys.", rowsOf(keyRow)), ...refusedWith(401, 403) },
});

const addKeyRoute = createRoute({
  method: "post",
  path: "/keys",
  tags: ["administration"],
  summary: "A new API key",
  security: withKey,
  request: body(
    z.strictObject({
      name: z.string({ error: nameAllowed }).min(1, { error: nameAllowed }).max(100, { error: nameAllowed }),
      scopes: z
        .array(z.enum(scopes, { error: scopesAllowed }), { error: scopesAllowed })
        .min(1, { error: scopesAllowed }),
    }),
  ),
  responses: {
    201: json("`key` is shown here and never again.", z.object({ data: keyRow.extend({ key: z.string() }) })),
    ...refusedWith(400, 401, 403, 413, 415, 422),
  },
});

const revokeKeyRoute = createRoute({
  method: "delete",
  path: "/keys/{id}",
  tags: ["administration"],
  summary: "Revoke an API key, at once",
  security: withKey,
  request: { params: idParams },
  responses: { 204: { description: "Revoked." }, ...refusedWith(401, 403, 404) },
});

export function createAdminRoutes(deps: AdminDeps): Api {
  const room = createApi();
  addTokenRoutes(room, deps);
  addKeyRoutes(room, deps);
  return guarded(room, requireScope(deps.state, "admin"), bodyLimit({ maxSize: 65_536 }), noStore);
}

function addTokenRoutes(room: Api, { state, inventory, nowMs, logger }: AdminDeps): void {
  room.openapi(tokenRoute, async (c) => {
    const { site, kind } = c.req.valid("json");
    if (!inventory().sites.has(site))
      throw badField(422, [{ field: "site", value: site, allowed: siteAllowed }]);
    const token = makeKey("sbe");
    const expiresMs = nowMs() + tokenLifeMs;
    await state.addEnrolToken({ hash: hashKey(token), site, kind, expiresMs });
    logger.info({ by: c.get("key").id, site, kind }, "enrolment token made");
    return c.json({ data: { token, site, expires: iso(expiresMs) } }, 201);
  });
  room.openapi(revokeAgentRoute, async (c) => {
    const { id } = c.req.valid("param");
    if (!(await state.revokeAgent(id, nowMs()))) throw notFound(`there is no agent ${id}`);
    logger.info({ by: c.get("key").id, agent: id }, "agent revoked");
    return c.body(null, 204);
  });
}

function addKeyRoutes(room: Api, { state, nowMs, logger }: AdminDeps): void {
  room.openapi(keysRoute, async (c) => {
    const data = (await state.apiKeys()).map(toKeyRow);
    return c.json({ data, meta: metaOf(data) }, 200);
  });
  room.openapi(addKeyRoute, async (c) => {
    const { name, scopes: granted } = c.req.valid("json");
    const key = makeKey("sbk");
    const record = {
      id: `key_${randomBytes(8).toString("hex")}`,
      name,
      prefix: keyPrefix(key),
      scopes: [...new Set(granted)],
      createdMs: nowMs(),
      revokedMs: null,
    };
    await state.addApiKey({ ...record, hash: hashKey(key) });
    logger.info({ by: c.get("key").id, key: record.id, scopes: record.scopes }, "API key made");
    return c.json({ data: { ...toKeyRow(record), key } }, 201);
  });
  room.openapi(revokeKeyRoute, async (c) => {
    const { id } = c.req.valid("param");
    if (!(await state.revokeApiKey(id, nowMs()))) throw notFound(`there is no API key ${id}`);
    logger.info({ by: c.get("key").id, key: id }, "API key revoked");
    return c.body(null, 204);
  });
}

const noStore = createMiddleware<HttpEnv>(async (c, next) => {
  await next();
  c.res.headers.set("Cache-Control", "no-store");
});
