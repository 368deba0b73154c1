import { once } from "node:events";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

export interface Received {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface HttpPeer extends AsyncDisposable {
  url: string;
  /** Every request whose body came in whole, in order. */
  received: Received[];
}

/** A real HTTP server on loopback that keeps what it was sent. `answer` may also leave a request without an answer. */
export async function createHttpPeer(
  answer: (request: Received, response: ServerResponse, nth: number) => void,
): Promise<HttpPeer> {
  const received: Received[] = [];
  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const { method = "", url = "", headers } = request;
    received.push({ method, path: url, headers, body });
    answer(received.at(-1)!, response, received.length);
  }
  const server = createServer((request, response) => {
    take(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
