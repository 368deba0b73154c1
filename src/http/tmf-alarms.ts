import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { randomBytes } from "node:crypto";
import { setImmediate as othersTurn } from "node:timers/promises";
import { callbackAllowed } from "../notify/callback.ts";
import type { Language } from "../report/language.ts";
import { hiddenFrom } from "../report/partner-view.ts";
import { alarmEvents, toAlarm } from "../report/tmf-alarm.ts";
import type { TmfAlarm } from "../report/tmf-alarm.ts";
import type { PartnerAct, PartnerHook, PartnerRecord } from "../state/partner-store.ts";
import type { Admission } from "./auth.ts";
import { headers } from "./answer-headers.ts";
import type { HttpEnv } from "./env.ts";
import type { DoOnceIfNamed } from "./once.ts";
import { createApi, json, jsonBody, tmfRefusedWith, withPartnerKey } from "./open-api.ts";
import type { Api } from "./open-api.ts";
import { onceIfNamedHeader } from "./partner-acts.ts";
import { actedOn, createCallbackTurns, ownOutage, providerOf } from "./partner-context.ts";
import type { PartnerDeps } from "./partner-context.ts";
import { maxHooks } from "./partner-webhooks.ts";
import { badField, conflict, HttpProblem, notFound } from "./problem.ts";
import { iso } from "./rows.ts";
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
/** Alarms that are read at once: all at once would keep everybody waiting. */
const sliceRows = 100;
/** Alarms that one task may mean: what it does is one transaction, in which nothing else is written. */
const maxMeant = 100;

