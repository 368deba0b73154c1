import { pino } from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createCallback } from "../../src/notify/callback.ts";
import { createPartnerDelivery } from "../../src/notify/partner-delivery.ts";
import { createPartnerMessage } from "../../src/report/partner-message.ts";
import { alarmBase } from "../../src/report/tmf-alarm.ts";
import { createWords } from "../../src/report/words.ts";
import type { OutageRecord } from "../../src/state/state-store.ts";
import { createHttpPeer } from "../notify/http-peer.ts";
import { createConformance } from "../support/conforms.ts";
import type { Conformance, OpenApi } from "../support/conforms.ts";
import { nowMs, openTestHttp } from "../support/http.ts";
import type { TestHttp } from "../support/http.ts";
import { addPartnerKey, outageRow, twoProviders } from "../support/partners.ts";

/* As conventions of TMF642 v4 and TMF621 v4 have it; each answer is held against the API's own document as well. */

let http: TestHttp;
let telkom: string;
let bakti: string;
let conformance: Conformance;

beforeEach(async () => {
  http = await openTestHttp({ inventory: twoProviders() });
  telkom = await addPartnerKey(http.state, "Telkom", nowMs);
  bakti = await addPartnerKey(http.state, "BAKTI", nowMs);
  conformance = createConformance(await http.get<OpenApi>("/openapi.json"));
});
afterEach(() => http[Symbol.dispose]());

type Alarm = Record<string, unknown> & { id: string; href: string };
const tickets = "/tmf-api/troubleTicket/v4/troubleTicket";
const mandatory = [
  "alarmType",
  "perceivedSeverity",
  "probableCause",
  "alarmedObject",
  "sourceSystemId",
  "state",
  "alarmRaisedTime",
];

const write = (...outages: OutageRecord[]) =>
  http.state.writeWatch({ outages, states: [], alerts: [], messages: [] });

async function ask(
  path: string,
  { key = telkom, method = "GET", body }: { key?: string; method?: string; body?: unknown } = {},
) {
  const response = await http.request(path, {
    method,
    key,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    headers: { "Content-Type": "application/json" },
  });
  await conformance.check(method, path, response);
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: (text === "" ? null : JSON.parse(text)) as never,
  };
}
const alarms = async (query = "", key = telkom) =>
  (await ask(`${alarmBase}/alarm${query}`, { key })).body as Alarm[];

/** Five of Telkom's, of every cause, and one of BAKTI's. */
async function writeAll(): Promise<void> {
  const at = (id: string, minutes: number, more: Partial<OutageRecord>) =>
    outageRow(id, { startMs: nowMs - minutes * 60_000, knownMs: nowMs - minutes * 60_000 + 1, ...more });
  await write(
    at("out_1", 90, { endMs: nowMs - 60 * 60_000 }),
    at("out_2", 50, { site: "64.08.02.2001", root: "64.08.02", cause: "backhaul" }),
    at("out_3", 40, { site: "64.08", root: "64.08", cause: "power" }),
    at("out_4", 30, { site: "64.08.01.2001", root: "64.08.01.2001", link: "atas-1", ofLink: true }),
    at("out_5", 20, { cause: "maintenance" }),
    at("out_6", 10, { site: "64.08.02", root: "64.08.02" }),
  );
}

