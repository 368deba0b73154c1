import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openTestHttp, nowMs } from "../support/http.ts";
import type { TestHttp } from "../support/http.ts";
import { createWriter, icmpRounds } from "../support/rounds.ts";
import { makeOutage, segments, writeWatch } from "../support/watch.ts";

const hourMs = 3_600_000;
const startMs = nowMs - 2 * hourMs;
const iso = (ms: number) => new Date(ms).toISOString();
let http: TestHttp;

beforeEach(async () => {
  http = await openTestHttp();
});
afterEach(() => http[Symbol.dispose]());

const cutHulu = () =>
  writeWatch(http.state, {
    outages: [makeOutage({ startMs })],
    states: [
      segments("64.08.01", "", [
        [startMs - hourMs, "up"],
        [startMs, "down", "link"],
      ]),
      segments("64.08.01.2001", "", [[startMs, "unreachable", "backhaul"]]),
      segments("64.08", "lapor", [[startMs, "up"]]),
    ],
  });

describe("/sites and /map", () => {
  it("tell state and cause in Indonesian, or in English when asked", async () => {
    await cutHulu();
    const { data, meta } = await http.get("/api/v1/sites");
    expect(meta).toEqual({ rows: 6, truncated: false });
    expect(data[1]).toMatchObject({
      site: "64.08.01",
      name: "Hulu",
      state: "down",
      stateText: "Putus",
      since: iso(startMs),
      cause: "link",
      causeText: "Tautan putus",
      outage: "out_1",
      sites: 2,
      cut: 1,
      links: [{ id: "64.08.01-1", provider: "Telkom", technology: "fibre", circuitId: null }],
    });
    const english = await http.get<{ data: object }>("/api/v1/sites/64.08.01?lang=en");
    expect(english.data).toMatchObject({ stateText: "Down", causeText: "Link down" });
  });

  it("give flat rows below a parent", async () => {
    await cutHulu();
    const write = createWriter(http.batchLog, { id: "ag_atas01", site: "64.08.01.2001" });
    await write([icmpRounds("64.08.01.2001/hub", nowMs - 600_000, 30_000, [[20, 21, 22, 23, 24]])]);
    const { data } = await http.get("/api/v1/map?parent=64.08.01");
    expect(data).toEqual([
      {
        site: "64.08.01.2001",
        name: "Atas",
        kind: "desa",
        parent: "64.08.01",
        latitude: 0.5,
        longitude: 117.5,
        state: "unreachable",
        stateText: "Putus karena induk",
        since: iso(startMs),
        cause: "backhaul",
        causeText: "Gangguan jalur lokasi induk",
        value: 5,
        cut: 0,
        sites: 0,
        rtt_ms: 22,
        loss_ratio: 0,
      },
      expect.objectContaining({
        site: "64.08.01.2002",
        state: "unknown",
        stateText: "Belum diketahui",
        rtt_ms: null,
      }),
    ]);
  });

  it("do not know a site that the inventory does not know", async () => {
    const response = await http.request("/api/v1/sites/64.99");
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([404, "not-found"]);
  });

  it("list targets with names for menus", async () => {
    const { data, meta } = await http.get("/api/v1/targets?site=64.08.01,64.77");
    expect(meta).toEqual({ rows: 3, truncated: false, unknown: ["64.77"] });
    expect(data.map((row) => [row.target, row.role, row.name])).toEqual([
      ["64.08.01/gw", "gateway", "Hulu: Gerbang lokasi (gw)"],
      ["64.08.01/hub", "hub", "Hulu: Gerbang lokasi induk (hub)"],
      ["64.08.01/lapor", "service", "Hulu: SP4N-LAPOR! (lapor)"],
    ]);
  });
});

