import { gzipSync, zstdCompressSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { EnrolledV1 } from "#wire/ack-v1.ts";
import { limits } from "#wire/units.ts";
import { openTestHttp, nowMs } from "../support/http.ts";
import type { TestHttp } from "../support/http.ts";

let http: TestHttp;
let agent: EnrolledV1;

beforeEach(async () => {
  http = await openTestHttp();
  agent = await enrol("64.08.01");
});
afterEach(() => http[Symbol.dispose]());

async function tokenFor(site: string): Promise<string> {
  const response = await http.post("/api/v1/agents/tokens", { site });
  return ((await response.json()) as { data: { token: string } }).data.token;
}

async function enrol(site: string): Promise<EnrolledV1> {
  const token = await tokenFor(site);
  const body = JSON.stringify({ token, hardware: "test", version: "1" });
  const response = await http.request("/api/v1/agents/enrol", { method: "POST", key: null, body });
  expect(response.status).toBe(200);
  return (await response.json()) as EnrolledV1;
}

const batch = (seq: number, more: object = {}) => ({
  v: 1,
  agent: agent.agentId,
  boot: "boot1",
  host: { bootId: "host1", uptimeS: 1000 },
  seq,
  clock: { wallMs: nowMs, monoMs: 1_000_000, synced: true },
  ledger: { produced: seq * 2, thinned: 0, lost: 0 },
  rounds: [
    { target: "gw", kind: "icmp", monoMs: [940_000, 30_000], sent: [1, 1], recv: [1, 0], rttUs: [1200] },
  ],
  events: [],
  ...more,
});

interface Send {
  encoding?: string;
  key?: string | null;
  headers?: Record<string, string>;
}

const send = (body: RequestInit["body"], { encoding, key = agent.key, headers }: Send = {}) =>
  http.request("/api/v1/batches", {
    method: "POST",
    key,
    body,
    duplex: "half",
    headers: { ...headers, ...(encoding === undefined ? {} : { "Content-Encoding": encoding }) },
  } as RequestInit & { key: string | null });

const problemOf = async (response: Response) => {
  expect(response.headers.get("Content-Type")).toBe("application/problem+json");
  return (await response.json()) as { status: number; code: string; errors?: { field: string }[] };
};

describe("batches", () => {
  it.each([
    ["zstd", zstdCompressSync],
    ["gzip", gzipSync],
    ["identity", (text: Buffer) => text],
  ])("are taken as %s and stored once", async (encoding, pack) => {
    const body = new Uint8Array(pack(Buffer.from(JSON.stringify(batch(1)))));
    for (const _ of [1, 2]) {
      const response = await send(body, { encoding });
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({ acked: 1, serverMs: nowMs, backlog: "go" });
    }
    const { data } = await http.get<{ data: object }>(`/api/v1/agents/${agent.agentId}/ledger`);
    expect(data).toMatchObject({
      storedRounds: 2,
      openRounds: 0,
      stored: [{ fromSeq: 1, toSeq: 1 }],
      holes: [],
    });
  });

  it("show what the spool thinned and lost, what waits in it, and what the uplink sent", async () => {
    const spoolEvents = [
      {
        monoMs: 990_000,
        type: "spool.thinned",
        detail: { fromMonoMs: 100_000, toMonoMs: 460_000, rounds: 90, summaries: 10, stepS: 300 },
      },
      {
        monoMs: 990_000,
        type: "spool.lost",
        detail: { fromMonoMs: null, toMonoMs: 90_000, rounds: 7, reason: "torn" },
      },
    ];
    const ledger = { produced: 99, thinned: 90, lost: 7, waiting: 12, oldestMs: 60_000, sentBytes: 5_000 };
    const told = batch(1, { events: spoolEvents, ledger });
    expect((await send(JSON.stringify(told))).status).toBe(200);
    const more = { ...ledger, produced: 101, waiting: 0, sentBytes: 7_500 };
    expect((await send(JSON.stringify(batch(2, { ledger: more })))).status).toBe(200);
    const { data } = await http.get<{ data: object }>(`/api/v1/agents/${agent.agentId}/ledger`);
    const bootMs = told.clock.wallMs - told.clock.monoMs;
    const iso = (ms: number) => new Date(ms).toISOString();
    const month = iso(nowMs).slice(0, 7);
    expect(data).toMatchObject({
      openRounds: 0,
      thinned: [
        { from: iso(bootMs + 100_000), to: iso(bootMs + 460_000), rounds: 90, summaries: 10, stepS: 300 },
      ],
      lost: [{ from: null, to: iso(bootMs + 90_000), rounds: 7, reason: "torn" }],
      backlog: { rounds: 0, oldestMs: 60_000, time: new Date(nowMs).toISOString() },
      sentBytes: 7_500,
      monthBytes: 7_500,
      months: [{ month, bytes: 7_500 }],
      inconsistent: null,
    });
    const [row] = (await http.get("/api/v1/agents")).data;
    expect(row).toMatchObject({ backlog: { rounds: 0 }, monthBytes: 7_500, inconsistent: false });
    // The list is read at once for all, and says the same as each ledger.
    for (const name of ["lastSeq", "producedRounds", "storedRounds", "openRounds", "backlog", "sentBytes"])
      expect([name, row?.[name]]).toEqual([name, (data as Record<string, unknown>)[name]]);
    expect(row?.["clockUncertaintyMs"]).toBe((data as Record<string, unknown>)["clockUncertaintyMs"]);
    expect(row?.["clockUncertaintyMs"]).toBeGreaterThan(0);
  });

  it("whose numbers cannot be are stored, and the agent is marked with what it said", async () => {
    expect((await send(JSON.stringify(batch(1)))).status).toBe(200);
    const ledger = { produced: 1, thinned: 0, lost: 0 };
    expect((await send(JSON.stringify(batch(2, { ledger })))).status).toBe(200);
    const { data } = await http.get<{ data: object }>(`/api/v1/agents/${agent.agentId}/ledger`);
    expect(data).toMatchObject({
      storedRounds: 4,
      inconsistent: {
        time: new Date(nowMs).toISOString(),
        seq: 2,
        what: "produced",
        said: { producedRounds: 1 },
        known: { producedRounds: 2, storedRounds: 2, lastSeq: 1 },
      },
    });
    expect((await http.get("/api/v1/agents")).data).toMatchObject([{ inconsistent: true }]);
  });

  it("whose numbers could not be are settled by an administrator, until the next ones", async () => {
    const settle = (key = http.adminKey, id = agent.agentId) =>
      http.request(`/api/v1/agents/${id}/ledger/settle`, { method: "POST", key });
    const bad = (seq: number) =>
      send(JSON.stringify(batch(seq, { ledger: { produced: 1, thinned: 0, lost: 0 } })));
    await send(JSON.stringify(batch(1)));
    expect((await settle()).status).toBe(409);
    await bad(2);
    expect((await settle(http.readKey)).status).toBe(403);
    expect((await settle(http.adminKey, "ag_none")).status).toBe(404);
    expect((await settle()).status).toBe(204);
    const standing = async () =>
      (await http.get<{ data: object }>(`/api/v1/agents/${agent.agentId}/ledger`)).data;
    expect(await standing()).toMatchObject({ inconsistent: null, storedRounds: 4 });
    const [row] = await http.state.audit({ limit: 1 });
    expect(row).toMatchObject({
      action: "agent.ledger.settled",
      subject: agent.agentId,
      detail: { seq: 2, what: "produced" },
    });
    await bad(3);
    expect(await standing()).toMatchObject({ inconsistent: { seq: 3 } });
  });

  it("are acknowledged in few bytes, without what only browsers read", async () => {
    const response = await send(JSON.stringify(batch(1)));
    const head = [...response.headers].map(([name, value]) => `${name}: ${value}\r\n`).join("");
    expect([...response.headers.keys()].toSorted()).toEqual(["content-type"]);
    expect(head.length).toBeLessThan(100);
  });

  it("ask for the key before a byte of the body is read", async () => {
    let pulled = 0;
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          pulled++;
          controller.enqueue(new Uint8Array(1024));
        },
      },
      { highWaterMark: 0 },
    );
    const response = await send(body, { key: null });
    expect((await problemOf(response)).code).toBe("auth.missing");
    expect(pulled).toBe(0);
  });

  it("stop being read at the limit, whether their length is declared or not", async () => {
    const declared = await send("x", { headers: { "Content-Length": String(limits.compressedBytes + 1) } });
    expect((await problemOf(declared)).status).toBe(413);
    let pulled = 0;
    const endless = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          pulled++;
          controller.enqueue(new Uint8Array(65_536));
        },
      },
      { highWaterMark: 0 },
    );
    expect((await problemOf(await send(endless))).status).toBe(413);
    expect(pulled).toBe(limits.compressedBytes / 65_536 + 1);
  });

  it("in another encoding are refused with the ones that are taken", async () => {
    const response = await send("x", { encoding: "br" });
    expect(response.headers.get("Accept-Encoding")).toBe("zstd-sb1, zstd, gzip, identity");
    expect((await problemOf(response)).status).toBe(415);
  });

  it.each(["constructor", "toString", "__proto__"])(
    "said to be packed as %s are refused as well",
    async (encoding) => {
      expect((await problemOf(await send("x", { encoding }))).status).toBe(415);
    },
  );

  it.each([
    ["brackets", Buffer.from("[".repeat(limits.expandedBytes))],
    ["a value nested deep", Buffer.from(`{"v":${"[".repeat(100_000)}${"]".repeat(100_000)}}`)],
    [
      "a million names",
      Buffer.from(`{${Array.from({ length: 1_000_000 }, (_, n) => `"k${n}":1`).join(",")}}`),
    ],
    ["a name of 15 MB", Buffer.from(`{"${"k".repeat(15_000_000)}":1}`)],
  ])("of %s are refused in few words", async (_, text) => {
    const response = await send(zstdCompressSync(text), { encoding: "zstd" });
    expect(response.status).toBeOneOf([400, 422]);
    expect((await response.text()).length).toBeLessThan(4_000);
  });

  it("with a mistake are refused with its field, and nothing of them is stored", async () => {
    const response = await send(JSON.stringify(batch(1, { seq: 0 })));
    expect(await problemOf(response)).toMatchObject({ status: 422, errors: [{ field: "seq" }] });
    expect(await http.state.ledger(agent.agentId)).toBeNull();
  });

  it("with a seq of other rounds are refused, with what is stored under it", async () => {
    expect((await send(JSON.stringify(batch(1)))).status).toBe(200);
    expect(await problemOf(await send(JSON.stringify(batch(1, { boot: "another" }))))).toMatchObject({
      status: 422,
      code: "seq.used",
      errors: [{ field: "seq" }],
      stored: { boot: "boot1", rounds: 2 },
    });
  });

  it("that are not JSON are refused", async () => {
    expect((await problemOf(await send("{"))).status).toBe(400);
  });

  it("of a revoked agent are refused at once", async () => {
    const gone = await http.request(`/api/v1/agents/${agent.agentId}`, {
      method: "DELETE",
      key: http.adminKey,
    });
    expect(gone.status).toBe(204);
    const response = await send(JSON.stringify(batch(1)));
    expect([401, 403]).toContain((await problemOf(response)).status);
  });
});

