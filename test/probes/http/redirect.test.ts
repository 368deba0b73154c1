import { createServer as createHttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { describe, expect, it } from "vitest";
import { makeCertificate } from "../../support/certificate.ts";
import { listen } from "../../support/listen.ts";
import { needs } from "../../support/needs.ts";
import { probeContext } from "../../support/probe-context.ts";
import { body, check, checkServer, httpTarget, notebook, passed } from "./checks.ts";

describe("HTTP redirects", () => {
  it("follows as many as are allowed", async () => {
    const paths: unknown[] = [];
    const sample = await checkServer(
      (request, response) => {
        paths.push(request.url);
        if (request.url === "/tiga") response.end("sampai");
        else response.writeHead(302, { Location: request.url === "/" ? "/dua" : "tiga" }).end();
      },
      { maxRedirects: 2, expectBody: body({ text: "sampai" }) },
    );
    expect(sample).toMatchObject({ ...passed, status: 200 });
    expect(paths).toEqual(["/", "/dua", "/tiga"]);
  });

  it.each([0, 3])("fails in http on one more than %i", async (maxRedirects) => {
    let requests = 0;
    const sample = await checkServer(
      (_request, response) => {
        requests++;
        response.writeHead(302, { Location: "/" }).end();
      },
      { maxRedirects },
    );
    expect(sample).toMatchObject({ ok: 0, phase: "http", status: 302, totalMs: expect.any(Number) });
    expect(requests).toBe(maxRedirects + 1);
  });

  it.each(["ftp://127.0.0.1/", "javascript:alert(1)", "http://[", "//:80"])(
    "fails in http on one to %s, which is no web address",
    async (Location) => {
      const sample = await checkServer((_request, response) => response.writeHead(302, { Location }).end(), {
        maxRedirects: 5,
      });
      expect(sample).toMatchObject({ ok: 0, phase: "http", status: 302 });
    },
  );

  it("goes to another host where that is allowed, and refuses it in http where not", async () => {
    const hosts: unknown[] = [];
    await using server = await listen(
      createHttpServer((request, response) => {
        hosts.push(request.headers.host);
        if (request.headers.host?.startsWith("localhost") === true) response.end();
        else response.writeHead(301, { Location: `http://localhost:${server.port}/` }).end();
      }),
    );
    const target = httpTarget(`http://127.0.0.1:${server.port}/`, { maxRedirects: 1 });
    expect(await check(target)).toMatchObject(passed);
    expect(hosts).toEqual([`127.0.0.1:${server.port}`, `localhost:${server.port}`]);
    const { note, notes } = notebook();
    const refused = await check({ ...target, redirects: "sameHost" }, probeContext({ note }));
    expect(refused).toMatchObject({ ok: 0, phase: "http", status: 301 });
    expect(notes.at(-1)).toEqual({
      step: "redirect",
      detail: { to: `http://localhost:${server.port}/`, followed: false, why: "to another host" },
    });
  });

  it("takes another port of the same host for the same host", async () => {
    await using page = await listen(createHttpServer((_request, response) => response.end()));
    const sample = await checkServer(
      (_request, response) => response.writeHead(307, { Location: `http://127.0.0.1:${page.port}/` }).end(),
      { maxRedirects: 1, redirects: "sameHost" },
    );
    expect(sample).toMatchObject(passed);
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

  it("keeps the operator's credentials on the same server, and from any other", async () => {
    const credentials: unknown[] = [];
    await using other = await listen(
      createHttpServer((request, response) => {
        credentials.push(request.headers.authorization);
        response.end();
      }),
    );
    await using server = await listen(
      createHttpServer((request, response) => {
        credentials.push(request.headers.authorization);
        const Location = request.url === "/" ? "/dua" : `http://127.0.0.1:${other.port}/`;
        response.writeHead(302, { Location }).end();
      }),
    );
    const target = httpTarget(`http://op:rahasia@127.0.0.1:${server.port}/`, { maxRedirects: 2 });
    const { note, notes } = notebook();
    expect(await check(target, probeContext({ note }))).toMatchObject(passed);
    const basic = `Basic ${Buffer.from("op:rahasia").toString("base64")}`;
    expect(credentials).toEqual([basic, basic, undefined]);
    expect(JSON.stringify(notes)).not.toContain("rahasia");
  });

  it.skipIf(needs({ commands: ["openssl"] }) !== null)(
    "refuses one from https to http in http, and follows the other way",
    async () => {
      const certificate = await makeCertificate({ ip: "127.0.0.1" });
      let secureUrl = "";
      await using plain = await listen(
        createHttpServer((_request, response) => response.writeHead(301, { Location: secureUrl }).end()),
      );
      await using secure = await listen(
        createHttpsServer(certificate, (request, response) => {
          if (request.url === "/masuk") response.end();
          else response.writeHead(302, { Location: `http://127.0.0.1:${plain.port}/` }).end();
        }),
      );
      secureUrl = `https://127.0.0.1:${secure.port}/masuk`;
      const rules = { maxRedirects: 5, verifyTls: false };
      const up = await check(httpTarget(`http://127.0.0.1:${plain.port}/`, rules));
      expect(up).toMatchObject({ ...passed, tlsMs: expect.any(Number) });
      const down = await check(httpTarget(`https://127.0.0.1:${secure.port}/`, rules));
      expect(down).toMatchObject({ ok: 0, phase: "http", status: 302 });
    },
  );
});
