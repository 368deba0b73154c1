import type { ClientHttp2Session, IncomingHttpHeaders } from "node:http2";
import type { Socket } from "node:net";
import { requestHeaders } from "./answer.ts";
import type { Answer } from "./answer.ts";

/*
 * One GET over HTTP/2. node:http2 is imported when the first target needs it: it takes 4 MB of memory, which an agent
 * without such a target keeps. This file itself is imported with the others, or its types would be stripped at run
 * time (see lean-start.ts).
 */

const ignore = () => undefined;

/**
 * Sends one GET over the open connection, which both sides know to be HTTP/2, and gives the head of the answer. The
 * session belongs to `open` and ends with it.
 */
export async function getOverHttp2(
  url: URL,
  socket: Socket,
  signal: AbortSignal,
  open: DisposableStack,
): Promise<Answer> {
  const { connect, constants } = await import("node:http2");
  const head = Promise.withResolvers<IncomingHttpHeaders & { ":status"?: number }>();
  const closed = () => head.reject(new Error("closed before an answer"));
  const session: ClientHttp2Session = connect(url.origin, {
    createConnection: () => socket,
    settings: { enablePush: false },
  });
  open.defer(() => session.destroy());
  session.on("error", head.reject).once("close", closed);
  const stream = session.request(
    { ":method": "GET", ":path": url.pathname + url.search, ...requestHeaders(url) },
    { signal },
  );
  stream.once("response", head.resolve).on("error", head.reject).once("close", closed);
  const headers = await head.promise;
  session.on("error", ignore);
  stream.on("error", ignore);
  return {
    httpVersion: "2",
    status: headers[":status"] ?? 0,
    headers,
    body: stream,
    isWhole: () => !stream.aborted && stream.rstCode === constants.NGHTTP2_NO_ERROR,
  };
}
