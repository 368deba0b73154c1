import { createServer } from "node:http";
import { setImmediate as turn } from "node:timers/promises";
import { brotliCompressSync, constants, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { ExpectBody, HttpTarget } from "#wire/targets-v1.ts";
import { listen } from "../../support/listen.ts";
import { probeContext } from "../../support/probe-context.ts";
import { body, check, checkServer, checkSocket, httpTarget, notebook, passed } from "./checks.ts";

const failed = { ok: 0, phase: "body", status: 200, totalMs: expect.any(Number) };

/** One check of a page that is sent as it is given. */
function checkPage(
  page: string | Buffer,
  parts: Partial<ExpectBody>,
  headers: Record<string, string> = {},
  overrides: Partial<HttpTarget> = {},
) {
  return checkServer((_request, response) => response.writeHead(200, headers).end(page), {
    expectBody: body(parts),
    ...overrides,
  });
}

describe("HTTP body: text", () => {
  it("is found where two packets share it, without waiting for the rest", async () => {
    const sample = await checkServer(
      (_request, response) => {
        response.write("selamat d");
        setImmediate(() => {
          response.write("at");
          setImmediate(() => response.write("ang"));
        });
      },
      { expectBody: body({ text: "datang" }) },
    );
    expect(sample).toMatchObject(passed);
  });

  it("fails the check where it is not there, or in other letters", async () => {
    expect(await checkPage("pemeliharaan", { text: "selamat datang" })).toMatchObject(failed);
    expect(await checkPage("Selamat Datang", { text: "selamat datang" })).toMatchObject(failed);
    expect(await checkPage("", { text: "selamat datang" })).toMatchObject(failed);
  });

  it("has to stand within the first maxBodyBytes, and no more is read", async () => {
    const behind = (bytes: number) =>
      checkPage(`${"x".repeat(bytes)}sampai`, { text: "sampai" }, {}, { maxBodyBytes: 100_000 });
    expect(await behind(100_000 - 6)).toMatchObject(passed);
    expect(await behind(100_000 - 5)).toMatchObject(failed);
    let sent = 0;
    const endless = await checkServer(
      async (_request, response) => {
        // Ends when the probe hangs up, or else with the time of the test.
        while (!response.destroyed) {
          sent += 65_536;
          response.write(Buffer.alloc(65_536, "x"));
          await turn();
        }
      },
      { expectBody: body({ text: "sampai" }), maxBodyBytes: 200_000 },
    );
    expect(endless).toMatchObject(failed);
    expect(sent).toBeGreaterThan(200_000);
  });

  it("is read in the letters that the answer says it is in", async () => {
    const page = Buffer.from("caf\u00e9 desa", "latin1");
    const parts = { text: "caf\u00e9" };
    const said = { "Content-Type": 'text/html; charset="ISO-8859-1"' };
    expect(await checkPage(page, parts, said)).toMatchObject(passed);
    expect(await checkPage(page, parts)).toMatchObject(failed);
    expect(
      await checkPage("caf\u00e9", parts, { "Content-Type": "text/html; charset=x-alien" }),
    ).toMatchObject(passed);
  });
});

describe("HTTP body: regular expression", () => {
  it.each([
    ["LAPOR!", "Silakan lapor! di sini", 1],
    ["^<title>[^<]*lapor", "<TITLE>SP4N-LAPOR</TITLE>", 1],
    ["^lapor", "sp4n\nlapor", 0],
    ["\\p{Lu}\\d{3}", "x", 0],
  ])("%s in %j: ok %i", async (regex, page, ok) => {
    expect(await checkPage(page, { regex })).toMatchObject(ok === 1 ? passed : failed);
  });

  it("sees the whole page, not only what came first", async () => {
    const sample = await checkServer(
      (_request, response) => {
        response.write("SP4N-LAPOR!");
        setImmediate(() => response.end("<h1>pemeliharaan</h1>"));
      },
      { expectBody: body({ regex: "^(?![\\s\\S]*pemeliharaan)[\\s\\S]*LAPOR" }) },
    );
    expect(sample).toMatchObject(failed);
  });

  it.each(["^(a+)+$", "(a|aa)+$", "(?:a?){40}a{40}$"])("cannot keep the agent with %s", async (regex) => {
    const { note, notes } = notebook();
    await using server = await listen(
      createServer((_request, response) => response.end(`${"a".repeat(39)}!`.repeat(200))),
    );
    const target = httpTarget(`http://127.0.0.1:${server.port}/`, { expectBody: body({ regex }) });
    expect(await check(target, probeContext({ timeoutMs: 15_000, note }))).toMatchObject(failed);
    const { found, error } = notes.at(-1)?.detail ?? {};
    expect([found, error]).toEqual([false, "took too long"]);
  });
});

describe("HTTP body: JSON path", () => {
  const page = JSON.stringify({
    status: { indicator: "none", "kode wilayah": ["64.08", { n: 141 }], down: null, ok: false, length: 5 },
  });
  it.each([
    ["$.status.indicator", "none", 1],
    ["$.status.indicator", "major", 0],
    ["$.status.indicator", null, 1],
    ["$['status']['kode wilayah'][0]", "64.08", 1],
    ["$.status['kode wilayah'][1].n", "141", 1],
    ["$.status['kode wilayah'][01].n", "141", 1],
    ["$.status['kode wilayah'][1]", null, 1],
    ["$.status['kode wilayah'][1]", '{"n":141}', 0],
    ["$.status['kode wilayah'][2]", null, 0],
    ["$.status['kode wilayah'].length", null, 0],
    ["$.status.length", "5", 1],
    ["$.status.down", null, 0],
    ["$.status.down", "null", 1],
    ["$.status.ok", "false", 1],
    ["$.status.indicator.length", null, 0],
    ["$.status.indicator[0]", null, 0],
    ["$.status.constructor", null, 0],
    ["$.status.toString", null, 0],
    ["$.tidakada.apa", null, 0],
  ])("%s is %j: ok %i", async (jsonPath, jsonEquals, ok) => {
    expect(await checkPage(page, { jsonPath, jsonEquals })).toMatchObject(ok === 1 ? passed : failed);
  });

  it("fails the check where the body is no JSON, or larger than may be read", async () => {
    const parts = { jsonPath: "$.a" };
    expect(await checkPage("<html>", parts)).toMatchObject(failed);
    expect(await checkPage("", parts)).toMatchObject(failed);
    expect(await checkPage('{"a":1', parts)).toMatchObject(failed);
    const large = JSON.stringify({ a: 1, b: "x".repeat(1000) });
    expect(await checkPage(large, parts, {}, { maxBodyBytes: large.length })).toMatchObject(passed);
    expect(await checkPage(large, parts, {}, { maxBodyBytes: large.length - 1 })).toMatchObject(failed);
    expect(
      await checkPage(`${"[".repeat(100_000)}1${"]".repeat(100_000)}`, { jsonPath: "$[0]" }),
    ).toMatchObject(passed);
  });

  it("needs every part that is expected", async () => {
    const parts = { text: "indicator", regex: "NONE", jsonPath: "$.status.ok", jsonEquals: "false" };
    expect(await checkPage(page, parts)).toMatchObject(passed);
    expect(await checkPage(page, { ...parts, text: "tiada" })).toMatchObject(failed);
    expect(await checkPage(page, { ...parts, regex: "tiada" })).toMatchObject(failed);
    expect(await checkPage(page, { ...parts, jsonEquals: "true" })).toMatchObject(failed);
  });
});

const quickBrotli = (bytes: Buffer) =>
  brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } });

