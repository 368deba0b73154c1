import { randomBytes } from "node:crypto";
import { createRoute, z } from "@hono/zod-openapi";
import { callbackAllowed } from "../notify/callback.ts";
import { webhookKey, webhookSecretAllowed } from "../notify/credentials.ts";
import { hiddenFrom } from "../report/partner-view.ts";
import type { HookStanding, PartnerHook } from "../state/partner-store.ts";
import type { Admission } from "./auth.ts";
import type { DoOnce } from "./once.ts";
import { createApi, json, jsonBody, refusedWith, rowsOf, withPartnerKey } from "./open-api.ts";
import type { Api } from "./open-api.ts";
import { timeParam } from "./params.ts";
import { onceHeader } from "./partner-acts.ts";
import { createCallbackTurns, providerOf } from "./partner-context.ts";
import type { PartnerDeps } from "./partner-context.ts";
import { hookRow, hookTypes } from "./partner-schemas.ts";
import { badField, conflict, notFound } from "./problem.ts";
import { metaOf } from "./read-context.ts";
import { iso } from "./rows.ts";

/** Addresses of one provider, TM Forum's callbacks apart. */
export const maxHooks = 10;
/** How long a secret that was replaced goes on signing, s. Default a day, at most 30. */
const overlapAllowed = "whole seconds from 0 to 2592000";

const common = { tags: ["partners"], security: withPartnerKey };
const idParams = z.object({ id: z.string() });
const noSuchHook = "there is no such webhook";
const typesAllowed = `some of ${hookTypes.join(", ")}`;
const secret = z
  .string({ error: webhookSecretAllowed })
  .refine((given) => webhookKey(given) !== null, { error: webhookSecretAllowed })
  .optional()
  .openapi({
    description: "Standard Webhooks: `whsec_` and base64 of 24 to 64 bytes. Left out: one is made.",
    example: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  });
const shownOnce = hookRow.extend({ secret: z.string() });

const listRoute = createRoute({
  ...common,
  method: "get",
  path: "/webhooks",
  summary: "Your webhooks, without their secrets",
  request: { query: z.strictObject({}) },
  responses: { 200: json("Webhooks.", rowsOf(hookRow)), ...refusedWith(400, 401, 403) },
});

const addRoute = createRoute({
  ...common,
  method: "post",
  path: "/webhooks",
  summary: "Be told of every change at an address of yours",
  description:
    "Standard Webhooks 1.0.0. The address has to be https and to resolve to public addresses alone; redirects are not followed.",
  request: {
    headers: onceHeader,
    ...jsonBody(
      z.strictObject({
        url: z.string({ error: callbackAllowed }).openapi({
          description: "Where messages go: https, to public addresses alone.",
          example: "https://noc.provider.example/sambung",
        }),
        types: z
          .array(z.enum(hookTypes, { error: typesAllowed }), { error: typesAllowed })
          .default([])
          .openapi({ description: "Default: all." }),
        secret,
      }),
    ),
  },
  responses: {
    201: json("`secret` is shown here and never again.", z.object({ data: shownOnce })),
    ...refusedWith(400, 401, 403, 409, 413, 415, 422),
  },
});

const removeRoute = createRoute({
  ...common,
  method: "delete",
  path: "/webhooks/{id}",
  summary: "Be told no more",
  request: { params: idParams },
  responses: { 204: { description: "Removed." }, ...refusedWith(400, 401, 403, 404, 413) },
});

const rotateRoute = createRoute({
  ...common,
  method: "post",
  path: "/webhooks/{id}/rotate",
  summary: "A new secret; the old one signs as well for a while",
  request: {
    params: idParams,
    headers: onceHeader,
    ...jsonBody(
      z.strictObject({
        secret,
        overlapS: z
          .int({ error: overlapAllowed })
          .min(0, { error: overlapAllowed })
          .max(2_592_000, { error: overlapAllowed })
          .default(86_400)
          .openapi({ description: "So long the secret before it signs as well, s." }),
      }),
    ),
  },
  responses: {
    201: json(
      "`secret` is shown here and never again.",
      z.object({ data: z.object({ secret: z.string() }) }),
    ),
    ...refusedWith(400, 401, 403, 404, 409, 413, 415, 422),
  },
});

