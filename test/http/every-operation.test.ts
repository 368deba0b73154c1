import { afterAll, beforeAll, expect, it } from "vitest";
import type { SqliteStores } from "../../src/state/sqlite.ts";
import { anAlertRecord } from "../notify/factories.ts";
import { writeRounds } from "../support/app-with-data.ts";
import { createConformance } from "../support/conforms.ts";
import type { Conformance, OpenApi } from "../support/conforms.ts";
import {
  fromMs,
  inventoryOfTest,
  kecamatan,
  nowMs,
  outagesOfTest,
  statesOfTest,
  village,
} from "../support/day-of-data.ts";
import { openTestHttp } from "../support/http.ts";
import type { TestHttp } from "../support/http.ts";
import { addPartnerKey } from "../support/partners.ts";
import { exampleBatch } from "../support/wire.ts";

/*
 * Every operation of /openapi.json is done once for good, and its answer held against the document: status, header fields, body.
 * One that is added and not done here is found missing.
 */

/** Documented as what is always refused. */
const neverDone = ["/clearAlarms", "/groupAlarms", "/unGroupAlarms"];

let http: TestHttp;
let conformance: Conformance;
let document: OpenApi;
/** What answers gave to go on with. */
const made: Record<string, string> = {};

interface Asked {
  key?: string | null;
  body?: unknown;
  headers?: Record<string, string>;
}

beforeAll(async () => {
  http = await openTestHttp({ inventory: inventoryOfTest() });
  http.clock.ms = nowMs;
  await writeRounds({ state: http.state, batchLog: http.batchLog } as SqliteStores);
  await http.state.writeWatch({
    outages: outagesOfTest(),
    states: statesOfTest(),
    alerts: [anAlertRecord({ id: "a1", openedMs: nowMs - 60_000, toldMs: nowMs })],
    messages: [],
  });
  made["partner"] = await addPartnerKey(http.state, "Penyedia Contoh A", fromMs);
  made["complaints"] = await http.addKey("complaints", ["complaints"]);
  document = await http.get<OpenApi>("/openapi.json");
  conformance = createConformance(document);
});
afterAll(() => http[Symbol.dispose]());

let names = 0;
/** The answer's JSON, of one that has to be good and as documented. */
async function done(method: string, path: string, { key = http.adminKey, body, headers }: Asked = {}) {
  const response = await http.request(path, {
    method,
    key,
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    headers: { "Content-Type": "application/json", "Idempotency-Key": `"e-${(names += 1)}"`, ...headers },
  });
  const text = await response.clone().text();
  expect([`${method} ${path}`, response.ok ? "good" : text]).toEqual([`${method} ${path}`, "good"]);
  await conformance.check(method, path, response);
  const isJson = response.headers.get("Content-Type") === "application/json";
  return (isJson && text !== "" ? JSON.parse(text) : {}) as { data: Record<string, string>; id: string };
}

/** Once for its body, and where that has a tag once more by it. */
async function read(path: string, key: string): Promise<void> {
  const { headers } = await http.request(path, { key });
  await done("GET", path, { key });
  const tag = headers.get("ETag");
  if (tag === null) return;
  const again = await http.request(path, { key, headers: { "If-None-Match": tag } });
  await conformance.check("GET", path, again);
}

async function administer(): Promise<void> {
  const post = (path: string, body?: unknown) => done("POST", `/api/v1${path}`, { body });
  const remove = (path: string) => done("DELETE", `/api/v1${path}`);
  const { data: key } = await post("/keys", { name: "pembaca", scopes: ["read"] });
  const { data: next } = await post(`/keys/${key["id"]}/rotate`, {});
  await remove(`/keys/${next["id"]}`);
  const { data: unused } = await post("/agents/tokens", { site: village });
  await remove(`/agents/tokens/${unused["id"]}`);
  const work = { site: village, from: "2026-11-21T21:00:00+08:00", to: "2026-11-22T01:00:00+08:00" };
  const { data: later } = await post("/maintenance", { ...work, reason: "antena baru" });
  await remove(`/maintenance/${later["id"]}`);
  const running = { ...work, from: new Date(nowMs - 60_000).toISOString(), reason: "antena baru" };
  const { data: now } = await post("/maintenance", running);
  await post(`/maintenance/${now["id"]}/end`);
  await post("/alerts/a1/ack", { by: "Rudi" });
}

