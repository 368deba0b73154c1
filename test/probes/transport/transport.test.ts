import { createServer } from "node:http";
import { createServer as createNetServer } from "node:net";
import type { RequestListener } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { createHandClock } from "../../support/agent-parts.ts";
import { listen } from "../../support/listen.ts";
import { waitFor } from "../../support/wait-for.ts";
import { createTransport } from "../../../probes/transport.ts";

async function serve(listener: RequestListener) {
  const sockets: Socket[] = [];
  const server = createServer(listener);
  server.on("connection", (socket) => sockets.push(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    address,
    sockets,
    http: server,
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
    const afterGet = transport.wireBytes().sent;
    const body = Buffer.alloc(10_000);
    const answer = await transport.send({ ...get, method: "POST", body });
    expect(answer).toMatchObject({ status: 200, body: "ok" });
    expect(paths).toEqual(["/sambung/x", "/sambung/x"]);
    expect(server.sockets).toHaveLength(1);
    expect(afterGet).toBeGreaterThan(50);
    expect(transport.wireBytes().sent - afterGet).toBeGreaterThan(10_000);
    expect(transport.wireBytes().sent - afterGet).toBeLessThan(11_000);
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

  it("gives up a server that takes a connection and says nothing to TLS, however large the request", async () => {
    await using silent = await listen(createNetServer());
    await using works = await serve((_, response) => {
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
    const dead = `https://127.0.0.1:${silent.port}`;
    const body = Buffer.alloc(300_000);
    const timeoutMs = 330_000;
    const options = { userAgent: "test", connectTimeoutMs: 100 };
    const alone = createTransport({ ...options, server: dead });
    await expect(alone.send({ ...get, method: "POST", body, timeoutMs })).rejects.toThrow(
      "no TLS with the collector: no answer within 200 ms",
    );
    alone.close();
    const both = createTransport({ ...options, connectTimeoutMs: 1_000, server: [dead, works.address] });
    expect((await both.send({ ...get, method: "POST", body, timeoutMs })).status).toBe(200);
    both.close();
  });

  it("does not read a flood", async () => {
    await using server = await serve((_request, response) => {
      response.end(Buffer.alloc(5_000_000));
    });
    const transport = createTransport({ server: server.address, userAgent: "test" });
    await expect(transport.send(get)).rejects.toThrow(/larger than 4194304 bytes/);
    transport.close();
  });

  it("survives that the server closes an idle connection, and learns from it", async () => {
    await using server = await serve((_request, response) => response.end("ok"));
    server.http.keepAliveTimeout = 50;
    const clock = createHandClock();
    const transport = createTransport({ server: server.address, userAgent: "test", clock });
    for (let i = 0; i < 3; i++) {
      expect((await transport.send(get)).body).toBe("ok");
      await waitFor("the server to close", () => server.sockets.at(-1)!.destroyed, { everyMs: 10 });
    }
    expect(server.sockets).toHaveLength(3);
    transport.close();
  });

  it("keeps a connection that is needed again soon, and closes one that the server would close before", async () => {
    await using server = await serve((_request, response) => response.end("ok"));
    server.http.keepAliveTimeout = 65_000;
    const transport = createTransport({
      server: server.address,
      userAgent: "test",
      clock: createHandClock(),
    });
    await transport.send(get);
    transport.rest(60_000);
    await transport.send(get);
    expect(server.sockets).toHaveLength(1);
    transport.rest(70_000);
    await waitFor("the end of the connection", () => server.sockets[0]!.destroyed, { everyMs: 10 });
    await transport.send(get);
    expect(server.sockets).toHaveLength(2);
    transport.close();
  });

  it("leaves a kept connection that is silent for a new one, and says it again there", async () => {
    // A NAT forgot the connection: what is sent on it is heard by nobody.
    let isForgotten = false;
    await using server = await serve((request, response) => {
      if (isForgotten && request.socket === server.sockets[0]) return;
      response.end("ok");
    });
    server.http.keepAliveTimeout = 600_000;
    const clock = createHandClock();
    const transport = createTransport({ server: server.address, userAgent: "test", clock });
    await transport.send(get);
    isForgotten = true;
    clock.advance(60_000);
    const { body } = await transport.send({ ...get, timeoutMs: 600 });
    expect(body).toBe("ok");
    expect(server.sockets).toHaveLength(2);
    transport.close();
  });

  it("says on a new connection what must not be said twice", async () => {
    await using server = await serve((_request, response) => response.end("ok"));
    const transport = createTransport({ server: server.address, userAgent: "test" });
    await transport.send(get);
    await transport.send({ ...get, fresh: true });
    expect(server.sockets).toHaveLength(2);
    transport.close();
  });

  it("takes the next address for a proxy whose collector is gone, and the first answer where none is a collector's", async () => {
    await using gone = await serve((_request, response) => response.writeHead(502).end("<html>"));
    await using good = await serve((_request, response) => {
      response.setHeader("content-type", "application/json").end("{}");
    });
    const server = [gone.address, good.address];
    const transport = createTransport({ server, userAgent: "test" });
    expect(await transport.send(get)).toMatchObject({ status: 200, body: "{}" });
    expect(transport.way()).toBe(good.address);
    transport.close();
    await using other = await serve((_request, response) => response.writeHead(302).end());
    const none = createTransport({ server: [gone.address, other.address], userAgent: "test" });
    expect(await none.send(get)).toMatchObject({ status: 502 });
    none.close();
  });
});