interface Row {
  record: PartnerRecord;
  alarm: TmfAlarm;
}

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
    description: `Done to all of them or to none, and to at most ${maxMeant}. Each pattern means what has all of its attributes; of a list any value will do. An id that is not there is 404.`,
    request: { headers: onceIfNamedHeader, ...jsonBody(input) },
    responses: {
      201: json("Done to these alarms.", taskDone(done)),
      ...tmfRefusedWith(400, 401, 403, 404, 409, 413, 415),
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
  description: `query: eventType=…, one of ${alarmEvents.join(", ")}, several with &. Default: all. One that was disabled goes on, with what waited.`,
  request: { headers: onceIfNamedHeader, ...jsonBody(hubInput) },
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
export function createTmfAlarmRoutes(
  deps: PartnerDeps,
  { actor }: Admission,
  once: DoOnceIfNamed,
  base: string,
): Api {
  const { inventory, state, nowMs, words, partners } = deps;
  const api = createApi();
  const check = createCallbackTurns(partners.checkCallback);

  /** All of a provider by their last change, and others' requests in between. */
  async function* slices(provider: string, lang?: Language): AsyncGenerator<Row[]> {
    const hidden = hiddenFrom(inventory(), provider);
    const filter = { provider, hidden, withdrawn: false, limit: sliceRows };
    for (let afterSeq = 0, count = 0; count < maxAlarms; count += sliceRows) {
      const records = await state.partnerOutages({ ...filter, afterSeq });
      yield await toRows(provider, records, lang);
      if (records.length < sliceRows) return;
      afterSeq = records.at(-1)!.seq;
      await othersTurn();
    }
  }

  async function toRows(
    provider: string,
    of: readonly PartnerRecord[],
    lang: Language = "id",
  ): Promise<Row[]> {
    const comments = await state.partnerComments(
      provider,
      of.map(({ id }) => id),
    );
    const context = { words: words(lang), inventory: inventory(), base };
    return of.map((record) => ({ record, alarm: toAlarm(context, record, comments.get(record.id) ?? []) }));
  }

  async function allAlarms(provider: string, lang: Language): Promise<TmfAlarm[]> {
    const alarms = new Map<string, TmfAlarm>();
    for await (const rows of slices(provider, lang))
      for (const { alarm } of rows) {
        // What changed meanwhile comes again, at its new place.
        alarms.delete(alarm.id);
        alarms.set(alarm.id, alarm);
      }
    return [...alarms.values()];
  }

  /** Alarms that any of the patterns means. Where all of them give ids, no others are looked at; each id has to be there. */
  async function alarmsMeant(provider: string, patterns: readonly object[]): Promise<PartnerRecord[]> {
    const filters = patterns.map((pattern) => patternOf(pattern, alarmAttributes));
    const idsOf = filters.map((filter) => filter.find(({ path }) => path === "id")?.values ?? null);
    const named = new Set(idsOf.flatMap((ids) => ids ?? []));
    if (named.size > maxMeant)
      throw conflict("task.large", `the patterns name ${named.size} alarms; at most ${maxMeant} at once`);
    const records = await known(provider, named);
    const isMeant = ({ alarm }: Row) => filters.some((filter) => matches(alarm, filter));
    if (!idsOf.includes(null))
      return (await toRows(provider, records)).filter(isMeant).map(({ record }) => record);
    const meant = new Map<string, PartnerRecord>();
    for await (const rows of slices(provider))
      for (const row of rows) {
        meant.delete(row.record.id);
        if (isMeant(row)) meant.set(row.record.id, row.record);
      }
    return [...meant.values()];
  }

  async function known(provider: string, ids: ReadonlySet<string>): Promise<PartnerRecord[]> {
    const found = await Promise.all(
      [...ids].map((id) => alarmRecord(deps, provider, id, `there is no alarm ${id.slice(0, 20)}`)),
    );
    return found.sort((a, b) => a.seq - b.seq);
  }

  /** Does it to every alarm that any of the patterns means, or to none of them. */
  async function each(
    c: Context<HttpEnv>,
    given: { alarmPattern: readonly object[] },
    done: string,
    act: PartnerAct,
  ): Promise<never> {
    const provider = providerOf(c);
    const answered = await once(c, provider, given, async (keep, keeps) => {
      const meant = await alarmsMeant(provider, given.alarmPattern);
      if (meant.length > maxMeant)
        throw conflict("task.large", `the patterns mean ${meant.length} alarms; at most ${maxMeant} at once`);
      const id = randomBytes(8).toString("hex");
      const references = meant.map(({ number }) => ({
        id: String(number),
        href: `${base}/alarm/${number}`,
        "@type": "Alarm" as const,
      }));
      const kept = keep(201, { id, state: "done", [done]: references });
      const options = keeps ? { once: () => kept } : {};
      const of = meant.map((record) => record.id);
      actedOn(await state.actOnOutages(provider, of, act, nowMs(), actor(c), options));
      partners.poke();
      return kept;
    });
    return answered as never;
  }

  api.openapi(listRoute, async (c) => {
    const query = c.req.valid("query");
    const provider = providerOf(c);
    return sendPage(c, await allAlarms(provider, query.lang), toTmfQuery(query));
  });
  api.openapi(oneRoute, async (c) => {
    const { fields, lang } = c.req.valid("query");
    const provider = providerOf(c);
    const record = await alarmRecord(deps, provider, c.req.valid("param").id);
    const [row] = await toRows(provider, [record], lang);
    return c.json(selected(row!.alarm, fields), 200);
  });
  api.openapi(ackRoute, (c) => {
    const given = c.req.valid("json");
    const { ackUserId: user, ackSystemId: system } = given;
    const act: PartnerAct = { kind: "acknowledge", note: null, user, system, onlyFirst: true };
    return each(c, given, "ackedAlarm", act);
  });
  api.openapi(unAckRoute, (c) => {
    const given = c.req.valid("json");
    return each(c, given, "unAckedAlarm", { kind: "unacknowledge" });
  });
  api.openapi(commentRoute, (c) => {
    const given = c.req.valid("json");
    const { comment: text, userId: user = null, systemId: system = null } = given.comment;
    const act: PartnerAct = { kind: "comment", text, user, system };
    return each(c, given, "commentedAlarm", act);
  });
  api.openapi(addHubRoute, async (c) => {
    const { callback, query = "" } = c.req.valid("json");
    const provider = providerOf(c);
    const types = eventTypesOf(query);
    const answered = await once(c, provider, { callback, query }, async (keep, keeps) => {
      const reason = await check(provider, callback);
      if (reason !== null)
        throw badField(422, [
          { field: "callback", value: callback.slice(0, 80), allowed: `${callbackAllowed}; ${reason}` },
        ]);
      const by = actor(c);
      const hook = newCallback({ provider, key: by.id, url: callback, types, query }, nowMs());
      const kept = (added: PartnerHook) => keep(201, toHubRow(added));
      const options = { most: maxHooks, ...(keeps ? { once: kept } : {}) };
      const added = await state.addHook(hook, by, options);
      if (added === "same") throw conflict("hub.same", "this callback is registered with this query already");
      if (added === "full") throw conflict("hub.full", `there are ${maxHooks} callbacks already`);
      partners.poke(added.id);
      return kept(added);
    });
    // Also of an answer that was kept: there the name is in the body alone.
    const { id } = (await answered.clone().json()) as { id: string };
    answered.headers.set("Location", `${base}/hub/${id}`);
    return answered as never;
  });
  api.openapi(listHubRoute, async (c) =>
    c.json((await state.hooks(providerOf(c), "tmf")).map(toHubRow), 200),
  );
  api.openapi(removeHubRoute, async (c) => {
    const { id } = c.req.valid("param");
    const of = { provider: providerOf(c), kind: "tmf" } as const;
    if (!(await state.removeHook(id, nowMs(), actor(c), of))) throw notFound("there is no such callback");
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
  const record = await ownOutage(deps, provider, name).catch(nothingIf404);
  if (record === null || record.withdrawn) throw notFound(missing);
  return record;
}

function nothingIf404(error: unknown): null {
  if (error instanceof HttpProblem && error.options.status === 404) return null;
  throw error;
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

function newCallback(
  of: Pick<PartnerHook, "provider" | "key" | "url" | "types" | "query">,
  nowMs: number,
): PartnerHook {
  return {
    ...of,
    id: `hub_${randomBytes(8).toString("hex")}`,
    kind: "tmf",
    secrets: [],
    madeMs: nowMs,
    disabledMs: null,
    disabledReason: null,
    dropped: 0,
  };
}

function toHubRow({ id, url, query, disabledMs, disabledReason }: PartnerHook) {
  return {
    id,
    callback: url,
    query: query ?? "",
    ...(disabledMs === null ? {} : { disabled: iso(disabledMs), disabledReason: disabledReason ?? "" }),
  };
}