const enableRoute = createRoute({
  ...common,
  method: "post",
  path: "/webhooks/{id}/enable",
  summary: "Go on with one that was disabled; what waits is delivered now, also of one that was not",
  request: { params: idParams, headers: onceHeader },
  responses: {
    200: json("Enabled.", z.object({ data: z.object({ id: z.string() }) })),
    ...refusedWith(400, 401, 403, 404, 409, 413, 422),
  },
});

const replayRoute = createRoute({
  ...common,
  method: "post",
  path: "/webhooks/{id}/replay",
  summary: "Deliver everything once more that changed from then on",
  description: "With the same webhook-id as the first time. At most what the record holds.",
  request: {
    params: idParams,
    headers: onceHeader,
    query: z.strictObject({ from: timeParam("From when on. Needed.") }),
  },
  responses: {
    202: json("On its way.", z.object({ data: z.object({ deliveries: z.int() }) })),
    ...refusedWith(400, 401, 403, 404, 409, 413, 422),
  },
});

const testRoute = createRoute({
  ...common,
  method: "post",
  path: "/webhooks/{id}/test",
  summary: "Deliver a message of the type webhook.test",
  request: { params: idParams, headers: onceHeader },
  responses: {
    202: json("On its way.", z.object({ data: z.object({ id: z.string() }) })),
    ...refusedWith(400, 401, 403, 404, 409, 413, 422),
  },
});

export function createPartnerWebhookRoutes(deps: PartnerDeps, { actor }: Admission, once: DoOnce): Api {
  const { state, inventory, nowMs, partners } = deps;
  const check = createCallbackTurns(partners.checkCallback);
  const api = createApi();

  async function own(provider: string, id: string): Promise<PartnerHook> {
    const found = (await state.hooks(provider, "webhook")).find((hook) => hook.id === id);
    if (found === undefined) throw notFound(noSuchHook);
    return found;
  }

  api.openapi(listRoute, async (c) => {
    const data = (await state.hooks(providerOf(c), "webhook")).map(toHookRow);
    return c.json({ data, meta: metaOf(data) }, 200);
  });
  api.openapi(addRoute, async (c) => {
    const provider = providerOf(c);
    const { url, types, secret: given } = c.req.valid("json");
    const answered = await once(c, provider, { url, types, given }, async (keep) => {
      const reason = await check(provider, url);
      if (reason !== null)
        throw badField(422, [
          { field: "url", value: url.slice(0, 80), allowed: `${callbackAllowed}; ${reason}` },
        ]);
      const by = actor(c);
      const hook = newHook({ provider, key: by.id, url, types }, given ?? makeSecret(), nowMs());
      const nothing = { waiting: 0, lastSentMs: null, lastError: null };
      const kept = keep(201, {
        data: { ...toHookRow({ ...hook, ...nothing }), secret: hook.secrets[0]!.secret },
      });
      const added = await state.addHook(hook, by, { most: maxHooks, once: () => kept });
      if (typeof added === "string")
        throw conflict("webhooks.full", `there are ${maxHooks} webhooks already`);
      return kept;
    });
    return answered as never;
  });
  api.openapi(removeRoute, async (c) => {
    const { id } = c.req.valid("param");
    const of = { provider: providerOf(c), kind: "webhook" } as const;
    if (!(await state.removeHook(id, nowMs(), actor(c), of))) throw notFound(noSuchHook);
    return c.body(null, 204);
  });
  api.openapi(rotateRoute, async (c) => {
    const provider = providerOf(c);
    const { id } = c.req.valid("param");
    const { secret: given, overlapS } = c.req.valid("json");
    const answered = await once(c, provider, { given, overlapS }, async (keep) => {
      await own(provider, id);
      const next = given ?? makeSecret();
      const kept = keep(201, { data: { secret: next } });
      const change = (hook: PartnerHook) => rotated(hook, next, nowMs(), overlapS);
      await state.changeHook(provider, id, change, nowMs(), actor(c), () => kept);
      return kept;
    });
    return answered as never;
  });
  api.openapi(enableRoute, async (c) => {
    const provider = providerOf(c);
    const { id } = c.req.valid("param");
    const answered = await once(c, provider, null, async (keep) => {
      await own(provider, id);
      const kept = keep(200, { data: { id } });
      await state.enableHook(provider, id, nowMs(), actor(c), kept);
      partners.poke(id);
      return kept;
    });
    return answered as never;
  });
  api.openapi(replayRoute, async (c) => {
    const provider = providerOf(c);
    const { id } = c.req.valid("param");
    const { from } = c.req.valid("query");
    if (from === undefined || from > nowMs())
      throw badField(400, [
        { field: "from", value: c.req.query("from"), allowed: "the moment to begin at, which has been" },
      ]);
    const answered = await once(c, provider, { from }, async (keep) => {
      const hook = await own(provider, id);
      refuseDisabled(hook);
      const body = (deliveries: number) => ({ data: { deliveries } });
      const hidden = hiddenFrom(inventory(), provider);
      const count = await state.replayHook(hook, from, hidden, (deliveries) => keep(202, body(deliveries)));
      partners.poke();
      return keep(202, body(count));
    });
    return answered as never;
  });
  api.openapi(testRoute, async (c) => {
    const provider = providerOf(c);
    const { id } = c.req.valid("param");
    const answered = await once(c, provider, null, async (keep) => {
      const hook = await own(provider, id);
      refuseDisabled(hook);
      const kept = keep(202, { data: { id } });
      await state.testHook(hook, nowMs(), kept);
      partners.poke();
      return kept;
    });
    return answered as never;
  });
  return api;
}

