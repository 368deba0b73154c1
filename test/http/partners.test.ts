import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { OutageRecord } from "../../src/state/state-store.ts";
import { createConformance } from "../support/conforms.ts";
import type { Conformance, OpenApi } from "../support/conforms.ts";
import { nowMs, openTestHttp } from "../support/http.ts";
import type { TestHttp } from "../support/http.ts";
import { addPartnerKey, outageRow, twoProviders } from "../support/partners.ts";

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

type Row = Record<string, unknown> & { id: string; link: string };
interface Page {
  data: Row[];
  meta: { rows: number; hasMore: boolean; nextCursor: string };
}

const write = (...outages: OutageRecord[]) =>
  http.state.writeWatch({ outages, states: [], alerts: [], messages: [] });
/** Every answer has to be as documented. */
async function ask(path: string, key = telkom, init: RequestInit = {}): Promise<Response> {
  const response = await http.request(`/api/v1/partner${path}`, { ...init, key });
  await conformance.check(init.method ?? "GET", `/api/v1/partner${path}`, response);
  return response;
}
const page = async (path: string, key = telkom) => (await (await ask(path, key)).json()) as Page;
const send = (
  method: string,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
  key = telkom,
) =>
  ask(path, key, {
    method,
    body: JSON.stringify(body),
    headers: { "Content-Type": "application/json", ...headers },
  });
let names = 0;
const once = () => ({ "Idempotency-Key": `"name-${(names += 1)}"` });
const post = (path: string, body: unknown, key = telkom) => send("POST", path, body, once(), key);
const problem = async (response: Response) =>
  (await response.json()) as {
    status: number;
    code: string;
    detail: string;
    errors?: { field: string; allowed?: string }[];
  };

describe("a partner's key", () => {
  it("needs a provider of the inventory, and no scope beside it", async () => {
    const make = (body: object) => http.post("/api/v1/keys", { name: "noc", ...body });
    const made = await make({ scopes: ["partner"], provider: "Telkom" });
    expect(made.status).toBe(201);
    expect(((await made.json()) as { data: object }).data).toMatchObject({ provider: "Telkom" });
    for (const [body, field] of [
      [{ scopes: ["partner"] }, "provider"],
      [{ scopes: ["partner"], provider: "Telkomsel" }, "provider"],
      [{ scopes: ["read"], provider: "Telkom" }, "provider"],
      [{ scopes: ["partner", "read"], provider: "Telkom" }, "scopes"],
      [{ scopes: ["partner", "admin"], provider: "Telkom" }, "scopes"],
    ] as const) {
      const refused = await make(body);
      expect([refused.status, (await problem(refused)).errors![0]!.field]).toEqual([422, field]);
    }
    const unknown = await problem(await make({ scopes: ["partner"], provider: "Telkomsel" }));
    expect(unknown.errors![0]!.allowed).toMatch(/in the inventory: .*\bTelkom\b/);
  });

  it("keeps its provider when it is rotated", async () => {
    const rotated = await http.post("/api/v1/keys/key_telkom/rotate", {});
    expect(((await rotated.json()) as { data: object }).data).toMatchObject({
      scopes: ["partner"],
      provider: "Telkom",
    });
  });

  it("opens its own surface and nothing else, which no other key opens", async () => {
    expect((await ask("/links")).status).toBe(200);
    for (const path of ["/api/v1/sites", "/api/v1/outages", "/api/v1/whoami", "/api/v1/keys", "/metrics"])
      expect([path, (await http.request(path, { key: telkom })).status]).toEqual([path, 403]);
    expect((await ask("/links", http.readKey)).status).toBe(403);
    expect((await ask("/links", http.adminKey)).status).toBe(403);
  });
});

