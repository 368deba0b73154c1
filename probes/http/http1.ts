import { once } from "node:events";
import { request as httpRequest } from "node:http";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { requestHeaders } from "./answer.ts";
import type { Answer } from "./answer.ts";

const ignore = () => undefined;

/** Sends one GET over the open connection and gives the head of the answer. The socket ends with its owner. */
export async function getOverHttp1(url: URL, socket: Socket, signal: AbortSignal): Promise<Answer> {
  const request = httpRequest({
    method: "GET",
    path: url.pathname + url.search,
    headers: { host: url.host, ...requestHeaders(url), connection: "close" },
    createConnection: () => socket,
    signal,
  });
  request.end();
  try {
    const [response] = (await once(request, "response", { signal })) as [IncomingMessage];
    response.on("error", ignore);
    return {
      httpVersion: response.httpVersion === "1.0" ? "1.0" : "1.1",
      status: response.statusCode ?? 0,
      headers: response.headers,
      body: response,
      isWhole: () => response.complete,
    };
  } finally {
    request.on("error", ignore);
  }
}