describe("HTTP body: packed", () => {
  const page = `${"selamat ".repeat(5000)}datang`;
  const packed: [string, Buffer][] = [
    ["gzip", gzipSync(page)],
    ["x-gzip", gzipSync(page)],
    ["deflate", deflateSync(page)],
    ["br", brotliCompressSync(page)],
    ["zstd", zstdCompressSync(page)],
    ["gzip, br", brotliCompressSync(gzipSync(page))],
    ["identity", Buffer.from(page)],
  ];

  it.each(packed)("%s is unpacked", async (coding, bytes) => {
    const headers = { "Content-Encoding": coding };
    expect(await checkPage(bytes, { regex: "^selamat[^]*datang$" }, headers)).toMatchObject(passed);
    expect(await checkPage(bytes, { text: "datang" }, headers)).toMatchObject(passed);
    expect(await checkPage(bytes, { text: "pergi" }, headers)).toMatchObject(failed);
  });

  it.each(packed.filter(([coding]) => coding !== "identity"))(
    "%s fails in body when it is cut, or is not what it says",
    async (coding, bytes) => {
      const headers = { "Content-Encoding": coding };
      const half = bytes.subarray(0, Math.floor(bytes.length / 2));
      expect(await checkPage(half, { regex: "datang$" }, headers)).toMatchObject(failed);
      expect(await checkPage(page, { regex: "datang" }, headers)).toMatchObject(failed);
    },
  );

  it("zstd fails in body where unpacking it would take more memory than a client has to grant", async () => {
    const large = Buffer.alloc(20_000_000, "selamat ");
    const packedIn = (windowLog: number) =>
      zstdCompressSync(large, { params: { [constants.ZSTD_c_windowLog]: windowLog } });
    const headers = { "Content-Encoding": "zstd" };
    expect(await checkPage(packedIn(23), { text: "selamat" }, headers)).toMatchObject(passed);
    expect(await checkPage(packedIn(24), { text: "selamat" }, headers)).toMatchObject(failed);
  });

  it.each(["compress", "gzip, gzip, gzip", "rahasia"])("%s fails in body", async (coding) => {
    expect(await checkPage(page, { text: "datang" }, { "Content-Encoding": coding })).toMatchObject(failed);
  });

  it.each([
    ["gzip", gzipSync],
    ["br", quickBrotli],
    ["zstd", zstdCompressSync],
    ["br, br", (bytes: Buffer) => quickBrotli(quickBrotli(bytes))],
  ] as const)("a bomb of %s is cut at the cap", async (coding, pack) => {
    const bomb = pack(Buffer.alloc(150_000_000, "a"));
    const before = process.memoryUsage().rss;
    const { note, notes } = notebook();
    await using server = await listen(
      createServer((_request, response) => response.writeHead(200, { "Content-Encoding": coding }).end(bomb)),
    );
    const target = httpTarget(`http://127.0.0.1:${server.port}/`, {
      expectBody: body({ text: "selamat" }),
      maxBodyBytes: 1_000_000,
    });
    expect(await check(target, probeContext({ timeoutMs: 15_000, note }))).toMatchObject(failed);
    expect(notes.find(({ step }) => step === "body")?.detail).toMatchObject({ bytes: 1_000_000, cut: true });
    expect(process.memoryUsage().rss - before).toBeLessThan(80_000_000);
  });
});

