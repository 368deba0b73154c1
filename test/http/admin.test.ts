import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DatabaseSync } from "node:sqlite";
import type { EnrolledV1 } from "#wire/ack-v1.ts";
import { parseAgentConfig } from "#wire/agent-config-v1.ts";
import { migrate } from "../../src/state/migrations.ts";
import { makeKey } from "../../src/state/keys.ts";
import { openTestHttp } from "../support/http.ts";
import type { TestHttp } from "../support/http.ts";

let http: TestHttp;
beforeEach(async () => {
  http = await openTestHttp();
});
afterEach(() => http[Symbol.dispose]());

const hourMs = 3_600_000;
type Row = Record<string, unknown>;

const admin = (path: string, method = "GET") =>
  http.request(`/api/v1${path}`, { method, key: http.adminKey, from: "203.0.113.9" });
const rows = async (path: string) => ((await (await admin(path)).json()) as { data: Row[] }).data;
const codeOf = async (answer: Response) => [answer.status, ((await answer.json()) as Row).code];
const whoami = async (key: string) => (await http.request("/api/v1/whoami", { key })).status;

async function makeToken(site = "64.08.01", kind = "sambung") {
  const answer = await http.post("/api/v1/agents/tokens", { site, kind });
  return ((await answer.json()) as { data: { id: string; token: string } }).data;
}

function askToEnrol(token: string, nonce?: string): Promise<Response> {
  const body = JSON.stringify({ token, nonce, hardware: "test", version: "1" });
  return http.request("/api/v1/agents/enrol", { method: "POST", key: null, body, from: "203.0.113.5" });
}

async function enrol(kind = "sambung"): Promise<EnrolledV1> {
  const { token } = await makeToken("64.08.01", kind);
  return (await (await askToEnrol(token)).json()) as EnrolledV1;
}

describe("enrolment tokens", () => {
  it("are listed with what became of them, and never shown again", async () => {
    const [used, waiting] = [await makeToken(), await makeToken("64.08.02")];
    const agent = (await (await askToEnrol(used.token)).json()) as EnrolledV1;
    const listed = await rows("/agents/tokens");
    expect(listed.find(({ id }) => id === used.id)).toMatchObject({
      prefix: used.token.slice(0, 8),
      site: "64.08.01",
      usedBy: agent.agentId,
      used: "2026-09-21T14:00:00.000Z",
    });
    expect(listed.find(({ id }) => id === waiting.id)).toEqual({
      id: waiting.id,
      prefix: waiting.token.slice(0, 8),
      site: "64.08.02",
      kind: "sambung",
      expires: "2026-09-22T14:00:00.000Z",
      used: null,
      usedBy: null,
      revoked: null,
    });
    expect(JSON.stringify(listed)).not.toContain(waiting.token.slice(8));
  });

  it("are revoked before use, and not after", async () => {
    const { id, token } = await makeToken();
    expect((await admin(`/agents/tokens/${id}`, "DELETE")).status).toBe(204);
    expect(await codeOf(await askToEnrol(token))).toEqual([403, "enrol.revoked"]);
    expect((await rows("/agents/tokens"))[0]!.revoked).toBe("2026-09-21T14:00:00.000Z");
    const used = await makeToken();
    await askToEnrol(used.token);
    expect(await codeOf(await admin(`/agents/tokens/${used.id}`, "DELETE"))).toEqual([409, "token.used"]);
    expect((await admin("/agents/tokens/tok_none", "DELETE")).status).toBe(404);
  });

  it("are good for a day and once, whatever is tried at the same moment", async () => {
    const late = await makeToken();
    http.clock.ms += 24 * hourMs;
    expect(await codeOf(await askToEnrol(late.token))).toEqual([403, "enrol.expired"]);
    const { token } = await makeToken();
    const answers = await Promise.all(Array.from({ length: 10 }, () => askToEnrol(token)));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      200,
      ...Array(9).fill(403),
    ]);
  });
});

