import { createHash } from "node:crypto";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EnrolledV1 } from "#wire/ack-v1.ts";
import type { BatchV1 } from "#wire/batch-v1.ts";
import { limits } from "#wire/units.ts";
import { createApp } from "../../src/app.ts";
import type { App } from "../../src/app.ts";
import { readConfig } from "../../src/config.ts";
import { readInventory } from "../../src/inventory/read-inventory.ts";
import { hashKey, keyPrefix, makeKey } from "../../src/state/keys.ts";
import { tempDir } from "../support/temp-dir.ts";
import { writeDistrict } from "./collector.ts";

/*
 * What a broken, an old or a hostile agent may send: refused with the place of the mistake, and nothing of it stored. One
 * app takes all of it, one after the other, so that the last good batch also proves that none of it did harm.
 */

const nowMs = Date.UTC(2026, 8, 21, 14);
const targets = `- {id: gw, site: "64.08.04", role: gateway, kind: icmp, address: 127.0.0.1}
- {id: lapor-dns, site: "64.08.04", role: service, service: lapor, kind: dns}
- {id: gw, site: "64.08.04.2001", role: gateway, kind: icmp, address: 127.0.0.1}
- {id: own, site: "64.08.04.2001", role: device, kind: icmp, address: 127.0.0.1}
`;
const services = `- {id: lapor, name: SP4N-LAPOR!, url: "http://lapor.test/", control: "64.08"}\n`;

const dir = tempDir();
let app: App;
let agent: EnrolledV1;
let other: EnrolledV1;
let revoked: EnrolledV1;
const adminKey = makeKey("sbk");

beforeAll(async () => {
  writeDistrict(dir.path, { "targets.yaml": targets, "services.yaml": services });
  const config = readConfig({ SAMBUNG_CONFIG: dir.file("sambung.yaml") }, dir.path);
  app = createApp(config, {
    logger: pino({ level: "silent" }),
    now: () => nowMs,
    random: () => 0.5,
    readInventory: () => readInventory(config.inventory, {}),
    version: "test",
  });
  const own = {
    id: "key_admin",
    name: "admin",
    prefix: keyPrefix(adminKey),
    scopes: ["read" as const, "admin" as const],
  };
  await app.state.addApiKey({ ...own, createdMs: nowMs, revokedMs: null, hash: hashKey(adminKey) });
  agent = await enrol("64.08.04");
  other = await enrol("64.08.04.2001");
  revoked = await enrol("64.08.04");
  await app.state.revokeAgent(revoked.agentId, nowMs);
  await send(JSON.stringify(batch({})));
});
afterAll(async () => {
  await app.stop();
  dir[Symbol.dispose]();
});

async function enrol(site: string): Promise<EnrolledV1> {
  const token = makeKey("sbe");
  await app.state.addEnrolToken({
    hash: hashKey(token),
    site,
    prefix: "sbe_test",
    kind: "sambung",
    expiresMs: nowMs + 1_000,
    nowMs,
  });
  const body = JSON.stringify({ token, hardware: "test", version: "1" });
  const response = await app.fetch(
    new Request("http://collector/api/v1/agents/enrol", { method: "POST", body }),
  );
  return (await response.json()) as EnrolledV1;
}

const gw: BatchV1["rounds"][number] = {
  target: "gw",
  kind: "icmp",
  monoMs: [940_000, 30_000],
  sent: [1, 1],
  recv: [1, 1],
  rttUs: [1_200, 1_300],
};
const dns = {
  target: "lapor-dns",
  kind: "dns",
  monoMs: [950_000],
  ok: [1],
  rcode: ["NOERROR"],
  totalMs: [3],
};

const batch = (change: object, seq = 1) => ({
  v: 1,
  agent: agent.agentId,
  boot: "boot1",
  host: { bootId: "host1", uptimeS: 1_000 },
  seq,
  clock: { wallMs: nowMs, monoMs: 1_000_000, synced: true },
  ledger: { produced: 3 * seq, thinned: 0, lost: 0 },
  rounds: [gw, dns],
  events: [],
  ...change,
});

function send(
  body: string | Uint8Array<ArrayBuffer>,
  encoding?: string,
  key: string | null = agent.key,
): Promise<Response> {
  return app.fetch(
    new Request("http://collector/api/v1/batches", {
      method: "POST",
      body,
      headers: {
        ...(key === null ? {} : { Authorization: `Bearer ${key}` }),
        ...(encoding === undefined ? {} : { "Content-Encoding": encoding }),
      },
    }),
  );
}

/** Ledgers of all agents and every stored round, as one text. */
async function everything(): Promise<string> {
  const ledgers = await Promise.all([agent, other, revoked].map(({ agentId }) => app.state.ledger(agentId)));
  const get = (path: string) =>
    app.fetch(new Request(`http://collector${path}`, { headers: { Authorization: `Bearer ${adminKey}` } }));
  const series = await get(
    `/api/v1/smoke?target=64.08.04/gw,64.08.04.2001/gw,64.08.04.2001/own&step=1m&from=${nowMs - 7_200_000}&to=${nowMs + 60_000}`,
  );
  expect(series.status).toBe(200);
  const agents = await app.state.agents();
  return JSON.stringify([ledgers, await series.text(), agents.map(({ id, lastSeenMs }) => [id, lastSeenMs])]);
}

