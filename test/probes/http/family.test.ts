import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { networkInterfaces } from "node:os";
import { describe, expect, it } from "vitest";
import { startDnsServer, typeA } from "../../support/dns-server.ts";
import { probeContext } from "../../support/probe-context.ts";
import { check, httpTarget, ms, passed } from "./checks.ts";

const loopbackIpv6 = "0:0:0:0:0:0:0:1";
const hasIpv6 = Object.values(networkInterfaces()).some((own) =>
  own?.some(({ address }) => address === "::1"),
);
const missing = hasIpv6 ? null : "no ::1 on this machine";
if (missing !== null && process.env.CI === "true") throw new Error(`CI must run this test, but: ${missing}`);

/** A server, on both families unless it is told otherwise, that says at which address it was asked. */
async function startServer(host = "::") {
  const asked: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    asked.push(request.socket.localAddress);
    response.end();
  });
  // Listening on both families by one socket, an address of IPv4 appears as ::ffff:127.0.0.1.
  server.listen(0, host);
  await once(server, "listening");
  return {
    asked,
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

describe.skipIf(missing !== null)(`HTTP over IPv4 and IPv6${missing ? ` (skipped: ${missing})` : ""}`, () => {
  it("takes an address of either as it stands", async () => {
    await using server = await startServer();
    expect(await check(httpTarget(`http://[::1]:${server.port}/`))).toMatchObject({ ...passed, dnsMs: null });
    expect(await check(httpTarget(`http://127.0.0.1:${server.port}/`))).toMatchObject(passed);
    expect(server.asked).toEqual(["::1", "::ffff:127.0.0.1"]);
  });

  it.each([
    [4, "::ffff:127.0.0.1"],
    [6, "::1"],
    [null, "::ffff:127.0.0.1"],
  ] as const)("asks a name with both over %s at %s", async (family, address) => {
    await using server = await startServer();
    await using dns = await startDnsServer((_name, type) => ({
      rcode: 0,
      addresses: [type === typeA ? "127.0.0.1" : loopbackIpv6],
    }));
    const target = httpTarget(`http://lapor.desa.test:${server.port}/`, { family });
    expect(await check(target, probeContext(), [dns.address])).toMatchObject({ ...passed, dnsMs: ms });
    expect(server.asked).toEqual([address]);
  });

  it("falls back to IPv6 where nothing listens on IPv4", async () => {
    await using server = await startServer("::1");
    await using dns = await startDnsServer((_name, type) => ({
      rcode: 0,
      addresses: [type === typeA ? "127.0.0.1" : loopbackIpv6],
    }));
    const target = httpTarget(`http://lapor.desa.test:${server.port}/`);
    expect(await check(target, probeContext(), [dns.address])).toMatchObject(passed);
    expect(server.asked).toEqual(["::1"]);
  });
});

describe("HTTP: an address of the wanted IP version", () => {
  it.each([
    [6, "127.0.0.1"],
    [4, "[::1]"],
  ] as const)("fails in dns where IPv%i is wanted and %s is all there is", async (family, host) => {
    const sample = await check(httpTarget(`http://${host}:1/`, { family }));
    expect(sample).toMatchObject({ ok: 0, phase: "dns", connectMs: null });
  });

  it("fails in dns where the name has none", async () => {
    await using dns = await startDnsServer((_name, type) => ({
      rcode: 0,
      addresses: type === typeA ? ["127.0.0.1"] : [],
    }));
    const target = httpTarget("http://lapor.desa.test:1/", { family: 6 });
    expect(await check(target, probeContext(), [dns.address])).toMatchObject({ ok: 0, phase: "dns" });
  });
});
