import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { alarmBase } from "../../src/report/tmf-alarm.ts";
import { hashKey, keyPrefix, makeKey } from "../../src/state/keys.ts";
import { createConformance } from "../support/conforms.ts";
import type { Conformance, OpenApi } from "../support/conforms.ts";
import { nowMs, openTestHttp } from "../support/http.ts";
import type { TestHttp } from "../support/http.ts";
import { addPartnerKey, outageRow, twoProviders } from "../support/partners.ts";
import { createDeliveryTo } from "./partner-deliveries.ts";
import type { DeliveryTo } from "./partner-deliveries.ts";

/* Who a webhook belongs to, who can end it, and how one that was disabled goes on. */

let http: TestHttp;
let telkom: string;
let conformance: Conformance;
let sent: DeliveryTo;

beforeEach(async () => {
  http = await openTestHttp({ inventory: twoProviders() });
  telkom = await addPartnerKey(http.state, "Telkom", nowMs);
  conformance = createConformance(await http.get<OpenApi>("/openapi.json"));
  sent = createDeliveryTo(http);
});
afterEach(async () => {
  await sent.delivery.stop();
  http[Symbol.dispose]();
});

let names = 0;
async function ask(method: string, path: string, body?: unknown, key = telkom) {
  const response = await http.request(path, {
    method,
    key,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    headers: { "Content-Type": "application/json", "Idempotency-Key": `"hook-${(names += 1)}"` },
  });
  await conformance.check(method, path, response);
  const text = await response.text();
  return { status: response.status, body: (text === "" ? null : JSON.parse(text)) as never };
}
type Row = Record<string, unknown> & { id: string };
const webhooks = "/api/v1/partner/webhooks";
const hub = `${alarmBase}/hub`;
const register = async (key = telkom) =>
  ((await ask("POST", webhooks, { url: "http://127.0.0.1:9/hook" }, key)).body as { data: Row }).data.id;
const list = async (key = telkom) =>
  ((await ask("GET", webhooks, undefined, key)).body as { data: Row[] }).data;
let outages = 0;
const happen = async () => {
  await http.state.writeWatch({
    outages: [outageRow(`out_${(outages += 1)}`, { knownMs: http.clock.ms })],
    states: [],
    alerts: [],
    messages: [],
  });
  await sent.delivery.drain();
};

describe("a webhook belongs to the key that registered it", () => {
  it("and is told nothing more once that is revoked, until another key takes it over", async () => {
    const id = await register();
    await happen();
    expect(sent.bodies).toHaveLength(1);
    const second = makeKey("sbk");
    await http.state.addApiKey({
      id: "key_second",
      name: "Telkom kedua",
      prefix: keyPrefix(second),
      hash: hashKey(second),
      scopes: ["partner"],
      provider: "Telkom",
      createdMs: nowMs,
      revokedMs: null,
    });
    expect((await ask("DELETE", "/api/v1/keys/key_telkom", undefined, http.adminKey)).status).toBe(204);
    await happen();
    expect(sent.bodies).toHaveLength(1);
    expect(await list(second)).toMatchObject([
      { id, waiting: 1, disabledReason: "the key that registered it was revoked, or has expired" },
    ]);
    await ask("POST", `${webhooks}/${id}/enable`, {}, second);
    await sent.delivery.drain();
    expect(sent.bodies).toHaveLength(2);
  });

  it("and is told nothing in the midst of a run in which that is revoked", async () => {
    await register();
    await http.state.writeWatch({
      outages: ["out_a", "out_b", "out_c"].map((id) => outageRow(id, { knownMs: nowMs })),
      states: [],
      alerts: [],
      messages: [],
    });
    sent.answer = () => {
      void http.state.revokeApiKey("key_telkom", nowMs);
      return 200;
    };
    await sent.delivery.drain();
    expect(sent.bodies).toHaveLength(1);
  });

  it("and is told nothing more once that has expired", async () => {
    const key = makeKey("sbk");
    const expiresMs = nowMs + 60_000;
    const own = { prefix: keyPrefix(key), hash: hashKey(key), provider: "Telkom", createdMs: nowMs };
    await http.state.addApiKey({
      ...own,
      id: "key_short",
      name: "pendek",
      scopes: ["partner"],
      expiresMs,
      revokedMs: null,
    });
    await register(key);
    http.clock.ms = expiresMs;
    await happen();
    expect(sent.bodies).toEqual([]);
  });

  it("and goes on with the one that takes its place", async () => {
    await register();
    const rotated = await ask("POST", "/api/v1/keys/key_telkom/rotate", { overlapS: 0 }, http.adminKey);
    expect(rotated.status).toBe(201);
    await happen();
    expect(sent.bodies).toHaveLength(1);
  });

  it("and is seen and removed by the regency, whatever became of the key", async () => {
    const id = await register();
    await ask("POST", hub, { callback: "http://127.0.0.1:9/hub" });
    await happen();
    await http.state.revokeApiKey("key_telkom", nowMs);
    const path = "/api/v1/partners/webhooks";
    const all = async () => ((await ask("GET", path, undefined, http.adminKey)).body as { data: Row[] }).data;
    expect(await all()).toMatchObject([
      { provider: "Telkom", kind: "tmf", url: "http://127.0.0.1:9/hub", key: "key_telkom", disabled: null },
      { id, kind: "webhook", keyName: "Telkom NOC", waiting: 0, lastSent: new Date(nowMs).toISOString() },
    ]);
    expect((await ask("GET", path, undefined, http.readKey)).status).toBe(403);
    expect((await ask("DELETE", `${path}/${id}`, undefined, http.adminKey)).status).toBe(204);
    expect((await ask("DELETE", `${path}/${id}`, undefined, http.adminKey)).status).toBe(404);
    expect(await all()).toHaveLength(1);
    const [last] = await http.state.audit({ limit: 1 });
    expect(last).toMatchObject({ action: "webhook.removed", subject: id, by: { id: "key_admin" } });
  });
});

describe("a callback of the hub that was disabled", () => {
  it("says so, and goes on with what waited when it is registered again", async () => {
    const callback = "http://127.0.0.1:9/hub";
    const made = await ask("POST", hub, { callback });
    sent.answer = () => 410;
    await happen();
    const { id } = made.body as Row;
    expect((await ask("GET", hub)).body).toEqual([
      { id, callback, query: "", disabled: new Date(nowMs).toISOString(), disabledReason: "answered 410" },
    ]);
    await happen();
    expect(sent.bodies).toHaveLength(1);
    sent.answer = () => 200;
    const again = await ask("POST", hub, { callback });
    expect([again.status, again.body]).toEqual([201, { id, callback, query: "" }]);
    await sent.delivery.drain();
    expect(sent.bodies).toHaveLength(3);
    expect((await ask("POST", hub, { callback })).status).toBe(409);
    expect((await ask("GET", hub)).body).toEqual([{ id, callback, query: "" }]);
  });
});

describe("a webhook that is enabled", () => {
  it("is asked at once, also where it was not disabled and rests after failures", async () => {
    const id = await register();
    sent.answer = () => 503;
    await happen();
    for (const waitMs of [5_000, 300_000, 1_900_000]) {
      http.clock.ms += waitMs * 1.1;
      await sent.delivery.drain();
    }
    const asked = sent.bodies.length;
    sent.answer = () => 200;
    await sent.delivery.drain();
    expect(sent.bodies).toHaveLength(asked);
    await ask("POST", `${webhooks}/${id}/enable`, {});
    sent.delivery.poke(id);
    await sent.delivery.drain();
    expect(await list()).toMatchObject([{ waiting: 0, disabled: null }]);
  });
});
