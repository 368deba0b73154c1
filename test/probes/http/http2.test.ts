import { createServer as createHttpServer } from "node:http";
import { createSecureServer, createServer as createHttp2Server } from "node:http2";
import type { Http2ServerRequest, Http2ServerResponse, ServerHttp2Stream } from "node:http2";
import { createServer as createHttpsServer } from "node:https";
import type { Server } from "node:net";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import type { HttpTarget } from "#wire/targets-v1.ts";
import { makeCertificate } from "../../support/certificate.ts";
import type { Certificate } from "../../support/certificate.ts";
import { listen } from "../../support/listen.ts";
import { needs } from "../../support/needs.ts";
import { probeContext } from "../../support/probe-context.ts";
import { body, check, checkSocket, httpTarget, ms, notebook, passed } from "./checks.ts";

type Listener = (request: Http2ServerRequest, response: Http2ServerResponse) => void;

/** Checks a server once; answers the version that was spoken beside the sample. */
async function checkVersion(
  server: Server,
  scheme: "http" | "https",
  overrides: Partial<HttpTarget>,
  timeoutMs = 5000,
) {
  await using listening = await listen(server);
  const { note, notes } = notebook();
  const target = httpTarget(`${scheme}://127.0.0.1:${listening.port}/a?b=c`, {
    verifyTls: false,
    ...overrides,
  });
  const sample = await check(target, probeContext({ note, timeoutMs }));
  return { sample, version: notes.find(({ step }) => step === "answer")?.detail?.httpVersion };
}

/** HTTP/2 by prior knowledge, without TLS. */
const checkClear = (listener: Listener, overrides: Partial<HttpTarget> = {}, timeoutMs = 5000) =>
  checkVersion(createHttp2Server(listener), "http", { httpVersion: "2", ...overrides }, timeoutMs);

const missing = needs({ commands: ["openssl"] });
describe.skipIf(missing !== null)(`HTTP versions${missing ? ` (skipped: ${missing})` : ""}`, () => {
  let own: Certificate;
  beforeAll(async () => void (own = await makeCertificate({ ip: "127.0.0.1" })));

  const both = () =>
    createSecureServer({ ...own, allowHTTP1: true }, (_request, response) => response.end("selamat datang"));
  const only1 = () => createHttpsServer(own, (_request, response) => response.end("selamat datang"));
  const only2 = () => createSecureServer(own, (_request, response) => response.end("selamat datang"));

  it.each<[HttpTarget["httpVersion"], string, () => Server, string]>([
    ["auto", "1.1 and 2", both, "2"],
    ["auto", "1.1 alone", only1, "1.1"],
    ["auto", "2 alone", only2, "2"],
    ["1.1", "1.1 and 2", both, "1.1"],
    ["2", "1.1 and 2", both, "2"],
  ])("%s with a server of %s", async (httpVersion, _has, make, spoken) => {
    const { sample, version } = await checkVersion(make(), "https", {
      httpVersion,
      expectBody: body({ regex: "^selamat datang$" }),
    });
    expect(sample).toMatchObject({ ...passed, status: 200, tlsMs: ms, ttfbMs: ms, certExpiresS: ms });
    expect(version).toBe(spoken);
  });

  it("fails in tls where the server does not agree to the one that is asked for", async () => {
    const failed = { ok: 0, phase: "tls", status: null, ttfbMs: null };
    expect((await checkVersion(only1(), "https", { httpVersion: "2" })).sample).toMatchObject(failed);
    expect((await checkVersion(only2(), "https", { httpVersion: "1.1" })).sample).toMatchObject(failed);
  });
});

