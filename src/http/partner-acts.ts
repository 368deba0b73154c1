import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { toPartnerRow } from "../report/partner-rows.ts";
import { ticketStatuses } from "../state/partner-store.ts";
import type { Once, PartnerAct, PartnerRecord } from "../state/partner-store.ts";
import type { Admission } from "./auth.ts";
import type { HttpEnv } from "./env.ts";
import type { DoOnce } from "./once.ts";
import { createApi, json, jsonBody, refusedWith, withPartnerKey } from "./open-api.ts";
import type { Api } from "./open-api.ts";
import { actedOn, ownOutage, providerOf } from "./partner-context.ts";
import type { PartnerDeps } from "./partner-context.ts";
import { ackRow, commentRow, ticketRow } from "./partner-schemas.ts";
import { providerTime } from "./partner-times.ts";
import { badField } from "./problem.ts";
import { timeAllowed } from "./tmf-filter.ts";

const common = { tags: ["partners"], security: withPartnerKey };
const idParams = z.object({ id: z.string() });
export const onceHeader = z.object({
  "idempotency-key": z
    .string()
    .optional()
    .openapi({
      param: {
        description:
          "Needed. The same key with the same request is answered again and done once, for 24 hours.",
        required: true,
      },
      example: '"8e03978e-40d5-43dd-bc93-6894a57f9324"',
    }),
});

/** Of writes under TM Forum's APIs, which do not know it. */
export const onceIfNamedHeader = z.object({
  "idempotency-key": z
    .string()
    .optional()
    .openapi({
      param: {
        description:
          "May be left out. The same key with the same request is answered again and done once, for 24 hours.",
      },
    }),
});

/** Longest comment or note, characters. */
const maxText = 2_000;
const textAllowed = `1 to ${maxText} characters`;
const text = z
  .string({ error: textAllowed })
  .trim()
  .min(1, { error: textAllowed })
  .max(maxText, { error: textAllowed });
const nameAllowed = "1 to 100 characters, or null";
const name = z
  .string({ error: nameAllowed })
  .trim()
  .min(1, { error: nameAllowed })
  .max(100, { error: nameAllowed })
  .nullable()
  .default(null);
/** Who did it, by names of the provider's own. */
const author = { user: name, system: name };
const numberAllowed = "1 to 100 characters";
const statusAllowed = `one of ${ticketStatuses.join(", ")}`;
const time = z
  .string({ error: `${timeAllowed}, or null` })
  .nullable()
  .default(null);

const acknowledgeRoute = createRoute({
  ...common,
  method: "post",
  path: "/outages/{id}/acknowledgement",
  summary: "Say that you know of an outage",
  request: {
    params: idParams,
    headers: onceHeader,
    ...jsonBody(z.strictObject({ note: text.nullable().default(null), ...author })),
  },
  responses: {
    201: json("Acknowledged.", z.object({ data: ackRow })),
    ...refusedWith(400, 401, 403, 404, 409, 413, 415, 422),
  },
});

const commentRoute = createRoute({
  ...common,
  method: "post",
  path: "/outages/{id}/comments",
  summary: "Comment on an outage",
  request: { params: idParams, headers: onceHeader, ...jsonBody(z.strictObject({ text, ...author })) },
  responses: {
    201: json("The comment.", z.object({ data: commentRow })),
    ...refusedWith(400, 401, 403, 404, 409, 413, 415, 422),
  },
});

