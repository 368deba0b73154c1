import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { hideKeys } from "#wire/hide-keys.ts";
import type { Ticket } from "../ingest/admission.ts";
import type { LineProtocolIngest } from "../ingest/accept-line-protocol.ts";
import { IngestError } from "../ingest/ingest-error.ts";
import { createFresh } from "../report/fresh.ts";
import { maxWriteBytes } from "../ingest/line-protocol-body.ts";
import { precisions } from "../ingest/line-protocol-gather.ts";
import type { Precision, WriteOutcome } from "../ingest/line-protocol-gather.ts";
import type { AgentRecord, StateStore } from "../state/state-store.ts";
import type { Admission } from "./auth.ts";
import type { HttpEnv, HttpLogger } from "./env.ts";
import { createApi, json, withAgentKey } from "./open-api.ts";
import type { Api } from "./open-api.ts";
import { HttpProblem } from "./problem.ts";
import { declaredBytes, readBody } from "./read-body.ts";

/*
 * InfluxDB's way in, for Telegraf. What is answered decides what Telegraf does with its buffer:
 *
 *   204        all lines are stored · drops them, as it should
 *   400, 415, 422   a mistake that would be the same again · drops the write. By 422 the good lines of it are stored
 *   401, 403   no key, a wrong one, not this agent's · keeps them and tries again
 *   413        sends halves
 *   429, 503   Retry-After in seconds · waits so long
 *   500        a bug · tries again at the next flush
 *
 * 404 drops too, so it is never the answer to a write. Refusals are { "code", "message", "line"?, … }, which Telegraf logs.
 */

export interface InfluxDeps {
  lineProtocol: Pick<LineProtocolIngest, "admit" | "acceptLines">;
  state: Pick<StateStore, "ping">;
  logger: HttpLogger;
  nowMs: () => number;
  version: string;
}

type InfluxContext = Context<HttpEnv>;

const refusal = z
  .object({
    code: z.string(),
    message: z.string(),
    line: z.int().optional().openapi({ description: "First line that was not taken, from 1." }),
    maxLength: z.int().optional().openapi({ description: "Bytes of a write, at most." }),
    accepted: z.int().optional().openapi({ description: "Lines that are stored." }),
    rejected: z.int().optional(),
  })
  .openapi("InfluxError");
const standing = z.object({ name: z.string(), status: z.string(), message: z.string(), version: z.string() });

const writeRoute = createRoute({
  method: "post",
  path: "/api/v2/write",
  tags: ["agents' own"],
  summary: "Line protocol, as Telegraf's influxdb_v2 output sends it",
  description: `At most ${maxWriteBytes} bytes, as sent and expanded. Content-Encoding: gzip or identity. Authorization: Token or Bearer. \`org\` and \`bucket\` are ignored.`,
  security: withAgentKey,
  request: {
    query: z.object({
      precision: z
        .string()
        .optional()
        .openapi({
          enum: [...precisions],
          param: { description: "Unit of the timestamps; ns where not given." },
        }),
      bucket: z.string().optional(),
      org: z.string().optional(),
    }),
    body: { required: true, content: { "text/plain": { schema: z.string() } } },
  },
  responses: {
    204: { description: "Every line is stored." },
    400: json("Not decodable, or no such precision.", refusal),
    401: json("No key, or one that is unknown or revoked.", refusal),
    403: json(
      "The key is not of an agent that reports by Telegraf, or its site is not in the inventory.",
      refusal,
    ),
    413: json("Too large.", refusal),
    415: json("Another encoding.", refusal),
    422: json("A line is not as agreed; the good ones are stored.", refusal),
    429: json("Too many requests; see Retry-After.", refusal),
    500: json("A mistake here; nothing was stored.", refusal),
    503: json("Not now; see Retry-After.", refusal),
  },
});

const pingRoute = createRoute({
  method: "get",
  path: "/ping",
  tags: ["operation"],
  summary: "The process runs, as clients of InfluxDB ask it",
  responses: { 204: { description: "It does." } },
});

const healthRoute = createRoute({
  method: "get",
  path: "/health",
  tags: ["operation"],
  summary: "The store can be written, as clients of InfluxDB ask it",
  responses: { 200: json("pass", standing), 503: json("fail", standing) },
});

const readyRoute = createRoute({
  method: "get",
  path: "/ready",
  tags: ["operation"],
  summary: "Since when the collector runs, as clients of InfluxDB ask it",
  responses: { 200: json("ready", z.object({ status: z.string(), started: z.string(), up: z.string() })) },
});

/** The check writes to the disk, and anybody may ask for it. */
const healthMaxAgeMs = 1_000;

export function createInfluxRoutes(deps: InfluxDeps, admission: Admission): Api {
  const api = createApi();
  api.use(writeRoute.path, async (c, next) => {
    await next();
    c.res.headers.set("X-Influxdb-Version", versionOf(deps));
  });
  api.post(writeRoute.path, (c) => answerWrite(c, deps, admission));
  api.openAPIRegistry.registerPath(writeRoute);
  addStanding(api, deps);
  return api;
}

const versionOf = ({ version }: InfluxDeps) => `sambung-${version}`;