describe("outages of a provider", () => {
  it("are those of its links, with nothing that names another's", async () => {
    await write(
      outageRow("out_hulu"),
      outageRow("out_hilir", { site: "64.08.02" }),
      // Behind Hilir, which is BAKTI's.
      outageRow("out_muara", {
        site: "64.08.02.2001",
        root: "64.08.02",
        cause: "backhaul",
        incident: "inc_out_hilir",
        evidence: [
          { fact: "gateway.answers", target: "64.08.02.2001/gw", detail: { silentS: 0, measuredS: 60 } },
          { fact: "parent.down", target: null, detail: { site: "64.08.02" } },
          { fact: "siblings.cut", target: null, detail: { cut: 1, of: 1 } },
        ],
      }),
      // Atas as a whole is no link's; its links are each their own.
      outageRow("out_atas", { site: "64.08.01.2001" }),
      outageRow("out_atas1", { site: "64.08.01.2001", link: "atas-1", ofLink: true }),
      outageRow("out_atas2", { site: "64.08.01.2001", link: "atas-2", ofLink: true }),
      outageRow("out_lapor", { service: "lapor" }),
    );
    const { data } = await page("/outages");
    // All of it was learned at one moment.
    data.sort((a, b) => (a.link < b.link ? -1 : 1));
    expect(data.map(({ link, atFault, cause }) => [link, atFault, cause])).toEqual([
      ["atas-1", "own", "link"],
      ["hulu", "own", "link"],
      ["muara", "elsewhere", "elsewhere"],
    ]);
    expect(data[2]!.evidence).toEqual([
      {
        fact: "gateway.answers",
        detail: { silentS: 0, measuredS: 60 },
        text: "Gerbang lokasi menjawab (terukur 60 dtk)",
      },
    ]);
    expect(data[2]).toMatchObject({ causeText: "Gangguan bukan pada tautan ini", circuitId: "C-muara" });
    const text = JSON.stringify(data);
    for (const hidden of ['64.08.02"', "inc_", "out_muara", "hilir", "BAKTI", "siblings", "parent"])
      expect(text.replaceAll("pout_", "")).not.toContain(hidden);
    expect((await page("/outages", bakti)).data.map(({ link }) => link).toSorted()).toEqual([
      "atas-2",
      "hilir",
    ]);
  });

  it.each([
    ["rain", "64.08.01", "own", "rain"],
    ["provider", "64.08.01", "own", "link"],
    ["power", "64.08.01", "power", "power"],
    ["power", "64.08", "elsewhere", "elsewhere"],
    ["hub", "64.08", "elsewhere", "elsewhere"],
    ["maintenance", "64.08.01", "maintenance", "maintenance"],
    ["unknown", "64.08.01", "unknown", "unknown"],
    ["agent", "64.08.01", "unknown", "unknown"],
  ] as const)("of cause %s at %s are the fault of: %s", async (cause, root, atFault, shown) => {
    await write(outageRow("out_hulu", { cause, root }));
    const { data } = await page("/outages?lang=en");
    expect(data).toMatchObject([{ atFault, cause: shown }]);
  });

  it("count as revised only where the provider can see it", async () => {
    const first = outageRow("out_muara", { site: "64.08.02.2001", root: "64.08.02", cause: "backhaul" });
    await write(first);
    // Another root above, another count of siblings: both are others' affairs.
    await write({ ...first, root: "64.08", cause: "hub", revision: 2, knownMs: nowMs - 60_000 });
    const ended = { endMs: nowMs - 30_000, revision: 3, knownMs: nowMs };
    await write({ ...first, root: "64.08", cause: "hub", ...ended });
    const { data } = await page("/outages");
    expect(data).toMatchObject([{ revision: 2, knownAt: new Date(nowMs).toISOString() }]);
    const detail = await ask(`/outages/${data[0]!.id}`);
    const { revisions } = ((await detail.json()) as { data: { revisions: Row[] } }).data;
    expect(revisions.map(({ revision, end, knownAt }) => [revision, end, knownAt])).toEqual([
      [1, null, new Date(first.knownMs).toISOString()],
      [2, new Date(nowMs - 30_000).toISOString(), new Date(nowMs).toISOString()],
    ]);
  });

  it("answer 304 to their ETag, which changes with every change", async () => {
    await write(outageRow("out_hulu"));
    const [{ id }] = (await page("/outages")).data as [Row];
    const tag = (await ask(`/outages/${id}`)).headers.get("ETag")!;
    const again = await ask(`/outages/${id}`, telkom, { headers: { "If-None-Match": tag } });
    expect([again.status, await again.text()]).toEqual([304, ""]);
    await post(`/outages/${id}/comments`, { text: "Teknisi berangkat" });
    expect((await ask(`/outages/${id}`)).headers.get("ETag")).not.toBe(tag);
  });

  it("of another, and of nobody, are not there in the same bytes", async () => {
    await write(outageRow("out_hilir", { site: "64.08.02" }));
    const [{ id, alarm }] = (await page("/outages", bakti)).data as [Row];
    const answer = async (path: string, init: RequestInit = {}) => {
      const response = await ask(path, telkom, init);
      const text = (await response.text()).replaceAll(/"requestId":"[^"]+"/g, "").replaceAll(path, "PATH");
      return [response.status, text, response.headers.get("Content-Type")];
    };
    const nobody = "pout_00000000000000000000";
    expect(await answer(`/outages/${id}`)).toEqual(await answer(`/outages/${nobody}`));
    expect((await answer(`/outages/${id}`))[0]).toBe(404);
    expect(alarm).toBe("1");
    expect((await answer(`/outages?link=hilir`))[1]).toContain('"data":[]');
    const writes = (name: string) =>
      Promise.all([
        answer(`/outages/${name}/acknowledgement`, {
          method: "POST",
          body: "{}",
          headers: { "Content-Type": "application/json", ...once() },
        }),
        answer(`/outages/${name}/ticket`, {
          method: "PUT",
          body: '{"number":"IN1"}',
          headers: { "Content-Type": "application/json" },
        }),
      ]);
    expect(await writes(id)).toEqual(await writes(nobody));
    expect((await writes(id)).map(([status]) => status)).toEqual([404, 404]);
  });

  it("stay hidden from everybody when their link has another provider", async () => {
    await write(outageRow("out_hilir", { site: "64.08.02" }));
    expect((await page("/outages", bakti)).data).toHaveLength(1);
    http.held.inventory = twoProviders({ bakti: "Telkom" });
    expect((await page("/outages")).data).toEqual([]);
    expect((await page("/outages", bakti)).data).toEqual([]);
  });
});