const ticketRoute = createRoute({
  ...common,
  method: "put",
  path: "/outages/{id}/ticket",
  summary: "Your trouble ticket on an outage, with your own times of it",
  description:
    "Takes the place of what was there. Your times are kept beside what was measured, and change none of it. With If-Match only if nothing changed since.",
  request: {
    params: idParams,
    headers: z.object({
      "if-match": z
        .string()
        .optional()
        .openapi({ param: { description: "ETag of the outage as you read it. Default: whatever it is." } }),
    }),
    ...jsonBody(
      z.strictObject({
        number: z
          .string({ error: numberAllowed })
          .trim()
          .min(1, { error: numberAllowed })
          .max(100, { error: numberAllowed }),
        status: z.enum(ticketStatuses, { error: statusAllowed }).default("acknowledged"),
        description: text.nullable().default(null),
        severity: name,
        type: name,
        start: time.openapi({
          format: "date-time",
          description:
            "When it began by your account: not to come, and at most 31 days before it was measured. RFC 3339.",
        }),
        end: time.openapi({
          format: "date-time",
          description: "When it ended by your account: the same, and not before start.",
        }),
      }),
    ),
  },
  responses: {
    200: json("The ticket.", z.object({ data: ticketRow })),
    ...refusedWith(400, 401, 403, 404, 409, 412, 413, 415, 422),
  },
});

export function createPartnerActRoutes(deps: PartnerDeps, { actor }: Admission, once: DoOnce): Api {
  const { inventory, state, nowMs, words, partners } = deps;
  const api = createApi();
  const rowOf = (record: PartnerRecord) => toPartnerRow(words("id"), inventory(), record);

  async function act(
    c: Context<HttpEnv>,
    id: string,
    what: PartnerAct,
    { ifSeq, once: kept }: { ifSeq?: readonly number[]; once?: (record: PartnerRecord) => Once } = {},
  ): Promise<PartnerRecord> {
    const provider = providerOf(c);
    const own = await ownOutage(deps, provider, id);
    const options = {
      ...(ifSeq === undefined ? {} : { ifSeq }),
      ...(kept === undefined ? {} : { once: ([record]: readonly PartnerRecord[]) => kept(record!) }),
    };
    const [record] = actedOn(await state.actOnOutages(provider, [own.id], what, nowMs(), actor(c), options));
    partners.poke();
    return record!;
  }

  api.openapi(acknowledgeRoute, async (c) => {
    const { id } = c.req.valid("param");
    const given = c.req.valid("json");
    const answered = await once(c, providerOf(c), given, async (keep) => {
      const kept = (record: PartnerRecord) => keep(201, { data: rowOf(record).acknowledgement });
      return kept(await act(c, id, { kind: "acknowledge", ...given }, { once: kept }));
    });
    return answered as never;
  });
  api.openapi(commentRoute, async (c) => {
    const { id } = c.req.valid("param");
    const given = c.req.valid("json");
    const answered = await once(c, providerOf(c), given, async (keep) => {
      const kept = ({ changedMs }: PartnerRecord) =>
        keep(201, { data: { at: new Date(changedMs).toISOString(), by: actor(c).name, ...given } });
      return kept(await act(c, id, { kind: "comment", ...given }, { once: kept }));
    });
    return answered as never;
  });
  api.openapi(ticketRoute, async (c) => {
    const { id } = c.req.valid("param");
    const { start, end, ...given } = c.req.valid("json");
    const own = await ownOutage(deps, providerOf(c), id);
    const bounds = { outageStartMs: own.startMs, nowMs: nowMs() };
    const startMs = start === null ? null : providerTime("start", start, bounds);
    const endMs = end === null ? null : providerTime("end", end, bounds);
    if (startMs !== null && endMs !== null && endMs < startMs)
      throw badField(422, [{ field: "end", value: end!, allowed: "a time that is not before start" }]);
    const ifSeq = placesOf(c.req.header("If-Match"));
    const ticket = { ...given, startMs, endMs };
    const record = await act(c, id, { kind: "ticket", ticket }, ifSeq === null ? {} : { ifSeq });
    return c.json({ data: rowOf(record).ticket! }, 200);
  });
  return api;
}

/**
 * The places in the feed that If-Match names; null: any will do. The ETag's first part is the place of the last change: neither
 * the language in which it was read matters, nor whether it came compressed, which makes the tag a weak one.
 */
function placesOf(ifMatch: string | undefined): number[] | null {
  if (ifMatch === undefined || ifMatch.trim() === "*") return null;
  const tags = ifMatch.split(",").map((tag) => /^(?:W\/)?"(\d+)-/.exec(tag.trim())?.[1]);
  return tags.flatMap((place) => (place === undefined ? [] : [Number(place)]));
}
