import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { randomBytes } from "node:crypto";
import { callbackAllowed } from "../notify/callback.ts";
import type { Language } from "../report/language.ts";
import { hiddenFrom } from "../report/partner-view.ts";
import { alarmEvents, toAlarm } from "../report/tmf-alarm.ts";
import type { TmfAlarm } from "../report/tmf-alarm.ts";
import type { PartnerAct, PartnerHook, PartnerRecord } from "../state/partner-store.ts";
import type { Admission } from "./auth.ts";
import { headers } from "./answer-headers.ts";
import type { HttpEnv } from "./env.ts";
import { createApi, json, jsonBody, tmfRefusedWith, withPartnerKey } from "./open-api.ts";
import type { Api } from "./open-api.ts";
import { refuseTooMany } from "./partner-acts.ts";
import { ownOutage, providerOf } from "./partner-context.ts";
import type { PartnerDeps } from "./partner-context.ts";
import { maxHooks } from "./partner-webhooks.ts";
import { badField, conflict, HttpProblem, notFound } from "./problem.ts";
import { listQuery, matches, oneQuery, patternOf, selected, sendPage, toTmfQuery } from "./tmf-list.ts";
import {
  ackTask,
  alarmAttributes,
  commentTask,
  hubInput,
  hubRow,
  taskDone,
  tmfAlarm,
} from "./tmf-schemas.ts";

/* TMF642 Alarm Management v4: what a provider may read, acknowledge and comment on. Alarms are made by measuring alone. */

const common = { tags: ["TMF642"], security: withPartnerKey };
const noSuchAlarm = "there is no such alarm";
/** No provider has more that last or lasted: what is older is in the feed of /api/v1/partner. */
const maxAlarms = 100_000;

const listRoute = createRoute({
  ...common,
  method: "get",
  path: "/alarm",
  summary: "Alarms of your links, by their last change",
  description:
    "Every other parameter is an attribute that has to be equal, such as perceivedSeverity=critical or alarmedObject.id=…; for one of several, with commas or named several times. Times can be compared by .gt, .gte, .lt and .lte.",
  request: { query: listQuery(tmfAlarm) },
  responses: {
    200: json("A page.", z.array(tmfAlarm.partial()), { ...headers.totals, ...headers.next }),
    ...tmfRefusedWith(400, 401, 403),
  },
});

const oneRoute = createRoute({
  ...common,
  method: "get",
  path: "/alarm/{id}",
  summary: "One alarm",
  request: { params: z.object({ id: z.string() }), query: oneQuery(tmfAlarm) },
  responses: { 200: json("The alarm.", tmfAlarm.partial()), ...tmfRefusedWith(400, 401, 403, 404) },
});

const task = <Input extends z.ZodType, Name extends string>(
  path: Name,
  summary: string,
  input: Input,
  done: string,
) =>
  createRoute({
    ...common,
    method: "post",
    path,
    summary,
    request: jsonBody(input),
    responses: {
      201: json("Done to these alarms.", taskDone(done)),
      ...tmfRefusedWith(400, 401, 403, 409, 413, 415),
    },
  });

const ackRoute = task("/ackAlarms", "Acknowledge alarms", ackTask, "ackedAlarm");
const unAckRoute = task("/unAckAlarms", "Take acknowledgements back", ackTask, "unAckedAlarm");
const commentRoute = task("/commentAlarms", "Comment on alarms", commentTask, "commentedAlarm");

const addHubRoute = createRoute({
  ...common,
  method: "post",
  path: "/hub",
  summary: "Be notified at an address of yours",
  description: `query: eventType=…, one of ${alarmEvents.join(", ")}, several with &. Default: all.`,
  request: jsonBody(hubInput),
  responses: {
    201: json("Registered.", hubRow, headers.made),
    ...tmfRefusedWith(400, 401, 403, 409, 413, 415),
  },
});

const listHubRoute = createRoute({
  ...common,
  method: "get",
  path: "/hub",
  summary: "Your registered addresses",
  responses: { 200: json("Registered.", z.array(hubRow)), ...tmfRefusedWith(401, 403) },
});

const removeHubRoute = createRoute({
  ...common,
  method: "delete",
  path: "/hub/{id}",
  summary: "Be notified no more",
  request: { params: z.object({ id: z.string() }) },
  responses: { 204: { description: "Removed." }, ...tmfRefusedWith(400, 401, 403, 404, 413) },
});

/** What TMF642 has beside these would change what was measured. */
const measuredAlone = ["/clearAlarms", "/groupAlarms", "/unGroupAlarms"].map((path) =>
  createRoute({
    ...common,
    method: "post",
    path,
    summary: "Not implemented",
    responses: tmfRefusedWith(400, 401, 403, 413, 501),
  }),
);

