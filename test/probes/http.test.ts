import { writeFile } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import type { RequestListener } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { createServer as createTcpServer } from "node:net";
import type { Socket } from "node:net";
import { beforeAll, describe, expect, it } from "vitest";
import type { HttpTarget } from "#wire/agent-config-v1.ts";
import type { HttpSample } from "../../probes/probe.ts";
import { createProbers } from "../../probes/probers.ts";
import { makeCertificate } from "../support/certificate.ts";
import type { Certificate } from "../support/certificate.ts";
import { startDnsServer, typeA } from "../support/dns-server.ts";
import { listen } from "../support/listen.ts";
import { needs } from "../support/needs.ts";
import { probeInNamespace, probeInProcess, silentAddress, silentLink } from "../support/probe-elsewhere.ts";
import { probeContext, targetBase } from "../support/probe-context.ts";
import { tempDir } from "../support/temp-dir.ts";

function httpTarget(url: string, overrides: Partial<HttpTarget> = {}): HttpTarget {
  return {
    ...targetBase(),
    kind: "http",
    url,
    expectStatus: [],
    expectText: null,
    maxRedirects: 0,
    verifyTls: true,
    ...overrides,
  };
}

async function check(target: HttpTarget, context = probeContext(), nameservers?: string[]) {
  const probers = createProbers(nameservers === undefined ? {} : { nameservers });
  return (await probers.http(target, context)) as HttpSample;
}

/** Serves the listener over plain HTTP and checks it once. */
async function checkServer(listener: RequestListener, overrides: Partial<HttpTarget> = {}, timeoutMs = 5000) {
  await using server = await listen(createHttpServer(listener));
  return await check(httpTarget(`http://127.0.0.1:${server.port}/`, overrides), probeContext({ timeoutMs }));
}

/** Takes connections, hands them to the callback, and speaks no HTTP of its own. */
async function checkSocket(serve: (socket: Socket) => void, scheme = "http", timeoutMs = 5000) {
  await using server = await listen(createTcpServer(serve));
  return await check(httpTarget(`${scheme}://127.0.0.1:${server.port}/`), probeContext({ timeoutMs }));
}

const ms = expect.any(Number);
const passed = { kind: "http", ok: 1, phase: null };

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

  it("follows as many redirects as are allowed", async () => {
    const paths: unknown[] = [];
    const sample = await checkServer(
      (request, response) => {
        paths.push(request.url);
        if (request.url === "/tiga") response.end("sampai");
        else response.writeHead(302, { Location: request.url === "/" ? "/dua" : "tiga" }).end();
      },
      { maxRedirects: 2, expectText: "sampai" },
    );
    expect(sample).toMatchObject({ ...passed, status: 200 });
    expect(paths).toEqual(["/", "/dua", "/tiga"]);
  });

  it("logs in nowhere on the word of a redirect", async () => {
    const credentials: unknown[] = [];
    const sample = await checkServer(
      (request, response) => {
        credentials.push(request.headers.authorization);
        if (request.url === "/dua") response.end();
        else response.writeHead(302, { Location: `http://a%zz:b@${request.headers.host}/dua` }).end();
      },
      { maxRedirects: 1 },
    );
    expect(sample).toMatchObject(passed);
    expect(credentials).toEqual([undefined, undefined]);
  });

  it("finds a text that two packets share, and does not wait for the rest of the body", async () => {
    const sample = await checkServer(
      (_request, response) => {
        response.write("selamat da");
        setImmediate(() => response.write("tang"));
      },
      { expectText: "datang" },
    );
    expect(sample).toMatchObject(passed);
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
  it("fails there when nothing listens", async () => {
    const server = await listen(createTcpServer());
    await server[Symbol.asyncDispose]();
    const sample = await check(httpTarget(`http://127.0.0.1:${server.port}/`));
    expect(sample).toMatchObject({ ok: 0, phase: "connect", connectMs: null, totalMs: null });
  });

  it.skipIf(missingNs !== null)(
    `fails there when the time runs out while connecting${missingNs ? ` (skipped: ${missingNs})` : ""}`,
    async () => {
      const target = httpTarget(`http://${silentAddress}/`, { timeoutMs: 300 });
      expect(await probeInNamespace(target, silentLink)).toMatchObject({ ok: 0, phase: "connect" });
    },
  );
});

