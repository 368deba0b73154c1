import { writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { ServerOptions } from "node:https";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import { describe, expect, it } from "vitest";
import { createTransport } from "../../../probes/transport.ts";
import { watchTlsFiles } from "../../../probes/tls-files.ts";
import type { TlsFiles } from "../../../probes/tls-files.ts";
import type { Clock } from "../../../probes/probe.ts";
import { machineClock } from "../../../probes/clock.ts";
import { issue, makeAuthority } from "../../support/certificate.ts";
import type { Authority, IssueOptions } from "../../support/certificate.ts";
import { listen } from "../../support/listen.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { needs } from "../../support/needs.ts";

const missing = needs({ commands: ["openssl"] });
const here = { host: { ip: "127.0.0.1" }, name: "collector" } as const;
const request = {
  method: "GET",
  path: "/x",
  timeoutMs: 20_000,
  signal: new AbortController().signal,
} as const;
const dayMs = 86_400_000;

/** The board's clock is what it is; certificates are made around it, which comes to the same. */
function transportTo(port: number, tls: TlsFiles | undefined, clock: Clock = machineClock()) {
  const files = tls === undefined ? undefined : () => tls;
  return createTransport({ server: `https://127.0.0.1:${port}`, tls: files, userAgent: "test", clock });
}

async function serve(options: ServerOptions) {
  const heard: string[] = [];
  const server = createServer(options, (req, response) => {
    heard.push(`${req.headers.authorization}`);
    response.setHeader("content-type", "application/json").end("{}");
  });
  const listening = await listen(server);
  return { ...listening, heard, server, [Symbol.asyncDispose]: () => listening[Symbol.asyncDispose]() };
}

const pinned = (...authorities: Authority[]): TlsFiles => ({
  ca: authorities.map(({ cert }) => cert),
  own: null,
});

async function ask(port: number, tls: TlsFiles | undefined, told: { nowMs?: number; floorMs?: number } = {}) {
  const clock = machineClock();
  const transport = transportTo(port, tls, clock);
  if (told.nowMs !== undefined) transport.time.told(told.nowMs, clock.monoMs());
  if (told.floorMs !== undefined) transport.time.isAfter(told.floorMs);
  try {
    return (await transport.send(request)).status;
  } catch (error) {
    return (error as Error).message;
  } finally {
    transport.close();
  }
}

describe.skipIf(missing !== null)(`whom an agent trusts${missing ? ` (skipped: ${missing})` : ""}`, () => {
  it("takes the pinned CA alone", async () => {
    const [ours, theirs] = [await makeAuthority("ours"), await makeAuthority("theirs")];
    await using server = await serve(await issue(ours, { ...here, days: 30 }));
    expect(await ask(server.port, pinned(ours))).toBe(200);
    expect(await ask(server.port, pinned(theirs, ours))).toBe(200);
    expect(await ask(server.port, pinned(theirs))).toMatch(/its CA is not known here.*pinned by --ca/);
    expect(await ask(server.port, undefined)).toMatch(
      /certificate is not accepted: its CA is not known here/,
    );
    expect(server.heard).toHaveLength(2);
  });

  it("takes a certificate for its own name alone, and says which there are", async () => {
    const ours = await makeAuthority("ours");
    await using server = await serve(
      await issue(ours, { ...here, host: { dns: "other.example" }, days: 30 }),
    );
    expect(await ask(server.port, pinned(ours))).toMatch(/other\.example.*ERR_TLS_CERT_ALTNAME_INVALID/);
    expect(server.heard).toEqual([]);
  });

  const early: Pick<IssueOptions, "fromDays" | "days"> = { fromDays: 300, days: 600 };
  const late: Pick<IssueOptions, "fromDays" | "days"> = { fromDays: -600, days: -300 };

  it("gets in with a clock that is years behind, until the collector has told the time", async () => {
    const ours = await makeAuthority("ours");
    await using server = await serve(await issue(ours, { ...here, ...early }));
    expect(await ask(server.port, pinned(ours))).toBe(200);
    expect(await ask(server.port, pinned(ours), { nowMs: Date.now() + 400 * dayMs })).toBe(200);
    expect(await ask(server.port, pinned(ours), { nowMs: Date.now() })).toMatch(/not valid yet/);
    expect(await ask(server.port, pinned(ours), { nowMs: Date.now() + 700 * dayMs })).toMatch(/has expired/);
    // Without a pin anybody's certificate would do: it stays out, and says what would help.
    expect(await ask(server.port, undefined)).toMatch(/not accepted/);
  });

  it("gets in with a clock that is years ahead, but not with a certificate that ended before a time that was told", async () => {
    const ours = await makeAuthority("ours");
    await using server = await serve(await issue(ours, { ...here, ...late }));
    expect(await ask(server.port, pinned(ours))).toBe(200);
    expect(await ask(server.port, pinned(ours), { floorMs: Date.now() - 400 * dayMs })).toBe(200);
    expect(await ask(server.port, pinned(ours), { floorMs: Date.now() - 200 * dayMs })).toMatch(
      /has expired \(CERT_HAS_EXPIRED\); the time here is 20/,
    );
  });

  it("is not fooled by a stranger whose certificate is out of time as well", async () => {
    // What OpenSSL says of it is that it has expired, as of one of the pinned CA's.
    const [ours, theirs] = [await makeAuthority("ours"), await makeAuthority("ours")];
    for (const time of [early, late]) {
      const leaf = await issue(theirs, { ...here, ...time });
      for (const chain of [leaf.cert, leaf.cert + theirs.cert, leaf.cert + ours.cert]) {
        await using server = await serve({ key: leaf.key, cert: chain });
        expect(await ask(server.port, pinned(ours))).toMatch(/not issued to a server by the pinned CA/);
        expect(server.heard).toEqual([]);
      }
    }
  });

  it("judges name and use of a certificate that is out of time", async () => {
    const ours = await makeAuthority("ours");
    const other = await issue(ours, { ...here, host: { dns: "other.example" }, ...early });
    await using server = await serve(other);
    expect(await ask(server.port, pinned(ours))).toMatch(/ERR_TLS_CERT_ALTNAME_INVALID/);
    const agents = await issue(ours, { ...here, ...early, usage: "clientAuth" });
    await using board = await serve(agents);
    expect(await ask(board.port, pinned(ours))).toMatch(/not issued to a server/);
  });

  it("follows a chain whose middle is out of time, and none whose middle is no CA", async () => {
    const ours = await makeAuthority("ours");
    const middle = await issue(ours, { name: "middle", ...early });
    const leaf = await issue(middle, { ...here, ...early });
    await using server = await serve({ key: leaf.key, cert: leaf.cert + middle.cert });
    expect(await ask(server.port, pinned(ours))).toBe(200);
    const noCa = await issue(ours, { ...here, ...early });
    const forged = await issue(noCa, { ...here, ...early });
    await using forger = await serve({ key: forged.key, cert: forged.cert + noCa.cert });
    expect(await ask(forger.port, pinned(ours))).toMatch(/not issued to a server by the pinned CA/);
  });

  it("does not carry what it forgave over to a later connection", async () => {
    const ours = await makeAuthority("ours");
    await using server = await serve(await issue(ours, { ...here, ...early }));
    const clock = machineClock();
    const transport = transportTo(server.port, pinned(ours), clock);
    expect((await transport.send(request)).status).toBe(200);
    transport.time.told(Date.now(), clock.monoMs());
    await expect(transport.send({ ...request, fresh: true })).rejects.toThrow(/not valid yet/);
    transport.close();
  });

  it("shows its own certificate where the collector asks for one", async () => {
    const ours = await makeAuthority("ours");
    const leaf = await issue(ours, { ...here, days: 30 });
    const own = await issue(ours, { host: { dns: "board.example" }, name: "board", days: 30 });
    await using server = await serve({ ...leaf, ca: ours.cert, requestCert: true, rejectUnauthorized: true });
    expect(await ask(server.port, { ...pinned(ours), own })).toBe(200);
    expect(await ask(server.port, pinned(ours))).toMatch(/certificate required|ECONNRESET|socket hang up/i);
  });

  it("shows a renewed certificate, and trusts a renewed CA, without a new start", async () => {
    using folder = tempDir();
    const paths = {
      ca: join(folder.path, "ca.pem"),
      cert: join(folder.path, "cert.pem"),
      key: join(folder.path, "key.pem"),
    };
    const [old, fresh] = [await makeAuthority("old"), await makeAuthority("fresh")];
    const own = async (authority: Authority, name: string) =>
      issue(authority, { host: { dns: "board.example" }, name, days: 30 });
    const before = await own(old, "before");
    writeFileSync(paths.ca, old.cert);
    writeFileSync(paths.cert, before.cert);
    writeFileSync(paths.key, before.key);
    const reasons: string[] = [];
    const tls = watchTlsFiles(paths, (reason) => reasons.push(reason));
    const leaf = await issue(old, { ...here, days: 30 });
    await using first = await serve({ ...leaf, ca: old.cert, requestCert: true, rejectUnauthorized: true });
    const ways = (port: number) =>
      createTransport({ server: `https://127.0.0.1:${port}`, tls, userAgent: "test" });
    const transport = ways(first.port);
    const send = async () => (await transport.send({ ...request, fresh: true })).status;
    expect(await send()).toBe(200);
    // A renewal in the midst of it: a certificate that the key is not of. Told once, and what was there stays.
    const after = await own(fresh, "after");
    writeFileSync(paths.cert, after.cert);
    expect([await send(), await send()]).toEqual([200, 200]);
    expect(reasons).toEqual([expect.stringMatching(/--key: .* is not the private key of/)]);
    writeFileSync(paths.key, after.key);
    writeFileSync(paths.ca, fresh.cert);
    first.server.setSecureContext({ ...(await issue(fresh, { ...here, days: 30 })), ca: fresh.cert });
    expect(await send()).toBe(200);
    expect(reasons).toHaveLength(1);
    transport.close();
  });

  it("speaks no TLS below 1.2", async () => {
    const ours = await makeAuthority("ours");
    const leaf = await issue(ours, { ...here, days: 30 });
    const old = { minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "ALL:@SECLEVEL=0" } as const;
    const server = createTlsServer({ ...leaf, ...old });
    server.on("tlsClientError", () => {});
    await using listening = await listen(server);
    expect(await ask(listening.port, pinned(ours))).toMatch(/no TLS with the collector.*(version|alert)/i);
  });
});