describe("TMF642 alarms", () => {
  it("have every mandatory attribute, of the enumerations and causes of TMF642", async () => {
    await writeAll();
    const all = await alarms();
    expect(all.map(({ id }) => id)).toEqual(["1", "2", "3", "4", "5"]);
    for (const alarm of all) {
      for (const name of [...mandatory, "id", "href", "@type"]) expect(alarm[name], name).toBeTruthy();
      expect((await ask(alarm.href)).body).toEqual(alarm);
    }
    expect(
      all.map((a) => [
        a["alarmType"],
        a["probableCause"],
        a["perceivedSeverity"],
        a["state"],
        a["isRootCause"],
      ]),
    ).toEqual([
      ["communicationsAlarm", "lossOfSignal", "cleared", "cleared", true],
      ["communicationsAlarm", "unavailable", "minor", "raised", false],
      ["environmentalAlarm", "commercialPowerFailure", "minor", "raised", false],
      ["communicationsAlarm", "lossOfSignal", "critical", "raised", true],
      ["communicationsAlarm", "unavailable", "warning", "raised", false],
    ]);
    expect(all[0]).toMatchObject({
      alarmClearedTime: new Date(nowMs - 60 * 60_000).toISOString(),
      alarmedObject: { id: "hulu" },
      place: [{ id: "64.08.01", name: "Hulu", role: "site" }],
    });
  });

  it("are the same under both addresses, but for what they are called there", async () => {
    await writeAll();
    const alias = (await ask("/tmf-api/alarm/v4/alarm")).body as Alarm[];
    const renamed = alias.map((alarm) => ({
      ...alarm,
      href: alarm.href.replace("/alarm/v4", "/alarmManagement/v4"),
    }));
    expect(renamed).toEqual(await alarms());
  });

  it("are filtered by attributes, selected by fields, and paged with their counts", async () => {
    await writeAll();
    const ids = async (query: string) => (await alarms(query)).map(({ id }) => id);
    expect(await ids("?perceivedSeverity=MINOR&state=raised")).toEqual(["2", "3"]);
    expect(await ids("?probableCause=commercialPowerFailure,lossOfSignal")).toEqual(["1", "3", "4"]);
    expect(await ids("?alarmedObject.id=hulu")).toEqual(["1", "5"]);
    expect(await ids("?isRootCause=true")).toEqual(["1", "4"]);
    expect(await ids("?place.name=Muara")).toEqual(["2"]);
    expect(await ids("?alarmedObject.id=hilir")).toEqual([]);
    for (const name of ["alarmType=communicationsAlarm", "sourceSystemId=sambung", "ackState=unacknowledged"])
      expect((await ids(`?${name}`)).length).toBeGreaterThan(3);
    expect(await alarms("?fields=state&limit=1")).toEqual([
      { id: "1", href: `${alarmBase}/alarm/1`, state: "cleared", "@type": "Alarm" },
    ]);
    const page = await ask(`${alarmBase}/alarm?offset=3&limit=10&alarmType=communicationsAlarm`);
    expect([page.headers.get("X-Total-Count"), page.headers.get("X-Result-Count")]).toEqual(["4", "1"]);
    for (const query of ["?limit=0", "?offset=-1", "?fields=site", "?provider=BAKTI", "?root=64.08"])
      expect((await ask(`${alarmBase}/alarm${query}`)).status).toBe(400);
  });

  it("are compared by times as times, by one of several values, and by nothing that is not there", async () => {
    await writeAll();
    const ids = async (query: string) => (await alarms(query)).map(({ id }) => id);
    const at = (minutes: number) => new Date(nowMs - minutes * 60_000).toISOString();
    const local = new Date(nowMs - 90 * 60_000 + 8 * 3_600_000).toISOString().replace(".000Z", "%2B08:00");
    for (const same of [at(90), at(90).replace(".000Z", "Z"), local])
      expect([same, await ids(`?alarmRaisedTime=${same}`)]).toEqual([same, ["1"]]);
    expect(await ids(`?alarmRaisedTime.gt=${at(50)}`)).toEqual(["3", "4", "5"]);
    expect(await ids(`?alarmRaisedTime.gte=${at(50)}&alarmRaisedTime.lt=${at(30)}`)).toEqual(["2", "3"]);
    expect(await ids(`?alarmClearedTime.lte=${at(60)}`)).toEqual(["1"]);
    expect(await ids("?alarmedObject.id=hulu&alarmedObject.id=muara")).toEqual(["1", "2", "5"]);
    expect(await ids("?state=raised,cleared&state=updated")).toHaveLength(5);
    const acked = await ask(`${alarmBase}/ackAlarms`, {
      method: "POST",
      body: {
        ackUserId: "b",
        ackSystemId: "N",
        alarmPattern: [{ alarmRaisedTime: at(50).replace(".000Z", "Z") }],
      },
    });
    expect((acked.body as { ackedAlarm: Alarm[] }).ackedAlarm.map(({ id }) => id)).toEqual(["2"]);
    for (const query of [
      "?perceivedSeverity.ne=cleared",
      "?alarmedObject.nothing=1",
      "?alarmedObject=hulu",
      "?alarmRaisedTime=kemarin",
      "?alarmRaisedTime=2026",
      "?alarmRaisedTime.gt=1700000000000",
      `?alarmRaisedTime.gt=${at(50)}&alarmRaisedTime.gt=${at(30)}`,
      "/1?state=cleared",
      "/1?fields=site",
    ])
      expect([query, (await ask(`${alarmBase}/alarm${query}`)).status]).toEqual([query, 400]);
    const bad = { ackUserId: "b", ackSystemId: "N", alarmPattern: [{ alarmedObject: { nothing: "hulu" } }] };
    expect((await ask(`${alarmBase}/ackAlarms`, { method: "POST", body: bad })).status).toBe(400);
  });

  it("say where the next page is, in the language that is asked for, and as little as is asked for", async () => {
    await writeAll();
    const seen: string[] = [];
    let query: string | null = "?limit=2&lang=en&fields=specificProblem";
    while (query !== null) {
      const { body, headers } = await ask(`${alarmBase}/alarm${query}`);
      seen.push(...(body as Alarm[]).map((alarm) => `${alarm.id}: ${String(alarm["specificProblem"])}`));
      query = /^<(\?[^>]+)>; rel="next"$/.exec(headers.get("Link") ?? "")?.[1] ?? null;
    }
    expect(seen).toEqual([
      "1: Link down",
      "2: The fault is not in this link",
      "3: Power outage",
      "4: Link down",
      "5: Scheduled maintenance",
    ]);
    expect(await alarms("?fields=none&limit=1")).toEqual([
      { id: "1", href: `${alarmBase}/alarm/1`, "@type": "Alarm" },
    ]);
  });

  it("have a tag that says of more behind the page, and headers beside it that 304 keeps", async () => {
    await write(outageRow("out_hulu"));
    const path = `${alarmBase}/alarm?limit=1`;
    const first = await ask(path);
    const again = () =>
      http.request(path, { key: telkom, headers: { "If-None-Match": first.headers.get("ETag")! } });
    const same = await again();
    await conformance.check("GET", path, same);
    expect([same.status, same.headers.get("X-Total-Count")]).toEqual([304, "1"]);
    for (const name of ["RateLimit", "RateLimit-Policy", "X-Request-Id", "ETag"])
      expect([name, same.headers.get(name)]).not.toEqual([name, null]);
    expect(same.headers.get("Vary")).toBe(first.headers.get("Vary"));
    await write(outageRow("out_muara", { site: "64.08.02.2001", root: "64.08.02.2001" }));
    const more = await again();
    expect([more.status, more.headers.get("X-Total-Count")]).toEqual([200, "2"]);
  });

  it("are acknowledged and commented on by pattern, and nobody's else", async () => {
    await writeAll();
    const act = (task: string, body: object, key = telkom) =>
      ask(`${alarmBase}/${task}`, { method: "POST", body, key });
    const who = { ackUserId: "budi", ackSystemId: "NMS" };
    const acked = await act("ackAlarms", {
      ...who,
      alarmPattern: [{ id: "2" }, { alarmedObject: { id: "hulu" } }],
    });
    expect(acked.status).toBe(201);
    expect((acked.body as { ackedAlarm: Alarm[] }).ackedAlarm.map(({ id }) => id)).toEqual(["1", "2", "5"]);
    expect(await alarms("?ackState=acknowledged")).toMatchObject([
      { id: "1", ackUserId: "budi", ackSystemId: "NMS" },
      { id: "2" },
      { id: "5" },
    ]);
    await act("unAckAlarms", { ...who, alarmPattern: [{ id: "5" }] });
    expect(await alarms("?ackState=acknowledged")).toHaveLength(2);
    const comment = { comment: "Teknisi berangkat", userId: "budi", systemId: "NMS" };
    await act("commentAlarms", { comment, alarmPattern: [{ id: "2" }] });
    const { body } = await ask(`${alarmBase}/alarm/2`);
    expect((body as { comment: object[] }).comment).toEqual([
      { ...comment, time: new Date(nowMs).toISOString() },
    ]);
    // BAKTI's first alarm is its own, and the patterns find that one.
    const theirs = await act(
      "ackAlarms",
      { ...who, alarmPattern: [{ alarmedObject: { id: "hulu" } }] },
      bakti,
    );
    expect((theirs.body as { ackedAlarm: Alarm[] }).ackedAlarm).toEqual([]);
    for (const bad of [
      {},
      { ...who },
      { ...who, alarmPattern: [{ id: "2", state: [] }] },
      { ...who, alarmPattern: [{ state: "raised", alarmedObject: {} }] },
      { ...who, alarmPattern: [] },
      { ...who, alarmPattern: [{}] },
      { ...who, alarmPattern: [{ site: "x" }] },
      { ...who, alarmPattern: [{ id: "2" }], note: "x" },
    ])
      expect((await act("ackAlarms", bad)).status).toBe(400);
  });

  it("are acted on by any value of a list, and by no id that is not there", async () => {
    await writeAll();
    const act = (alarmPattern: object[], key = telkom) =>
      ask(`${alarmBase}/ackAlarms`, {
        method: "POST",
        body: { ackUserId: "budi", ackSystemId: "NMS", alarmPattern },
        key,
      });
    const done = async (alarmPattern: object[]) => {
      const { status, body } = await act(alarmPattern);
      return [status, (body as { ackedAlarm: Alarm[] }).ackedAlarm.map(({ id }) => id)];
    };
    for (const pattern of [
      [{ id: "99" }],
      [{ id: ["1", "99"] }],
      [{ id: "99" }, { alarmedObject: { id: "hulu" } }],
    ])
      expect((await act(pattern)).status).toBe(404);
    // Of another, and of nobody, in the same words.
    const [theirs, nobodys] = [await act([{ id: "5" }], bakti), await act([{ id: "99" }], bakti)];
    expect(theirs.status).toBe(404);
    expect(JSON.stringify(theirs.body).replaceAll("alarm 5", "alarm 99")).toBe(JSON.stringify(nobodys.body));
    expect(await alarms("?ackState=acknowledged")).toEqual([]);
    expect(await done([{ id: ["1", "2"] }])).toEqual([201, ["1", "2"]]);
    expect(await done([{ id: ["1", "2"], alarmedObject: { id: ["hulu", "none"] } }])).toEqual([201, ["1"]]);
    expect(await done([{ id: "1", alarmedObject: { id: "none" } }])).toEqual([201, []]);
  });

  it("are not made, changed or cleared by providers", async () => {
    await writeAll();
    const status = async (method: string, path: string) => {
      const response = await http.request(`${alarmBase}${path}`, {
        method,
        key: telkom,
        ...(method === "DELETE" || method === "GET" ? {} : { body: "{}" }),
        headers: { "Content-Type": "application/json" },
      });
      const error = (await response.json()) as { code: string; reason: string; status: string };
      expect(error).toMatchObject({ status: String(response.status), "@type": "Error" });
      expect([error.code, error.reason]).toEqual([
        expect.stringMatching(/^\d+$/),
        expect.stringMatching(/./),
      ]);
      return response.status;
    };
    expect(await status("POST", "/alarm")).toBe(405);
    expect(await status("PATCH", "/alarm/1")).toBe(405);
    expect(await status("DELETE", "/alarm/1")).toBe(405);
    for (const task of ["clearAlarms", "groupAlarms", "unGroupAlarms"])
      expect(await status("POST", `/${task}`)).toBe(501);
    expect(await status("GET", "/nothing")).toBe(404);
    const base = await http.request("/tmf-api", { key: telkom });
    expect([base.status, await base.json()]).toMatchObject([404, { code: "60", status: "404" }]);
  });

  it("of another, and of nobody, are not there in the same words; a problem is told as TM Forum tells it", async () => {
    await write(outageRow("out_hulu"));
    const missing = (id: string, key: string) => ask(`${alarmBase}/alarm/${id}`, { key });
    const answers = await Promise.all([missing("1", bakti), missing("7", bakti), missing("x", bakti)]);
    for (const { status, body } of answers)
      expect([status, body]).toEqual([
        404,
        {
          code: "60",
          reason: "Not found",
          message: "there is no such alarm",
          status: "404",
          "@type": "Error",
        },
      ]);
    const strangers = await http.request(`${alarmBase}/alarm`, { key: null });
    expect([strangers.status, await strangers.json()]).toMatchObject([401, { code: "41", status: "401" }]);
    expect((await http.request(`${alarmBase}/alarm`, { key: http.adminKey })).status).toBe(403);
  });
});

