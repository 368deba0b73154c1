import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { EnrolledV1 } from "#wire/ack-v1.ts";
import type { AgentConfigV1 } from "#wire/agent-config-v1.ts";
import { judgedMs } from "../../src/ingest/ingest.ts";
import { nowMs, openTestHttp } from "../support/http.ts";
import type { TestHttp } from "../support/http.ts";

/* What somebody can do who has the key of one box, or of a board that was one. */

let http: TestHttp;
let mine: EnrolledV1;
let other: EnrolledV1;
let telegraf: EnrolledV1;

beforeEach(async () => {
  http = await openTestHttp();
  mine = await enrol("64.08.01");
  other = await enrol("64.08.02");
  telegraf = await enrol("64.08.01", "telegraf");
});
afterEach(() => http[Symbol.dispose]());

async function enrol(site: string, kind = "sambung"): Promise<EnrolledV1> {
  const made = await http.post("/api/v1/agents/tokens", { site, kind });
  const { data } = (await made.json()) as { data: { token: string } };
  const body = JSON.stringify({ token: data.token, hardware: "test", version: "1" });
  const answer = await http.request("/api/v1/agents/enrol", { method: "POST", key: null, body });
  return (await answer.json()) as EnrolledV1;
}

const icmp = (target: string) => ({
  target,
  kind: "icmp",
  monoMs: [940_000],
  sent: [1],
  recv: [1],
  rttUs: [1200],
});

const send = (more: object, key = mine.key) =>
  http.request("/api/v1/batches", {
    method: "POST",
    key,
    body: JSON.stringify({
      v: 1,
      agent: mine.agentId,
      boot: "boot1",
      host: { bootId: "host1", uptimeS: 1000 },
      seq: 1,
      clock: { wallMs: nowMs, monoMs: 1_000_000, synced: true },
      ledger: { produced: 1, thinned: 0, lost: 0 },
      rounds: [icmp("gw")],
      events: [],
      ...more,
    }),
  });

const ack = async (more: object, key: string) => (await send(more, key)).json();

/** Nothing is stored of a site, and nothing stands in the account of its agent. */
async function expectUntouched(site: string, agent: EnrolledV1): Promise<void> {
  expect((await http.series.read([`${site}/gw`, `${site}/hub`, `${site}/lapor`], 0, nowMs * 2)).length).toBe(
    0,
  );
  expect(await http.state.ledger(agent.agentId)).toBeNull();
  expect(await http.state.events({ fromMs: 0, toMs: nowMs * 2, sites: [site] })).toEqual([]);
}

describe("an agent writes for its own targets alone", () => {
  it("not in the name of another agent", async () => {
    const answer = await send({ agent: other.agentId });
    expect(answer.status).toBe(403);
    await expectUntouched("64.08.02", other);
    expect(await http.state.ledger(mine.agentId)).toBeNull();
  });

  it.each([
    "64.08.02/gw",
    "../64.08.02/gw",
    "/64.08.02/gw",
    "gw/../../64.08.02/gw",
    "..",
    "gw\u0000",
    "gw ",
    "GW",
    "*",
    "__proto__",
    "constructor",
  ])("not for a target %j, which its site has not", async (target) => {
    const answer = await send({
      rounds: [icmp("gw"), icmp(target)],
      ledger: { produced: 2, thinned: 0, lost: 0 },
    });
    expect(answer.status).toBe(422);
    await expectUntouched("64.08.02", other);
    await expectUntouched("64.08.01", mine);
  });

  it("not as another kind than the target is, where it might pass for another measurement", async () => {
    const round = { target: "gw", kind: "tcp", monoMs: [940_000], ok: [1], phase: [null], connectMs: [1] };
    expect((await send({ rounds: [round] })).status).toBe(422);
    await expectUntouched("64.08.01", mine);
  });

  it("not with a site of its choice: fields that nobody asked for are refused", async () => {
    expect((await send({ site: "64.08.02" })).status).toBe(422);
    const events = [{ monoMs: 1_000_000, type: "agent.start", detail: {}, site: "64.08.02" }];
    expect((await send({ events })).status).toBe(422);
    await expectUntouched("64.08.02", other);
  });

  it("events of it are its own site's, whatever they say", async () => {
    const detail = { site: "64.08.02", agent: other.agentId };
    expect((await send({ events: [{ monoMs: 1_000_000, type: "agent.start", detail }] })).status).toBe(200);
    const stored = await http.state.events({ fromMs: 0, toMs: nowMs * 2 });
    expect(stored.map(({ site, agent }) => [site, agent])).toEqual([["64.08.01", mine.agentId]]);
  });

  it("not over what it has sent: a number that comes again changes nothing", async () => {
    expect((await send({})).status).toBe(200);
    const before = await http.series.read(["64.08.01/gw"], 0, nowMs * 2);
    const forged = { ...icmp("gw"), recv: [0], rttUs: [] };
    await send({ rounds: [forged] });
    await send({ rounds: [forged, icmp("hub")], ledger: { produced: 2, thinned: 0, lost: 0 } });
    expect(await http.series.read(["64.08.01/gw"], 0, nowMs * 2)).toEqual(before);
    expect((await http.state.ledger(mine.agentId))!.storedRounds).toBe(1);
  });

  it("not by line protocol with the tags of another site", async () => {
    const line = (tags: string) =>
      `ping,${tags} packets_received=0i,packets_transmitted=5i,percent_packet_loss=100,result_code=1i ${nowMs - 60_000}`;
    const statuses: number[] = [];
    for (const tags of ["site=64.08.02,target=gw", "target=64.08.02/gw", "target=../64.08.02/gw"]) {
      const how = { method: "POST", key: telegraf.key, body: line(tags) };
      statuses.push((await http.request("/api/v2/write?precision=ms&bucket=64.08.02", how)).status);
    }
    // The first has a target that its own site has as well.
    expect(statuses).toEqual([204, 422, 422]);
    await expectUntouched("64.08.02", other);
  });
});

