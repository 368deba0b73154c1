import { parseAck, parseEnrolled } from "#wire/ack-v1.ts";
import type { EnrolledV1 } from "#wire/ack-v1.ts";
import { parseAgentConfig } from "#wire/agent-config-v1.ts";
import type { AgentConfigV1 } from "#wire/agent-config-v1.ts";
import type { BatchV1 } from "#wire/batch-v1.ts";
import { createTransport } from "../transport.ts";
import type { TransportResponse } from "../transport.ts";
import { packBatch } from "../pack.ts";

/** The collector does not take the key, or no longer. */
export class DeniedError extends Error {
  readonly code = "demo.denied";
  constructor(message: string) {
    super(message);
    this.name = "DeniedError";
  }
}

/** One party's connection to the collector: an agent's, or the administrator's. */
export interface Door {
  get(path: string): Promise<unknown>;
  post(path: string, document: object): Promise<unknown>;
  enrol(token: string): Promise<EnrolledV1>;
  agentConfig(): Promise<AgentConfigV1>;
  /** Resolves when the batch is durable. */
  sendBatch(batch: BatchV1): Promise<void>;
  /** Bytes on the wire to the collector, headers included. */
  bytesSent(): number;
  close(): void;
}

/** Speaks to the collector over the agent's own transport. `key` may be set later, after enrolment. */
export function createDoor(server: string, keyOf: () => string | null, signal: AbortSignal): Door {
  const transport = createTransport({ server, userAgent: "sambung-demo" });

  async function ask(
    method: "GET" | "POST",
    path: string,
    body?: Uint8Array,
    encoding?: string,
  ): Promise<unknown> {
    for (;;) {
      const key = keyOf();
      const response = await transport.send({
        method,
        path,
        headers: {
          ...(key === null ? {} : { authorization: `Bearer ${key}` }),
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...(encoding === undefined ? {} : { "content-encoding": encoding }),
        },
        ...(body === undefined ? {} : { body }),
        timeoutMs: 60_000,
        signal,
      });
      if (response.status >= 200 && response.status < 300) return JSON.parse(response.body) as unknown;
      await waitAsAsked(method, path, response);
    }
  }

  const post = (path: string, document: object) => ask("POST", path, Buffer.from(JSON.stringify(document)));
  return {
    get: (path) => ask("GET", path),
    post,
    enrol: async (token) =>
      parseEnrolled(
        await post("/api/v1/agents/enrol", { token, hardware: "simulated by npm run demo", version: "demo" }),
      ),
    agentConfig: async () => parseAgentConfig(await ask("GET", "/api/v1/agent/config")),
    async sendBatch(batch) {
      const { body, encoding } = packBatch(batch);
      const ack = parseAck(await ask("POST", "/api/v1/batches", body, encoding));
      if (ack.acked !== batch.seq) throw new Error(`batch ${batch.seq} was acknowledged as ${ack.acked}`);
    },
    bytesSent: () => transport.wireBytes().sent,
    close: () => transport.close(),
  };
}

/** The collector may ask for patience, and keys are revoked; every other refusal is a mistake of this program. */
async function waitAsAsked(method: string, path: string, response: TransportResponse): Promise<void> {
  if (response.status === 401) throw new DeniedError(`${method} ${path}: the key is not taken`);
  if (response.status !== 429 && response.status !== 503) {
    throw new Error(`${method} ${path}: the collector answered ${response.status}: ${response.body}`);
  }
  const waitS = Number(response.headers["retry-after"] ?? 1);
  await new Promise((resolve) => setTimeout(resolve, (Number.isFinite(waitS) ? waitS : 1) * 1000));
}
