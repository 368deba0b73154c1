import { once } from "node:events";
import { isIP } from "node:net";
import type { Socket } from "node:net";
import { connect } from "node:tls";
import type { TLSSocket } from "node:tls";
import type { HttpTarget } from "#wire/targets-v1.ts";

const ignore = () => undefined;

/** What is offered to the server (RFC 7301), the dearest first. */
const protocols: Record<HttpTarget["httpVersion"], string[]> = {
  auto: ["h2", "http/1.1"],
  "1.1": ["http/1.1"],
  "2": ["h2"],
};

/**
 * Completes the handshake whatever the certificate is worth; `authorized` of the socket says what it is. Rejects when
 * there is none to complete, which includes a server without the one version of HTTP that is asked for.
 */
export async function startTls(
  tcp: Socket,
  host: string,
  httpVersion: HttpTarget["httpVersion"],
  signal: AbortSignal,
): Promise<TLSSocket> {
  const socket = connect({
    socket: tcp,
    host,
    // RFC 6066 §3 allows no address as server name.
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ALPNProtocols: protocols[httpVersion],
    rejectUnauthorized: false,
  });
  try {
    await once(socket, "secureConnect", { signal });
  } finally {
    socket.on("error", ignore);
  }
  if (httpVersion === "2" && socket.alpnProtocol !== "h2") {
    throw new Error("the server does not agree to HTTP/2");
  }
  return socket;
}
