import { describe, expect, it } from "vitest";
import { openTestHttp } from "../support/http.ts";
import type { TestHttp } from "../support/http.ts";

interface Problem {
  status: number;
  code: string;
  detail: string;
  refusals: { code: string; line: number | null; column: number | null; text: string }[];
}

const columns = "Tracking ID,Tanggal,Wilayah,Kanal,Topik\n";
const good = `${columns}7654321,2026-03-04,Desa Atas,Website,Listrik\n7654322,2026-04-05,64.08.02,SMS,Jalan\n`;

async function open() {
  const http = await openTestHttp();
  const key = await http.addKey("writer", ["complaints"]);
  const send = (
    path: string,
    body: string,
    type = "text/csv",
    more: { key?: string; headers?: Record<string, string> } = {},
  ) =>
    http.request(path, {
      method: "POST",
      key,
      body,
      ...more,
      headers: { "Content-Type": type, ...more.headers },
    });
  return Object.assign(http, {
    send,
    json: (path: string, body: unknown) => send(path, JSON.stringify(body), "application/json"),
    problem: async (answer: Promise<Response>) => (await (await answer).json()) as Problem,
  });
}

const rowsOf = async (http: TestHttp, path: string) => (await http.get(path)).data;

describe("POST /complaints", () => {
  it("takes a file from a key of its scope, which reads nothing", async () => {
    using http = await open();
    const answer = await http.send("/api/v1/complaints", good);
    expect([answer.status, answer.headers.get("Cache-Control")]).toEqual([200, "no-store"]);
    expect(await answer.json()).toMatchObject({
      data: { rows: 2, refused: 0, refusals: [], dryRun: false, result: { added: 2 } },
    });
    expect(
      (await http.request("/api/v1/complaints", { key: await http.addKey("w2", ["complaints"]) })).status,
    ).toBe(403);
    expect((await http.send("/api/v1/complaints", good, "text/csv", { key: http.readKey })).status).toBe(403);
    const rows = (await http.state.audit({ limit: 9 })).filter(({ action }) => action !== "key.made");
    expect(rows.map(({ action, by }) => [action, by.name])).toEqual([
      ["access.refused", "reader"],
      ["complaints.imported", "writer"],
    ]);
  });

  it("takes back the days of which an import speaks, and keeps its numbers", async () => {
    using http = await open();
    const answer = await http.send("/api/v1/complaints?from=2026-03-01&to=2026-05-01", good);
    const { data } = (await answer.json()) as { data: { import: string; days: object } };
    expect(data.days).toEqual({ first: "2026-03-01", last: "2026-04-30" });
    const days = { fromDay: "2026-01-01", toDay: "2027-01-01" };
    expect(await http.state.countedDays(days)).toHaveLength(1);
    const key = await http.addKey("corrector", ["complaints"]);
    const path = `/api/v1/complaints/imports/${data.import}/days`;
    expect((await http.request(path, { method: "DELETE", key: http.readKey })).status).toBe(403);
    expect((await http.request(path, { method: "DELETE", key })).status).toBe(204);
    expect(await http.state.countedDays(days)).toEqual([]);
    expect(await rowsOf(http, "/api/v1/complaints?by=month")).toMatchObject([{ count: 1 }, { count: 1 }]);
    expect((await http.state.audit({ limit: 1 }))[0]).toMatchObject({
      action: "complaints.days.withdrawn",
      subject: data.import,
      by: { name: "corrector" },
    });
    const unknown = "/api/v1/complaints/imports/imp_0/days";
    expect((await http.request(unknown, { method: "DELETE", key })).status).toBe(404);
  });

  it("takes the same rows as JSON", async () => {
    using http = await open();
    const rows = [
      {
        trackingId: "7654321",
        received: "2026-03-04",
        area: "64.08.01.2001",
        channel: "web",
        aboutConnectivity: true,
      },
      { count: 3, received: "2026-03-04", area: "64.08.02" },
    ];
    expect((await http.json("/api/v1/complaints", { rows })).status).toBe(200);
    expect(await rowsOf(http, "/api/v1/complaints?by=area,connectivity")).toEqual([
      { area: "64.08.01.2001", connectivity: true, count: 1 },
      { area: "64.08.02", connectivity: null, count: 3 },
    ]);
    expect(
      (await http.json("/api/v1/complaints", { rows: [{ ...rows[0], reporterName: "Budi" }] })).status,
    ).toBe(422);
    const named = http.json("/api/v1/complaints?lang=en", { rows: [{ ...rows[0], phone: "081254321987" }] });
    expect((await http.problem(named)).detail).toMatch(/^column 6 \(F\): this column has personal data/);
    for (const bad of [{}, { rows: 3 }, { rows, more: 1 }, [], "x"])
      expect((await http.json("/api/v1/complaints", bad)).status).toBe(422);
    expect((await http.send("/api/v1/complaints", "{", "application/json")).status).toBe(400);
  });

  it("answers with every line that is refused, in Indonesian unless asked otherwise, and stores nothing", async () => {
    using http = await open();
    const bad = `${good}7654323,2026-04-05,64.08.02,SMS,Budi\n`;
    const problem = await http.problem(http.send("/api/v1/complaints", bad));
    expect(problem).toMatchObject({ status: 422, code: "complaints.refused" });
    expect(problem.refusals).toEqual([
      {
        code: "value.topic",
        line: 4,
        column: 5,
        name: "topic",
        text: "baris 4, kolom 5 (E): topik tidak ada dalam daftar: tambahkan di complaints.topics",
      },
    ]);
    const english = await http.problem(http.send("/api/v1/complaints?lang=en", bad));
    expect(english.detail).toBe("line 4, column 5 (E): topic is in no list: add it to complaints.topics");
    expect(await rowsOf(http, "/api/v1/complaints")).toEqual([]);
    const some = await http.send("/api/v1/complaints?mode=good-lines", bad);
    expect(await some.json()).toMatchObject({ data: { refused: 1, result: { added: 2 } } });
  });

  it("says in a dry run what would happen", async () => {
    using http = await open();
    const answer = await http.send("/api/v1/complaints?dryRun=true", good);
    expect(await answer.json()).toMatchObject({ data: { import: null, dryRun: true, result: { added: 2 } } });
    expect(await rowsOf(http, "/api/v1/complaints")).toEqual([]);
    expect((await http.send("/api/v1/complaints?dryRun=yes", good)).status).toBe(400);
    expect((await http.send("/api/v1/complaints?moed=good-lines", good)).status).toBe(400);
  });

  it("does not read what is too large, declared or not", async () => {
    using http = await open();
    const large = await http.problem(
      http.send("/api/v1/complaints", "a", "text/csv", { headers: { "Content-Length": "209715200" } }),
    );
    expect(large).toMatchObject({ status: 413, code: "complaints.refused" });
    let sent = 0;
    const endless = new ReadableStream({
      pull(controller) {
        sent += 1_048_576;
        controller.enqueue(new Uint8Array(1_048_576).fill(97));
      },
    });
    const init = { method: "POST", body: endless, duplex: "half", headers: { "Content-Type": "text/csv" } };
    const answer = await http.request("/api/v1/complaints", { ...init, key: http.adminKey } as RequestInit & {
      key: string;
    });
    expect(answer.status).toBe(413);
    // Of 8 MiB and a little: it is not read to its end, for it has none.
    expect(sent).toBeLessThan(16 * 1_048_576);
  });

  it("holds one file at a time, and the next one is told to come again", async () => {
    using http = await open();
    let finish = () => {};
    const slow = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(good));
        finish = () => controller.close();
      },
    });
    const init = { method: "POST", body: slow, duplex: "half", headers: { "Content-Type": "text/csv" } };
    const first = http.request("/api/v1/complaints", { ...init, key: http.adminKey } as RequestInit & {
      key: string;
    });
    const second = await http.send("/api/v1/complaints", good);
    expect([second.status, second.headers.get("Retry-After")]).toEqual([503, "5"]);
    finish();
    expect((await first).status).toBe(200);
    expect((await http.send("/api/v1/complaints", good)).status).toBe(200);
  });
});