/** `base`: what hrefs begin with. */
export function createTmfAlarmRoutes(deps: PartnerDeps, { actor }: Admission, base: string): Api {
  const { inventory, state, nowMs, words, partners } = deps;
  const api = createApi();

  async function records(provider: string): Promise<PartnerRecord[]> {
    await partners.follow();
    const hidden = hiddenFrom(inventory(), provider);
    return state.partnerOutages({ provider, hidden, withdrawn: false, limit: maxAlarms });
  }

  async function toAlarms(
    provider: string,
    of: readonly PartnerRecord[],
    lang: Language = "id",
  ): Promise<TmfAlarm[]> {
    const comments = await state.partnerComments(
      provider,
      of.map(({ id }) => id),
    );
    const context = { words: words(lang), inventory: inventory(), base };
    return of.map((record) => toAlarm(context, record, comments.get(record.id) ?? []));
  }

  /** Does it to every alarm that any of the patterns means; nothing is done where there is none. */
  async function each(
    c: Context<HttpEnv>,
    { patterns, done }: { patterns: readonly object[]; done: string },
    act: PartnerAct,
  ) {
    const provider = providerOf(c);
    const of = await records(provider);
    const filters = patterns.map((pattern) => patternOf(pattern, alarmAttributes));
    const alarms = await toAlarms(provider, of);
    const meant = of.filter((_, at) => filters.some((filter) => matches(alarms[at]!, filter)));
    if (act.kind === "comment") for (const { id } of meant) await refuseTooMany(deps, provider, id);
    for (const { id } of meant) await state.actOnOutage(provider, id, act, nowMs(), actor(c));
    partners.poke();
    const id = randomBytes(8).toString("hex");
    const references = meant.map(({ number }) => ({
      id: String(number),
      href: `${base}/alarm/${number}`,
      "@type": "Alarm" as const,
    }));
    return { id, state: "done" as const, [done]: references };
  }

  api.openapi(listRoute, async (c) => {
    const query = c.req.valid("query");
    const provider = providerOf(c);
    return sendPage(c, await toAlarms(provider, await records(provider), query.lang), toTmfQuery(query));
  });
  api.openapi(oneRoute, async (c) => {
    const { fields, lang } = c.req.valid("query");
    const provider = providerOf(c);
    const record = await alarmRecord(deps, provider, c.req.valid("param").id);
    const [alarm] = await toAlarms(provider, [record], lang);
    return c.json(selected(alarm!, fields), 200);
  });
  api.openapi(ackRoute, async (c) => {
    const { alarmPattern: patterns, ackUserId: user, ackSystemId: system } = c.req.valid("json");
    const act: PartnerAct = { kind: "acknowledge", note: null, user, system };
    return c.json(await each(c, { patterns, done: "ackedAlarm" }, act), 201);
  });
  api.openapi(unAckRoute, async (c) => {
    const { alarmPattern: patterns } = c.req.valid("json");
    const act: PartnerAct = { kind: "unacknowledge" };
    return c.json(await each(c, { patterns, done: "unAckedAlarm" }, act), 201);
  });
  api.openapi(commentRoute, async (c) => {
    const { alarmPattern: patterns, comment } = c.req.valid("json");
    const { comment: text, userId: user = null, systemId: system = null } = comment;
    const act: PartnerAct = { kind: "comment", text, user, system };
    return c.json(await each(c, { patterns, done: "commentedAlarm" }, act), 201);
  });
  api.openapi(addHubRoute, async (c) => {
    const { callback, query = "" } = c.req.valid("json");
    const provider = providerOf(c);
    const types = eventTypesOf(query);
    const reason = await partners.checkCallback(callback);
    if (reason !== null)
      throw badField(422, [
        { field: "callback", value: callback.slice(0, 80), allowed: `${callbackAllowed}; ${reason}` },
      ]);
    const others = await state.hooks(provider, "tmf");
    if (others.some((hook) => hook.url === callback && hook.query === query))
      throw conflict("hub.same", "this callback is registered with this query already");
    if (others.length >= maxHooks) throw conflict("hub.full", `there are ${maxHooks} callbacks already`);
    const hook: PartnerHook = {
      id: `hub_${randomBytes(8).toString("hex")}`,
      provider,
      kind: "tmf",
      url: callback,
      types,
      query,
      secrets: [],
      madeMs: nowMs(),
      disabledMs: null,
      disabledReason: null,
    };
    await state.addHook(hook, actor(c));
    c.header("Location", `${base}/hub/${hook.id}`);
    return c.json(toHubRow(hook), 201);
  });
  api.openapi(listHubRoute, async (c) =>
    c.json((await state.hooks(providerOf(c), "tmf")).map(toHubRow), 200),
  );
  api.openapi(removeHubRoute, async (c) => {
    const { id } = c.req.valid("param");
    if (!(await state.removeHook(providerOf(c), "tmf", id, nowMs(), actor(c))))
      throw notFound("there is no such callback");
    return c.body(null, 204);
  });
  for (const route of measuredAlone)
    api.openapi(route, () => {
      const detail = "alarms are made, cleared and grouped by what is measured alone";
      throw new HttpProblem({ status: 501, code: "not-implemented", title: "Not implemented", detail });
    });
  return api;
}

/** `missing`: what is said where there is none. */
export async function alarmRecord(
  deps: PartnerDeps,
  provider: string,
  id: string,
  missing = noSuchAlarm,
): Promise<PartnerRecord> {
  const name = /^[1-9]\d{0,14}$/.test(id) ? Number(id) : 0;
  const record = await ownOutage(deps, provider, name).catch((error: unknown) => {
    if (error instanceof HttpProblem && error.options.status === 404) return null;
    throw error;
  });
  if (record === null || record.withdrawn) throw notFound(missing);
  return record;
}

const queryAllowed = `eventType=…, one of ${alarmEvents.join(", ")}, several with &`;

function eventTypesOf(query: string): string[] {
  const types: string[] = [];
  for (const [name, value] of new URLSearchParams(query)) {
    const known = alarmEvents.find((type) => type === value);
    if (name !== "eventType" || known === undefined)
      throw badField(422, [{ field: "query", value: query.slice(0, 80), allowed: queryAllowed }]);
    types.push(known);
  }
  return [...new Set(types)];
}

function toHubRow({ id, url, query }: PartnerHook) {
  return { id, callback: url, query: query ?? "" };
}
