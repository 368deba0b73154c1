import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeKey } from "../../src/state/keys.ts";
import { openTestHttp, testAdmission } from "../support/http.ts";
import type { TestHttp } from "../support/http.ts";
import { addPartnerKey } from "../support/partners.ts";

/*
 * Every route of /openapi.json, without a key and with a wrong one. A route that is added is tested by being described; one
 * that is to be public has to be named here.
 */

const publicRoutes = [
  "GET /data/katalog.json",
  "GET /data/{file}",
  "GET /health",
  "GET /livez",
  "GET /openapi.json",
  "GET /ping",
  "GET /ready",
  "GET /readyz",
  "POST /api/v1/agents/enrol",
];

interface Route {
  name: string;
  method: string;
  path: string;
  /** Names of the security schemes, as documented. */
  security: string[];
  /** The scope that the key needs, as documented; an agent's has none. */
  scope: string | undefined;
}

const limits = { ...testAdmission.limits, refusedPerMinute: 10_000 };
let http: TestHttp;
let routes: Route[];
let agentKey: string;

beforeAll(async () => {
  http = await openTestHttp({ deps: { admission: { ...testAdmission, limits } } });
  type Operations = Record<string, { security?: Record<string, string[]>[] }>;
  const { paths } = await http.get<{ paths: Record<string, Operations> }>("/openapi.json");
  routes = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([verb, { security = [] }]) => {
      const method = verb.toUpperCase();
      const names = security.flatMap((scheme) => Object.keys(scheme));
      const [scope] = security.flatMap((scheme) => Object.values(scheme).flat());
      const asked = path.replaceAll(/\{\w+\}/g, "x1");
      return { name: `${method} ${path}`, method, path: asked, security: names, scope };
    }),
  );
  const made = await http.post("/api/v1/agents/tokens", { site: "64.08.01" });
  const { data } = (await made.json()) as { data: { token: string } };
  const body = JSON.stringify({ token: data.token, hardware: "test", version: "1" });
  const enrolled = await http.request("/api/v1/agents/enrol", { method: "POST", key: null, body });
  agentKey = ((await enrolled.json()) as { key: string }).key;
});
afterAll(() => http[Symbol.dispose]());

const guarded = () => routes.filter(({ security }) => security.length > 0);

async function answersTo(key: string | null, those: readonly Route[], headers: Record<string, string> = {}) {
  const answers: string[] = [];
  for (const { name, method, path } of those) {
    const sent = method === "POST" ? { body: "{}" } : {};
    const type = { "Content-Type": "application/json", ...headers };
    const answer = await http.request(path, { method, key, ...sent, headers: type, from: "203.0.113.5" });
    answers.push(`${answer.status} ${name}`);
  }
  return answers;
}

async function addKey(scope: string): Promise<string> {
  const made = await http.post("/api/v1/keys", { name: `only ${scope}`, scopes: [scope] });
  return ((await made.json()) as { data: { key: string } }).data.key;
}

const all = (status: number, those: readonly Route[]) => those.map(({ name }) => `${status} ${name}`);