describe("GET /complaints", () => {
  it("counts by what is asked for, in days of the district", async () => {
    using http = await open();
    await http.send("/api/v1/complaints", good);
    expect(await rowsOf(http, "/api/v1/complaints")).toEqual([
      { kecamatan: "64.08.01", month: "2026-03", count: 1 },
      { kecamatan: "64.08.02", month: "2026-04", count: 1 },
    ]);
    expect(await rowsOf(http, "/api/v1/complaints?by=topic&from=2026-04-01&to=2026-05-01")).toEqual([
      { topic: "jalan", count: 1 },
    ]);
    const { meta } = await http.get("/api/v1/complaints?to=2026-04-05");
    expect(meta).toMatchObject({ from: "2025-04-05", to: "2026-04-05", rows: 1, truncated: false });
  });

  it("tells what was known then", async () => {
    using http = await open();
    await http.send("/api/v1/complaints", good);
    const before = http.clock.ms - 1;
    expect(await rowsOf(http, `/api/v1/complaints?asOf=${before}`)).toEqual([]);
  });

  it.each(["by=name", "from=2026-13-01", "from=2026-04-05&to=2026-04-05", "to=soon", "site=64.08"])(
    "refuses %s",
    async (query) => {
      using http = await open();
      expect((await http.request(`/api/v1/complaints?${query}`)).status).toBe(400);
    },
  );

  it("lists imports with what each changed", async () => {
    using http = await open();
    await http.send("/api/v1/complaints", good);
    expect(await rowsOf(http, "/api/v1/complaints/imports")).toMatchObject([
      { surface: "api", refused: 0, added: 2, corrected: 0, unchanged: 0, hidden: 0, cells: 0 },
    ]);
  });
});