async function answerWrite(c: InfluxContext, deps: InfluxDeps, admission: Admission): Promise<Response> {
  try {
    return await write(c, deps, admission);
  } catch (error) {
    if (error instanceof HttpProblem) return refuseAtDoor(c, error);
    if (error instanceof IngestError) return refuse(c, error, deps.logger);
    deps.logger.error({ err: error, requestId: c.get("requestId"), path: c.req.path }, "write failed");
    return c.json({ code: "internal error", message: "something went wrong here; nothing was stored" }, 500);
  }
}

async function write(
  c: InfluxContext,
  { lineProtocol }: InfluxDeps,
  admission: Admission,
): Promise<Response> {
  const agent = await authenticate(c, admission);
  const precision = readPrecision(c.req.query("precision"));
  const encoding = c.req.header("Content-Encoding") ?? null;
  const { accepted, rejected, firstBad } = await takeBody(c, lineProtocol, agent, async (body, ticket) => {
    try {
      return await lineProtocol.acceptLines(agent, body, encoding, precision, ticket);
    } finally {
      admission.spend(agent, ticket.bytes());
    }
  });
  if (firstBad === null) return c.body(null, 204);
  const told = hideKeys(firstBad.message);
  const message = `line ${firstBad.line}: ${told} (${accepted} lines taken, ${rejected} not)`;
  return c.json({ code: "unprocessable entity", message, line: firstBad.line, accepted, rejected }, 422);
}

/** Reads the body once it is let in, and gives back what it took when it is done with. */
async function takeBody(
  c: InfluxContext,
  lineProtocol: InfluxDeps["lineProtocol"],
  agent: AgentRecord,
  accept: (body: Uint8Array, ticket: Ticket) => Promise<WriteOutcome>,
): Promise<WriteOutcome> {
  const ticket = lineProtocol.admit(declaredBytes(c.req.raw, maxWriteBytes), agent);
  try {
    return await accept(await readBody(c.req.raw, maxWriteBytes, ticket), ticket);
  } finally {
    ticket.leave();
  }
}

/** Before a byte of the body is read. */
function authenticate(c: InfluxContext, admission: Admission): Promise<AgentRecord> {
  const token = /^(?:Token|Bearer) +(\S+) *$/i.exec(c.req.header("Authorization") ?? "")?.[1] ?? null;
  return asUnavailable(() => admission.agentOf(c, token));
}

async function asUnavailable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof HttpProblem) throw cause;
    throw new IngestError({
      code: "store",
      status: 503,
      title: "Not now",
      detail: "the store cannot be read",
      retryAfterS: 30,
      cause,
    });
  }
}

function readPrecision(given: string | undefined): Precision {
  const found = precisions.find((precision) => precision === (given ?? "ns"));
  if (found !== undefined) return found;
  throw new IngestError({
    code: "query",
    status: 400,
    title: "Parameter not understood",
    detail: `precision ${JSON.stringify(given)} is not allowed; expected ${precisions.join(", ")}`,
  });
}

/** InfluxDB's names for what it refuses. */
const influxCodes: Record<number, string> = {
  400: "invalid",
  401: "unauthorized",
  403: "forbidden",
  413: "request too large",
  415: "unsupported media type",
  429: "too many requests",
  503: "unavailable",
};

/** No key, a wrong one, or too many requests. */
function refuseAtDoor(c: InfluxContext, { options }: HttpProblem): Response {
  const { status, detail, headers } = options;
  const body = { code: influxCodes[status] ?? "invalid", message: detail };
  return c.json(body, status, {
    ...headers,
    ...(status === 401 ? { "WWW-Authenticate": 'Token realm="sambung"' } : {}),
  });
}

function refuse(c: InfluxContext, error: IngestError, logger: HttpLogger): Response {
  const { status, detail, retryAfterS } = error;
  if (status === 503)
    logger.error({ err: error, requestId: c.get("requestId"), path: c.req.path }, "write put off");
  const body = {
    code: influxCodes[status] ?? "invalid",
    message: hideKeys(detail),
    ...(status === 413 ? { maxLength: maxWriteBytes } : {}),
  };
  return c.json(body, status as ContentfulStatusCode, {
    ...(retryAfterS === undefined ? {} : { "Retry-After": String(Math.ceil(retryAfterS)) }),
    ...(status === 415 ? { "Accept-Encoding": "gzip, identity" } : {}),
  });
}

function addStanding(api: Api, deps: InfluxDeps): void {
  const startedMs = deps.nowMs();
  const isWritable = createFresh(healthMaxAgeMs, deps.nowMs, async () => {
    try {
      await deps.state.ping();
      return true;
    } catch {
      return false;
    }
  });
  const headers = { "X-Influxdb-Version": versionOf(deps), "Cache-Control": "no-store" };
  api.openapi(pingRoute, (c) => c.body(null, 204, headers));
  api.openapi(healthRoute, async (c) => {
    const name = "sambung";
    return (await isWritable())
      ? c.json({ name, status: "pass", message: "ready for writes", version: deps.version }, 200, headers)
      : c.json(
          { name, status: "fail", message: "the store cannot be written", version: deps.version },
          503,
          headers,
        );
  });
  api.openapi(readyRoute, (c) => {
    const up = `${Math.max(0, Math.round((deps.nowMs() - startedMs) / 1000))}s`;
    return c.json({ status: "ready", started: new Date(startedMs).toISOString(), up }, 200, headers);
  });
}
