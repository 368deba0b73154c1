import { OpenAPIHono, z } from "@hono/zod-openapi";
import type { Hook } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import { showValue } from "#wire/wire-error.ts";
import type { Header } from "./answer-headers.ts";
import type { HttpEnv } from "./env.ts";
import { badField, unknownName } from "./problem.ts";
import type { Misfit } from "./problem.ts";
import { tmfError } from "./tmf-schemas.ts";

export type Api = OpenAPIHono<HttpEnv>;

/** A room of routes; what does not fit its schema becomes a problem that names the field. */
export function createApi(): Api {
  return new OpenAPIHono<HttpEnv>({ defaultHook: refuseInvalid });
}

const refuseInvalid: Hook<unknown, HttpEnv, string, unknown> = (result) => {
  if (result.success) return;
  const given: unknown = (result as { data?: unknown }).data;
  const errors = result.error.issues.flatMap((issue) => toFieldErrors(issue, given));
  throw badField(result.target === "json" ? 422 : 400, errors);
};

function toFieldErrors(issue: z.core.$ZodIssue, given: unknown): Misfit[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      field: [...issue.path, key].join("."),
      value: shown(valueAt(given, [...issue.path, key])),
      allowed: unknownName,
    }));
  }
  return [{ field: issue.path.join("."), value: shown(valueAt(given, issue.path)), allowed: issue.message }];
}

function valueAt(document: unknown, path: readonly PropertyKey[]): unknown {
  let at = document;
  for (const key of path) at = (at as Record<PropertyKey, unknown> | null | undefined)?.[key];
  return at;
}

/** Text as it was written, everything else as JSON. */
function shown(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  return typeof value === "string" ? value.slice(0, 80) : showValue(value);
}

/** Why a file of complaints, or a line of it, was not taken; never what stands there. */
export const refusalRow = z
  .object({
    code: z.string(),
    line: z.int().nullable(),
    column: z.int().nullable().openapi({ description: "From 1." }),
    name: z.string().nullable().openapi({ description: "What the column is for." }),
    text: z.string().openapi({ description: "For people." }),
  })
  .openapi("ComplaintRefusal");

const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string(),
    code: z.string().openapi({ description: "Stable name for programs." }),
    requestId: z.string().optional(),
    errors: z.array(z.object({ field: z.string(), value: z.string(), allowed: z.string() })).optional(),
    stored: z
      .object({ boot: z.string(), rounds: z.int() })
      .optional()
      .openapi({ description: "With code seq.used: what is stored under the seq of the batch." }),
    refusals: z
      .array(refusalRow)
      .optional()
      .openapi({ description: "With code complaints.refused: the first lines and columns, and why." }),
  })
  .openapi("Problem", { description: "RFC 9457." });

/**
 * Puts `guards` before every route of the room, path by path and method by method: rooms share the prefix /api/v1, and a
 * blanket rule would ask agents for a reader's key.
 */
export function guarded(room: Api, ...guards: readonly MiddlewareHandler<HttpEnv>[]): Api {
  const api = createApi();
  const known = new Set<string>();
  for (const { method, path } of room.routes) {
    const name = `${method} ${path}`;
    if (known.has(name)) continue;
    known.add(name);
    for (const guard of guards) api.on(method, path, guard);
  }
  for (const { method, path } of withoutQuery(room)) api.on(method, path, refuseQuery);
  api.route("/", room);
  return api;
}

/** Routes that change something and know no parameter: whoever sends one means something by it. Their document says that it is refused. */
function withoutQuery({ openAPIRegistry }: Api): { method: string; path: string }[] {
  return openAPIRegistry.definitions.flatMap((definition) => {
    if (definition.type !== "route") return [];
    const { method, path, request, responses } = definition.route;
    if (method === "get" || request?.query !== undefined) return [];
    definition.route = { ...definition.route, responses: { 400: refusals[400], ...responses } };
    return [{ method: method.toUpperCase(), path: path.replaceAll(/\{(\w+)\}/g, ":$1") }];
  });
}

