import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { alarmBase } from "../../src/report/tmf-alarm.ts";
import { ticketBase } from "../../src/report/tmf-ticket.ts";
import { maxActs, maxComments } from "../../src/state/partner-store.ts";
import { createConformance } from "../support/conforms.ts";
import type { Conformance, OpenApi } from "../support/conforms.ts";
import { nowMs, openTestHttp } from "../support/http.ts";
import type { TestHttp } from "../support/http.ts";
import { addPartnerKey, outageRow, twoProviders } from "../support/partners.ts";

/* Acts that meet, that fail in the midst, that mean too much, and that change nothing. */

let http: TestHttp;
let telkom: string;
let conformance: Conformance;
let id: string;

beforeEach(async () => {
  http = await openTestHttp({ inventory: twoProviders() });
  telkom = await addPartnerKey(http.state, "Telkom", nowMs);
  conformance = createConformance(await http.get<OpenApi>("/openapi.json"));
  await write("out_hulu");
  id = (await outages())[0]!.id;
});
afterEach(() => http[Symbol.dispose]());

const base = "/api/v1/partner";
const write = (...ids: string[]) =>
  http.state.writeWatch({
    outages: ids.map((name, at) => outageRow(name, { knownMs: nowMs - 1000 + at })),
    states: [],
    alerts: [],
    messages: [],
  });
let names = 0;
async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const response = await http.request(path, {
    method,
    key: telkom,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    headers: { "Content-Type": "application/json", ...headers },
  });
  await conformance.check(method, path, response);
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: JSON.parse(text) as never };
}
const named = () => ({ "Idempotency-Key": `"act-${(names += 1)}"` });
const outages = async () => ((await ask("GET", `${base}/outages`)).body as { data: { id: string }[] }).data;
const changes = async () => (await http.state.partnerChanges("Telkom", id)).map(({ type }) => type);
const statuses = (answers: { status: number }[]) => answers.map(({ status }) => status).toSorted();
const comments = async (alarm: number) =>
  ((await ask("GET", `${alarmBase}/alarm/${alarm}`)).body as { comment: { comment: string }[] }).comment.map(
    ({ comment }) => comment,
  );
const task = (name: string, more: object, headers: Record<string, string> = {}) =>
  ask("POST", `${alarmBase}/${name}`, more, headers);
const who = { ackUserId: "budi", ackSystemId: "NMS" };
const ticket = { description: "putus", severity: "Major", ticketType: "networkOutage" };

