import { createServer as createHttpServer } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { describe, expect, it } from "vitest";
import { startDnsServer, typeA } from "../support/dns-server.ts";
import { listen } from "../support/listen.ts";
import { needs } from "../support/needs.ts";
import { probeInNamespace, silentAddress, silentLink } from "../support/probe-elsewhere.ts";
import { probeContext } from "../support/probe-context.ts";
import { check, checkServer, checkSocket, httpTarget, ms, passed } from "./http/checks.ts";

describe("HTTP: what passes", () => {
  it("passes a page, with the time of each part", async () => {
    const sample = await checkServer((_request, response) => response.end("selamat datang"));
    expect(sample).toEqual({
      ...passed,
      status: 200,
      dnsMs: null,
      connectMs: ms,
      tlsMs: null,
      ttfbMs: ms,
      totalMs: ms,
      certExpiresS: null,
      tlsError: null,
    });
    expect(sample.totalMs).toBeGreaterThan(0);
  });

  it("asks with the path, the query, the host and the credentials of the address", async () => {
    const seen: unknown[] = [];
    await using server = await listen(
      createHttpServer((request, response) => {
        seen.push(request.method, request.url, request.headers.host, request.headers.authorization);
        response.end();
      }),
    );
    await check(httpTarget(`http://op:rahas%20ia@127.0.0.1:${server.port}/a/b?c=d`));
    const basic = `Basic ${Buffer.from("op:rahas ia").toString("base64")}`;
    expect(seen).toEqual(["GET", "/a/b?c=d", `127.0.0.1:${server.port}`, basic]);
  });

  it("resolves the name, and tries the next address when the first takes no connection", async () => {
    // Nothing listens on 127.0.0.2; the server is on 127.0.0.1 alone.
    await using dns = await startDnsServer((_name, type) => ({
      rcode: 0,
      addresses: type === typeA ? ["127.0.0.2", "127.0.0.1"] : [],
    }));
    await using server = await listen(createHttpServer((_request, response) => response.end()));
    const target = httpTarget(`http://lapor.desa.test:${server.port}/`);
    expect(await check(target, probeContext(), [dns.address])).toMatchObject({ ...passed, dnsMs: ms });
  });

  it.each([
    [204, []],
    [201, [201]],
    [503, [503]],
    [302, [302]],
  ])("passes status %i where %j is expected", async (status, expectStatus) => {
    const sample = await checkServer(
      (_request, response) => response.writeHead(status, { Location: "/lain" }).end(),
      { expectStatus },
    );
    expect(sample).toMatchObject({ ...passed, status });
  });
});

describe("HTTP: phase dns", () => {
  it("fails there when the name does not exist", async () => {
    await using dns = await startDnsServer(() => ({ rcode: 3 }));
    const sample = await check(httpTarget("http://lapor.desa.test/"), probeContext(), [dns.address]);
    expect(sample).toEqual({
      kind: "http",
      ok: 0,
      phase: "dns",
      status: null,
      dnsMs: null,
      connectMs: null,
      tlsMs: null,
      ttfbMs: null,
      totalMs: null,
      certExpiresS: null,
      tlsError: null,
    });
  });

  it("fails there when the time runs out while resolving", async () => {
    await using dns = await startDnsServer(() => undefined);
    const context = probeContext({ timeoutMs: 200 });
    const sample = await check(httpTarget("http://lapor.desa.test/"), context, [dns.address]);
    expect(sample).toMatchObject({ ok: 0, phase: "dns", totalMs: null });
    expect(dns.questions.length).toBeGreaterThan(0);
  });

  it("fails there when a redirect leads to a name that does not exist", async () => {
    await using dns = await startDnsServer(() => ({ rcode: 3 }));
    await using server = await listen(
      createHttpServer((_request, response) =>
        response.writeHead(301, { Location: "http://lapor.desa.test/" }).end(),
      ),
    );
    const target = httpTarget(`http://127.0.0.1:${server.port}/`, { maxRedirects: 1 });
    const sample = await check(target, probeContext(), [dns.address]);
    expect(sample).toMatchObject({ ok: 0, phase: "dns", status: null, connectMs: null });
  });
});

const missingNs = needs({ root: true, commands: ["unshare", "ip"] });
describe("HTTP: phase connect", () => {
  it("fails as refused when nothing listens", async () => {
    const server = await listen(createTcpServer());
    await server[Symbol.asyncDispose]();
    const sample = await check(httpTarget(`http://127.0.0.1:${server.port}/`));
    expect(sample).toMatchObject({ ok: 0, phase: "refused", connectMs: null, totalMs: null });
  });

  it.skipIf(missingNs !== null)(
    `fails there when there is no route${missingNs ? ` (skipped: ${missingNs})` : ""}`,
    async () => {
      const target = httpTarget(`http://${silentAddress}/`);
      expect(await probeInNamespace(target)).toMatchObject({ ok: 0, phase: "connect", connectMs: null });
    },
  );

  it.skipIf(missingNs !== null)(
    `fails there when the time runs out while connecting${missingNs ? ` (skipped: ${missingNs})` : ""}`,
    async () => {
      const target = httpTarget(`http://${silentAddress}/`, { timeoutMs: 300 });
      expect(await probeInNamespace(target, silentLink)).toMatchObject({ ok: 0, phase: "connect" });
    },
  );
});

describe("HTTP: phases http and timeout", () => {
  it.each([
    [404, []],
    [500, []],
    [200, [204]],
    [304, [200]],
  ])("fails on status %i where %j is expected", async (status, expectStatus) => {
    const sample = await checkServer((_request, response) => response.writeHead(status).end(), {
      expectStatus,
    });
    expect(sample).toMatchObject({ ok: 0, phase: "http", status, totalMs: ms });
  });

  it("fails on a connection that is closed before an answer, or answered in another language", async () => {
    const failed = { ok: 0, phase: "http", status: null, connectMs: ms, ttfbMs: null, totalMs: null };
    expect(await checkSocket((socket) => socket.end())).toMatchObject(failed);
    expect(await checkSocket((socket) => socket.once("data", () => socket.resetAndDestroy()))).toMatchObject(
      failed,
    );
    expect(await checkSocket((socket) => socket.end("SSH-2.0-OpenSSH_9.2\r\n"))).toMatchObject(failed);
    expect(await checkSocket((socket) => socket.end("HTTP/1.1 200 OK\r\nContent-Len"))).toMatchObject(failed);
    const endless = `HTTP/1.1 200 OK\r\n${"X-Junk: sampah\r\n".repeat(10_000)}`;
    expect(await checkSocket((socket) => socket.end(endless))).toMatchObject(failed);
  });

  it("does not report a status that cannot travel", async () => {
    const sample = await checkSocket((socket) => socket.end("HTTP/1.1 999 Denied\r\n\r\n"));
    expect(sample).toMatchObject({ ok: 0, phase: "http", status: null });
  });

  it("fails in timeout when no answer comes in time", async () => {
    const sample = await checkServer(() => undefined, {}, 1500);
    expect(sample).toMatchObject({ ok: 0, phase: "timeout", status: null, connectMs: ms, totalMs: null });
  });
});

describe("HTTP: mistakes of the operator", () => {
  it("is no outage of the target when the credentials in the address are no text", async () => {
    await using server = await listen(createHttpServer((_request, response) => response.end()));
    await expect(check(httpTarget(`http://op:%zz@127.0.0.1:${server.port}/`))).rejects.toThrow(URIError);
  });
});