describe("/series and /smoke", () => {
  beforeEach(async () => {
    const write = createWriter(http.batchLog, { id: "ag_hulu01", site: "64.08.01" });
    await write([icmpRounds("64.08.01/hub", startMs, 30_000, [[10, 20, 30, 40, 50], []])]);
  });

  it.each([
    ["epoch ms", String(startMs), String(startMs + 120_000), "1m"],
    ["RFC 3339", iso(startMs), iso(startMs + 120_000), "60s"],
    ["RFC 3339 with an offset", "2026-09-21T20:00:00%2B08:00", "2026-09-21T20:02:00+08:00", "60"],
    ["no fraction, and a step of parts", "2026-09-21T12:00:00Z", "2026-09-21T12:02:00Z", "0m60s"],
  ])("take a range as %s", async (_, from, to, step) => {
    const path = `/api/v1/series?target=64.08.01/hub&metric=rtt_ms,loss_ratio&from=${from}&to=${to}&step=${step}`;
    expect(await http.get(path)).toEqual({
      data: [
        { time: iso(startMs), target: "64.08.01/hub", site: "64.08.01", rtt_ms: 30, loss_ratio: 0.5 },
        {
          time: iso(startMs + 60_000),
          target: "64.08.01/hub",
          site: "64.08.01",
          rtt_ms: null,
          loss_ratio: null,
        },
      ],
      meta: { from: iso(startMs), to: iso(startMs + 120_000), step: "60s", rows: 2, truncated: false },
    });
  });

  it("choose the last day and a step of at most 500 rows by default", async () => {
    const { data, meta } = await http.get("/api/v1/series?target=64.08.01/*");
    expect(meta).toEqual({
      from: iso(nowMs - 24 * hourMs),
      to: iso(nowMs),
      step: "300s",
      rows: 288,
      truncated: false,
    });
    expect(Object.keys(data[0]!)).toEqual([
      "time",
      "target",
      "site",
      "rtt_ms",
      "loss_ratio",
      "up_ratio",
      "total_ms",
    ]);
  });

  it("answer without rows where there are none, and name targets that are not known", async () => {
    const { data, meta } = await http.get("/api/v1/series?target=64.08.02/hub,64.08/moon");
    expect(data).toEqual([]);
    expect(meta).toMatchObject({ rows: 0, unknown: ["64.08/moon"] });
  });

  it("give percentiles", async () => {
    const { data } = await http.get(`/api/v1/smoke?target=*&from=${startMs}&to=${startMs + 60_000}&step=60s`);
    expect(data).toEqual([
      {
        time: iso(startMs),
        target: "64.08.01/hub",
        p0: 10,
        p10: 14,
        p25: 20,
        median: 30,
        p75: 40,
        p90: 46,
        p100: 50,
        loss_ratio: 0.5,
        sent: 10,
        received: 5,
      },
    ]);
  });
});

describe("/states", () => {
  it("has a row at both ends for each site and one at each change", async () => {
    await cutHulu();
    const from = startMs - 3 * hourMs;
    const { data } = await http.get(
      `/api/v1/states?site=64.08.01,64.08.02&from=${from}&to=${nowMs + hourMs}`,
    );
    expect(data.map((row) => [row.time, row.name, row.state, row.value])).toEqual([
      [iso(from), "Hulu", "unknown", 4],
      [iso(from), "Hilir", "unknown", 4],
      [iso(startMs - hourMs), "Hulu", "up", 0],
      [iso(startMs), "Hulu", "down", 6],
      [iso(nowMs), "Hulu", "down", 6],
      [iso(nowMs), "Hilir", "unknown", 4],
    ]);
  });

  it("shows a service as the sites see it, and nothing of the future", async () => {
    await cutHulu();
    const { data } = await http.get(`/api/v1/states?site=64.08&service=lapor&from=${startMs}&to=${nowMs}`);
    expect(data.map((row) => [row.time, row.state])).toEqual([
      [iso(startMs), "up"],
      [iso(nowMs), "up"],
    ]);
    const ahead = await http.get(`/api/v1/states?from=${nowMs + hourMs}&to=${nowMs + 2 * hourMs}`);
    expect(ahead.data).toEqual([]);
  });
});