async function beAgent(): Promise<void> {
  const enrol = async (kind: string) => {
    const { data } = await done("POST", "/api/v1/agents/tokens", { body: { site: village, kind } });
    return data["token"]!;
  };
  const own = { token: await enrol("sambung"), hardware: "test", version: "1" };
  const enrolled = await done("POST", "/api/v1/agents/enrol", { key: null, body: own });
  const { agentId, key } = enrolled as unknown as { agentId: string; key: string };
  const batch = (seq: number, produced: number) =>
    exampleBatch({
      agent: agentId,
      seq,
      clock: { wallMs: nowMs, monoMs: 81_234_567, synced: true },
      ledger: { produced, thinned: 0, lost: 0 },
      rounds: exampleBatch().rounds.slice(0, 2),
    });
  await done("POST", "/api/v1/batches", { key, body: batch(1, 3) });
  // Fewer than there were before cannot be.
  await done("POST", "/api/v1/batches", { key, body: batch(2, 1) });
  await done("POST", `/api/v1/agents/${agentId}/ledger/settle`);
  await read("/api/v1/agent/config", key);
  await done("POST", `/api/v1/agents/${agentId}/rotate`);
  await done("POST", "/api/v1/agent/key", { key });
  await done("DELETE", `/api/v1/agents/${agentId}`);
  const telegraf = { token: await enrol("telegraf"), hardware: "test", version: "1" };
  const other = await done("POST", "/api/v1/agents/enrol", { key: null, body: telegraf });
  const line = `ping,url=192.0.2.1,target=gw percent_packet_loss=0,packets_transmitted=1i,packets_received=1i,average_response_ms=20.1,minimum_response_ms=20.1,maximum_response_ms=20.1 ${nowMs}000000`;
  await done("POST", "/api/v2/write", {
    key: (other as unknown as { key: string }).key,
    body: line,
    headers: { "Content-Type": "text/plain" },
  });
}

async function complain(): Promise<void> {
  const key = made["complaints"]!;
  const rows = [{ trackingId: "7654321", received: "2026-11-03", area: kecamatan, channel: "web" }];
  const path = "/api/v1/complaints?from=2026-11-01&to=2026-11-20";
  const { data } = await done("POST", path, { key, body: { rows } });
  await done("DELETE", `/api/v1/complaints/imports/${data["import"]}/days`, { key });
  await done("POST", "/api/v1/complaints/deletions", { key, body: { trackingId: "7654321" } });
  const counted = [
    { channel: "whatsapp", from: "2026-11-19T00:00:00+08:00", to: "2026-11-19T22:00:00+08:00" },
  ];
  const contacts = [{ area: kecamatan, time: "2026-11-19T20:00:00+08:00", channel: "whatsapp", count: 2 }];
  await done("POST", "/api/v1/contacts", { key, body: { counted, contacts } });
}

async function bePartner(): Promise<void> {
  const key = made["partner"]!;
  const send = (method: string, path: string, body?: unknown) =>
    done(method, `/api/v1/partner${path}`, { key, body });
  const page = (await send("GET", "/outages")) as unknown as { data: { id: string; alarm: string }[] };
  const { id, alarm } = page.data.at(-1)!;
  Object.assign(made, { outage: id, alarm });
  await send("POST", `/outages/${id}/acknowledgement`, {});
  await send("POST", `/outages/${id}/comments`, { text: "Teknisi berangkat" });
  const { data: hook } = await send("POST", "/webhooks", { url: "http://127.0.0.1:9/" });
  const path = `/webhooks/${hook["id"]}`;
  await send("POST", `${path}/test`);
  await send("POST", `${path}/replay?from=${fromMs}`);
  await send("POST", `${path}/rotate`, {});
  await send("POST", `${path}/enable`);
  await send("GET", "/webhooks");
  await send("DELETE", path);
  const { data: other } = await send("POST", "/webhooks", { url: "http://127.0.0.1:9/" });
  await done("DELETE", `/api/v1/partners/webhooks/${other["id"]}`);
  for (const base of ["/tmf-api/alarmManagement/v4", "/tmf-api/alarm/v4"]) {
    const post = (name: string, body: unknown) => done("POST", `${base}/${name}`, { key, body });
    const alarmPattern = [{ id: alarm }];
    const who = { ackUserId: "budi", ackSystemId: "NMS", alarmPattern };
    await post("ackAlarms", who);
    await post("unAckAlarms", who);
    await post("commentAlarms", { comment: { comment: "Teknisi berangkat" }, alarmPattern });
    const { id: hub } = await post("hub", { callback: `http://127.0.0.1:9${base}` });
    await done("DELETE", `${base}/hub/${hub}`, { key });
  }
  const tickets = "/tmf-api/troubleTicket/v4/troubleTicket";
  const ticket = { externalId: "IN1", description: "putus", severity: "Major", ticketType: "networkOutage" };
  await done("POST", tickets, { key, body: { ...ticket, relatedEntity: [{ id: alarm }] } });
  await done("PATCH", `${tickets}/${alarm}`, { key, body: { status: "inProgress" } });
  await send("PUT", `/outages/${id}/ticket`, { number: "IN2" });
}

