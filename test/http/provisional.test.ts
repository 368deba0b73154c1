import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openTestHttp, nowMs } from "../support/http.ts";
import type { TestHttp } from "../support/http.ts";
import { makeOutage, segments, writeWatch } from "../support/watch.ts";

const village = "64.08.01.2001";
const startMs = nowMs - 600_000;
const suspicion = makeOutage({
  id: "out_suspected",
  incident: "inc_suspected",
  site: village,
  link: null,
  root: village,
  startMs,
  cause: "unknown",
  confidence: "low",
  revision: 0,
  provisional: true,
  evidence: [{ fact: "silence.suspected", target: null, detail: {} }],
});

interface Rows {
  data: Record<string, unknown>[];
}

let http: TestHttp;

beforeEach(async () => {
  http = await openTestHttp({ provisional: [suspicion] });
  await writeWatch(http.state, {
    outages: [makeOutage({ startMs: startMs - 60_000 })],
    states: [segments(village, "", [[startMs, "unknown"]])],
  });
});
afterEach(() => http[Symbol.dispose]());

describe("what is suspected at this moment", () => {
  it("is among the open outages, and said to be provisional", async () => {
    const { data } = await http.get<Rows>("/api/v1/outages?open=true");
    expect(data.map(({ id, provisional }) => [id, provisional])).toEqual([
      ["out_1", false],
      ["out_suspected", true],
    ]);
    const one = await http.get<{ data: object; revisions: object[] }>("/api/v1/outages/out_suspected");
    expect([one.data, one.revisions]).toMatchObject([{ site: village, provisional: true }, []]);
  });

  it("is asked for like any other", async () => {
    const ids = async (query: string) =>
      (await http.get<Rows>(`/api/v1/outages?${query}`)).data.map(({ id }) => id);
    expect(await ids(`site=${village}`)).toEqual(["out_suspected"]);
    expect(await ids("cause=link")).toEqual(["out_1"]);
    expect(await ids("open=false")).toEqual([]);
    expect(await ids(`to=${startMs - 1_000}`)).toEqual(["out_1"]);
  });

  it("was never known as of another moment", async () => {
    const asOf = new Date(nowMs - 60_000).toISOString();
    const { data } = await http.get<Rows>(`/api/v1/outages?asOf=${asOf}`);
    expect(data.map(({ id }) => id)).toEqual(["out_1"]);
  });

  it("is an incident of its own, and leaves the site's state as it was measured", async () => {
    const { data } = await http.get<Rows>("/api/v1/incidents?open=true");
    expect(data.map(({ id, provisional }) => [id, provisional])).toEqual([
      ["inc_1", false],
      ["inc_suspected", true],
    ]);
    const site = await http.get<{ data: object }>(`/api/v1/sites/${village}`);
    expect(site.data).toMatchObject({
      state: "unknown",
      outage: null,
      suspected: { since: new Date(startMs).toISOString(), root: village },
    });
  });

  it("counts among no open outages of the metrics", async () => {
    const text = await (await http.request("/metrics")).text();
    expect(text).toMatch(/sambung_outages_open\{cause="link"\} 1/);
    expect(text).toMatch(/sambung_outages_open\{cause="unknown"\} 0/);
  });
});