describe("a site with two links", () => {
  const ofLink = (changes: Parameters<typeof segments>[2]) => {
    const { segments: states, ...view } = segments("64.08.01", "", changes);
    const link = "64.08.01-1";
    return { ...view, link, segments: states.map((segment) => ({ ...segment, link })) };
  };
  const cutLink = () =>
    writeWatch(http.state, {
      outages: [makeOutage({ startMs, ofLink: true })],
      states: [
        segments("64.08.01", "", [
          [startMs - hourMs, "up"],
          [startMs, "degraded", "link"],
        ]),
        ofLink([
          [startMs - hourMs, "up"],
          [startMs, "down", "link"],
        ]),
      ],
    });

  it("tells how each stands, and is not called cut off while one carries it", async () => {
    await cutLink();
    const { data } = await http.get<{ data: object }>("/api/v1/sites/64.08.01");
    expect(data).toMatchObject({
      state: "degraded",
      stateText: "Lambat",
      causeText: "Mutu tautan menurun",
      outage: null,
      links: [
        {
          id: "64.08.01-1",
          state: "down",
          stateText: "Putus",
          causeText: "Tautan putus",
          since: iso(startMs),
        },
      ],
    });
    const { data: outages } = await http.get("/api/v1/outages?open=true");
    expect(outages).toMatchObject([{ link: "64.08.01-1", ofLink: true }]);
    const { data: incidents } = await http.get("/api/v1/incidents?open=true");
    expect(incidents).toMatchObject([{ sites: [], cause: "link" }]);
  });

  it("has a timeline for each, beside its own", async () => {
    await cutLink();
    const range = `from=${startMs - hourMs}&to=${nowMs}`;
    const rows = async (query: string) =>
      (await http.get(`/api/v1/states?${query}&${range}`)).data.map((row) => [row.time, row.link, row.state]);
    expect(await rows("link=64.08.01-1")).toEqual([
      [iso(startMs - hourMs), "64.08.01-1", "up"],
      [iso(startMs), "64.08.01-1", "down"],
      [iso(nowMs), "64.08.01-1", "down"],
    ]);
    expect((await rows("site=64.08.01")).map(([, , state]) => state)).toEqual(["up", "degraded", "degraded"]);
    const { data, meta } = await http.get(`/api/v1/states?link=moon&${range}`);
    expect([data, meta]).toMatchObject([[], { unknown: ["moon"] }]);
  });
});

describe("/outages and /incidents", () => {
  it("give an outage with evidence in words and names beside codes", async () => {
    await cutHulu();
    const { data } = await http.get("/api/v1/outages?open=true&cause=link,power&site=64.08.01");
    expect(data).toEqual([
      {
        id: "out_1",
        site: "64.08.01",
        name: "Hulu",
        link: "64.08.01-1",
        ofLink: false,
        service: null,
        start: iso(startMs),
        end: null,
        durationS: 7200,
        cause: "link",
        causeText: "Tautan putus",
        confidence: "high",
        confidenceText: "tinggi",
        root: "64.08.01",
        rootName: "Hulu",
        incident: "inc_1",
        revision: 1,
        knownAt: iso(startMs + 120_000),
        withdrawn: false,
        provisional: false,
        evidence: [
          {
            fact: "gateway.answers",
            target: "64.08.01/gw",
            detail: { rounds: 12 },
            speaks: "for",
            text: "Gerbang lokasi menjawab (pengukuran 12)",
          },
        ],
        evidenceText: "Gerbang lokasi menjawab (pengukuran 12)",
      },
    ]);
    expect((await http.get("/api/v1/outages?cause=power")).data).toEqual([]);
    expect((await http.get("/api/v1/outages?service=lapor")).data).toEqual([]);
    expect((await http.get("/api/v1/outages?service=")).data).toHaveLength(1);
  });

  it("show the table as it was known at a moment, and every revision", async () => {
    const first = makeOutage({ startMs, cause: "unknown", knownMs: startMs + 120_000 });
    const second = makeOutage({
      startMs,
      cause: "power",
      revision: 2,
      knownMs: startMs + hourMs,
      endMs: nowMs,
    });
    await writeWatch(http.state, { outages: [first] });
    await writeWatch(http.state, { outages: [second] });
    const causesAt = async (asOf: number) =>
      (await http.get(`/api/v1/outages?asOf=${asOf}`)).data.map((row) => row.cause);
    expect(await causesAt(startMs + 120_000)).toEqual(["unknown"]);
    expect(await causesAt(startMs + 300_000)).toEqual(["unknown"]);
    expect(await causesAt(nowMs)).toEqual(["power"]);
    const one = await http.get<{ data: object; revisions: { revision: number; cause: string }[] }>(
      "/api/v1/outages/out_1",
    );
    expect(one.data).toMatchObject({ cause: "power", end: iso(nowMs) });
    expect(one.revisions.map(({ revision, cause }) => [revision, cause])).toEqual([
      [1, "unknown"],
      [2, "power"],
    ]);
    expect((await http.request("/api/v1/outages/none")).status).toBe(404);
  });

  it("have not lasted until a moment that is still to come", async () => {
    await writeWatch(http.state, { outages: [makeOutage({ startMs, endMs: null })] });
    const [row] = (await http.get(`/api/v1/outages?asOf=${nowMs + 24 * hourMs}`)).data;
    expect(row!.durationS).toBe((nowMs - startMs) / 1000);
  });

  it("name a root that is a service", async () => {
    await writeWatch(http.state, {
      outages: [makeOutage({ startMs, root: "service:lapor", service: "lapor" })],
    });
    const { data } = await http.get("/api/v1/incidents");
    expect(data).toMatchObject([
      { id: "inc_1", rootName: "SP4N-LAPOR!", siteCount: 1, outages: 1, end: null },
    ]);
  });
});