function refuseDisabled({ disabledMs, disabledReason }: PartnerHook): void {
  if (disabledMs === null) return;
  throw conflict("webhook.disabled", `the webhook is disabled (${disabledReason}); enable it first`);
}

function makeSecret(): string {
  return `whsec_${randomBytes(32).toString("base64")}`;
}

function newHook(
  { types, ...of }: Pick<PartnerHook, "provider" | "key" | "url" | "types">,
  first: string,
  nowMs: number,
): PartnerHook {
  return {
    ...of,
    id: `whk_${randomBytes(8).toString("hex")}`,
    kind: "webhook",
    types: [...new Set(types)],
    query: null,
    secrets: [{ secret: first, untilMs: null }],
    madeMs: nowMs,
    disabledMs: null,
    disabledReason: null,
    dropped: 0,
  };
}

/** The newest first; of those before it the last one goes on for a while. */
function rotated(hook: PartnerHook, next: string, nowMs: number, overlapS: number): PartnerHook {
  const [last] = hook.secrets;
  const old = last === undefined || overlapS === 0 ? [] : [{ ...last, untilMs: nowMs + overlapS * 1000 }];
  return { ...hook, secrets: [{ secret: next, untilMs: null }, ...old] };
}

function toHookRow(hook: HookStanding) {
  const { id, url, types, madeMs, secrets, disabledMs, disabledReason, waiting, dropped } = hook;
  const { lastSentMs, lastError } = hook;
  return {
    id,
    url,
    types: types as (typeof hookTypes)[number][],
    made: iso(madeMs),
    secrets: secrets.length,
    disabled: disabledMs === null ? null : iso(disabledMs),
    disabledReason,
    waiting,
    dropped,
    lastSent: lastSentMs === null ? null : iso(lastSentMs),
    lastError,
  };
}
