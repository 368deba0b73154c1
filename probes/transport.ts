import { request as httpRequest, Agent as HttpAgent } from "node:http";
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from "node:http";
import { request as httpsRequest, Agent as HttpsAgent } from "node:https";
import type { Socket } from "node:net";

/*
 * The agent's way to its collector. Over node:http and not over fetch: the HTTP probe needs node:http anyway, while
 * fetch loads undici beside it (some 5 MB of 90), hides how many bytes went out, and gives no hold on the time to connect.
 */

export interface TransportRequest {
  method: "GET" | "POST";
  /** Below the server's address, such as `/api/v1/batches`. */
  path: string;
  headers?: Record<string, string>;
  body?: Uint8Array;
  timeoutMs: number;
  signal: AbortSignal;
}

export interface TransportResponse {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface Transport {
  /** Rejects when no whole answer came. */
  send(request: TransportRequest): Promise<TransportResponse>;
  /** Bytes handed to sockets since the start, headers included, TLS and TCP overhead not. */
  bytesSent(): number;
  close(): void;
}

export interface TransportOptions {
  /** `http://` or `https://` address of the collector, with or without a path. */
  server: string;
  userAgent: string;
  /**
   * Longest time to a connection, TLS not included, in ms. Default 10,000: SYNs go out at 0, 1, 3 and 7 s, and a fresh
   * attempt after that finds a link that came back sooner than the fifth, at 15 s, would.
   */
  connectTimeoutMs?: number | undefined;
}

/** More than any answer of the collector; a captive portal's page is not read to its end. */
const maxBodyBytes = 4_194_304;

export function createTransport(options: TransportOptions): Transport {
  const { connectTimeoutMs = 10_000, userAgent } = options;
  const base = new URL(options.server);
  const secure = base.protocol === "https:";
  const makeRequest = secure ? httpsRequest : httpRequest;
  let agent = makeAgent();
  const counted = new WeakMap<Socket, number>();
  let bytesSent = 0;

  function makeAgent() {
    const how = { keepAlive: true, maxSockets: 1 };
    return secure ? new HttpsAgent(how) : new HttpAgent(how);
  }

  function count(socket: Socket | null): void {
    if (socket === null) return;
    const written = socket.bytesWritten;
    bytesSent += written - (counted.get(socket) ?? 0);
    counted.set(socket, written);
  }

  function once(request: TransportRequest): Promise<TransportResponse> {
    return new Promise((resolve, reject) => {
      const { method, body, signal } = request;
      const headers = {
        "user-agent": userAgent,
        ...request.headers,
        ...(body === undefined ? {} : { "content-length": String(body.byteLength) }),
      };
      const url = new URL(base.pathname.replace(/\/$/, "") + request.path, base);
      const outgoing = makeRequest(url, { method, headers, agent, signal });
      const limit = setTimeout(
        () => outgoing.destroy(new Error(`no answer within ${request.timeoutMs} ms`)),
        request.timeoutMs,
      );
      boundConnecting(outgoing, connectTimeoutMs);
      const fail = (error: Error) => {
        clearTimeout(limit);
        count(outgoing.socket);
        // After a cut the other sockets are as dead as this one; only nobody has told us yet.
        agent.destroy();
        agent = makeAgent();
        reject(error);
      };
      outgoing.on("error", fail);
      outgoing.on("response", (response) => {
        readBody(response).then((text) => {
          clearTimeout(limit);
          count(outgoing.socket);
          resolve({ status: response.statusCode!, headers: response.headers, body: text });
        }, fail);
      });
      outgoing.end(body);
    });
  }

  return {
    async send(request) {
      const reused = Object.values(agent.freeSockets).some((sockets) => (sockets?.length ?? 0) > 0);
      try {
        return await once(request);
      } catch (error) {
        // The server may close a kept connection just as we use it. Sending again is safe: a seq is stored once.
        const closed = ["ECONNRESET", "EPIPE"].includes((error as NodeJS.ErrnoException).code ?? "");
        if (!reused || !closed || request.signal.aborted) throw error;
        return once(request);
      }
    },
    bytesSent: () => bytesSent,
    close: () => agent.destroy(),
  };
}

function boundConnecting(request: ClientRequest, limitMs: number): void {
  request.on("socket", (socket) => {
    if (!socket.connecting) return;
    const timer = setTimeout(() => request.destroy(new Error(`no connection within ${limitMs} ms`)), limitMs);
    socket.once("connect", () => clearTimeout(timer));
    socket.once("close", () => clearTimeout(timer));
  });
}

async function readBody(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    bytes += (chunk as Buffer).byteLength;
    if (bytes > maxBodyBytes) throw new Error(`the answer is larger than ${maxBodyBytes} bytes`);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString("utf8");
}