describe("the feed", () => {
  it("gives every change to who goes on with the cursor, and each once", async () => {
    const rows = Array.from({ length: 7 }, (_, at) => {
      const startMs = nowMs - (9 - at) * 3_600_000;
      return outageRow(`out_${at}`, { startMs, endMs: startMs + 60_000, knownMs: startMs + 120_000 });
    });
    await write(...rows);
    const seen: string[] = [];
    let path = "/outages?limit=3";
    for (;;) {
      const response = await ask(path);
      const { data, meta } = (await response.json()) as Page;
      seen.push(...data.map(({ id }) => id));
      const link = response.headers.get("Link");
      expect(link !== null).toBe(meta.hasMore);
      path = `/outages?limit=3&cursor=${meta.nextCursor}`;
      if (!meta.hasMore) break;
    }
    expect(new Set(seen).size).toBe(7);
    expect(seen).toHaveLength(7);
    expect((await page(path)).data).toEqual([]);
    // One of the same millisecond that is learned afterwards, one that is taken back, one that is commented on.
    await write(outageRow("out_late", { startMs: nowMs - 90_000, endMs: nowMs }), {
      ...rows[2]!,
      revision: 2,
      withdrawn: true,
      knownMs: nowMs,
    });
    await post(`/outages/${seen[5]}/comments`, { text: "Sudah pulih" });
    const later = await page(path);
    expect(later.data.map(({ id, withdrawn }) => [seen.indexOf(id), withdrawn])).toEqual([
      [-1, false],
      [2, true],
      [5, false],
    ]);
  });

  it("refuses cursors of another key and of another query in the same words as nonsense", async () => {
    await write(outageRow("out_hilir", { site: "64.08.02" }), outageRow("out_hulu"));
    const of = async (path: string, key = telkom) => (await page(path, key)).meta.nextCursor;
    const refused = async (cursor: string, query = "") => {
      const response = await ask(`/outages?cursor=${cursor}${query}`);
      const { status, errors } = (await response.json()) as { status: number; errors: object[] };
      return [status, JSON.stringify(errors).replaceAll(cursor, "CURSOR")];
    };
    const nonsense = await refused("AAAA");
    expect(nonsense[0]).toBe(400);
    expect(await refused(await of("/outages", bakti))).toEqual(nonsense);
    expect(await refused(await of("/outages?open=true"))).toEqual(nonsense);
    expect(await refused(await of("/outages"), "&open=true")).toEqual(nonsense);
    const [cursor, changed] = [await of("/outages"), await of("/outages?lang=en&limit=5")];
    expect(changed).toBe(cursor);
  });

  it("has what turned out to be no outage among what does not last", async () => {
    const row = outageRow("out_hulu");
    await write(row);
    await page("/outages");
    await write({ ...row, revision: 2, withdrawn: true, knownMs: nowMs });
    const counts = async (query: string) => (await page(`/outages${query}`)).data.length;
    expect([await counts(""), await counts("?open=true"), await counts("?open=false")]).toEqual([1, 0, 1]);
  });

  it("filters by link, by time, by what is open and by when it changed", async () => {
    const at = Date.UTC(2026, 8, 20);
    await write(
      outageRow("out_past", { startMs: at, endMs: at + 60_000, knownMs: at + 120_000 }),
      outageRow("out_open", { startMs: nowMs - 60_000, knownMs: nowMs }),
    );
    const links = async (query: string) => (await page(`/outages?${query}`)).data.map(({ start }) => start);
    const [past, open] = [new Date(at).toISOString(), new Date(nowMs - 60_000).toISOString()];
    expect(await links("link=hulu")).toEqual([past, open]);
    expect(await links("open=true")).toEqual([open]);
    expect(await links("open=false")).toEqual([past]);
    expect(await links(`to=${at + 1000}`)).toEqual([past]);
    expect(await links(`from=${at + 60_000}`)).toEqual([open]);
    expect(await links(`since=${nowMs}`)).toEqual([open]);
    expect((await ask(`/outages?from=${nowMs}&to=${at}`)).status).toBe(400);
    expect((await ask("/outages?site=64.08")).status).toBe(400);
    expect((await ask("/outages?limit=0")).status).toBe(400);
  });
});