describe("enrolment", () => {
  it("burns its token", async () => {
    const body = JSON.stringify({ token: await tokenFor("64.08.02"), hardware: "test", version: "1" });
    const once = { method: "POST", key: null, body };
    expect((await http.request("/api/v1/agents/enrol", once)).status).toBe(200);
    expect((await problemOf(await http.request("/api/v1/agents/enrol", once))).status).toBe(403);
  });

  it("names what is wrong with a request", async () => {
    const ask = (body: string) => http.request("/api/v1/agents/enrol", { method: "POST", key: null, body });
    expect(await problemOf(await ask('{"token":"x","hardware":"t","version":"1"}'))).toMatchObject({
      status: 422,
      errors: [{ field: "token" }],
    });
    expect((await problemOf(await ask("{"))).status).toBe(400);
  });
});

describe("an agent's configuration", () => {
  it("carries a tag, and is not sent again while the tag is the same", async () => {
    const get = (headers: Record<string, string> = {}) =>
      http.request("/api/v1/agent/config", { key: agent.key, headers });
    const first = await get();
    expect(await first.json()).toMatchObject({ v: 1, agent: agent.agentId, site: "64.08.01" });
    const etag = first.headers.get("ETag")!;
    const ack = (await (await send(JSON.stringify(batch(1)))).json()) as { configEtag: string };
    expect(ack.configEtag).toBe(etag);
    const again = await get({ "If-None-Match": etag });
    expect([again.status, await again.text(), again.headers.get("ETag")]).toEqual([304, "", etag]);
    expect((await get({ "If-None-Match": '"other"' })).status).toBe(200);
  });

  it("is for agents, not for readers", async () => {
    expect((await http.request("/api/v1/agent/config")).status).toBe(403);
  });
});