describe("every documented route", () => {
  it("has a key that it asks for, but those that are public by name", () => {
    const open = routes.filter(({ security }) => security.length === 0).map(({ name }) => name);
    expect(open.toSorted()).toEqual(publicRoutes);
    expect(guarded().length).toBeGreaterThan(30);
  });

  it("answers 401 without a key, and with one that is not good", async () => {
    expect(await answersTo(null, guarded())).toEqual(all(401, guarded()));
    for (const key of [makeKey("sbk"), makeKey("sba"), makeKey("sbe"), "x", "sbk_", `${http.adminKey}x`])
      expect(await answersTo(key, guarded())).toEqual(all(401, guarded()));
    const basic = { Authorization: `Basic ${Buffer.from("admin:admin").toString("base64")}` };
    expect(await answersTo(null, guarded(), basic)).toEqual(all(401, guarded()));
  });

  it("answers 403 to a key of the other kind", async () => {
    const ofAgents = guarded().filter(({ security }) => security.includes("agentKey"));
    const ofOthers = guarded().filter(({ security }) => security.includes("apiKey"));
    const ofPartners = guarded().filter(({ security }) => security.includes("partnerKey"));
    expect(ofAgents.length + ofOthers.length + ofPartners.length).toBe(guarded().length);
    expect(ofAgents).toHaveLength(4);
    expect(await answersTo(http.adminKey, ofAgents)).toEqual(all(403, ofAgents));
    expect(await answersTo(agentKey, ofOthers)).toEqual(all(403, ofOthers));
    expect(await answersTo(agentKey, ofPartners)).toEqual(all(403, ofPartners));
    for (const key of [http.readKey, http.adminKey])
      expect(await answersTo(key, ofPartners)).toEqual(all(403, ofPartners));
    const partner = await addPartnerKey(http.state, "Telkom", http.clock.ms);
    expect(await answersTo(partner, ofOthers)).toEqual(all(403, ofOthers));
    expect(await answersTo(partner, ofAgents)).toEqual(all(403, ofAgents));
  });

  it("answers 403 to a reader wherever anything is administered, and to no reader elsewhere", async () => {
    const ofOthers = guarded().filter(({ security }) => security.includes("apiKey"));
    const refused = (await answersTo(http.readKey, ofOthers)).filter((answer) => answer.startsWith("403 "));
    expect(refused.map((answer) => answer.slice(4)).toSorted()).toEqual([
      "DELETE /api/v1/agents/tokens/{id}",
      "DELETE /api/v1/agents/{id}",
      "DELETE /api/v1/complaints/imports/{id}/days",
      "DELETE /api/v1/keys/{id}",
      "DELETE /api/v1/maintenance/{id}",
      "DELETE /api/v1/partners/webhooks/{id}",
      "GET /api/v1/agents/tokens",
      "GET /api/v1/audit",
      "GET /api/v1/keys",
      "GET /api/v1/partners/webhooks",
      "POST /api/v1/agents/tokens",
      "POST /api/v1/agents/{id}/ledger/settle",
      "POST /api/v1/agents/{id}/rotate",
      "POST /api/v1/alerts/{id}/ack",
      "POST /api/v1/complaints",
      "POST /api/v1/complaints/deletions",
      "POST /api/v1/contacts",
      "POST /api/v1/keys",
      "POST /api/v1/keys/{id}/rotate",
      "POST /api/v1/maintenance",
      "POST /api/v1/maintenance/{id}/end",
      "POST /api/v1/sla/issues",
    ]);
    const beyondReading = ofOthers.filter(({ scope }) => scope !== "read").map(({ name }) => `403 ${name}`);
    expect(beyondReading).toEqual(refused);
    // Whatever changes something is among them.
    const changing = ofOthers.filter(({ method }) => method !== "GET").map(({ name }) => name);
    expect(changing.filter((name) => !refused.includes(`403 ${name}`))).toEqual([]);
  });

  it("takes a key with the scope that is documented, and names that scope to one without it", async () => {
    const ofOthers = guarded().filter(({ security }) => security.includes("apiKey"));
    expect(new Set(ofOthers.map(({ scope }) => scope))).toEqual(new Set(["read", "admin", "complaints"]));
    for (const granted of ["complaints", "read"] as const) {
      const key = await addKey(granted);
      const refused = (await answersTo(key, ofOthers)).filter((answer) => answer.startsWith("403 "));
      const beyond = ofOthers.filter(({ scope }) => scope !== granted);
      expect(refused).toEqual(all(403, beyond));
    }
    const admin = (await answersTo(await addKey("admin"), ofOthers)).filter((answer) =>
      answer.startsWith("403 "),
    );
    expect(admin).toEqual([]);
  });
});