describe("POST /complaints/deletions", () => {
  it("deletes a case once, by an id in the body", async () => {
    using http = await open();
    await http.send("/api/v1/complaints", good);
    const remove = () => http.json("/api/v1/complaints/deletions", { trackingId: "7654321" });
    expect((await remove()).status).toBe(204);
    expect((await remove()).status).toBe(404);
    expect(await rowsOf(http, "/api/v1/complaints?by=area")).toEqual([{ area: "64.08.02", count: 1 }]);
    expect((await http.json("/api/v1/complaints/deletions", { id: "x" })).status).toBe(422);
    expect(JSON.stringify(http.log)).not.toContain("7654321");
  });
});

describe("/contacts", () => {
  const contact = { area: "64.08.01", time: "2026-09-21T20:00:00+08:00", channel: "whatsapp", count: 2 };

  const day = { from: "2026-09-21T00:00:00+08:00", to: "2026-09-21T22:00:00+08:00" };
  const counted = [
    { channel: "whatsapp", ...day },
    { channel: "portal", ...day },
  ];

  it("takes numbers with their moments, all or none, and all of a time in the place of what was there", async () => {
    using http = await open();
    const post = async (...contacts: object[]) => {
      const answer = await http.json("/api/v1/contacts", { counted, contacts });
      return [answer.status, ((await answer.json()) as { data?: object }).data];
    };
    expect(await post(contact, { ...contact, channel: "portal" })).toEqual([200, { rows: 2, changed: 2 }]);
    const twice = [
      { ...contact, count: 3 },
      { ...contact, channel: "portal" },
    ] as const;
    expect(await post(...twice)).toEqual([200, { rows: 2, changed: 1 }]);
    expect(await post(...twice)).toEqual([200, { rows: 2, changed: 0 }]);
    expect(await rowsOf(http, "/api/v1/contacts")).toEqual([
      { time: "2026-09-21T12:00:00.000Z", area: "64.08.01", channel: "portal", count: 2 },
      { time: "2026-09-21T12:00:00.000Z", area: "64.08.01", channel: "whatsapp", count: 3 },
    ]);
    expect(await post({ ...contact, count: 3 })).toEqual([200, { rows: 1, changed: 1 }]);
    expect(await rowsOf(http, "/api/v1/contacts")).toHaveLength(1);
    expect(await post(contact, { ...contact, area: "x" })).toEqual([422, undefined]);
  });

  it.each([
    [{ area: "64.09" }, "area"],
    [{ area: "Siti" }, "area"],
    [{ time: "2026-09-21" }, "time"],
    [{ time: "2026-09-21T23:00:00+08:00" }, "in the future"],
    [{ channel: "081254321987" }, "channel"],
    [{ count: -1 }, "count"],
    [{ count: "2" }, "count"],
    [{ phone: "081254321987" }, "outside of the columns"],
    [{ time: "2026-09-20T20:00:00+08:00" }, "in which its channel was counted"],
    [{ channel: "omnichannel" }, "in which its channel was counted"],
  ])("refuses %j, and does not repeat it", async (more, why) => {
    using http = await open();
    const answer = http.json("/api/v1/contacts?lang=en", {
      counted,
      contacts: [contact, { ...contact, ...more }],
    });
    const problem = await http.problem(answer);
    expect(problem.status).toBe(422);
    expect(problem.refusals).toHaveLength(1);
    expect(problem.refusals[0]!.text).toContain("line 2");
    expect(problem.refusals[0]!.text).toContain(why);
    expect(JSON.stringify(problem)).not.toMatch(/Siti|0812/);
    expect(await rowsOf(http, "/api/v1/contacts")).toEqual([]);
  });

  it.each([
    [{ channel: "sms" }],
    [{ from: day.to, to: day.from }],
    [{ to: "2026-09-22T22:00:00+08:00" }],
    [{ from: "2026-09-21" }],
    [{ more: 1 }],
    [{}],
  ])("refuses a time of counting that has %j, or overlaps the one before", async (more) => {
    using http = await open();
    const spans = [counted[0], { ...counted[0], ...more }];
    const answer = http.json("/api/v1/contacts?lang=en", { counted: spans, contacts: [] });
    const problem = await http.problem(answer);
    expect(problem).toMatchObject({ status: 422, refusals: [{ code: "value.counted", line: 2 }] });
  });

  it("refuses contacts of which nobody says when they were counted", async () => {
    using http = await open();
    const problem = await http.problem(http.json("/api/v1/contacts", { contacts: [contact] }));
    expect(problem).toMatchObject({ status: 422, refusals: [{ code: "file.broken" }] });
  });
});