describe("an enrolment whose answer was lost", () => {
  const nonce = "0123456789abcdef".repeat(2);
  const again = async (token: string, own = nonce) => codeOf(await askToEnrol(token, own));
  const used = [403, "enrol.used"];

  it("gives the same agent another key, and the lost one is nobody's", async () => {
    const { token } = await makeToken();
    const lost = (await (await askToEnrol(token, nonce)).json()) as EnrolledV1;
    const answers = await Promise.all([1, 2, 3].map(() => askToEnrol(token, nonce)));
    const enrolled = (await Promise.all(answers.map((answer) => answer.json()))) as EnrolledV1[];
    expect(enrolled.map(({ agentId }) => agentId)).toEqual(Array(3).fill(lost.agentId));
    expect(await rows("/agents")).toHaveLength(1);
    const good = await Promise.all(
      [lost, ...enrolled].map(({ key }) => http.request("/api/v1/agent/config", { key })),
    );
    expect(good.map(({ status }) => status)).toEqual([401, 401, 401, 200]);
    expect((await rows("/audit")).filter(({ action }) => action === "agent.enrolled.again")).toHaveLength(3);
  });

  it("is not answered to anybody else, nor once its key was used, nor for a revoked agent, nor after a day", async () => {
    const { token } = await makeToken();
    const { key } = (await (await askToEnrol(token, nonce)).json()) as EnrolledV1;
    expect(await again(token, "f".repeat(32))).toEqual(used);
    expect(await codeOf(await askToEnrol(token))).toEqual(used);
    await http.request("/api/v1/agent/config", { key });
    expect(await again(token)).toEqual(used);
    const late = await makeToken();
    await askToEnrol(late.token, nonce);
    const gone = await makeToken();
    const { agentId } = (await (await askToEnrol(gone.token, nonce)).json()) as EnrolledV1;
    expect((await admin(`/agents/${agentId}`, "DELETE")).status).toBe(204);
    expect(await again(gone.token)).toEqual(used);
    http.clock.ms += 24 * hourMs;
    expect(await again(late.token)).toEqual(used);
    // One that asked without a nonce cannot be repeated, whoever asks.
    const bare = await makeToken();
    await askToEnrol(bare.token);
    expect(await again(bare.token)).toEqual(used);
    expect(await codeOf(await askToEnrol(bare.token, "no hex"))).toEqual([422, expect.any(String)]);
  });
});

describe("API keys", () => {
  async function makeApiKey(body: object) {
    const answer = await http.post("/api/v1/keys", { name: "partner", scopes: ["read"], ...body });
    expect(answer.status).toBe(201);
    return ((await answer.json()) as { data: { id: string; key: string; expires: string | null } }).data;
  }
  const rotate = (id: string, body: object) => http.post(`/api/v1/keys/${id}/rotate`, body);
  const dataOf = async (answer: Response) =>
    ((await answer.json()) as { data: { id: string; key: string; expires: string | null } }).data;

  it("end when they were made to", async () => {
    const { key, expires } = await makeApiKey({ expires: "2026-09-21T23:00:00+08:00" });
    expect(expires).toBe("2026-09-21T15:00:00.000Z");
    expect(await whoami(key)).toBe(200);
    http.clock.ms += hourMs;
    expect(await whoami(key)).toBe(401);
  });

  it.each(["2026-09-21T13:00:00Z", "tomorrow", "2026-09-21"])("cannot end at %j", async (expires) => {
    const answer = await http.post("/api/v1/keys", { name: "x", scopes: ["read"], expires });
    expect(answer.status).toBe(422);
    expect(((await answer.json()) as { errors: object[] }).errors).toMatchObject([
      { field: "expires", value: expires },
    ]);
  });

  it("overlap while they are rotated, until the set time", async () => {
    const old = await makeApiKey({});
    const fresh = await dataOf(await rotate(old.id, { overlapS: 3600 }));
    expect([await whoami(old.key), await whoami(fresh.key)]).toEqual([200, 200]);
    const listed = (await rows("/keys")).find(({ id }) => id === old.id)!;
    expect(listed).toMatchObject({ replacedBy: fresh.id, expires: "2026-09-21T15:00:00.000Z" });
    http.clock.ms += hourMs;
    expect([await whoami(old.key), await whoami(fresh.key)]).toEqual([401, 200]);
    expect(fresh.expires).toBeNull();
  });

  it("are replaced at once where there is no overlap, and only once", async () => {
    const old = await makeApiKey({});
    const fresh = await dataOf(await rotate(old.id, { overlapS: 0 }));
    expect([await whoami(old.key), await whoami(fresh.key)]).toEqual([401, 200]);
    expect((await rotate(old.id, {})).status).toBe(404);
    expect((await rotate(fresh.id, {})).status).toBe(201);
    expect(await codeOf(await rotate(fresh.id, {}))).toEqual([409, "key.replaced"]);
    expect((await rotate("key_none", {})).status).toBe(404);
    expect((await rotate(fresh.id, { overlapS: -1 })).status).toBe(422);
  });

  it("live as long as those that they follow were made to, and no overlap outlives the old one", async () => {
    const old = await makeApiKey({ expires: "2026-09-21T16:00:00Z" });
    http.clock.ms += hourMs;
    const fresh = await dataOf(await rotate(old.id, { overlapS: 86_400 }));
    expect(fresh.expires).toBe("2026-09-21T17:00:00.000Z");
    http.clock.ms += hourMs;
    expect([await whoami(old.key), await whoami(fresh.key)]).toEqual([401, 200]);
  });

  it("that rotate keep their scopes, and a reader cannot make itself more", async () => {
    const old = await makeApiKey({});
    const fresh = await dataOf(await rotate(old.id, {}));
    expect((await http.request("/api/v1/keys", { key: fresh.key })).status).toBe(403);
    const own = await http.post(`/api/v1/keys/${fresh.id}/rotate`, {}, fresh.key);
    expect(own.status).toBe(403);
  });
});

