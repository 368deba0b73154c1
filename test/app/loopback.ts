import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { listen } from "../support/listen.ts";
import type { Listening } from "../support/listen.ts";

/** A page of a complaint service on a free port of the loopback. */
export function startPage(): Promise<Listening> {
  return listen(createHttpServer((_request, response) => response.end("<h1>SP4N-LAPOR!</h1>")));
}

/** A port of the loopback on which nobody listens: it was free a moment ago. */
export async function closedTcpPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

export async function closedUdpPort(): Promise<number> {
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  socket.close();
  await once(socket, "close");
  return port;
}