describe("an agent reads its own configuration alone", () => {
  it("whatever it asks for", async () => {
    for (const path of [
      `/api/v1/agent/config?agent=${other.agentId}`,
      `/api/v1/agent/config?site=64.08.02`,
      "/api/v1/agent/config",
    ]) {
      const headers = { "X-Agent": other.agentId, "X-Original-URL": `/agents/${other.agentId}` };
      const answer = await http.request(path, { key: mine.key, headers });
      const config = (await answer.json()) as AgentConfigV1;
      expect([config.agent, config.site]).toEqual([mine.agentId, "64.08.01"]);
    }
  });

  it("and nothing else: no account, no map, no key, no metrics, not even its own", async () => {
    for (const path of [
      `/api/v1/agents/${other.agentId}/ledger`,
      `/api/v1/agents/${mine.agentId}/ledger`,
      "/api/v1/agents",
      "/api/v1/sites",
      "/api/v1/audit",
      "/metrics",
    ]) {
      const answer = await http.request(path, { key: mine.key });
      expect([path, answer.status]).toEqual([path, 403]);
    }
  });

  it("takes keys for itself alone", async () => {
    const body = JSON.stringify({ agent: other.agentId });
    const ask = (query: string) =>
      http.request(`/api/v1/agent/key${query}`, { method: "POST", key: mine.key, body });
    expect((await ask(`?agent=${other.agentId}`)).status).toBe(400);
    const answer = await ask("");
    const { key } = (await answer.json()) as { key: string };
    const config = await (await http.request("/api/v1/agent/config", { key })).json();
    expect(config).toMatchObject({ agent: mine.agentId, site: "64.08.01" });
    expect((await http.request("/api/v1/agent/config", { key: other.key })).status).toBe(200);
  });
});

describe("one box", () => {
  it("that promises bodies and never sends them holds up nobody else", async () => {
    const controllers: ReadableStreamDefaultController[] = [];
    const promise = (queue: string) =>
      http.request("/api/v1/batches", {
        method: "POST",
        key: mine.key,
        headers: { "Content-Length": "1048576", "Sambung-Queue": queue },
        body: new ReadableStream({ start: (controller) => void controllers.push(controller) }),
        duplex: "half",
      } as RequestInit);
    const answers = Array.from({ length: 60 }, (_, nth) => promise(nth % 2 === 0 ? "live" : "backlog"));
    const first = await Promise.race(answers);
    expect([first.status, first.headers.has("Retry-After")]).toEqual([503, true]);
    expect((await send({ agent: other.agentId, boot: "boot2" }, other.key)).status).toBe(200);
    expect(await ack({ agent: other.agentId, seq: 2 }, other.key)).toMatchObject({ backlog: "go" });
    for (const controller of controllers) controller.close();
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 503).length).toBeGreaterThan(40);
  });
});

describe("rounds of years ago", () => {
  it("are stored, and the outages of everybody since then are not gone over again for them", async () => {
    const clock = { wallMs: Date.UTC(2020, 1, 1), monoMs: 1_000_000, synced: true };
    expect((await send({ clock })).status).toBe(200);
    expect((await http.state.ledger(mine.agentId))!.storedRounds).toBe(1);
    expect((await http.state.lateTouches())!.fromMs).toBe(nowMs - judgedMs);
  });
});

describe("two boxes of one card", () => {
  it("are not both told that their rounds are stored when they send at the same moment", async () => {
    const [first, second] = await Promise.all([send({ boot: "boot1" }), send({ boot: "boot2" })]);
    expect([first.status, second.status].toSorted()).toEqual([200, 422]);
    const same = await Promise.all([send({ seq: 2 }), send({ seq: 2 })]);
    expect(same.map(({ status }) => status)).toEqual([200, 200]);
    expect((await http.state.ledger(mine.agentId))!.storedRounds).toBe(2);
  });
});

describe("a box that was revoked", () => {
  it("can do nothing from then on, and what others do goes on", async () => {
    await http.request(`/api/v1/agents/${mine.agentId}`, { method: "DELETE", key: http.adminKey });
    expect((await send({})).status).toBe(401);
    expect((await http.request("/api/v1/agent/config", { key: mine.key })).status).toBe(401);
    expect((await http.request("/api/v1/agent/key", { method: "POST", key: mine.key })).status).toBe(401);
    await expectUntouched("64.08.01", mine);
    expect((await http.request("/api/v1/agent/config", { key: other.key })).status).toBe(200);
  });
});