describe("TMF642's hub", () => {
  it("registers a callback, delivers every change to it, and forgets it", async () => {
    await using peer = await createHttpPeer((_request, response) => void response.writeHead(201).end());
    const deliveries = createPartnerDelivery({
      state: http.state,
      follow: http.followPartners,
      render: createPartnerMessage({
        words: createWords("id", "Asia/Makassar"),
        inventory: () => http.held.inventory,
        base: alarmBase,
      }),
      post: createCallback({ networks: ["127.0.0.0/8"] }).post,
      now: () => http.clock.ms,
      random: () => 0.5,
      logger: pino({ level: "silent" }),
    });
    const hub = `${alarmBase}/hub`;
    const add = (body: object, key = telkom) => ask(hub, { method: "POST", body, key });
    const callback = `${peer.url}/listener`;
    const made = await add({ callback, query: "" });
    expect([made.status, made.body]).toEqual([
      201,
      { id: expect.stringMatching(/^hub_/), callback, query: "" },
    ]);
    const query = "eventType=AlarmCreateEvent&eventType=AlarmDeleteEvent";
    const some = await add({ callback: `${peer.url}/some`, query });
    expect((await add({ callback, query: "" })).status).toBe(409);
    for (const bad of [
      {},
      { callback: "http://10.0.0.1/" },
      { callback: "https://10.0.0.1/" },
      { callback, query: "eventType=SiteDown" },
      { callback, query: "state=raised" },
    ])
      expect((await add(bad)).status).toBe(400);

    const first = outageRow("out_hulu");
    await write(first, outageRow("out_hilir", { site: "64.08.02" }));
    await deliveries.drain();
    await ask(`${alarmBase}/ackAlarms`, {
      method: "POST",
      body: { ackUserId: "budi", ackSystemId: "NMS", alarmPattern: [{ id: "1" }] },
    });
    await write({ ...first, revision: 2, endMs: nowMs - 1000, knownMs: nowMs });
    await deliveries.drain();
    await write({ ...first, revision: 3, endMs: nowMs - 1000, knownMs: nowMs, withdrawn: true });
    await deliveries.drain();
    const told = (path: string) =>
      peer.received
        .filter((request) => request.path === path)
        .map(
          ({ body }) => JSON.parse(body) as { eventType: string; eventId: string; event: { alarm: Alarm } },
        );
    expect(
      told("/listener").map(({ eventType, event }) => [
        eventType,
        event.alarm["state"],
        event.alarm["ackState"],
      ]),
    ).toEqual([
      ["AlarmCreateEvent", "raised", "unacknowledged"],
      ["AlarmAttributeValueChangeEvent", "raised", "acknowledged"],
      ["AlarmStateChangeEvent", "cleared", "acknowledged"],
      ["AlarmDeleteEvent", "cleared", "acknowledged"],
    ]);
    expect(told("/some").map(({ eventType }) => eventType)).toEqual(["AlarmCreateEvent", "AlarmDeleteEvent"]);
    for (const { event } of told("/listener"))
      for (const name of [...mandatory, "id", "href", "@type"]) expect(event.alarm[name], name).toBeTruthy();
    expect(new Set(told("/listener").map(({ eventId }) => eventId)).size).toBe(4);
    expect(JSON.stringify(peer.received)).not.toMatch(/hilir|BAKTI/i);
    // What was taken back is there no more.
    expect((await ask(`${alarmBase}/alarm/1`)).status).toBe(404);

    const { id } = made.body as { id: string };
    const remove = (key: string) => ask(`${hub}/${id}`, { method: "DELETE", key });
    expect((await remove(bakti)).status).toBe(404);
    expect((await remove(telkom)).status).toBe(204);
    expect((await ask(hub)).body).toEqual([some.body]);
    await write(outageRow("out_muara", { site: "64.08.02.2001", root: "64.08.02.2001", knownMs: nowMs }));
    await deliveries.drain();
    expect([told("/listener").length, told("/some").length]).toEqual([4, 3]);
    await deliveries.stop();
  });
});