interface Case {
  body: () => string | Uint8Array<ArrayBuffer>;
  encoding?: string;
  key?: () => string | null;
  status: number;
  field?: string | RegExp;
  value?: string | RegExp;
  allowed?: RegExp;
}

/** Bytes that no compression shortens. */
function noise(bytes: number): Uint8Array<ArrayBuffer> {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes; at += 32) parts.push(createHash("sha256").update(String(at)).digest());
  return new Uint8Array(Buffer.concat(parts));
}
const spaces = () => Buffer.alloc(limits.expandedBytes + 1, 0x20);
const json =
  (change: object, seq = 2) =>
  () =>
    JSON.stringify(batch(change, seq));
const rounds = (change: object) => json({ rounds: [{ ...gw, ...change }, dns] });

const cases: Record<string, Case> = {
  "an empty body": { body: () => "", status: 400 },
  "not JSON": { body: () => "{", status: 400 },
  "not UTF-8": { body: () => new Uint8Array([0x22, 0xff, 0xfe, 0x22]), status: 400 },
  "a literal NaN": { body: () => json({})().replace("1200", "NaN"), status: 400 },
  "a literal Infinity": { body: () => json({})().replace("1200", "Infinity"), status: 400 },
  "a truncated gzip": {
    body: () => new Uint8Array(gzipSync(json({})()).subarray(0, 60)),
    encoding: "gzip",
    status: 400,
  },
  "a corrupt zstd": {
    body: () => new Uint8Array([0x28, 0xb5, 0x2f, 0xfd, 1, 2, 3, 4]),
    encoding: "zstd",
    status: 400,
  },
  "zstd that says it is gzip": {
    body: () => new Uint8Array(zstdCompressSync(json({})())),
    encoding: "gzip",
    status: 400,
  },
  "larger than 1 MiB as sent": {
    body: () => noise(limits.compressedBytes + 32),
    encoding: "zstd",
    status: 413,
    field: "body",
    value: /compressed/,
    allowed: /1048576 bytes compressed/,
  },
  "a gzip bomb": {
    body: () => new Uint8Array(gzipSync(spaces())),
    encoding: "gzip",
    status: 413,
    field: "body",
    value: /expanded/,
    allowed: /16777216 bytes expanded/,
  },
  "a zstd bomb": {
    body: () => new Uint8Array(zstdCompressSync(spaces())),
    encoding: "zstd",
    status: 413,
    field: "body",
    value: /expanded/,
    allowed: /16777216 bytes expanded/,
  },
  brotli: {
    body: json({}),
    encoding: "br",
    status: 415,
    field: "Content-Encoding",
    value: "br",
    allowed: /zstd, gzip/,
  },
  "zstd and gzip at once": { body: json({}), encoding: "zstd, gzip", status: 415, field: "Content-Encoding" },
  "an array": { body: () => "[]", status: 422, field: "", value: "[]", allowed: /an object/ },
  null: { body: () => "null", status: 422, allowed: /an object/ },
  "another version": { body: json({ v: 2 }), status: 422, field: "v", value: "2", allowed: /^1$/ },
  "an unknown key": {
    body: json({ colour: 1 }),
    status: 422,
    field: "colour",
    allowed: /one of the keys v, agent/,
  },
  "an unknown key in a round": { body: rounds({ rttMs: [] }), status: 422, field: "rounds[0].rttMs" },
  "the key __proto__": {
    body: () => json({})().replace('"v":1', '"v":1,"__proto__":{}'),
    status: 422,
    field: "__proto__",
  },
  "seq 0": { body: json({ seq: 0 }), status: 422, field: "seq", value: "0", allowed: /from 1/ },
  "a seq with a fraction": { body: json({ seq: 1.5 }), status: 422, field: "seq", value: "1.5" },
  "a seq beyond what numbers can count": { body: json({ seq: 2 ** 53 }), status: 422, field: "seq" },
  "an rtt of null": {
    body: rounds({ rttUs: [null, 1_300] }),
    status: 422,
    field: "rounds[0].rttUs[0]",
    value: "null",
    allowed: /whole number from 0 to 600000000/,
  },
  "a negative rtt": {
    body: rounds({ rttUs: [-1, 1_300] }),
    status: 422,
    field: "rounds[0].rttUs[0]",
    value: "-1",
  },
  "an rtt that is text": {
    body: rounds({ rttUs: ["1", 1_300] }),
    status: 422,
    field: "rounds[0].rttUs[0]",
    value: '"1"',
  },
  "more replies than requests": { body: rounds({ recv: [2, 0] }), status: 422, field: "rounds[0].recv[0]" },
  "columns of unequal length": {
    body: rounds({ sent: [1] }),
    status: 422,
    field: "rounds[0].sent",
    value: '"1 values"',
    allowed: /2 values/,
  },
  "a kind that nobody knows": {
    body: rounds({ kind: "irtt" }),
    status: 422,
    field: "rounds[0].kind",
    value: '"irtt"',
  },
  "a target that its site does not have": {
    body: rounds({ target: "nowhere" }),
    status: 422,
    field: "rounds[0].target",
    value: '"nowhere"',
    allowed: /a target of site 64\.08\.04/,
  },
  "a target of another site": {
    body: rounds({ target: "own" }),
    status: 422,
    field: "rounds[0].target",
    value: '"own"',
  },
  "a target that reaches for another site": {
    body: rounds({ target: "../64.08.04.2001/own" }),
    status: 422,
    field: "rounds[0].target",
  },
  "a kind that is not the target's": {
    body: rounds({ target: "lapor-dns" }),
    status: 422,
    field: /^rounds\[[01]\]\.(kind|target)$/,
  },
  "a kind that is not the one target's": {
    body: json({ rounds: [{ ...gw, target: "lapor-dns" }] }),
    status: 422,
    field: "rounds[0].kind",
    value: '"icmp"',
    allowed: /^dns/,
  },
  "a target twice": { body: json({ rounds: [gw, gw] }), status: 422, field: "rounds[1].target" },
  "a clock in 1970 that says it is right": {
    body: json({ clock: { wallMs: 5_000, monoMs: 1_000_000, synced: true } }),
    status: 422,
    field: "clock.wallMs",
    value: "5000",
    allowed: /1577836800000/,
  },
  "a round after the clock's reading": {
    body: rounds({ monoMs: [990_000, 30_000] }),
    status: 422,
    field: "rounds[0].monoMs",
  },
  "rounds that go back in time": {
    body: rounds({ monoMs: [940_000, -1] }),
    status: 422,
    field: "rounds[0].monoMs[1]",
  },
  "a clock that was fixed backwards": {
    body: json({
      clock: {
        wallMs: 0,
        monoMs: 9,
        synced: false,
        fixes: [
          [5, 1_763_785_200_000, 1],
          [4, 1_763_785_200_000, 1],
        ],
      },
    }),
    status: 422,
    field: "clock.fixes[1]",
  },
  "an event with a nested detail": {
    body: json({ events: [{ monoMs: 1, type: "agent.start", detail: { a: {} } }] }),
    status: 422,
    field: "events[0].detail.a",
  },
  "a good batch and one mistake at the end": {
    body: json({ events: [{ monoMs: 1, type: "Start", detail: {} }] }),
    status: 422,
    field: "events[0].type",
    value: '"Start"',
  },
  "the id of another agent": {
    body: () => JSON.stringify(batch({ agent: other.agentId }, 2)),
    status: 403,
    field: "agent",
    value: /^"ag_/,
    allowed: /^ag_/,
  },
  "no key": { body: json({}), key: () => null, status: 401 },
  "a key that was never given out": { body: json({}), key: () => makeKey("sba"), status: 401 },
  "a key that reads": { body: json({}), key: () => adminKey, status: 403 },
  "a revoked key": {
    body: () => JSON.stringify(batch({ agent: revoked.agentId }, 2)),
    key: () => revoked.key,
    status: 401,
  },
};

