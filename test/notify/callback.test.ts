import type { LookupAddress } from "node:dns";
import { createServer } from "node:https";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { createCallback } from "../../src/notify/callback.ts";
import { makeCertificate } from "../support/certificate.ts";
import { needs } from "../support/needs.ts";
import { createHttpPeer } from "./http-peer.ts";

const v4 = (address: string): LookupAddress => ({ address, family: 4 });
const v6 = (address: string): LookupAddress => ({ address, family: 6 });
const names: Record<string, LookupAddress[]> = {
  "noc.example.id": [v4("203.0.113.9"), v6("2400:9800::9")],
  "inside.example.id": [v4("10.8.0.1")],
  "half.example.id": [v4("203.0.113.9"), v4("169.254.169.254")],
  "six.example.id": [v6("fd00::1")],
  "mapped.example.id": [v6("::ffff:127.0.0.1")],
  "nat64.example.id": [v6("64:ff9b::7f00:1")],
  "office.example.id": [v4("10.20.3.4")],
};
const resolve = (name: string) =>
  names[name] === undefined ? Promise.reject(new Error("ENOTFOUND")) : Promise.resolve(names[name]);
const never = new AbortController().signal;
const message = { headers: { "content-type": "application/json" }, body: "{}", timeoutMs: 10_000 };

describe("an address that a provider chose", () => {
  const { check } = createCallback({ networks: ["10.20.0.0/16"], resolve });

  it.each([
    ["https://noc.example.id/sambung", null],
    ["https://noc.example.id:8443/a?b=c", null],
    ["https://office.example.id/hook", null],
    ["http://office.example.id/hook", null],
    ["http://noc.example.id/", "only https is allowed"],
    ["https://inside.example.id/", "it leads to a private address"],
    ["https://half.example.id/", "it leads to a private address"],
    ["https://six.example.id/", "it leads to a private address"],
    ["https://mapped.example.id/", "it leads to a private address"],
    ["https://nat64.example.id/", "it leads to a private address"],
    ["https://127.0.0.1/", "it leads to a private address"],
    ["https://0x7f.1/", "it leads to a private address"],
    ["https://2130706433/", "it leads to a private address"],
    ["https://[::1]/", "it leads to a private address"],
    ["https://[fe80::1]/", "it leads to a private address"],
    ["https://192.168.1.1/", "it leads to a private address"],
    ["https://224.0.0.1/", "it leads to a private address"],
    ["https://100.64.0.1/", "it leads to a private address"],
    ["https://192.88.99.1/", "it leads to a private address"],
    ["https://[::ffff:0:10.0.0.1]/", "it leads to a private address"],
    ["https://[100::1]/", "it leads to a private address"],
    ["https://nobody.example.id/", "its name does not resolve"],
    ["https://user:pass@noc.example.id/", "it is no such address"],
    ["https://noc.example.id/#part", "it is no such address"],
    ["ftp://noc.example.id/", "it is no such address"],
    ["file:///etc/passwd", "it is no such address"],
    ["noc.example.id", "it is no such address"],
    [`https://noc.example.id/${"x".repeat(2_000)}`, "it is no such address"],
  ])("%s: %s", async (url, reason) => {
    expect(await check(url)).toBe(reason);
  });

  it("is looked at again for each delivery, since a name may point elsewhere by then", async () => {
    await using peer = await createHttpPeer((_request, response) => void response.writeHead(200).end());
    let address = v4("10.20.3.4");
    const { port } = new URL(peer.url);
    const callback = createCallback({
      networks: ["10.20.0.0/16"],
      resolve: () => Promise.resolve([address]),
    });
    expect(await callback.check(`http://noc.example.id:${port}/`)).toBeNull();
    address = v4("127.0.0.1");
    expect(await callback.post(`http://noc.example.id:${port}/`, message, never, 0)).toEqual({
      failed: "not sent: only https is allowed",
    });
    expect(await callback.post(`https://noc.example.id:${port}/`, message, never, 0)).toEqual({
      failed: "not sent: it leads to a private address",
    });
    expect(peer.received).toEqual([]);
  });

  it("is given up when its name does not resolve in time", async () => {
    const hanging = createCallback({ networks: [], resolve: () => new Promise(() => {}), lookMs: 20 });
    expect(await hanging.check("https://slow.example.id/")).toBe("its name does not resolve in time");
    const slow = { ...message, timeoutMs: 20 };
    expect(await hanging.post("https://slow.example.id/", slow, never, 0)).toEqual({
      failed: "no answer within 20 ms",
    });
  });

  it("is connected to at the address that was looked at, and asked for by its name", async () => {
    await using peer = await createHttpPeer((_request, response) => void response.writeHead(202).end("ok"));
    let asked = 0;
    const { port } = new URL(peer.url);
    const { post } = createCallback({
      networks: ["127.0.0.0/8"],
      resolve: () => Promise.resolve([v4((asked += 1) === 1 ? "127.0.0.1" : "192.0.2.1")]),
    });
    const outcome = await post(`http://noc.example.id:${port}/a?b=1`, message, never, 0);
    expect([outcome, asked]).toEqual([{ status: 202, retryAfterS: undefined }, 1]);
    expect(peer.received[0]).toMatchObject({ path: "/a?b=1", body: "{}", method: "POST" });
    expect(peer.received[0]!.headers.host).toBe(`noc.example.id:${port}`);
  });

  it("may answer without end: it is not read to it", async () => {
    await using peer = await createHttpPeer((_request, response) => {
      response.writeHead(200, { "Retry-After": "7" });
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
        if (!response.destroyed) response.once("drain", more);
      };
      more();
    });
    const { post } = createCallback({ networks: ["127.0.0.0/8"] });
    expect(await post(peer.url, message, never, 0)).toEqual({ status: 200, retryAfterS: 7 });
  });

  const lacking = needs({ commands: ["openssl"] });
  it.skipIf(lacking !== null)(`has to show a certificate for its name ${lacking ?? ""}`, async () => {
    const { key, cert } = await makeCertificate({ dns: "noc.example.id" });
    const server = createServer({ key, cert }, (_request, response) => void response.writeHead(204).end());
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const own = { networks: ["127.0.0.0/8"], resolve: () => Promise.resolve([v4("127.0.0.1")]) };
    const post = (host: string, ca?: string) =>
      createCallback({ ...own, ...(ca === undefined ? {} : { ca }) }).post(
        `https://${host}:${port}/`,
        message,
        never,
        0,
      );
    expect(await post("noc.example.id", cert)).toMatchObject({ status: 204 });
    expect(await post("noc.example.id")).toEqual({ failed: "DEPTH_ZERO_SELF_SIGNED_CERT" });
    expect(await post("other.example.id", cert)).toEqual({ failed: "ERR_TLS_CERT_ALTNAME_INVALID" });
    server.close();
    await once(server, "close");
  });
});
