import { randomBytes } from "node:crypto";
import { createRoute, z } from "@hono/zod-openapi";
import type { Inventory } from "../inventory/inventory.ts";
import { parseTimeMs } from "../inventory/local-time.ts";
import { hashKey, keyPrefix, makeKey } from "../state/keys.ts";
import { scopes } from "../state/state-store.ts";
import type { ApiKeyRecord, NewApiKey, Scope } from "../state/state-store.ts";
import type { AdminDeps } from "./admin.ts";
import type { Admission } from "./auth.ts";
import { json, jsonBody, refusedWith, rowsOf, withAdminKey } from "./open-api.ts";
import type { Api } from "./open-api.ts";
import { badField, conflict, notFound } from "./problem.ts";
import { metaOf } from "./read-context.ts";
import { toKeyRow } from "./rows.ts";
import { keyRow } from "./schemas.ts";

/** Longest time that a key that was replaced may go on, s: 30 days. */
const maxOverlapS = 2_592_000;
const defaultOverlapS = 86_400;

const nameAllowed = "1 to 100 characters";
const scopesAllowed = `some of ${scopes.join(", ")}; partner alone`;
const providerAllowed = "with the scope partner the provider of a link in the inventory; without it, none";
const expiresAllowed = "an RFC 3339 time to come, such as 2027-01-01T00:00:00+08:00, or null";
const overlapAllowed = `whole seconds from 0 to ${maxOverlapS}`;
const idParams = z.object({ id: z.string() });
const common = { tags: ["administration"], security: withAdminKey };
const madeKey = z.object({ data: keyRow.extend({ key: z.string() }) });

const expires = z
  .string({ error: expiresAllowed })
  .nullable()
  .optional()
  .openapi({ description: "From then on the key is refused. null or left out: it does not expire." });

const listRoute = createRoute({
  ...common,
  method: "get",
  path: "/keys",
  summary: "API keys, without the keys",
  responses: { 200: json("Keys.", rowsOf(keyRow)), ...refusedWith(401, 403) },
});

const addRoute = createRoute({
  ...common,
  method: "post",
  path: "/keys",
  summary: "A new API key",
  request: jsonBody(
    z.strictObject({
      name: z.string({ error: nameAllowed }).min(1, { error: nameAllowed }).max(100, { error: nameAllowed }),
      scopes: z
        .array(z.enum(scopes, { error: scopesAllowed }), { error: scopesAllowed })
        .min(1, { error: scopesAllowed }),
      provider: z
        .string({ error: providerAllowed })
        .nullable()
        .optional()
        .openapi({ description: "Whose links a key with the scope `partner` is for, as links.yaml has it." }),
      expires,
    }),
  ),
  responses: {
    201: json("`key` is shown here and never again.", madeKey),
    ...refusedWith(400, 401, 403, 413, 415, 422),
  },
});

const rotateRoute = createRoute({
  ...common,
  method: "post",
  path: "/keys/{id}/rotate",
  summary: "A new API key of the same name and scopes in place of this one, which goes on for a while",
  description: "A key that expires is followed by one that lives for as long as it was made to.",
  request: {
    params: idParams,
    ...jsonBody(
      z.strictObject({
        overlapS: z
          .int({ error: overlapAllowed })
          .min(0, { error: overlapAllowed })
          .max(maxOverlapS, { error: overlapAllowed })
          .default(defaultOverlapS)
          .openapi({ description: "How long the old key goes on, s. 0: it is revoked at once." }),
      }),
    ),
  },
  responses: {
    201: json("`key` is shown here and never again.", madeKey),
    ...refusedWith(400, 401, 403, 404, 409, 413, 415, 422),
  },
});

const revokeRoute = createRoute({
  ...common,
  method: "delete",
  path: "/keys/{id}",
  summary: "Revoke an API key, at once",
  request: { params: idParams },
  responses: { 204: { description: "Revoked." }, ...refusedWith(401, 403, 404) },
});

export function addKeyRoutes(room: Api, { state, inventory, nowMs }: AdminDeps, { actor }: Admission): void {
  room.openapi(listRoute, async (c) => {
    const data = (await state.apiKeys()).map(toKeyRow);
    return c.json({ data, meta: metaOf(data) }, 200);
  });
  room.openapi(addRoute, async (c) => {
    const { name, scopes: granted, provider = null, expires: until = null } = c.req.valid("json");
    checkProvider(inventory(), granted, provider);
    const createdMs = nowMs();
    const expiresMs = until === null ? null : expiryOf(until, createdMs);
    const { key, record } = makeApiKey(
      { name, scopes: [...new Set(granted)], provider },
      createdMs,
      expiresMs,
    );
    await state.addApiKey(record, actor(c));
    return c.json({ data: { ...toKeyRow({ ...record, provider, expiresMs, replacedBy: null }), key } }, 201);
  });
  room.openapi(rotateRoute, async (c) => {
    const { id } = c.req.valid("param");
    const { overlapS } = c.req.valid("json");
    const atMs = nowMs();
    let made = "";
    const makeNew = (old: ApiKeyRecord): NewApiKey => {
      const lifeMs = old.expiresMs === null ? null : old.expiresMs - old.createdMs;
      const { key, record } = makeApiKey(old, atMs, lifeMs === null ? null : atMs + lifeMs);
      made = key;
      return record;
    };
    const how = { oldUntilMs: atMs + overlapS * 1000, makeNew };
    const outcome = await state.rotateApiKey(id, how, atMs, actor(c));
    if (outcome === "unknown") throw notFound(`there is no API key ${id} in force`);
    if (outcome === "replaced") throw conflict("key.replaced", "another key has taken its place already");
    return c.json({ data: { ...toKeyRow(outcome), key: made } }, 201);
  });
  room.openapi(revokeRoute, async (c) => {
    const { id } = c.req.valid("param");
    if (!(await state.revokeApiKey(id, nowMs(), actor(c)))) throw notFound(`there is no API key ${id}`);
    return c.body(null, 204);
  });
}

function makeApiKey(
  { name, scopes: granted, provider }: Pick<ApiKeyRecord, "name" | "scopes" | "provider">,
  createdMs: number,
  expiresMs: number | null,
): { key: string; record: NewApiKey } {
  const key = makeKey("sbk");
  const id = `key_${randomBytes(8).toString("hex")}`;
  const own = { id, prefix: keyPrefix(key), hash: hashKey(key) };
  return { key, record: { ...own, name, scopes: granted, provider, createdMs, expiresMs, revokedMs: null } };
}

/** A partner's key opens one provider's surface and nothing else; every other key is nobody's in particular. */
function checkProvider(inventory: Inventory, granted: readonly Scope[], provider: string | null): void {
  const isPartner = granted.includes("partner");
  if (isPartner && new Set(granted).size > 1) {
    const value = granted.join(", ");
    throw badField(422, [{ field: "scopes", value, allowed: "partner alone, or scopes without it" }]);
  }
  const known = [...new Set([...inventory.links.values()].map((link) => link.provider))].toSorted();
  if (isPartner ? known.includes(provider ?? "") : provider === null) return;
  const allowed = isPartner
    ? `the provider of a link in the inventory: ${known.join(", ")}`
    : providerAllowed;
  throw badField(422, [{ field: "provider", value: provider ?? undefined, allowed }]);
}

function expiryOf(text: string, nowMs: number): number {
  const ms = parseTimeMs(text);
  if (ms !== null && ms > nowMs) return ms;
  throw badField(422, [{ field: "expires", value: text, allowed: expiresAllowed }]);
}
