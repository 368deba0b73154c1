import { createServer } from "node:http";
import type { RequestListener } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { createTransport } from "../../probes/transport.ts";

async function serve(listener: RequestListener) {
  const sockets: Socket[] = [];
  const server = createServer(listener);
  server.on("connection", (socket) => sockets.push(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    address,
    sockets,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const get = { method: "GET", path: "/x", timeoutMs: 5_000, signal: new AbortController().signal } as const;

describe("the transport", () => {
  it("keeps its connection, counts its bytes, and keeps to the server's path", async () => {
    const paths: string[] = [];
    await using server = await serve((request, response) => {
      paths.push(request.url!);
      request.resume().on("end", () => response.end("ok"));
    });
    const transport = createTransport({ server: `${server.address}/sambung/`, userAgent: "test" });
    await transport.send(get);
    const afterGet = transport.bytesSent();
    const body = Buffer.alloc(10_000);
    const answer = await transport.send({ ...get, method: "POST", body });
    expect(answer).toMatchObject({ status: 200, body: "ok" });
    expect(paths).toEqual(["/sambung/x", "/sambung/x"]);
    expect(server.sockets).toHaveLength(1);
    expect(afterGet).toBeGreaterThan(50);
    expect(transport.bytesSent() - afterGet).toBeGreaterThan(10_000);
    expect(transport.bytesSent() - afterGet).toBeLessThan(10_500);
    transport.close();
  });

  it("sends again when the server closed the kept connection meanwhile", async () => {
    let requests = 0;
    await using server = await serve((request, response) => {
      // The second request of the first connection finds it closed.
      if (++requests === 2) request.socket.resetAndDestroy();
      else response.end(String(requests));
    });
    const transport = createTransport({ server: server.address, userAgent: "test" });
    await transport.send(get);
    expect((await transport.send(get)).body).toBe("3");
    expect(server.sockets).toHaveLength(2);
    transport.close();
  });

  it("gives up a server that never answers, and one whose answer does not end", async () => {
    await using server = await serve((request, response) => {
      if (request.url === "/half") response.writeHead(200).write("a");
    });
    const transport = createTransport({ server: server.address, userAgent: "test" });
    await expect(transport.send({ ...get, timeoutMs: 50 })).rejects.toThrow(/no answer within 50 ms/);
    await expect(transport.send({ ...get, path: "/half", timeoutMs: 50 })).rejects.toThrow(
      /aborted|no answer/,
    );
    transport.close();
  });

  it("does not read a flood", async () => {
    await using server = await serve((_request, response) => {
      response.end(Buffer.alloc(5_000_000));
    });
    const transport = createTransport({ server: server.address, userAgent: "test" });
    await expect(transport.send(get)).rejects.toThrow(/larger than 4194304 bytes/);
    transport.close();
  });
});