describe("HTTP body: broken off", () => {
  it.each([
    ["before its length is reached", "Content-Length: 100\r\n\r\nsela"],
    ["between its chunks", "Transfer-Encoding: chunked\r\n\r\n4\r\nsela\r\n"],
    ["with a chunk that is none", "Transfer-Encoding: chunked\r\n\r\nzz\r\nsela\r\n0\r\n\r\n"],
  ])("%s, it fails in body", async (_what, rest) => {
    for (const parts of [{ text: "selamat" }, { regex: "sela" }]) {
      const sample = await checkSocket((socket) => socket.end(`HTTP/1.1 200 OK\r\n${rest}`), {
        expectBody: body(parts),
      });
      expect(sample).toMatchObject(failed);
    }
  });

  it("may end with the connection where nothing else was said", async () => {
    const sample = await checkSocket((socket) => socket.end("HTTP/1.0 200 OK\r\n\r\nselamat datang"), {
      expectBody: body({ regex: "datang$" }),
    });
    expect(sample).toMatchObject(passed);
  });

  it("fails in timeout when the time runs out within it", async () => {
    const sample = await checkServer(
      (_request, response) => response.write("sela"),
      { expectBody: body({ text: "selamat" }) },
      1500,
    );
    expect(sample).toMatchObject({ ok: 0, phase: "timeout", status: 200 });
    const packed = await checkServer(
      (_request, response) =>
        response.writeHead(200, { "Content-Encoding": "gzip" }).write(gzipSync("sela").subarray(0, 12)),
      { expectBody: body({ text: "selamat" }) },
      1500,
    );
    expect(packed).toMatchObject({ ok: 0, phase: "timeout", status: 200 });
  });

  it("is not asked for where nothing is expected in it", async () => {
    const sample = await checkSocket((socket) =>
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"),
    );
    expect(sample).toMatchObject(passed);
  });
});