describe("/topology/proposals", () => {
  /** Atas falls with Hilir, which is not its parent, each tenth day. */
  const fallTogether = (count: number) =>
    writeWatch(http.state, {
      outages: Array.from({ length: count }, (_, index) => startMs - (index + 1) * 10 * 24 * hourMs).flatMap(
        (ms) =>
          ["64.08.02", "64.08.01.2001"].map((site, at) =>
            makeOutage({
              id: `out_${site}_${ms}`,
              incident: `inc_${site}_${ms}`,
              site,
              root: site,
              startMs: ms + at * 60_000,
              endMs: ms + hourMs,
              link: null,
            }),
          ),
      ),
    });

  it("proposes the parent that a site falls with, in both languages", async () => {
    await fallTogether(4);
    const { data, meta } = await http.get("/api/v1/topology/proposals");
    expect(data).toMatchObject([
      { kind: "hub", hub: "64.08.02", hubName: "Hilir", sites: ["64.08.01.2001"], days: 4, cause: "link" },
    ]);
    expect(data[0]!.text).toBe("Atas putus bersama Hilir pada 4 hari: mungkin Hilir lokasi induknya.");
    expect(Date.parse(String(meta.to)) - Date.parse(String(meta.from))).toBe(90 * 24 * hourMs);
    const english = await http.get("/api/v1/topology/proposals?lang=en");
    expect(english.data[0]!.text).toBe(
      "Atas went down together with Hilir on 4 days: Hilir may be the parent.",
    );
  });

  it("proposes nothing where it happened twice, or in another time", async () => {
    await fallTogether(4);
    const since = (days: number) =>
      `/api/v1/topology/proposals?from=${startMs - days * 24 * hourMs}&to=${startMs}`;
    expect((await http.get(since(25))).data).toEqual([]);
    expect((await http.get(since(45))).data).toHaveLength(1);
  });
});