describe("HTTP: phases http, body and timeout", () => {
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

  it.each([0, 3])("fails on one redirect more than %i", async (maxRedirects) => {
    let requests = 0;
    const sample = await checkServer(
      (_request, response) => {
        requests++;
        response.writeHead(302, { Location: "/" }).end();
      },
      { maxRedirects },
    );
    expect(sample).toMatchObject({ ok: 0, phase: "http", status: 302 });
    expect(requests).toBe(maxRedirects + 1);
  });

  it("fails on a redirect to what is no web address", async () => {
    const sample = await checkServer(
      (_request, response) => response.writeHead(302, { Location: "ftp://127.0.0.1/" }).end(),
      { maxRedirects: 5 },
    );
    expect(sample).toMatchObject({ ok: 0, phase: "http", status: 302 });
  });

  it("fails on a connection that is closed before an answer, or answered in another language", async () => {
    const failed = { ok: 0, phase: "http", status: null, connectMs: ms, ttfbMs: null };
    expect(await checkSocket((socket) => socket.end())).toMatchObject(failed);
    expect(await checkSocket((socket) => socket.end("SSH-2.0-OpenSSH_9.2\r\n"))).toMatchObject(failed);
  });

  it("does not report a status that cannot travel", async () => {
    const sample = await checkSocket((socket) => socket.end("HTTP/1.1 999 Denied\r\n\r\n"));
    expect(sample).toMatchObject({ ok: 0, phase: "http", status: null });
  });

  it("fails in body when the text is not there", async () => {
    const sample = await checkServer((_request, response) => response.end("pemeliharaan"), {
      expectText: "selamat datang",
    });
    expect(sample).toMatchObject({ ok: 0, phase: "body", status: 200 });
  });

  it("fails in body when the text stands behind the first 256 KiB", async () => {
    const behind = (bytes: number) =>
      checkServer((_request, response) => response.end(`${"x".repeat(bytes)}sampai`), {
        expectText: "sampai",
      });
    expect(await behind(262_144 - 6)).toMatchObject(passed);
    expect(await behind(262_144 - 5)).toMatchObject({ ok: 0, phase: "body" });
  });

  it("fails in body when the body breaks off", async () => {
    const sample = await checkServer(
      (_request, response) => {
        response.writeHead(200, { "Content-Length": 100 });
        response.write("sela");
        setImmediate(() => response.destroy());
      },
      { expectText: "selamat" },
    );
    expect(sample).toMatchObject({ ok: 0, phase: "body", status: 200 });
  });

  it("fails in timeout when no answer comes in time", async () => {
    const sample = await checkServer(() => undefined, {}, 300);
    expect(sample).toMatchObject({ ok: 0, phase: "timeout", status: null, connectMs: ms, totalMs: null });
  });

  it("fails in timeout when the time runs out within the body", async () => {
    const sample = await checkServer(
      (_request, response) => response.write("sela"),
      { expectText: "selamat" },
      300,
    );
    expect(sample).toMatchObject({ ok: 0, phase: "timeout", status: 200 });
  });
});

const missing = needs({ commands: ["openssl"] });
describe.skipIf(missing !== null)(`HTTPS${missing ? ` (skipped: ${missing})` : ""}`, () => {
  let own: Certificate;
  beforeAll(async () => void (own = await makeCertificate({ ip: "127.0.0.1" })));

  const serve = (certificate: Certificate) =>
    listen(createHttpsServer(certificate, (_request, response) => response.end("selamat datang")));

  const daysS = 86_400;

  it("fails in tls on a certificate that nobody vouches for, and still says when it expires", async () => {
    await using server = await serve(own);
    const sample = await check(httpTarget(`https://127.0.0.1:${server.port}/`));
    expect(sample).toMatchObject({ ok: 0, phase: "tls", status: null, tlsMs: ms, totalMs: null });
    expect(sample.certExpiresS).toBeGreaterThan(29 * daysS);
    expect(sample.certExpiresS).toBeLessThanOrEqual(30 * daysS);
  });

  it("passes it where the target does not verify", async () => {
    await using server = await serve(own);
    const target = httpTarget(`https://127.0.0.1:${server.port}/`, {
      verifyTls: false,
      expectText: "datang",
    });
    expect(await check(target)).toMatchObject({ ...passed, status: 200, tlsMs: ms, certExpiresS: ms });
  });

  it("counts the expiry by the clock it is given, below zero once it has passed", async () => {
    await using server = await serve(own);
    const later = { wallMs: () => Date.now() + 40 * daysS * 1000, monoMs: () => 0 };
    const target = httpTarget(`https://127.0.0.1:${server.port}/`, { verifyTls: false });
    const { certExpiresS } = await check(target, probeContext({ clock: later }));
    expect(certExpiresS).toBeLessThanOrEqual(-10 * daysS);
    expect(certExpiresS).toBeGreaterThan(-11 * daysS);
  });

  it("passes a certificate of a trusted authority, and fails it in tls for another host", async () => {
    const other = await makeCertificate({ dns: "lapor.desa.test" });
    using folder = tempDir();
    const trusted = folder.file("trusted.pem");
    await writeFile(trusted, own.cert + other.cert);
    // Node reads this variable once, at the start of a process.
    const env = { NODE_EXTRA_CA_CERTS: trusted };
    await using ownServer = await serve(own);
    await using otherServer = await serve(other);
    const toOwn = httpTarget(`https://127.0.0.1:${ownServer.port}/`);
    const toOther = httpTarget(`https://127.0.0.1:${otherServer.port}/`);
    expect(await probeInProcess(toOwn, env)).toMatchObject({ ...passed, status: 200 });
    expect(await probeInProcess(toOther, env)).toMatchObject({ ok: 0, phase: "tls", certExpiresS: ms });
  });

  it("asks for the host by its name in the handshake", async () => {
    const names: (string | false | null)[] = [];
    await using dns = await startDnsServer((_name, type) => ({
      rcode: 0,
      addresses: type === typeA ? ["127.0.0.1"] : [],
    }));
    const https = createHttpsServer(own, (_request, response) => response.end());
    https.on("secureConnection", (socket) => names.push(socket.servername));
    await using server = await listen(https);
    const target = httpTarget(`https://lapor.desa.test:${server.port}/`, { verifyTls: false });
    expect(await check(target, probeContext(), [dns.address])).toMatchObject({ ...passed, dnsMs: ms });
    expect(names).toEqual(["lapor.desa.test"]);
  });

  it("fails in tls when the server does not speak it", async () => {
    const sample = await checkSocket((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"), "https");
    expect(sample).toMatchObject({ ok: 0, phase: "tls", connectMs: ms, tlsMs: null, certExpiresS: null });
  });

  it("fails in tls when the time runs out during the handshake, or the server hangs up", async () => {
    expect(await checkSocket(() => undefined, "https", 300)).toMatchObject({ ok: 0, phase: "tls" });
    expect(await checkSocket((socket) => socket.end(), "https")).toMatchObject({ ok: 0, phase: "tls" });
  });
});
