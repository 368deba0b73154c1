import { createServer } from "node:http";
import { expect, it } from "vitest";
import { startDnsServer, typeA } from "../../support/dns-server.ts";
import { listen } from "../../support/listen.ts";
import { probeContext } from "../../support/probe-context.ts";
import { body, check, httpTarget, ms, notebook } from "./checks.ts";

it("notes each step of a round by hand, without the credentials", async () => {
  await using dns = await startDnsServer((_name, type) => ({
    rcode: 0,
    addresses: type === typeA ? ["127.0.0.2", "127.0.0.1"] : [],
  }));
  await using server = await listen(
    createServer((request, response) => {
      if (request.url === "/") response.writeHead(302, { Location: "/masuk" }).end();
      else response.writeHead(200, { "Content-Type": "text/html" }).end("<h1>selamat datang</h1>");
    }),
  );
  const { note, notes } = notebook();
  const { port } = server;
  const target = httpTarget(`http://op:rahasia@lapor.desa.test:${port}/`, {
    maxRedirects: 1,
    expectBody: body({ text: "selamat", regex: "pergi" }),
  });
  await check(target, probeContext({ note }), [dns.address]);
  const url = `http://lapor.desa.test:${port}/`;
  const reached = [
    { step: "resolve", detail: { host: "lapor.desa.test", addresses: "127.0.0.2 127.0.0.1" } },
    { step: "connect", detail: { address: "127.0.0.2", port, error: "ECONNREFUSED" } },
    { step: "connect", detail: { address: "127.0.0.1", port, ms } },
  ];
  expect(notes).toEqual([
    ...reached,
    { step: "request", detail: { method: "GET", url, httpVersion: "1.1" } },
    { step: "answer", detail: { status: 302, httpVersion: "1.1", ms, type: null } },
    { step: "redirect", detail: { to: `${url}masuk`, followed: true } },
    ...reached,
    { step: "request", detail: { method: "GET", url: `${url}masuk`, httpVersion: "1.1" } },
    { step: "answer", detail: { status: 200, httpVersion: "1.1", ms, type: "text/html" } },
    { step: "body", detail: { bytes: 23, coding: null, charset: "utf-8", cut: false } },
    { step: "match", detail: { text: "selamat", found: true } },
    { step: "match", detail: { regex: "pergi", found: false } },
  ]);
  expect(JSON.stringify(notes)).not.toContain("rahasia");
});

it("notes why a name has no address", async () => {
  await using dns = await startDnsServer(() => ({ rcode: 2 }));
  const { note, notes } = notebook();
  await check(httpTarget("http://lapor.desa.test/"), probeContext({ note }), [dns.address]);
  expect(notes).toEqual([
    { step: "resolve", detail: { host: "lapor.desa.test", error: "ESERVFAIL" } },
    { step: "failed", detail: { phase: "dns", error: "lapor.desa.test has no address" } },
  ]);
});