describe("/services, /agents and /alerts", () => {
  it("give services and their availability, which adds up", async () => {
    await cutHulu();
    expect((await http.get("/api/v1/services")).data).toMatchObject([
      { id: "lapor", controlName: "Kutai Contoh", state: "up", since: iso(startMs), sites: 6, cut: 0 },
    ]);
    const path = `/api/v1/services/lapor/availability?by=site&from=${startMs}&to=${nowMs}`;
    const { data } = await http.get(path);
    expect(data[0]).toMatchObject({ group: "64.08", windowS: 7200, availableS: 7200, availabilityRatio: 1 });
    for (const row of data) {
      expect(Number(row.availableS) + Number(row.unavailableS) + Number(row.notMeasuredS)).toBe(row.windowS);
      expect(row.expectedOffS).toBe(0);
    }
    expect((await http.request("/api/v1/services/none/availability")).status).toBe(404);
  });

  it("lead from each availability to the outages behind it", async () => {
    await cutHulu();
    const behind = async (by: string) => {
      const path = `/api/v1/services/lapor/availability?by=${by}&from=${startMs}&to=${nowMs}`;
      const { data } = await http.get(path);
      return new Map(data.map(({ group, outages }) => [group, outages as string | null]));
    };
    const range = `from=${iso(startMs)}&to=${iso(nowMs)}`;
    const areas = await behind("kecamatan");
    expect(areas.get("64.08")).toBe(`/api/v1/outages?${range}&site=64.08`);
    expect(areas.get("64.08.01")).toBe(`/api/v1/outages?${range}&site=64.08.01,64.08.01.2001,64.08.01.2002`);
    expect((await behind("kabupaten")).get("64.08")).toBe(`/api/v1/outages?${range}`);
    expect([...(await behind("provider")).values()]).toEqual([null, null]);
    const own = (await behind("site")).get("64.08.01")!;
    const { data } = await http.get(own);
    expect(new Set(data.map(({ site }) => site))).toEqual(new Set(["64.08.01"]));
  });

  it("give agents with their account, holes included", async () => {
    const token = {
      hash: "h",
      site: "64.08.01",
      prefix: "sbe_test",
      kind: "sambung" as const,
      expiresMs: nowMs + hourMs,
      nowMs,
    };
    await http.state.addEnrolToken(token);
    const keyHash = { keyHash: "k", keyPrefix: "sba_k" };
    await http.state.redeemEnrolToken("h", nowMs, {
      id: "ag_hulu01",
      ...keyHash,
      hardware: "x",
      version: "1",
    });
    const write = createWriter(http.batchLog, { id: "ag_hulu01", site: "64.08.01" });
    await write([icmpRounds("64.08.01/gw", startMs, 30_000, [[1]])], { seq: 1, producedRounds: 1 });
    await write([icmpRounds("64.08.01/gw", nowMs, 30_000, [[1]])], { seq: 3, producedRounds: 5 });
    expect((await http.get("/api/v1/agents")).data).toMatchObject([
      { id: "ag_hulu01", name: "Hulu", revoked: null, producedRounds: 5, storedRounds: 2, openRounds: 3 },
    ]);
    const { data } = await http.get<{ data: object }>("/api/v1/agents/ag_hulu01/ledger");
    expect(data).toMatchObject({ lastSeq: 3, holes: [{ fromSeq: 2, toSeq: 2 }] });
    expect((await http.request("/api/v1/agents/none/ledger")).status).toBe(404);
  });

  it("give messages, newest first", async () => {
    const message = (id: number) => ({
      dedupeKey: `d${id}`,
      channel: "log",
      type: "site.down",
      incident: "inc_1",
      payload: { id },
      createdMs: nowMs + id,
      nextTryMs: nowMs + id,
    });
    await writeWatch(http.state, { messages: [message(1), message(2), message(3)] });
    const { data, meta } = await http.get("/api/v1/alerts/messages?limit=2");
    expect(data.map((row) => row.payload)).toEqual([{ id: 3 }, { id: 2 }]);
    expect(data[0]).toMatchObject({ time: iso(nowMs + 3), sent: null, nextTry: iso(nowMs + 3), attempts: 0 });
    expect(meta).toEqual({ rows: 2, truncated: true });
  });
});