describe("a batch that is not as agreed", () => {
  it("would have been stored, had it been", async () => {
    expect(await app.state.ledger(agent.agentId)).toMatchObject({ storedRounds: 3, openRounds: 0 });
  });

  it.each(Object.entries(cases))("%s is refused, and nothing of it is stored", async (_, given) => {
    const before = await everything();
    const response = await send(
      given.body(),
      given.encoding,
      given.key === undefined ? agent.key : given.key(),
    );
    const text = await response.text();
    expect(response.status, text).toBe(given.status);
    expect(response.headers.get("Content-Type")).toBe("application/problem+json");
    const problem = JSON.parse(text) as {
      status: number;
      errors?: { field: string; value: string; allowed: string }[];
    };
    expect(problem.status).toBe(given.status);
    const [mistake] = problem.errors ?? [];
    if (given.status === 422 || given.status === 413 || given.status === 415)
      expect(mistake, text).toBeDefined();
    if (typeof given.field === "string") expect(mistake?.field).toBe(given.field);
    if (given.field instanceof RegExp) expect(mistake?.field).toMatch(given.field);
    if (typeof given.value === "string") expect(mistake?.value).toBe(given.value);
    if (given.value instanceof RegExp) expect(mistake?.value).toMatch(given.value);
    if (given.allowed !== undefined) expect(mistake?.allowed).toMatch(given.allowed);
    expect(await everything()).toBe(before);
  });

  it("does no harm to the good one that follows, which is stored once however often it comes", async () => {
    for (const answer of await Promise.all([1, 2, 3].map(() => send(JSON.stringify(batch({}, 2)))))) {
      expect(answer.status).toBe(200);
      expect(await answer.json()).toMatchObject({ acked: 2 });
    }
    expect(await app.state.ledger(agent.agentId)).toMatchObject({
      stored: [{ fromSeq: 1, toSeq: 2 }],
      storedRounds: 6,
      producedRounds: 6,
      openRounds: 0,
    });
  });
});
