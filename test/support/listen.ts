import { once } from "node:events";
import type { AddressInfo, Server, Socket } from "node:net";

export interface Listening extends AsyncDisposable {
  port: number;
}

/** Listens on a free port of 127.0.0.1; at the end of the scope every connection is cut. */
export async function listen(server: Server): Promise<Listening> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    // A probe that has seen enough cuts the connection, which is no fault of the server.
    socket.on("error", () => undefined);
    socket.once("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