describe("parameters that are not understood", () => {
  it.each([
    ["/series", "target", "", "<site>/<target>"],
    ["/series?target=hub", "target", "hub", "<site>/<target>"],
    ["/series?target=*&metric=speed", "metric", "speed", "rtt_ms"],
    ["/series?target=*&step=soon", "step", "soon", "a duration"],
    ["/series?target=*&step=500ms", "step", "500ms", "at least 1 s"],
    ["/series?target=*&from=yesterday", "from", "yesterday", "an RFC 3339 time"],
    ["/series?target=*&from=2026-09-21T14:00:00", "from", "2026-09-21T14:00:00", "an RFC 3339 time"],
    ["/states?to=2026-13-41T00:00:00Z", "to", "2026-13-41T00:00:00Z", "an RFC 3339 time"],
    [
      "/states?from=2026-09-21T00:00:00Z&to=2026-09-20T00:00:00Z",
      "from",
      "2026-09-21T00:00:00.000Z",
      "before the end",
    ],
    ["/states?site=Hulu", "site", "Hulu", "an area code"],
    ["/outages?cause=weather", "cause", "weather", "one of power"],
    ["/outages?open=yes", "open", "yes", "true or false"],
    ["/map?parent=64.99", "parent", "64.99", "a site of the inventory"],
    ["/map?lang=fr", "lang", "fr", "one of id, en"],
    ["/sites?site=64.08", "site", "64.08", "no such name here"],
    ["/services/lapor/availability?by=village", "by", "village", "one of site"],
    ["/alerts/messages?limit=0", "limit", "0", "a whole number from 1 to 1000"],
    ["/alerts/messages?limit=5000", "limit", "5000", "a whole number from 1 to 1000"],
    ["/states?site=64.08&site=64.08.01", "site", '["64.08","64.08.01"]', "once"],
  ])("%s: %s is named with its value and what is allowed", async (path, field, value, allowed) => {
    const response = await http.request(`/api/v1${path}`);
    expect(response.status).toBe(400);
    expect(response.headers.get("Content-Type")).toBe("application/problem+json");
    const problem = (await response.json()) as { code: string; errors: Record<string, string>[] };
    expect(problem.code).toBe("query.invalid");
    expect(problem.errors).toHaveLength(1);
    expect(problem.errors[0]).toMatchObject({ field, value: value === "" ? "nothing" : value });
    expect(problem.errors[0]!.allowed).toContain(allowed);
  });
});

describe("the first sentence of a refusal", () => {
  it.each([
    ["/sites?site=64.08", "site is not known here; see /openapi.json"],
    ["/series?metric=rtt_ms", "target is missing; expected "],
    ["/map?lang=fr", 'lang: "fr" is not allowed; expected one of id, en'],
  ])("%s: %s", async (path, beginning) => {
    const problem = (await (await http.request(`/api/v1${path}`)).json()) as { detail: string };
    expect(problem.detail.startsWith(beginning), problem.detail).toBe(true);
  });
});

describe("answers", () => {
  it("carry a tag, and 304 while nothing has changed", async () => {
    const first = await http.request("/api/v1/map");
    const etag = first.headers.get("ETag")!;
    expect(first.headers.get("Cache-Control")).toBe("private, no-cache");
    const again = await http.request("/api/v1/map", { headers: { "If-None-Match": etag } });
    expect([again.status, await again.text(), again.headers.get("ETag")]).toEqual([304, "", etag]);
    await cutHulu();
    expect((await http.request("/api/v1/map", { headers: { "If-None-Match": etag } })).status).toBe(200);
  });

  it("are not revalidated for somebody without a key", async () => {
    const etag = (await http.request("/api/v1/map")).headers.get("ETag")!;
    const response = await http.request("/api/v1/map", { key: null, headers: { "If-None-Match": etag } });
    expect(response.status).toBe(401);
  });

  it("are compressed where the client takes that", async () => {
    const response = await http.request("/api/v1/sites", { headers: { "Accept-Encoding": "gzip" } });
    expect(response.headers.get("Content-Encoding")).toBe("gzip");
    const text = gunzipSync(Buffer.from(await response.arrayBuffer())).toString();
    expect((JSON.parse(text) as { data: unknown[] }).data).toHaveLength(6);
  });
});
