import { once } from "node:events";
import { request as httpRequest } from "node:http";
import type { IncomingMessage } from "node:http";
import { connect as netConnect, isIP } from "node:net";
import type { Socket } from "node:net";
import { connect as tlsConnect } from "node:tls";
import type { TLSSocket } from "node:tls";
import type { Address } from "../resolve.ts";

/*
 * The steps of one HTTP exchange, one function each. Every function ends with the signal, rejects when its step fails,
 * and leaves no error event without a listener.
 */

/** Most of a body that is read: the uplink is thin, and a text to look for stands near the beginning. */
export const maxBodyBytes = 262_144;

const ignore = () => undefined;

/**
 * Connects to the first address that takes the connection. Node's own race between addresses is not used: it gives
 * each a fraction of a second, and a geostationary satellite needs more than half of one.
 */
export async function connectTcp(
  addresses: readonly Address[],
  port: number,
  signal: AbortSignal,
): Promise<Socket> {
  let refusal: unknown;
  for (const { address, family } of addresses) {
    const socket = netConnect({ host: address, port, family, noDelay: true });
    try {
      await once(socket, "connect", { signal });
      socket.on("error", ignore);
      return socket;
    } catch (error) {
      socket.on("error", ignore).destroy();
      refusal = error;
      if (signal.aborted) break;
    }
  }
  throw refusal;
}

/** Completes the handshake whatever the certificate is worth; `authorized` of the socket says what it is. */
export async function startTls(tcp: Socket, host: string, signal: AbortSignal): Promise<TLSSocket> {
  const socket = tlsConnect({
    socket: tcp,
    host,
    // RFC 6066 §3 allows no address as server name.
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ALPNProtocols: ["http/1.1"],
    rejectUnauthorized: false,
  });
  try {
    await once(socket, "secureConnect", { signal });
    return socket;
  } finally {
    socket.on("error", ignore);
  }
}

/** Sends one GET over the open connection and gives the head of the answer; the body is still to be read. */
export async function getHead(url: URL, socket: Socket, signal: AbortSignal): Promise<IncomingMessage> {
  const request = httpRequest({
    method: "GET",
    path: url.pathname + url.search,
    headers: {
      Host: url.host,
      "User-Agent": "sambung-agent",
      Accept: "*/*",
      // A body is searched as it comes; it is not unpacked.
      "Accept-Encoding": "identity",
      Connection: "close",
    },
    ...(url.username === ""
      ? {}
      : { auth: `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}` }),
    createConnection: () => socket,
    signal,
  });
  request.end();
  try {
    const [response] = (await once(request, "response", { signal })) as [IncomingMessage];
    response.on("error", ignore);
    return response;
  } finally {
    request.on("error", ignore);
  }
}

/** Whether the first 256 KiB of the body hold the text. Rejects when the body breaks off before it was found. */
export async function bodyHolds(response: IncomingMessage, text: string): Promise<boolean> {
  const decoder = new TextDecoder();
  let unsearched = "";
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    unsearched += decoder.decode(chunk.subarray(0, maxBodyBytes - bytes), { stream: true });
    if (unsearched.includes(text)) return true;
    // Only as much is kept as may be the beginning of the text.
    unsearched = unsearched.slice(-(text.length - 1) || unsearched.length);
    bytes += chunk.length;
    if (bytes >= maxBodyBytes) return false;
  }
  return false;
}
