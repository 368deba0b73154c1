import { createRoute, z } from "@hono/zod-openapi";
import type { HookStanding } from "../state/partner-store.ts";
import type { AdminDeps } from "./admin.ts";
import type { Admission } from "./auth.ts";
import { json, refusedWith, rowsOf, withAdminKey } from "./open-api.ts";
import type { Api } from "./open-api.ts";
import { notFound } from "./problem.ts";
import { metaOf } from "./read-context.ts";
import { iso } from "./rows.ts";

const common = { tags: ["administration"], security: withAdminKey };
const nullableTime = z.iso.datetime().nullable();

const hookRow = z
  .object({
    id: z.string(),
    provider: z.string(),
    kind: z.enum(["webhook", "tmf"]).openapi({ description: "tmf: a callback of TMF642's hub." }),
    url: z.string(),
    types: z.array(z.string()).openapi({ description: "Empty: all." }),
    made: z.iso.datetime(),
    key: z.string().openapi({ description: "Id of the API key without which nothing is delivered." }),
    keyName: z.string(),
    disabled: nullableTime,
    disabledReason: z.string().nullable(),
    waiting: z.int(),
    dropped: z.int(),
    lastSent: nullableTime,
    lastError: z.string().nullable(),
  })
  .openapi("ProviderWebhook");

const listRoute = createRoute({
  ...common,
  method: "get",
  path: "/partners/webhooks",
  summary: "Addresses that providers registered, of all of them",
  request: { query: z.strictObject({}) },
  responses: { 200: json("Webhooks and callbacks.", rowsOf(hookRow)), ...refusedWith(400, 401, 403) },
});

const removeRoute = createRoute({
  ...common,
  method: "delete",
  path: "/partners/webhooks/{id}",
  summary: "Tell a provider's address no more",
  request: { params: z.object({ id: z.string() }) },
  responses: { 204: { description: "Removed." }, ...refusedWith(401, 403, 404) },
});

/** What the regency sees of providers' webhooks, and can end. */
export function addPartnerHookRoutes(room: Api, { state, nowMs }: AdminDeps, { actor }: Admission): void {
  room.openapi(listRoute, async (c) => {
    const names = new Map((await state.apiKeys()).map(({ id, name }) => [id, name]));
    const data = (await state.allStandings()).map((hook) => toRow(hook, names.get(hook.key) ?? ""));
    return c.json({ data, meta: metaOf(data) }, 200);
  });
  room.openapi(removeRoute, async (c) => {
    const { id } = c.req.valid("param");
    if (!(await state.removeHook(id, nowMs(), actor(c)))) throw notFound(`there is no webhook ${id}`);
    return c.body(null, 204);
  });
}

function toRow(hook: HookStanding, keyName: string) {
  const { id, provider, kind, url, types, key, disabledReason, waiting, dropped, lastError } = hook;
  return {
    id,
    provider,
    kind,
    url,
    types,
    made: iso(hook.madeMs),
    key,
    keyName,
    disabled: hook.disabledMs === null ? null : iso(hook.disabledMs),
    disabledReason,
    waiting,
    dropped,
    lastSent: hook.lastSentMs === null ? null : iso(hook.lastSentMs),
    lastError,
  };
}
