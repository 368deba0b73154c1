import { pino } from "pino";
import { afterEach, beforeEach, expect, it } from "vitest";
import { composePartners } from "../../src/compose/partners.ts";
import { readConfig } from "../../src/config.ts";
import { partnerChangeTypes } from "../../src/state/partner-store.ts";
import { createHttpPeer } from "../notify/http-peer.ts";
import type { HttpPeer } from "../notify/http-peer.ts";
import { createConformance } from "../support/conforms.ts";
import type { Conformance, OpenApi } from "../support/conforms.ts";
import { nowMs, openTestHttp } from "../support/http.ts";
import type { TestHttp } from "../support/http.ts";
import { addPartnerKey, outageRow, twoProviders } from "../support/partners.ts";
import { waitFor } from "../support/wait-for.ts";

/* What the collector sends to providers is what /openapi.json has under `webhooks`: every type, to a webhook and to a hub. */

let http: TestHttp;
let telkom: string;
let conformance: Conformance;
let document: OpenApi;
let peer: HttpPeer;

beforeEach(async () => {
  http = await openTestHttp({ inventory: twoProviders() });
  telkom = await addPartnerKey(http.state, "Telkom", nowMs);
  document = await http.get<OpenApi>("/openapi.json");
  conformance = createConformance(document);
  peer = await createHttpPeer((_request, response) => void response.writeHead(204).end());
});
afterEach(async () => {
  await peer[Symbol.asyncDispose]();
  http[Symbol.dispose]();
});

const outages = "/api/v1/partner/outages";
const alarms = "/tmf-api/alarmManagement/v4";
let names = 0;
async function send(method: string, path: string, body: unknown) {
  const headers = { "Content-Type": "application/json", "Idempotency-Key": `"m-${(names += 1)}"` };
  const response = await http.request(path, { method, key: telkom, headers, body: JSON.stringify(body) });
  expect([path, response.ok]).toEqual([path, true]);
  return (await response.json()) as { data: { id: string } };
}

/** An outage that goes through everything that may become of one. */
async function live(): Promise<void> {
  const first = outageRow("out_hulu");
  const write = (more: object) =>
    http.state.writeWatch({
      outages: [{ ...first, ...more, knownMs: nowMs }],
      states: [],
      alerts: [],
      messages: [],
    });
  await write({});
  const { data } = (await (await http.request(outages, { key: telkom })).json()) as {
    data: { id: string }[];
  };
  const { id } = data[0]!;
  const who = { ackUserId: "budi", ackSystemId: "NMS", alarmPattern: [{ id: "1" }] };
  await write({ revision: 2, cause: "rain" });
  await send("POST", `${alarms}/ackAlarms`, who);
  await send("POST", `${alarms}/unAckAlarms`, who);
  await send("POST", `${outages}/${id}/comments`, { text: "Teknisi berangkat" });
  await send("PUT", `${outages}/${id}/ticket`, { number: "IN1", start: "2026-09-21T10:00:00Z" });
  await write({ revision: 3, cause: "rain", endMs: nowMs - 1_000 });
  await http.request(outages, { key: telkom });
  await write({ revision: 4, cause: "rain", endMs: null });
  await http.request(outages, { key: telkom });
  await write({ revision: 5, cause: "rain", endMs: null, withdrawn: true });
  await http.request(outages, { key: telkom });
}

it("every message to a webhook and to a callback is as documented, and every documented one is sent", async () => {
  const config = readConfig({ SAMBUNG_DATA: http.folder }, http.folder);
  const partners = composePartners(
    { ...config, partners: { ...config.partners, callbackNetworks: ["127.0.0.0/8"] } },
    {
      state: http.state,
      inventory: () => http.held.inventory,
      now: () => http.clock.ms,
      random: () => 0.5,
      logger: pino({ level: "silent" }),
    },
  );
  const hook = await send("POST", "/api/v1/partner/webhooks", { url: `${peer.url}/hook` });
  await send("POST", `${alarms}/hub`, { callback: `${peer.url}/hub` });
  await live();
  await send("POST", `/api/v1/partner/webhooks/${hook.data.id}/test`, undefined);
  partners.start();
  const waiting = async () =>
    (await http.state.hooks("Telkom", "webhook")).map(({ waiting: count }) => count);
  const told = (path: string) =>
    peer.received.filter((request) => request.path === path).map(({ headers, body }) => ({ headers, body }));
  await waitFor("deliveries", async () => (await waiting())[0] === 0 && told("/hub").length >= 7);
  await partners.stop();

  for (const message of told("/hook"))
    conformance.checkSent((JSON.parse(message.body) as { type: string }).type, message);
  for (const message of told("/hub"))
    conformance.checkSent((JSON.parse(message.body) as { eventType: string }).eventType, message);
  const documented = Object.keys(document.webhooks!).map((name) => `webhook ${name}`);
  expect([...conformance.seen].toSorted()).toEqual(documented.toSorted());
  expect(documented).toHaveLength(partnerChangeTypes.length + 4);
});

it("a message without its signature, or with a field too many, is not", () => {
  const body = JSON.stringify({
    type: "webhook.test",
    timestamp: "2026-09-21T10:00:00.000Z",
    data: { message: "test" },
  });
  const headers = { "webhook-id": "a", "webhook-timestamp": "1", "webhook-signature": "v1,x" };
  conformance.checkSent("webhook.test", { headers, body });
  const { "webhook-signature": _, ...unsigned } = headers;
  expect(() => conformance.checkSent("webhook.test", { headers: unsigned, body })).toThrow(
    "webhook-signature",
  );
  const more = body.replace('"test"}', '"test","link":"hulu"}');
  expect(() => conformance.checkSent("webhook.test", { headers, body: more })).toThrow("link");
  expect(() => conformance.checkSent("outage.gone", { headers, body })).toThrow("not documented");
});
