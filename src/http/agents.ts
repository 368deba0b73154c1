import { createRoute } from "@hono/zod-openapi";
import type { z } from "@hono/zod-openapi";
import { bodyLimit } from "hono/body-limit";
import { dictionary1Encoding } from "#wire/dictionary-1.ts";
import { limits, queueHeader } from "#wire/units.ts";
import { contentEncodings } from "../ingest/decode.ts";
import { IngestError } from "../ingest/ingest-error.ts";
import type { Ingest } from "../ingest/ingest.ts";
import { hashKey, keyPrefix, makeKey } from "../state/keys.ts";
import type { StateStore } from "../state/state-store.ts";
import { headers } from "./answer-headers.ts";
import type { Admission } from "./auth.ts";
import {
  ackBody,
  batchBody,
  configBody,
  enrolledBody,
  enrolRequestBody,
  newKeyBody,
} from "./agent-schemas.ts";
import { createApi, guarded, json, refusedWith, withAgentKey } from "./open-api.ts";
import type { Api } from "./open-api.ts";
import { HttpProblem, malformedBody } from "./problem.ts";
import { declaredBytes, readBody } from "./read-body.ts";
import { tagParam } from "./revalidation.ts";

/*
 * What agents speak to. The bodies are checked by wire/ and ingest/, so that there is one check and one text for a
 * mistake; the schemas here only describe them.
 */

const batchesRoute = createRoute({
  method: "post",
  path: "/batches",
  tags: ["agents' own"],
  summary: "Rounds and events of an agent, stored once whatever the order of arrival",
  description: `At most ${limits.compressedBytes} bytes as sent and ${limits.expandedBytes} expanded. Content-Encoding: one of ${contentEncodings}; ${dictionary1Encoding} is zstd with the dictionary of src/wire/dictionary-1.ts as text before the body. ${queueHeader}: live or backlog; under load backlog is put off first.`,
  security: withAgentKey,
  responses: {
    200: json("Durable.", ackBody),
    ...refusedWith(400, 401, 403, 413, 415, 422),
  },
});

const enrolRoute = createRoute({
  method: "post",
  path: "/agents/enrol",
  tags: ["agents' own"],
  summary: "A one-time token becomes an agent and its key",
  description:
    "Asked again with the same nonce, because the answer was lost: another key of the same agent, as long as none was used.",
  responses: {
    200: json("The key is shown here and never again.", enrolledBody),
    ...refusedWith(400, 403, 413, 422),
  },
});

const configRoute = createRoute({
  method: "get",
  path: "/agent/config",
  tags: ["agents' own"],
  summary: "What this agent measures",
  security: withAgentKey,
  request: { headers: tagParam },
  responses: {
    200: json("The configuration.", configBody, headers.tag),
    304: { description: "Not changed since the tag of If-None-Match.", headers: headers.tag },
    ...refusedWith(401, 403),
  },
});

const keyRoute = createRoute({
  method: "post",
  path: "/agent/key",
  tags: ["agents' own"],
  summary: "A new key for this agent; its first use revokes the present one",
  security: withAgentKey,
  responses: {
    201: json("Shown here and never again. Both keys are good until this one is used.", newKeyBody),
    ...refusedWith(401, 403),
  },
});

/** Where a body is described that the library does not validate. */
const described = (schema: z.ZodType) => ({
  body: { required: true, content: { "application/json": { schema } } },
});

export interface AgentRouteDeps {
  ingest: Pick<Ingest, "admit" | "acceptBatch" | "enrol" | "agentConfig" | "authenticateAgent">;
  state: StateStore;
  nowMs: () => number;
}

export function createAgentRoutes({ ingest, state, nowMs }: AgentRouteDeps, admission: Admission): Api {
  const own = createApi();
  own.post(batchesRoute.path, async (c) => {
    const queue = c.req.header(queueHeader) === "backlog" ? "backlog" : "live";
    const arrival = ingest.admit(queue, declaredBytes(c.req.raw, limits.compressedBytes), c.get("agent"));
    try {
      const body = await readBody(c.req.raw, limits.compressedBytes, arrival.ticket);
      const encoding = c.req.header("Content-Encoding") ?? null;
      return c.json(await ingest.acceptBatch(c.get("agent"), body, encoding, arrival), 200);
    } finally {
      admission.spend(c.get("agent"), arrival.ticket.bytes());
      arrival.ticket.leave();
    }
  });
  own.get(configRoute.path, (c) => {
    const { etag, body } = ingest.agentConfig(c.get("agent"));
    const tagged = { ETag: etag, "Cache-Control": "private, no-cache" };
    if (isMatch(c.req.header("If-None-Match"), etag)) return c.body(null, 304, tagged);
    return c.json(body, 200, tagged);
  });
  own.post(keyRoute.path, admission.newAgentKey, async (c) => {
    const key = makeKey("sba");
    const { id } = c.get("agent");
    await state.addAgentKey(id, { hash: hashKey(key), prefix: keyPrefix(key) }, nowMs(), admission.actor(c));
    return c.json({ key }, 201, { "Cache-Control": "no-store" });
  });
  own.openAPIRegistry.registerPath(keyRoute);
  own.openAPIRegistry.registerPath({ ...batchesRoute, request: described(batchBody) });
  own.openAPIRegistry.registerPath(configRoute);

  const open = createApi();
  open.post(enrolRoute.path, admission.enrolment, bodyLimit({ maxSize: 65_536 }), async (c) => {
    const request = await readJson(c.req.raw);
    try {
      const enrolled = await ingest.enrol(request, admission.client(c).address);
      return c.json(enrolled, 200, { "Cache-Control": "no-store" });
    } catch (error) {
      if (!(error instanceof IngestError) || error.status !== 403) throw error;
      const { status, code, title, detail } = error;
      await admission.noteRefusal(c, { status, code, title, detail });
      return admission.refuse(c, { status, code, title, detail });
    }
  });
  open.openAPIRegistry.registerPath({ ...enrolRoute, request: described(enrolRequestBody) });

  const api = createApi();
  api.route("/", guarded(own, admission.agent));
  api.route("/", open);
  return api;
}

async function readJson(request: Request): Promise<unknown> {
  try {
    return await request.json();
  } catch {
    throw new HttpProblem(malformedBody);
  }
}

function isMatch(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  const strong = (tag: string) => tag.trim().replace(/^W\//, "");
  return ifNoneMatch.trim() === "*" || ifNoneMatch.split(",").some((tag) => strong(tag) === strong(etag));
}