describe("what a provider writes", () => {
  let id: string;
  beforeEach(async () => {
    await write(outageRow("out_hulu"));
    id = (await page("/outages")).data[0]!.id;
  });

  it("is kept, shown to it, and told to the district's own readers", async () => {
    expect((await post(`/outages/${id}/acknowledgement`, { note: "Tiket dibuka" })).status).toBe(201);
    expect((await post(`/outages/${id}/comments`, { text: "Kabel putus", system: "NOC-3" })).status).toBe(
      201,
    );
    const ticket = {
      number: "IN12345",
      status: "inProgress",
      start: "2026-09-21T18:05:00+08:00",
      end: "2026-09-21T20:00:00+08:00",
    };
    const put = await send("PUT", `/outages/${id}/ticket`, ticket);
    expect([put.status, await put.json()]).toMatchObject([
      200,
      { data: { number: "IN12345", start: "2026-09-21T10:05:00.000Z", description: null } },
    ]);
    const { data } = (await (await ask(`/outages/${id}`)).json()) as { data: object };
    expect(data).toMatchObject({
      revision: 1,
      acknowledgement: { by: "Telkom NOC", note: "Tiket dibuka" },
      comments: [{ by: "Telkom NOC", system: "NOC-3", text: "Kabel putus" }],
      ticket: { number: "IN12345", status: "inProgress" },
    });
    expect((await http.request("/api/v1/outages/out_nowhere/partners")).status).toBe(404);
    const told = await http.get("/api/v1/outages/out_hulu/partners");
    expect(told.data).toMatchObject([
      { provider: "Telkom", comments: [{ text: "Kabel putus" }], ticket: { number: "IN12345" } },
    ]);
    const actions = (await http.state.audit({ limit: 10 })).map(({ action }) => action);
    expect(actions).toEqual(
      expect.arrayContaining(["partner.acknowledged", "partner.commented", "partner.ticket"]),
    );
  });

  it("is done once under one Idempotency-Key, and not without one", async () => {
    const key = { "Idempotency-Key": '"8e03978e-40d5-43dd-bc93-6894a57f9324"' };
    const path = `/outages/${id}/comments`;
    const first = await send("POST", path, { text: "satu" }, key);
    http.clock.ms += 1000;
    // The draft asks servers to take it without quotes as well.
    const bare = { "Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324" };
    const second = await send("POST", path, { text: "satu" }, bare);
    expect([second.status, await second.text()]).toEqual([201, await first.text()]);
    const other = await send("POST", path, { text: "dua" }, key);
    expect([other.status, (await problem(other)).code]).toEqual([422, "once.other"]);
    const none = await send("POST", path, { text: "tiga" });
    expect([none.status, (await problem(none)).errors![0]!.field]).toEqual([400, "Idempotency-Key"]);
    const comments = async () => (await http.state.partnerComments("Telkom", [id])).get(id)!;
    expect((await comments()).map(({ text }) => text)).toEqual(["satu"]);
    // Another provider's keys are its own, and a day later the name is free.
    http.clock.ms += 86_400_000;
    expect((await send("POST", path, { text: "dua" }, key)).status).toBe(201);
    expect((await comments()).map(({ text }) => text)).toEqual(["satu", "dua"]);
  });

  it("of a ticket needs the state it was read in, where it says so", async () => {
    const read = async () => (await ask(`/outages/${id}?lang=en`)).headers.get("ETag")!;
    const tag = await read();
    let tries = 0;
    const put = (ifMatch: string) =>
      send("PUT", `/outages/${id}/ticket`, { number: `IN${(tries += 1)}` }, { "If-Match": ifMatch });
    expect((await put(tag)).status).toBe(200);
    expect((await put(tag)).status).toBe(412);
    expect((await put(await read())).status).toBe(200);
    const weak = `W/${await read()}`;
    expect((await put(weak)).status).toBe(200);
    expect((await put(weak)).status).toBe(412);
    expect((await put('"nonsense"')).status).toBe(412);
  });

  it.each([
    ["comments", {}, "text"],
    ["comments", { text: " " }, "text"],
    ["comments", { text: "x".repeat(2001) }, "text"],
    ["comments", { text: "x", author: "y" }, "author"],
    ["acknowledgement", { note: "" }, "note"],
  ])("to %s with %j is refused by its field", async (to, body, field) => {
    const refused = await post(`/outages/${id}/${to}`, body);
    expect([refused.status, (await problem(refused)).errors![0]!.field]).toEqual([422, field]);
  });

  it.each([
    [{ number: "" }, "number"],
    [{ number: "1", status: "open" }, "status"],
    [{ number: "1", start: "kemarin" }, "start"],
    [{ number: "1", start: "2026-09-21T12:00:00Z", end: "2026-09-21T11:00:00Z" }, "end"],
    [{ number: "1", endMs: 5 }, "endMs"],
    [{ number: " " }, "number"],
    [{ number: "1", start: "2999-01-01T00:00:00Z", end: "2999-01-02T00:00:00Z" }, "start"],
    [{ number: "1", start: "0" }, "start"],
    [{ number: "1", end: "2001-01-01T00:00:00Z" }, "end"],
    [{ number: "1", end: "2026-09-21T14:06:00Z" }, "end"],
  ])("as a ticket %j is refused by its field", async (body, field) => {
    const refused = await send("PUT", `/outages/${id}/ticket`, body);
    expect([refused.status, (await problem(refused)).errors![0]!.field]).toEqual([422, field]);
  });
});

