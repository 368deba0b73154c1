import { expect, it } from "vitest";
import type { StateSegment } from "../../src/outage/table.ts";
import { openTestHttp } from "../support/http.ts";

const hourMs = 3_600_000;
/** 1 September 2026, 00.00 WITA. */
const monthMs = Date.UTC(2026, 7, 31, 16);
const query = "/api/v1/complaints/handling?from=2026-09-01&to=2026-10-01";

const lines = `Tracking ID,Tanggal,Wilayah,Kanal,Topik,Status,Tanggal Verifikasi
7654321,2026-09-01,64.08.01,Website,Listrik,Diverifikasi,2026-09-03
7654322,2026-09-01,Desa Atas,Website,Listrik,Diverifikasi,2026-09-15
7654323,2026-09-01,64.08,Website,Listrik,,
`;

async function open() {
  const http = await openTestHttp();
  const key = await http.addKey("writer", ["complaints"]);
  const headers = { "Content-Type": "text/csv" };
  const answer = await http.request("/api/v1/complaints", { method: "POST", key, body: lines, headers });
  expect(await answer.text()).toContain('"added":3');
  return http;
}

it("tells working days of the cases by office, beside how long that office was cut off", async () => {
  using http = await open();
  const segment = (fromH: number, toH: number | null, state: StateSegment["state"]): StateSegment => ({
    site: "64.08.01",
    service: "",
    startMs: monthMs + fromH * hourMs,
    endMs: toH === null ? null : monthMs + toH * hourMs,
    state,
    cause: state === "down" ? "link" : null,
  });
  const segments = [segment(-30, 10, "down"), segment(10, 40, "up"), segment(40, 47, "unknown")];
  const states = [
    {
      site: "64.08.01",
      service: "",
      replaceFromMs: 0,
      knownMs: http.clock.ms,
      segments: [...segments, segment(47, null, "up")],
    },
  ];
  await http.state.writeWatch({ outages: [], states, alerts: [], messages: [] });
  const { data } = await http.get(query);
  expect(data).toEqual([
    expect.objectContaining({ office: "64.08", cases: 1, downS: null, notMeasuredS: null }),
    expect.objectContaining({ office: "64.08.01", cases: 2, downS: 36_000 }),
  ]);
  expect(data[1]!.verified).toEqual({
    limitDays: 3,
    within: 1,
    late: 1,
    open: 0,
    notKnown: 0,
    withinRatio: 0.5,
  });
  expect(data[1]!.notMeasuredS).toBeGreaterThanOrEqual(7 * 3_600);
  // The district of this test has no holidays.
  expect(data[1]!.yearsWithoutHolidays).toEqual([2026]);
});

it("has no row of an office without cases, and refuses a range that ends before it begins", async () => {
  using http = await open();
  expect((await http.get("/api/v1/complaints/handling?from=2026-01-01&to=2026-02-01")).data).toEqual([]);
  const answer = await http.request("/api/v1/complaints/handling?from=2026-10-01&to=2026-09-01");
  expect([answer.status, await answer.text()]).toEqual([
    400,
    expect.stringContaining("a day before 2026-09-01"),
  ]);
});
