import { zstdCompressSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import type { AdmissionOptions } from "../../src/http/auth.ts";
import { makeKey } from "../../src/state/keys.ts";
import { openTestHttp, testAdmission } from "../support/http.ts";
import type { TestHttp } from "../support/http.ts";

let http: TestHttp;
afterEach(() => http[Symbol.dispose]());

async function open(more: Partial<AdmissionOptions["limits"]> = {}, trustProxy: string[] = []) {
  const admission = { ...testAdmission, limits: { ...testAdmission.limits, ...more }, trustProxy };
  http = await openTestHttp({ deps: { admission } });
}

async function statuses(times: number, ask: () => Promise<Response>): Promise<number[]> {
  const all: number[] = [];
  for (let time = 0; time < times; time++) all.push((await ask()).status);
  return all;
}

const wrongKey = () => http.request("/api/v1/sites", { key: makeKey("sbk"), from: "203.0.113.5" });

describe("a limit", () => {
  it("is told with every answer, and when it is reached with a problem of its own", async () => {
    await open({ keyPerMinute: 3 });
    const ask = () => http.request("/api/v1/whoami");
    const first = await ask();
    expect(first.headers.get("RateLimit-Policy")).toBe('"key";q=3;w=60');
    expect(first.headers.get("RateLimit")).toBe('"key";r=2;t=20');
    await statuses(2, ask);
    const refused = await ask();
    expect([refused.status, refused.headers.get("Retry-After")]).toEqual([429, "20"]);
    expect(refused.headers.get("RateLimit")).toBe('"key";r=0;t=60');
    expect(refused.headers.get("Content-Type")).toBe("application/problem+json");
    expect(await refused.json()).toMatchObject({
      type: "https://iana.org/assignments/http-problem-types#quota-exceeded",
      status: 429,
      "violated-policies": ["key"],
    });
    expect((await http.request("/api/v1/whoami", { key: http.adminKey })).status).toBe(200);
    http.clock.ms += 20_000;
    expect((await ask()).status).toBe(200);
  });

  it("leaves room by default for thirty panels that are read every five seconds", async () => {
    await open();
    for (let second = 0; second < 60; second += 5) {
      const all = await Promise.all(Array.from({ length: 30 }, () => http.request("/api/v1/whoami")));
      expect(new Set(all.map(({ status }) => status))).toEqual(new Set([200]));
      http.clock.ms += 5_000;
    }
  });

  it("holds one agent and no other, on both of its surfaces", async () => {
    await open({ agentPerMinute: 3 });
    const enrol = async (kind: string) => {
      const made = await http.post("/api/v1/agents/tokens", { site: "64.08.01", kind });
      const { data } = (await made.json()) as { data: { token: string } };
      const body = JSON.stringify({ token: data.token, hardware: "test", version: "1" });
      const answer = await http.request("/api/v1/agents/enrol", { method: "POST", key: null, body });
      return ((await answer.json()) as { key: string }).key;
    };
    const [one, other] = [await enrol("telegraf"), await enrol("sambung")];
    const write = () => http.request("/api/v2/write", { method: "POST", key: one, body: "" });
    expect(await statuses(4, write)).toEqual([204, 204, 204, 429]);
    const refused = await write();
    expect(refused.headers.get("Retry-After")).toBe("20");
    expect(await refused.json()).toMatchObject({ code: "too many requests" });
    const config = (key: string) => http.request("/api/v1/agent/config", { key });
    expect([(await config(one)).status, (await config(other)).status]).toEqual([429, 200]);
  });

  it("is reached sooner with large bodies, whether they are good or not", async () => {
    await open({ agentPerMinute: 100 });
    const made = await http.post("/api/v1/agents/tokens", { site: "64.08.01" });
    const { data } = (await made.json()) as { data: { token: string } };
    const enrol = JSON.stringify({ token: data.token, hardware: "test", version: "1" });
    const answer = await http.request("/api/v1/agents/enrol", { method: "POST", key: null, body: enrol });
    const { key } = (await answer.json()) as { key: string };
    // 8 MiB of spaces: 64 requests' worth, in a few hundred bytes.
    const headers = { "Content-Encoding": "zstd" };
    const body = zstdCompressSync(Buffer.alloc(8_388_608, " "));
    const send = () => http.request("/api/v1/batches", { method: "POST", key, headers, body });
    expect(await statuses(3, send)).toEqual([400, 400, 429]);
    expect(Number((await send()).headers.get("Retry-After"))).toBeGreaterThan(10);
    http.clock.ms += 60_000;
    expect((await send()).status).toBe(400);
  });

  it("holds those who have no key by their address, and pages as well", async () => {
    await open({ addressPerMinute: 3 });
    const from = (address: string) => http.request("/livez", { key: null, from: address });
    expect(await statuses(4, () => from("203.0.113.5"))).toEqual([200, 200, 200, 429]);
    expect((await from("203.0.113.6")).status).toBe(200);
    const junk = { headers: { Authorization: "Bearer junk" }, from: "203.0.113.5" };
    expect((await http.request("/livez", junk)).status).toBe(429);
    expect((await http.request("/nothing", { key: null, from: "203.0.113.5" })).status).toBe(429);
  });
});

describe("refused keys", () => {
  it("are limited by address, and good ones from there are not", async () => {
    await open({ refusedPerMinute: 3 });
    expect(await statuses(5, wrongKey)).toEqual([401, 401, 401, 429, 429]);
    const good = await http.request("/api/v1/sites", { from: "203.0.113.5" });
    expect(good.status).toBe(200);
    const elsewhere = { key: makeKey("sbk"), from: "203.0.113.6" };
    expect((await http.request("/api/v1/sites", elsewhere)).status).toBe(401);
  });

  it("and refused tokens are counted together, before the body of the next one is read", async () => {
    await open({ refusedPerMinute: 3 });
    const enrol = (token: string) => {
      const body = JSON.stringify({ token, hardware: "test", version: "1" });
      return http.request("/api/v1/agents/enrol", { method: "POST", key: null, body, from: "203.0.113.5" });
    };
    expect(await statuses(3, () => enrol(makeKey("sbe")))).toEqual([403, 403, 403]);
    const made = await http.post("/api/v1/agents/tokens", { site: "64.08.01" });
    const { data } = (await made.json()) as { data: { token: string } };
    expect((await enrol(data.token)).status).toBe(429);
    http.clock.ms += 20_000;
    expect((await enrol(data.token)).status).toBe(200);
  });

  it("never hold up a district that enrols behind one address", async () => {
    await open({ refusedPerMinute: 3 });
    for (let village = 0; village < 20; village++) {
      const made = await http.post("/api/v1/agents/tokens", { site: "64.08.01" });
      const { data } = (await made.json()) as { data: { token: string } };
      const body = JSON.stringify({ token: data.token, hardware: "test", version: "1" });
      const how = { method: "POST", key: null, body, from: "203.0.113.5" };
      expect((await http.request("/api/v1/agents/enrol", how)).status).toBe(200);
    }
  });
});

describe("behind a proxy", () => {
  const forwarded = (text: string, from: string) =>
    http.request("/api/v1/sites", { key: makeKey("sbk"), from, headers: { "X-Forwarded-For": text } });
  const lastAddress = () => http.log.at(-1)!.fields.address;

  it.each([
    ["203.0.113.5", "10.8.0.1", "203.0.113.5"],
    ["198.51.100.1, 203.0.113.5", "10.8.0.1", "203.0.113.5"],
    ["203.0.113.5, 10.8.7.7", "10.8.0.1", "203.0.113.5"],
    ["203.0.113.5", "::ffff:10.8.0.1", "203.0.113.5"],
    ["2001:db8::7", "fd00::1", "2001:db8::7"],
    ["203.0.113.5, not an address", "10.8.0.1", "10.8.0.1"],
    ["", "10.8.0.1", "10.8.0.1"],
    ["203.0.113.5", "192.0.2.9", "192.0.2.9"],
  ])("what X-Forwarded-For says (%s) through %s is %s", async (text, from, address) => {
    await open({}, ["10.8.0.0/16", "fd00::1"]);
    await forwarded(text, from);
    expect(lastAddress()).toBe(address);
  });

  it("the limit is the client's and not the proxy's, and nobody slips out of it by a header", async () => {
    await open({ refusedPerMinute: 3 }, ["10.8.0.1"]);
    expect(await statuses(4, () => forwarded("203.0.113.5", "10.8.0.1"))).toEqual([401, 401, 401, 429]);
    expect((await forwarded("203.0.113.6", "10.8.0.1")).status).toBe(401);
    let host = 0;
    const spoof = () => forwarded(`203.0.113.${++host}`, "192.0.2.9");
    expect(await statuses(4, spoof)).toEqual([401, 401, 401, 429]);
  });

  it("X-Forwarded-Proto counts from the proxy alone", async () => {
    await open({}, ["10.8.0.1"]);
    const headers = { "X-Forwarded-Proto": "https" };
    await http.request("/api/v1/sites", { from: "10.8.0.1", headers });
    expect(http.log.at(-1)!.fields.scheme).toBe("https");
    await http.request("/api/v1/sites", { from: "192.0.2.9", headers });
    expect(http.log.at(-1)!.fields.scheme).toBe("http");
  });
});