describe("what changes something", () => {
  it("takes no parameter that it does not know", async () => {
    await write(outageRow("out_hulu"));
    const { id } = (await page("/outages")).data[0]!;
    const refused = await post(`/outages/${id}/acknowledgement?x=1`, {});
    expect([refused.status, (await problem(refused)).errors![0]!.field]).toEqual([400, "x"]);
    expect((await page("/outages")).data).toMatchObject([{ acknowledgement: null }]);
    const removed = await http.request("/api/v1/keys/key_bakti?all=true", {
      method: "DELETE",
      key: http.adminKey,
    });
    expect(removed.status).toBe(400);
    expect((await ask("/links", bakti)).status).toBe(200);
  });
});

describe("links of a provider", () => {
  it("are not sent again while nothing changed, within the minute", async () => {
    const first = await ask("/links");
    const again = () => ask("/links", telkom, { headers: { "If-None-Match": first.headers.get("ETag")! } });
    http.clock.ms += 59_000;
    expect((await again()).status).toBe(304);
    http.clock.ms += 2_000;
    expect((await again()).status).toBe(200);
    // The first minute of a month has nothing of it yet.
    http.clock.ms = Date.parse("2026-10-01T00:00:30+08:00");
    const { data } = await page("/links");
    expect(data.map(({ month }) => month)).toEqual([null, null, null, null]);
  });

  it("stand as they were measured, and a link that only the site tells of is not known", async () => {
    const since = nowMs - 3_600_000;
    const states = (site: string, state: "up" | "down" | "unreachable", link?: string) => ({
      site,
      service: "",
      replaceFromMs: since,
      knownMs: nowMs,
      ...(link === undefined ? {} : { link }),
      segments: [
        {
          site,
          service: "",
          startMs: since,
          endMs: null,
          state,
          cause: null,
          ...(link === undefined ? {} : { link }),
        },
      ],
    });
    await http.state.writeWatch({
      outages: [],
      states: [
        states("64.08.01", "down"),
        states("64.08.02.2001", "unreachable"),
        states("64.08.01.2001", "down"),
      ],
      alerts: [],
      messages: [],
    });
    const { data } = await page("/links");
    expect(data.map(({ link, state, month }) => [link, state, month === null])).toEqual([
      ["atas-1", "unknown", true],
      ["hulu", "down", false],
      ["muara", "unreachable", false],
      ["pusat", "unknown", false],
    ]);
    expect(data[1]).toMatchObject({ month: { downS: 3_600, upS: 0, availabilityRatio: 0 } });
    // What lies above it is cut off: nobody measured the link meanwhile.
    expect(data[2]).toMatchObject({ month: { downS: 0, availabilityRatio: null } });
  });
});