const refuseQuery: MiddlewareHandler<HttpEnv> = async (c, next) => {
  const given = Object.entries(c.req.query()).map(([field, value]) => ({
    field: field.slice(0, 80),
    value: value.slice(0, 80),
    allowed: unknownName,
  }));
  if (given.length > 0) throw badField(400, given);
  await next();
};

const problem = (description: string) => ({
  description,
  content: { "application/problem+json": { schema: problemSchema } },
});

const refusals = {
  400: problem("A parameter is not understood; `errors` names it, its value and what is allowed."),
  401: problem("No key, or one that is unknown, revoked or expired."),
  403: problem("The key lacks the scope or is of the wrong kind, or the token is no longer good."),
  404: problem("No such thing."),
  412: problem("It has changed since it was read."),
  413: problem("The body is too large."),
  409: problem("Not possible as things stand."),
  415: problem("Content type or encoding not supported."),
  422: problem("A field of the body is not as agreed; `errors` names it."),
  429: problem("Too many requests; see RateLimit and Retry-After."),
  503: problem("Not now; see Retry-After."),
} as const;

/** Refusals of a route by status, for its description. Too many requests can be made of any, and for each the disk may be full. */
export function refusedWith<Status extends keyof typeof refusals>(
  ...statuses: Status[]
): Pick<typeof refusals, Status | 429 | 503> {
  const all = [...statuses, 429 as const, 503 as const].map((status) => [status, refusals[status]]);
  return Object.fromEntries(all) as Pick<typeof refusals, Status | 429 | 503>;
}

const tmfRefusals = {
  400: "A parameter or a field is not as agreed.",
  401: "No key, or one that is not good.",
  403: "The key is not a partner's.",
  404: "No such thing.",
  409: "Not possible as things stand.",
  413: "The body is too large.",
  415: "Content type not supported.",
  429: "Too many requests; see RateLimit and Retry-After.",
  501: "Not implemented, and not going to be: alarms say what is measured.",
  503: "Not now; see Retry-After.",
} as const;
type TmfRefusal = { description: string; content: { "application/json": { schema: typeof tmfError } } };

/** Refusals of a route of TM Forum's, by status. */
export function tmfRefusedWith<Status extends keyof typeof tmfRefusals>(
  ...statuses: Status[]
): Record<Status | 429 | 503, TmfRefusal> {
  const all = [...statuses, 429 as const, 503 as const].map((status) => [
    status,
    json(tmfRefusals[status], tmfError),
  ]);
  return Object.fromEntries(all) as Record<Status | 429 | 503, TmfRefusal>;
}

/** A body in JSON, checked by the schema. */
export function jsonBody<T extends z.ZodType>(schema: T) {
  return { body: { required: true, content: { "application/json": { schema } } } };
}

/** `headers`: those of this answer alone; the door's and the tag are added elsewhere. */
export function json<T extends z.ZodType>(
  description: string,
  schema: T,
  headers: Record<string, Header> = {},
) {
  return { description, headers, content: { "application/json": { schema } } };
}

const metaSchema = z
  .object({
    rows: z.int(),
    truncated: z.boolean().openapi({ description: "There was more than fits; narrow the query." }),
    from: z.string().optional(),
    to: z.string().optional(),
    step: z.string().optional().openapi({ description: "Length of a step, such as 300s." }),
    unknown: z
      .array(z.string())
      .optional()
      .openapi({ description: "Names of the query that the inventory does not have." }),
    trouble: z
      .string()
      .optional()
      .openapi({ description: "Why rows are without what is measured now, and what to do about it." }),
  })
  .openapi("Meta");

/** The shape of every answer that has rows. */
export function rowsOf<T extends z.ZodType>(row: T) {
  return z.object({ data: z.array(row), meta: metaSchema });
}

/** Security of the described routes: the kind of key, and the scope that it needs, which OpenAPI 3.1 has as a role. */
export const withKey = [{ apiKey: ["read"] }];
export const withAdminKey = [{ apiKey: ["admin"] }];
export const withComplaintsKey = [{ apiKey: ["complaints"] }];
export const withAgentKey = [{ agentKey: [] }];
export const withPartnerKey = [{ partnerKey: ["partner"] }];