/** With an agent's key, and of a month that is over. */
const readElsewhere = ["/api/v1/agent/config", "/api/v1/sla/issues/{number}"];
const range = `from=${fromMs}&to=${nowMs}`;
/** Parameters of reads that need any. */
const queries: Record<string, string> = {
  "/api/v1/series": `target=${village}/gw&metric=rtt_ms&${range}`,
  "/api/v1/smoke": `target=${village}/gw&${range}`,
  "/api/v1/interfaces": `target=${village}/rt&${range}`,
  "/api/v1/readings": `target=${village}/rt&object=signalDbm&${range}`,
  "/api/v1/agents/ledger": "agent=ag_village1",
  "/api/v1/services/availability": `service=lapor&${range}`,
  "/api/v1/services/association": "service=lapor",
  "/api/v1/sla": "period=2026-11",
  "/api/v1/sla/{link}/explain": "period=2026-11",
  "/api/v1/sla/{link}/evidence": "period=2026-11",
  "/api/v1/partner/sla": "period=2026-11",
  "/api/v1/partner/sla/{link}/evidence": "period=2026-11",
};

function idIn(template: string): string {
  if (template.includes("/services/")) return "lapor";
  if (template.includes("/partner/outages/")) return made["outage"]!;
  if (template.includes("/tmf-api/")) return made["alarm"]!;
  return template.includes("/outages/") ? "out_cut" : "ag_village1";
}

async function readAll(): Promise<void> {
  for (const [template, operations] of Object.entries(document.paths)) {
    if (!("get" in operations) || readElsewhere.includes(template)) continue;
    const path = template
      .replace("{code}", village)
      .replace("{id}", idIn(template))
      .replace("{link}", "kecamatan-fo")
      .replace("{file}", template.includes("/reports/") ? "laporan-sla-2026-11.csv" : "aduan-2026-10.csv");
    const query = queries[template] === undefined ? "" : `?${queries[template]}`;
    const isPartners = template.includes("/partner/") || template.startsWith("/tmf-api/");
    const key = isPartners ? made["partner"]! : http.adminKey;
    await read(`${path}${query}`, key);
  }
}

it("every operation is answered as documented where it is done", async () => {
  await administer();
  await beAgent();
  await complain();
  await bePartner();
  await readAll();
  http.clock.ms = Date.UTC(2026, 11, 3);
  await done("POST", "/api/v1/sla/issues", { body: { month: "2026-11" } });
  await read("/api/v1/sla/issues/SLA-2026-11", http.adminKey);
  const isDone = (status: string) => status.startsWith("2") || status === "304";
  const documented = Object.entries(document.paths).flatMap(([template, operations]) =>
    Object.entries(operations).flatMap(([verb, { responses }]) => {
      const statuses = Object.keys(responses).filter(isDone);
      if (statuses.length === 0) expect(neverDone).toContain(`/${template.split("/").at(-1)}`);
      return statuses.map((status) => `${verb.toUpperCase()} ${template} ${status}`);
    }),
  );
  expect(documented.filter((name) => !conformance.seen.has(name))).toEqual([]);
  expect(documented.length).toBeGreaterThan(140);
});

it("what providers send is refused as documented: too large, no JSON, of another type, with what nobody knows", async () => {
  const key = made["partner"]!;
  const wrong: string[] = [];
  const statuses = new Set<number>();
  for (const [template, operations] of Object.entries(document.paths))
    for (const verb of Object.keys(operations)) {
      const method = verb.toUpperCase();
      if (!(template.includes("/partner/") || template.startsWith("/tmf-api/")) || method === "GET") continue;
      const path = template.replace("{id}", "1");
      for (const [query, type, body] of [
        ["", "application/json", JSON.stringify({ text: "x".repeat(70_000) })],
        ["", "application/json", "{"],
        ["", "application/json", '{"nonsense":1}'],
        ["", "text/plain", "text"],
        ["?nonsense=1", "application/json", "{}"],
      ] as const) {
        const headers = { "Content-Type": type, "Idempotency-Key": `"w-${(names += 1)}"` };
        const response = await http.request(`${path}${query}`, { method, key, body, headers });
        statuses.add(response.status);
        await conformance.check(method, path, response).catch((error: unknown) => {
          wrong.push(`${method} ${path}: ${(error as Error).message.slice(0, 300)}`);
        });
      }
    }
  expect(wrong).toEqual([]);
  expect([...statuses].toSorted()).toEqual([400, 404, 413, 415, 422, 501]);
});
