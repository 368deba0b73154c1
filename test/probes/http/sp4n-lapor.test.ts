import { createServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { describe, expect, it } from "vitest";
import { parseTarget } from "#wire/targets-v1.ts";
import type { HttpTarget } from "#wire/targets-v1.ts";
import { serviceProfiles } from "../../../src/inventory/service-profiles.ts";
import { makeCertificate } from "../../support/certificate.ts";
import { listen } from "../../support/listen.ts";
import { needs } from "../../support/needs.ts";
import { probeContext } from "../../support/probe-context.ts";
import { check, httpTarget, passed, trust } from "./checks.ts";

const { check: profile } = serviceProfiles["sp4n-lapor"]!;

/** Checks a page by the profile, served where the test can. */
async function checkPage(page: string, status = 200) {
  await using server = await listen(
    createServer((_request, response) =>
      response.writeHead(status, { "Content-Type": "text/html; charset=UTF-8" }).end(page),
    ),
  );
  const { timeoutMs = 5000 } = profile;
  const target = httpTarget("", { ...profile, url: `http://127.0.0.1:${server.port}/` });
  return await check(target, probeContext({ timeoutMs }));
}

const html = (title: string, rest: string) =>
  `<!doctype html><html lang="id"><head><title>${title}</title></head><body>${rest}</body></html>`;
const complaints =
  "<p>Jalan Poros sedang dalam perbaikan sejak Maret, mohon pemeliharaan lampu jalan</p>".repeat(2000);

describe("SP4N-LAPOR!: the page that a citizen needs", () => {
  it.each([
    ["its name in the title", html("SP4N-LAPOR!", "")],
    ["its name in other letters", html("Sp4n Lapor", "")],
    ["its name as an entity", html("LAPOR&#33;", "")],
    ["its long name", html("Beranda", "<h1>Layanan Aspirasi dan\n Pengaduan Online Rakyat</h1>")],
    ["its sentence", html("Beranda", "<p>Sampaikan laporan Anda langsung kepada instansi</p>")],
    ["its form", html("Beranda", '<textarea placeholder="Ketik Isi Laporan Anda *"></textarea>')],
    ["another form", html("Beranda", '<textarea placeholder="Tulis isi laporan"></textarea>')],
    ["complaints about repairs on it", html("LAPOR!", complaints)],
    ["its name behind much else", html("Beranda", `${complaints}<footer>SP4N</footer>`)],
  ])("passes with %s", async (_what, page) => {
    expect(await checkPage(page)).toMatchObject({ ...passed, status: 200 });
  });

  it.each([
    ["a notice of maintenance", html("SP4N-LAPOR! - Maintenance", "SP4N-LAPOR!")],
    ["one in Indonesian", html("SP4N-LAPOR!", "<h1>Mohon maaf, <br>sedang dalam pemeliharaan</h1>")],
    ["one in running text", html("SP4N-LAPOR!", "<p>Situs LAPOR! sedang dalam proses perbaikan.</p>")],
    ["one in English", html("LAPOR!", "<p>The site is under maintenance</p>")],
    ["the folder of a web server", html("Index of /", "<h1>Index of /</h1><a href='sp4n/'>sp4n/</a>")],
    ["a web server without its page", html("Welcome to nginx!", "LAPOR!")],
    ["the log-in of a hotspot", html("Login Hotspot", "<a href='https://www.lapor.go.id'>SP4N-LAPOR!</a>")],
    ["a block page", html("Internet Positif", "Sampaikan aduan ke aduankonten.id, SP4N-LAPOR!")],
    ["somebody else's page", html("Selamat datang", "<p>Toko Makmur</p>")],
    ["nothing", ""],
  ])("fails in body with %s", async (_what, page) => {
    expect(await checkPage(page)).toMatchObject({ ok: 0, phase: "body", status: 200 });
  });

  it.each([403, 500, 503])("fails in http with status %i, whatever the page says", async (status) => {
    expect(await checkPage(html("SP4N-LAPOR!", ""), status)).toMatchObject({ ok: 0, phase: "http", status });
  });

  it("fails in body where the page does not come to its end", async () => {
    await using server = await listen(
      createServer((_request, response) => {
        response.writeHead(200, { "Content-Length": 5000 });
        response.write(html("SP4N-LAPOR!", ""));
        setTimeout(() => response.destroy(), 20);
      }),
    );
    const target = httpTarget("", { ...profile, url: `http://127.0.0.1:${server.port}/` });
    expect(await check(target)).toMatchObject({ ok: 0, phase: "body", status: 200 });
  });

  it.each(Object.keys(serviceProfiles))("%s is a target as the wire wants it", (name) => {
    const target = httpTarget("", { timeoutMs: 10_000, ...serviceProfiles[name]!.check });
    expect(parseTarget("target", target)).toEqual(target);
  });

  const missing = needs({ commands: ["openssl"] });
  it.skipIf(missing !== null)(
    `is reached from the name as it is typed, and not where somebody else answers for it${missing ? ` (skipped: ${missing})` : ""}`,
    async () => {
      const certificate = await makeCertificate({ ip: "127.0.0.1" });
      await using secure = await listen(
        createHttpsServer(certificate, (_request, response) => response.end(html("SP4N-LAPOR!", ""))),
      );
      await using plain = await listen(
        createServer((_request, response) =>
          response.writeHead(301, { Location: `https://127.0.0.1:${secure.port}/` }).end(),
        ),
      );
      const typed: HttpTarget = httpTarget("", {
        ...serviceProfiles["sp4n-lapor-typed"]!.check,
        url: `http://127.0.0.1:${plain.port}/`,
      });
      expect(await check(typed)).toMatchObject({
        ok: 0,
        phase: "tls",
        tlsError: "DEPTH_ZERO_SELF_SIGNED_CERT",
      });
      using _trust = trust(certificate.cert);
      expect(await check(typed)).toMatchObject({ ...passed, status: 200, tlsError: null });
    },
  );
});