describe("HTTP/2", () => {
  it("asks with the path, the host and the credentials, and unpacks the body", async () => {
    const seen: unknown[] = [];
    await using server = await listen(
      createHttp2Server((request, response) => {
        const { headers } = request;
        seen.push(request.method, request.url, headers[":authority"], headers.authorization);
        response.setHeader("content-encoding", "gzip");
        response.end(gzipSync("selamat datang"));
      }),
    );
    const target = httpTarget(`http://op:rahasia@127.0.0.1:${server.port}/a?b=c`, {
      httpVersion: "2",
      expectBody: body({ regex: "^selamat datang$" }),
    });
    expect(await check(target)).toMatchObject({ ...passed, status: 200, totalMs: ms });
    const basic = `Basic ${Buffer.from("op:rahasia").toString("base64")}`;
    expect(seen).toEqual(["GET", "/a?b=c", `127.0.0.1:${server.port}`, basic]);
  });

  it("judges the status, and follows redirects", async () => {
    const missingPage = await checkClear((_request, response) => response.writeHead(404).end());
    expect(missingPage.sample).toMatchObject({ ok: 0, phase: "http", status: 404 });
    const redirected = await checkClear(
      (request, response) => {
        if (request.url === "/dua") response.end();
        else response.writeHead(302, { location: "/dua" }).end();
      },
      { maxRedirects: 1 },
    );
    expect(redirected.sample).toMatchObject({ ...passed, status: 200 });
  });

  it("reads a long body to its end, and to the cap", async () => {
    const page = `${"x".repeat(1_000_000)}sampai`;
    const expectBody = body({ regex: "sampai$" });
    const send: Listener = (_request, response) => response.end(page);
    expect((await checkClear(send, { expectBody, maxBodyBytes: 1_000_006 })).sample).toMatchObject(passed);
    expect((await checkClear(send, { expectBody, maxBodyBytes: 1_000_005 })).sample).toMatchObject({
      ok: 0,
      phase: "body",
    });
  });

  it.each<[string, (stream: ServerHttp2Stream) => void]>([
    ["the stream is reset", (stream) => stream.close(2)],
    ["the stream is cancelled", (stream) => stream.close(8)],
    ["the connection is cut", (stream) => stream.session?.socket.destroy()],
    ["the session ends", (stream) => stream.session?.destroy()],
  ])("fails in body where %s within it", async (_what, cut) => {
    const { sample } = await checkClear(
      (_request, response) => {
        response.write("sela");
        setTimeout(() => cut(response.stream), 20);
      },
      { expectBody: body({ regex: "sela" }) },
    );
    expect(sample).toMatchObject({ ok: 0, phase: "body", status: 200 });
  });

  it.each<[string, (stream: ServerHttp2Stream) => void]>([
    ["the stream is refused", (stream) => stream.close(7)],
    ["the stream ends without a head", (stream) => stream.close(0)],
    ["the session is sent away", (stream) => stream.session?.destroy(undefined, 11)],
    ["the connection is cut", (stream) => stream.session?.socket.destroy()],
  ])("fails in http where %s before an answer", async (_what, cut) => {
    const { sample } = await checkClear((_request, response) => cut(response.stream));
    expect(sample).toMatchObject({ ok: 0, phase: "http", status: null, connectMs: ms });
  });

  it("fails in http where the server speaks something else", async () => {
    const failed = { ok: 0, phase: "http", status: null };
    const http1 = await checkVersion(
      createHttpServer((_request, response) => response.end()),
      "http",
      { httpVersion: "2" },
    );
    expect(http1.sample).toMatchObject(failed);
    const ssh = await checkSocket((socket) => socket.end("SSH-2.0-OpenSSH_9.2\r\n"), { httpVersion: "2" });
    expect(ssh).toMatchObject(failed);
    const frames = await checkSocket((socket) => socket.write(Buffer.alloc(100_000, 0xff)), {
      httpVersion: "2",
    });
    expect(frames).toMatchObject(failed);
  });

  it("fails in timeout where no answer comes, or no end of the body", async () => {
    const silent = await checkClear(() => undefined, {}, 1500);
    expect(silent.sample).toMatchObject({ ok: 0, phase: "timeout", status: null });
    const half = await checkClear(
      (_request, response) => response.write("sela"),
      { expectBody: body({ text: "selamat" }) },
      1500,
    );
    expect(half.sample).toMatchObject({ ok: 0, phase: "timeout", status: 200 });
  });
});
