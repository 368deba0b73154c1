import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { AgentTarget } from "#wire/targets-v1.ts";
import { parseBatch } from "#wire/batch-v1.ts";
import type { BatchV1 } from "#wire/batch-v1.ts";
import { unpackBatch } from "./wire.ts";

/*
 * The collector's side of the agent's contract over real HTTP, with a memory instead of a store, so that the agent can
 * be tested by itself. Every batch goes through the real parser, and a repeated seq must carry the rounds it had before.
 */

export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

/** What a test does with a batch instead of taking it: an answer; or the connection cut before or after storing it. */
export type Mood = (batch: BatchV1, requests: number) => Answer | "cut" | "storeThenCut" | null;

export const stubIdentity = { agentId: "ag_test01", key: `sba_${"k".repeat(36)}`, site: "64.08.05.2001" };
export const stubToken = `sbe_${"t".repeat(36)}`;

export interface CollectorStub extends AsyncDisposable {
  readonly address: string;
  /** Batches as first stored, by seq. */
  readonly stored: Map<number, BatchV1>;
  /** Every batch that arrived whole, also those that were not taken. */
  readonly arrived: BatchV1[];
  readonly configRequests: { ifNoneMatch: string | undefined; status: number }[];
  enrolments: number;
  /** Replaces the answer to batches; null: take them. */
  mood: Mood | null;
  configMood: (() => Answer | null) | null;
  backlog: "go" | "slow";
  serverMs: () => number;
  setConfig(change: { targets?: AgentTarget[]; reportIntervalS?: number; dayBytes?: number | null }): void;
  /** Sends this document instead of a configuration. */
  setRawConfig(document: unknown): void;
  until(what: string, condition: () => boolean): Promise<void>;
}

export async function startCollectorStub(port = 0): Promise<CollectorStub> {
  let config: unknown = { targets: [], reportIntervalS: 60, dayBytes: null, monthBytes: null, traps: null };
  let version = 1;
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      broken.push(error);
      response.destroy();
    });
  });
  const broken: unknown[] = [];
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const etag = () => `"v${version}"`;

  const stub: CollectorStub = {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stored: new Map(),
    arrived: [],
    configRequests: [],
    enrolments: 0,
    mood: null,
    configMood: null,
    backlog: "go",
    serverMs: () => Date.now(),
    setConfig(change) {
      config = { ...(config as object), ...change };
      version++;
    },
    setRawConfig(document) {
      config = document;
      version++;
    },
    async until(what, condition) {
      const deadline = Date.now() + 15_000;
      while (!condition()) {
        if (broken.length > 0) throw broken[0];
        if (Date.now() > deadline) throw new Error(`it did not come to pass: ${what}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      if (broken.length > 0) throw broken[0];
    },
  };

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      // The agent was killed, or gave up, while it sent.
      return;
    }
    const body = Buffer.concat(chunks);
    switch (`${request.method} ${request.url}`) {
      case "POST /api/v1/agents/enrol":
        stub.enrolments++;
        return enrol(JSON.parse(body.toString()), response);
      case "GET /api/v1/agent/config":
        return sendConfig(request, response);
      case "POST /api/v1/batches":
        return takeBatch(request, body, response);
      default:
        throw new Error(`the agent asked for ${request.method} ${request.url}`);
    }
  }

  function enrol(input: { token: string }, response: ServerResponse): void {
    if (stub.enrolments === 1 && input.token === stubToken) return reply(response, stubIdentity);
    const body = JSON.stringify({ title: "Forbidden", detail: "the token was used before" });
    return answer(response, { status: 403, headers: { "content-type": "application/problem+json" }, body });
  }

  function isKnown(request: IncomingMessage): boolean {
    return request.headers.authorization === `Bearer ${stubIdentity.key}`;
  }

  function sendConfig(request: IncomingMessage, response: ServerResponse): void {
    if (!isKnown(request)) throw new Error("a configuration was asked for without the key");
    const ifNoneMatch = request.headers["if-none-match"];
    const special = stub.configMood?.() ?? null;
    const status = special?.status ?? (ifNoneMatch === etag() ? 304 : 200);
    stub.configRequests.push({ ifNoneMatch, status });
    if (special !== null) return answer(response, special);
    if (status === 304) return answer(response, { status });
    const { agentId: agent, site } = stubIdentity;
    const document = { v: 1, agent, site, serverMs: stub.serverMs(), ...(config as object) };
    response.setHeader("etag", etag());
    return reply(response, document);
  }

  function takeBatch(request: IncomingMessage, body: Buffer, response: ServerResponse): void {
    if (!isKnown(request)) throw new Error("a batch came without the key");
    const batch = parseBatch(unpackBatch(body, request.headers["content-encoding"]));
    stub.arrived.push(batch);
    const mood = stub.mood?.(batch, stub.arrived.length) ?? null;
    if (mood === "cut") return void response.destroy();
    if (mood !== null && mood !== "storeThenCut") return answer(response, mood);
    store(batch);
    if (mood === "storeThenCut") return void response.destroy();
    return reply(response, {
      acked: batch.seq,
      serverMs: stub.serverMs(),
      configEtag: etag(),
      backlog: stub.backlog,
    });
  }

  function store(batch: BatchV1): void {
    const before = stub.stored.get(batch.seq);
    if (before === undefined) return void stub.stored.set(batch.seq, batch);
    const same =
      before.boot === batch.boot &&
      JSON.stringify([before.rounds, before.events]) === JSON.stringify([batch.rounds, batch.events]) &&
      before.ledger.produced === batch.ledger.produced;
    if (!same) throw new Error(`seq ${batch.seq} came again with other contents`);
  }

  return stub;
}

function reply(response: ServerResponse, document: unknown): void {
  answer(response, {
    status: 200,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(document),
  });
}

function answer(response: ServerResponse, { status, headers = {}, body }: Answer): void {
  response.writeHead(status, headers).end(body);
}
