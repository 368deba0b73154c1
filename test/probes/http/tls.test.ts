import { createServer as createHttpsServer } from "node:https";
import type { ServerOptions } from "node:https";
import { beforeAll, describe, expect, it } from "vitest";
import { issue, makeAuthority, makeCertificate } from "../../support/certificate.ts";
import type { Authority, Certificate } from "../../support/certificate.ts";
import { startDnsServer, typeA } from "../../support/dns-server.ts";
import { listen } from "../../support/listen.ts";
import { needs } from "../../support/needs.ts";
import { probeContext } from "../../support/probe-context.ts";
import { body, check, checkSocket, httpTarget, ms, notebook, passed, trust } from "./checks.ts";

const daysS = 86_400;
const here = { ip: "127.0.0.1" };

const serve = (options: ServerOptions) =>
  listen(createHttpsServer(options, (_request, response) => response.end("selamat datang")));

async function checkHttps(options: ServerOptions, overrides = {}, context = probeContext()) {
  await using server = await serve(options);
  return await check(httpTarget(`https://127.0.0.1:${server.port}/`, overrides), context);
}

const missing = needs({ commands: ["openssl"] });
describe.skipIf(missing !== null)(`HTTPS${missing ? ` (skipped: ${missing})` : ""}`, () => {
  let own: Certificate;
  beforeAll(async () => void (own = await makeCertificate(here)));

  it("fails in tls on a certificate that nobody vouches for, and still says when it expires", async () => {
    const sample = await checkHttps(own);
    expect(sample).toMatchObject({ ok: 0, phase: "tls", status: null, tlsMs: ms, totalMs: null });
    expect(sample.tlsError).toBe("DEPTH_ZERO_SELF_SIGNED_CERT");
    expect(sample.certExpiresS).toBeGreaterThan(29 * daysS);
    expect(sample.certExpiresS).toBeLessThanOrEqual(30 * daysS);
  });

  it("passes it where the target does not verify, and still says what is wrong", async () => {
    const sample = await checkHttps(own, { verifyTls: false, expectBody: body({ text: "datang" }) });
    expect(sample).toMatchObject({ ...passed, status: 200, tlsMs: ms, certExpiresS: ms });
    expect(sample.tlsError).toBe("DEPTH_ZERO_SELF_SIGNED_CERT");
  });

  it("counts the expiry by the clock it is given, below zero once it has passed", async () => {
    const later = { wallMs: () => Date.now() + 40 * daysS * 1000, monoMs: () => 0 };
    const { certExpiresS } = await checkHttps(own, { verifyTls: false }, probeContext({ clock: later }));
    expect(certExpiresS).toBeLessThanOrEqual(-10 * daysS);
    expect(certExpiresS).toBeGreaterThan(-11 * daysS);
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

  const broken = { ok: 0, phase: "tls", connectMs: ms, tlsMs: null, certExpiresS: null, tlsError: null };

  it("fails in tls when the server does not speak it, hangs up or says nothing", async () => {
    const https = { scheme: "https" } as const;
    const plain = "HTTP/1.1 400 Bad Request\r\n\r\n";
    expect(await checkSocket((socket) => socket.end(plain), https)).toMatchObject(broken);
    expect(await checkSocket((socket) => socket.end(), https)).toMatchObject(broken);
    expect(await checkSocket(() => undefined, { ...https, timeoutMs: 1500 })).toMatchObject(broken);
  });

  it("fails in tls when the server has nothing newer than TLS 1.1", async () => {
    const old = { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } as const;
    expect(await checkHttps({ ...own, ...old }, { verifyTls: false })).toMatchObject(broken);
  });
});

describe.skipIf(missing !== null)(`HTTPS chains${missing ? ` (skipped: ${missing})` : ""}`, () => {
  let root: Authority;
  let middle: Authority;
  beforeAll(async () => {
    root = await makeAuthority("Akar");
    middle = await issue(root, { name: "Antara", days: 5 });
  });

  const chainOf = (...certificates: Authority[]) => ({
    key: certificates[0]!.key,
    cert: certificates.map(({ cert }) => cert).join(""),
  });

  it("passes one that leads to a trusted authority; the first to expire counts", async () => {
    using _trust = trust(root.cert);
    const server = await issue(middle, { name: "lapor", host: here, days: 10 });
    const { note, notes } = notebook();
    const sample = await checkHttps(chainOf(server, middle), {}, probeContext({ note }));
    expect(sample).toMatchObject({ ...passed, status: 200, tlsError: null });
    expect(sample.certExpiresS).toBeGreaterThan(4 * daysS);
    expect(sample.certExpiresS).toBeLessThanOrEqual(5 * daysS);
    const certificates = notes.filter(({ step }) => step === "certificate").map(({ detail }) => detail);
    expect(certificates).toEqual([
      expect.objectContaining({
        depth: 0,
        subject: "CN=lapor",
        names: "IP Address:127.0.0.1",
        issuer: "CN=Antara",
      }),
      expect.objectContaining({ depth: 1, subject: "CN=Antara", issuer: "CN=Akar" }),
    ]);
  });

  it.each([
    ["without its middle", "UNABLE_TO_VERIFY_LEAF_SIGNATURE", { host: here, days: 10 }, false],
    ["of another host", "ERR_TLS_CERT_ALTNAME_INVALID", { host: { dns: "lapor.desa.test" }, days: 10 }, true],
    ["that has expired", "CERT_HAS_EXPIRED", { host: here, days: -2 }, true],
    ["that is not yet valid", "CERT_NOT_YET_VALID", { host: here, days: 10, fromDays: 2 }, true],
  ])("fails one %s in tls: %s", async (_what, tlsError, options, withMiddle) => {
    using _trust = trust(root.cert);
    const server = await issue(middle, { name: "lapor", ...options });
    const sent = withMiddle ? chainOf(server, middle) : chainOf(server);
    const failed = await checkHttps(sent);
    expect(failed).toMatchObject({ ok: 0, phase: "tls", tlsError, status: null });
    expect(Math.sign(failed.certExpiresS ?? 0)).toBe(Math.sign(options.days));
    expect(await checkHttps(sent, { verifyTls: false })).toMatchObject({ ...passed, tlsError });
  });

  it("fails one in tls whose authority is not trusted, or has expired on the way", async () => {
    const server = await issue(middle, { name: "lapor", host: here, days: 10 });
    expect(await checkHttps(chainOf(server, middle))).toMatchObject({
      ok: 0,
      phase: "tls",
      tlsError: "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
    });
    using _trust = trust(root.cert);
    const expired = await issue(root, { name: "Antara", days: -3, owner: middle });
    const sample = await checkHttps(chainOf(server, expired));
    expect(sample).toMatchObject({ ok: 0, phase: "tls", tlsError: "CERT_HAS_EXPIRED" });
    expect(sample.certExpiresS).toBeLessThan(-2 * daysS);
  });

  it("does not count an expired certificate that a verified chain does not rest on", async () => {
    // As many servers did for years: beside its own path, one to an authority that old telephones knew.
    using _trust = trust(root.cert);
    const old = await makeAuthority("Lama");
    const crossSigned = await issue(old, { name: "Akar", days: -30, owner: root });
    const server = await issue(root, { name: "lapor", host: here, days: 10 });
    const sample = await checkHttps(chainOf(server, crossSigned));
    expect(sample).toMatchObject({ ...passed, tlsError: null });
    expect(sample.certExpiresS).toBeGreaterThan(9 * daysS);
  });
});