describe("an agent's key", () => {
  const config = async (key: string) => {
    const answer = await http.request("/api/v1/agent/config", { key });
    if (answer.status !== 200) return { status: answer.status };
    const etag = answer.headers.get("ETag");
    return { status: 200, etag, config: parseAgentConfig(await answer.json()) };
  };
  const newKey = async (key: string) => {
    const answer = await http.request("/api/v1/agent/key", { method: "POST", key });
    expect([answer.status, answer.headers.get("Cache-Control")]).toEqual([201, "no-store"]);
    return ((await answer.json()) as { key: string }).key;
  };
  const rotate = (id: string) => admin(`/agents/${id}/rotate`, "POST");

  it("is rotated: asked for, both good, the old one gone with the first use of the new one", async () => {
    const agent = await enrol();
    const before = await config(agent.key);
    expect(before.config!.rotateKey).toBeUndefined();
    expect((await rotate(agent.agentId)).status).toBe(202);
    const asked = await config(agent.key);
    expect([asked.config!.rotateKey, asked.etag === before.etag]).toEqual([true, false]);
    expect((await rows("/agents"))[0]).toMatchObject({ rotateAsked: "2026-09-21T14:00:00.000Z" });
    const fresh = await newKey(agent.key);
    expect((await config(agent.key)).config!.rotateKey).toBe(true);
    const after = await config(fresh);
    expect([after.config!.agent, after.config!.rotateKey, after.etag]).toEqual([
      agent.agentId,
      undefined,
      before.etag,
    ]);
    expect((await config(agent.key)).status).toBe(401);
    expect((await rows("/agents"))[0]).toMatchObject({ rotateAsked: null });
  });

  it("goes on while answers with new ones are lost, and few of those stay good", async () => {
    const agent = await enrol();
    const lost: string[] = [];
    for (let time = 0; time < 5; time++) {
      http.clock.ms += 1;
      lost.push(await newKey(agent.key));
    }
    expect((await config(agent.key)).status).toBe(200);
    expect((await config(lost[0]!)).status).toBe(401);
    expect((await config(lost[3]!)).status).toBe(200);
    const others = [agent.key, ...lost.filter((_, index) => index !== 3)];
    for (const key of others) expect((await config(key)).status).toBe(401);
  });

  it("is not taken anew without end: each is a row of the audit log", async () => {
    const agent = await enrol();
    const take = () => http.request("/api/v1/agent/key", { method: "POST", key: agent.key });
    const statuses: number[] = [];
    for (let time = 0; time < 40; time++) statuses.push((await take()).status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(30);
    const refused = await take();
    expect([refused.status, refused.headers.get("Retry-After")]).toEqual([429, "120"]);
    // The key itself is none the worse.
    expect((await http.request("/api/v1/agent/config", { key: agent.key })).status).toBe(200);
    http.clock.ms += 120_000;
    expect((await take()).status).toBe(201);
  });

  it("and all its successors end with the agent", async () => {
    const agent = await enrol();
    const fresh = await newKey(agent.key);
    await admin(`/agents/${agent.agentId}`, "DELETE");
    for (const key of [agent.key, fresh]) expect((await config(key)).status).toBe(401);
    expect((await rotate(agent.agentId)).status).toBe(404);
  });

  it("is not rotated for a Telegraf, which would not know how", async () => {
    const { agentId } = await enrol("telegraf");
    expect(await codeOf(await rotate(agentId))).toEqual([409, "agent.kind"]);
  });
});

describe("the audit log", () => {
  const acts = async () =>
    (await rows("/audit?limit=1000"))
      .toReversed()
      .map(({ actor, action, subject, result }) => [actor, action, subject, result]);

  it("has every act, who did it, from where, and what came of it", async () => {
    const { id: token } = await makeToken("64.08.02");
    await admin(`/agents/tokens/${token}`, "DELETE");
    const agent = await enrol();
    await admin(`/agents/${agent.agentId}/rotate`, "POST");
    const answer = await http.request("/api/v1/agent/key", { method: "POST", key: agent.key });
    const { key } = (await answer.json()) as { key: string };
    await http.request("/api/v1/agent/config", { key });
    await admin(`/agents/${agent.agentId}`, "DELETE");
    const made = await http.post("/api/v1/keys", { name: "guest", scopes: ["read"] });
    const { data: guest } = (await made.json()) as { data: { id: string; key: string } };
    const next = await http.post(`/api/v1/keys/${guest.id}/rotate`, {});
    const { data: successor } = (await next.json()) as { data: { id: string } };
    await admin(`/keys/${successor.id}`, "DELETE");
    const tokenOf = (await rows("/agents/tokens")).find(({ usedBy }) => usedBy === agent.agentId)!.id;
    // The first two are the keys of the test itself.
    expect((await acts()).slice(2)).toEqual([
      ["key_admin", "token.made", token, "done"],
      ["key_admin", "token.revoked", token, "done"],
      ["key_admin", "token.made", tokenOf, "done"],
      [agent.agentId, "agent.enrolled", agent.agentId, "done"],
      ["key_admin", "agent.rotation.asked", agent.agentId, "done"],
      [agent.agentId, "agent.key.made", agent.agentId, "done"],
      [agent.agentId, "agent.key.replaced", agent.agentId, "done"],
      ["key_admin", "agent.revoked", agent.agentId, "done"],
      ["key_admin", "key.made", guest.id, "done"],
      ["key_admin", "key.rotated", guest.id, "done"],
      ["key_admin", "key.revoked", successor.id, "done"],
    ]);
    const [revoked] = await rows("/audit?limit=1");
    expect(revoked).toMatchObject({
      actorName: "admin",
      address: "203.0.113.9",
      time: "2026-09-21T14:00:00.000Z",
      detail: { name: "guest" },
    });
  });

  it("has those who were refused: without a key, with a wrong one, without the scope, with a bad token", async () => {
    const asStranger = { key: null, from: "203.0.113.5" };
    await http.request("/api/v1/keys", asStranger);
    await http.request("/api/v1/keys/key_reader", { method: "DELETE", from: "203.0.113.6" });
    await http.request(`/api/v1/agents/${makeKey("sba")}`, {
      ...asStranger,
      method: "DELETE",
      key: makeKey("sbk"),
    });
    await askToEnrol(makeKey("sbe"));
    const found = (await rows("/audit")).slice(0, 4).toReversed();
    expect(found.map(({ actor, address, subject, detail }) => [actor, address, subject, detail])).toEqual([
      ["nobody", "203.0.113.5", "GET /api/v1/keys", { status: 401, code: "auth.missing" }],
      ["key_reader", "203.0.113.6", "DELETE /api/v1/keys/:id", { status: 403, code: "auth.scope" }],
      ["nobody", "203.0.113.5", "DELETE /api/v1/agents/:id", { status: 401, code: "auth.unknown" }],
      ["nobody", "203.0.113.5", "POST /api/v1/agents/enrol", { status: 403, code: "enrol.unknown" }],
    ]);
    for (const row of found) expect(row).toMatchObject({ action: "access.refused", result: "refused" });
  });

  it("is not filled by strangers: what is left out is counted", async () => {
    let host = 0;
    const knock = () => http.request("/api/v1/keys", { key: null, from: `203.0.113.${++host}` });
    const count = async () =>
      (await rows("/audit?limit=1000")).filter(({ action }) => action === "access.refused").length;
    for (let time = 0; time < 200; time++) await knock();
    expect(await count()).toBe(60);
    http.clock.ms += 60_000;
    await knock();
    expect((await rows("/audit?limit=1"))[0]).toMatchObject({ detail: { leftOut: 140 } });
  });

  it("is not filled by one stranger, behind whom others would hide", async () => {
    const knock = (from: string) => http.request("/api/v1/keys", { key: null, from });
    const addresses = async () =>
      (await rows("/audit?limit=1000"))
        .filter(({ action }) => action === "access.refused")
        .map(({ address }) => address);
    for (let minute = 0; minute < 50; minute++) {
      await knock("203.0.113.5");
      await knock("2001:db8::1");
      await knock("2001:db8::2");
      http.clock.ms += 1_000;
    }
    await knock("203.0.113.6");
    const found = await addresses();
    expect(found.filter((address) => address === "203.0.113.5")).toHaveLength(30);
    expect(found.filter((address) => String(address).startsWith("2001:"))).toHaveLength(30);
    expect(found[0]).toBe("203.0.113.6");
  });

  it("that cannot be written leaves a refusal a refusal", async () => {
    const full = { ...http.state, addAudit: () => Promise.reject(new Error("database or disk is full")) };
    using broken = await openTestHttp({ deps: { state: full } });
    expect((await broken.request("/api/v1/keys", { key: null, from: "203.0.113.5" })).status).toBe(401);
    expect(broken.log.map(({ message }) => message)).toContain("a refusal could not be written down");
  });

  it("is read page by page, newest first, each row once", async () => {
    for (let index = 0; index < 12; index++) await makeToken();
    const whole = (await rows("/audit?limit=1000")).map(({ id }) => id);
    const seen: unknown[] = [];
    let path = "/api/v1/audit?limit=5";
    for (;;) {
      const answer = await http.request(path, { key: http.adminKey });
      const { data, meta } = (await answer.json()) as { data: Row[]; meta: { nextCursor: string | null } };
      seen.push(...data.map(({ id }) => id));
      await makeToken();
      const link = /^<(.+)>; rel="next"$/.exec(answer.headers.get("Link") ?? "")?.[1];
      expect(link === undefined).toBe(meta.nextCursor === null);
      if (link === undefined) break;
      path = new URL(link, `http://x${path}`).toString().replace("http://x", "");
    }
    expect(seen).toEqual(whole);
    const bad = await http.request("/api/v1/audit?cursor=abc", { key: http.adminKey });
    expect(bad.status).toBe(400);
  });

  it("cannot be changed, not even by a mistake of the program", () => {
    const db = new DatabaseSync(":memory:");
    migrate(db);
    db.exec(
      "INSERT INTO audit (time_ms, actor, actor_name, action, subject, result, detail) VALUES (1, 'a', 'b', 'c', 'd', 'done', '{}')",
    );
    expect(() => db.exec("UPDATE audit SET actor = 'x'")).toThrow("insert-only");
    expect(() => db.exec("DELETE FROM audit")).toThrow("insert-only");
    db.close();
  });
});