describe("acts that come together", () => {
  it("with one If-Match: one is done, and the other is told that it changed", async () => {
    const tag = (await ask("GET", `${base}/outages/${id}`)).headers.get("ETag")!;
    const put = (number: string) =>
      ask("PUT", `${base}/outages/${id}/ticket`, { number }, { "If-Match": tag });
    expect(statuses(await Promise.all([put("A"), put("B")]))).toEqual([200, 412]);
  });

  it("leave an outage with one ticket", async () => {
    const post = (externalId: string) =>
      ask("POST", `${ticketBase}/troubleTicket`, { ...ticket, externalId, relatedEntity: [{ id: "1" }] });
    expect(statuses(await Promise.all([post("A"), post("B")]))).toEqual([201, 409]);
  });

  it("change each its own part of a ticket", async () => {
    const entity = { ...ticket, externalId: "A", relatedEntity: [{ id: "1" }] };
    await ask("POST", `${ticketBase}/troubleTicket`, entity);
    const patch = (part: object) => ask("PATCH", `${ticketBase}/troubleTicket/1`, part);
    await Promise.all([patch({ status: "held" }), patch({ severity: "Minor" }), patch({ externalId: "B" })]);
    const { body } = await ask("GET", `${ticketBase}/troubleTicket/1`);
    expect(body).toMatchObject({ status: "held", severity: "Minor", externalId: "B" });
  });

  it("add no comment above the limit, and no webhook", async () => {
    const comment = (at: number) =>
      ask("POST", `${base}/outages/${id}/comments`, { text: `nomor ${at}` }, named());
    const answers = await Promise.all(Array.from({ length: maxComments + 20 }, (_, at) => comment(at)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(maxComments);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(20);
    const hook = (at: number) =>
      ask("POST", `${base}/webhooks`, { url: `http://127.0.0.1:9/${at}` }, named());
    const hooks = await Promise.all(Array.from({ length: 14 }, (_, at) => hook(at)));
    expect(statuses(hooks)).toEqual([...Array<number>(10).fill(201), ...Array<number>(4).fill(409)]);
    const listed = (await ask("GET", `${base}/webhooks`)).body as { meta: { rows: number } };
    expect(listed.meta.rows).toBe(10);
    const callback = (at: number) =>
      ask("POST", `${alarmBase}/hub`, { callback: `http://127.0.0.1:9/${at % 12}` });
    const callbacks = await Promise.all(Array.from({ length: 14 }, (_, at) => callback(at)));
    expect(callbacks.filter(({ status }) => status === 201)).toHaveLength(10);
  });
});

describe("a task on several alarms", () => {
  it("is done to none of them when the store fails in the midst", async () => {
    await write("out_second");
    const [, second] = await outages();
    using db = new DatabaseSync(join(http.folder, "sambung.db"));
    db.exec(
      `CREATE TRIGGER broken BEFORE INSERT ON partner_changes WHEN NEW.id = '${second!.id}'
       BEGIN SELECT RAISE(ABORT, 'as if the disk were full'); END`,
    );
    const failing = { comment: { comment: "setengah" }, alarmPattern: [{ state: "raised" }] };
    const response = await http.request(`${alarmBase}/commentAlarms`, {
      method: "POST",
      key: telkom,
      body: JSON.stringify(failing),
      headers: { "Content-Type": "application/json" },
    });
    expect(response.status).toBe(500);
    db.exec("DROP TRIGGER broken");
    expect([await comments(1), await comments(2)]).toEqual([[], []]);
    expect((await task("commentAlarms", failing)).status).toBe(201);
    expect([await comments(1), await comments(2)]).toEqual([["setengah"], ["setengah"]]);
  });

  it("is done once under one Idempotency-Key, and as often as it comes without one", async () => {
    const body = { comment: { comment: "satu" }, alarmPattern: [{ id: "1" }] };
    const key = named();
    const first = await task("commentAlarms", body, key);
    const second = await task("commentAlarms", body, key);
    expect([second.status, second.text]).toEqual([201, first.text]);
    expect((await task("ackAlarms", { ...who, alarmPattern: [{ id: "1" }] }, key)).status).toBe(400);
    await task("commentAlarms", body);
    expect(await comments(1)).toEqual(["satu", "satu"]);
    const hub = { callback: "http://127.0.0.1:9/hub" };
    const made = await ask("POST", `${alarmBase}/hub`, hub, { "Idempotency-Key": '"hub"' });
    const again = await ask("POST", `${alarmBase}/hub`, hub, { "Idempotency-Key": '"hub"' });
    expect([again.status, again.text]).toEqual([201, made.text]);
    const opened = { ...ticket, externalId: "A", relatedEntity: [{ id: "1" }] };
    const post = () => ask("POST", `${ticketBase}/troubleTicket`, opened, { "Idempotency-Key": '"ticket"' });
    expect([(await post()).status, (await post()).status]).toEqual([201, 201]);
  });

  it("means a hundred alarms at most, and otherwise none", async () => {
    await write(...Array.from({ length: 100 }, (_, at) => `out_${at}`));
    const all = { ...who, alarmPattern: [{ state: "raised" }] };
    const refused = await task("ackAlarms", all);
    expect([refused.status, refused.text]).toEqual([409, expect.stringContaining("mean 101 alarms")]);
    const acknowledged = async () => {
      const { body } = await ask("GET", `${alarmBase}/alarm?ackState=acknowledged&limit=1000`);
      return (body as unknown[]).length;
    };
    expect(await acknowledged()).toBe(0);
    const by = Array.from({ length: 100 }, (_, at) => ({ id: String(at + 1) }));
    expect((await task("ackAlarms", { ...who, alarmPattern: by })).status).toBe(201);
    expect(await acknowledged()).toBe(100);
  });
});

describe("an act that changes nothing", () => {
  it("is answered as if it were done, and neither written nor told to anybody", async () => {
    const pattern = { alarmPattern: [{ id: "1" }, { alarmedObject: { id: "hulu" } }] };
    const before = await changes();
    for (let nth = 0; nth < 3; nth++)
      expect((await task("unAckAlarms", { ...who, ...pattern })).status).toBe(201);
    expect(await changes()).toEqual(before);
    await task("ackAlarms", { ...who, ...pattern });
    await task("ackAlarms", { ackUserId: "sari", ackSystemId: "NMS", ...pattern });
    const [alarm] = (await ask("GET", `${alarmBase}/alarm`)).body as { ackUserId: string }[];
    expect(alarm!.ackUserId).toBe("budi");
    const put = () => ask("PUT", `${base}/outages/${id}/ticket`, { number: "IN1" });
    const first = await put();
    http.clock.ms += 60_000;
    const again = await put();
    expect([again.status, again.text]).toEqual([200, first.text]);
    const acknowledge = (note: string) =>
      ask("POST", `${base}/outages/${id}/acknowledgement`, { note }, named());
    await acknowledge("tiba");
    await acknowledge("tiba");
    await acknowledge("pulang");
    expect(await changes()).toEqual([
      ...before,
      "outage.acknowledged",
      "outage.ticket",
      "outage.acknowledged",
      "outage.acknowledged",
    ]);
  });

  it("is possible where an outage has all the acts that it takes, and another is not", async () => {
    const by = { id: "key_telkom", name: "Telkom NOC", address: null };
    const who = { user: null, system: null };
    for (let nth = 0; nth < maxActs; nth++)
      await http.state.actOnOutages(
        "Telkom",
        [id],
        nth % 2 === 0 ? { kind: "acknowledge", note: null, ...who } : { kind: "unacknowledge" },
        nowMs,
        by,
      );
    const acknowledge = await ask("POST", `${base}/outages/${id}/acknowledgement`, {}, named());
    expect([acknowledge.status, (acknowledge.body as { code: string }).code]).toEqual([409, "acts.full"]);
    expect(
      (await task("unAckAlarms", { ackUserId: "a", ackSystemId: "b", alarmPattern: [{ id: "1" }] })).status,
    ).toBe(201);
  });
});