describe("TMF621 trouble tickets", () => {
  const ticket = {
    externalId: "IN12345",
    description: "Kabel putus di Km 12",
    severity: "Critical",
    ticketType: "networkOutage",
    relatedEntity: [{ id: "1", role: "alarm", "@referredType": "Alarm" }],
  };

  it("are opened on an alarm, changed and listed, and stand on the outage", async () => {
    await write(outageRow("out_hulu"), outageRow("out_hilir", { site: "64.08.02" }));
    const made = await ask(tickets, { method: "POST", body: ticket });
    expect([made.status, made.body]).toMatchObject([
      201,
      { ...ticket, id: "1", status: "acknowledged", relatedEntity: [{ href: `${alarmBase}/alarm/1` }] },
    ]);
    expect((await ask(tickets, { method: "POST", body: ticket })).status).toBe(409);
    http.clock.ms += 60_000;
    const resolved = new Date(nowMs - 60_000).toISOString();
    const change = { status: "resolved", resolutionDate: resolved };
    const changed = await ask(`${tickets}/1`, { method: "PATCH", body: change });
    expect(changed.body).toMatchObject({
      ...ticket,
      ...change,
      lastUpdate: new Date(http.clock.ms).toISOString(),
    });
    const listed = await ask(`${tickets}?status=resolved&fields=externalId`);
    expect(listed.body).toEqual([
      { id: "1", href: `${tickets}/1`, externalId: "IN12345", "@type": "TroubleTicket" },
    ]);
    expect((await ask(`${tickets}?status=closed`)).body).toEqual([]);
    const { data } = await http.get("/api/v1/outages/out_hulu/partners");
    expect(data).toMatchObject([{ ticket: { number: "IN12345", status: "resolved", end: resolved } }]);
    expect((await ask(`${tickets}/1`, { key: bakti })).status).toBe(404);
  });

  it.each([
    [{ description: undefined }, 400],
    [{ severity: undefined }, 400],
    [{ ticketType: undefined }, 400],
    [{ status: "open" }, 400],
    [{ relatedEntity: [] }, 400],
    [{ relatedEntity: [{ id: "2" }] }, 404],
    [{ relatedEntity: [{ id: "1", "@referredType": "Product" }] }, 400],
    [{ relatedEntity: [{ id: "1", amount: 2 }] }, 400],
    [{ note: [{ text: "rahasia" }] }, 400],
    [{ priority: "High" }, 400],
    [{ externalId: " " }, 400],
    [{ resolutionDate: "kemarin" }, 400],
    [{ resolutionDate: "0" }, 400],
    [{ resolutionDate: "2999-01-01T00:00:00Z" }, 400],
    [{ resolutionDate: "2001-01-01T00:00:00Z" }, 400],
  ])("with %j are refused: %i", async (more, status) => {
    await write(outageRow("out_hulu"));
    const { status: given } = await ask(tickets, { method: "POST", body: { ...ticket, ...more } });
    expect(given).toBe(status);
    expect((await ask(tickets)).body).toEqual([]);
  });

  it("taken up again have no end any more, here and for the district", async () => {
    await write(outageRow("out_hulu"));
    await ask(tickets, { method: "POST", body: ticket });
    const change = async (body: object) =>
      (await ask(`${tickets}/1`, { method: "PATCH", body })).body as Record<string, unknown>;
    const endOf = async () => {
      const { data } = await http.get<{ data: { ticket: { end: string | null } }[] }>(
        "/api/v1/outages/out_hulu/partners",
      );
      return data[0]!.ticket.end;
    };
    const resolved = new Date(nowMs - 60_000).toISOString();
    const closed = { status: "resolved", resolutionDate: resolved };
    await change(closed);
    expect(await change({ status: "closed" })).toMatchObject({ resolutionDate: resolved });
    expect(await change({ status: "inProgress" })).not.toHaveProperty("resolutionDate");
    expect(await endOf()).toBeNull();
    await change(closed);
    expect(await endOf()).toBe(resolved);
    expect(await change({ resolutionDate: null })).not.toHaveProperty("resolutionDate");
    expect(await endOf()).toBeNull();
  });

  it("are not said to be missing where the store does not answer", async () => {
    await write(outageRow("out_hulu"));
    await ask(tickets, { method: "POST", body: ticket });
    const full = Object.assign(new Error("database or disk is full"), {
      errcode: 13,
      code: "ERR_SQLITE_ERROR",
    });
    http.state.partnerOutage = () => Promise.reject(full);
    expect((await ask(`${alarmBase}/alarm/1`)).status).toBe(503);
    expect((await ask(`${tickets}/1`)).status).toBe(503);
    expect((await ask(`${tickets}/1`, { method: "PATCH", body: { status: "held" } })).status).toBe(503);
  });
});
