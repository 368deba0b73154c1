import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { commandActor } from "../../src/state/audit.ts";
import { syncMaintenance } from "../../src/watch/sync-maintenance.ts";
import { nowMs, openTestHttp } from "../support/http.ts";
import type { TestHttp } from "../support/http.ts";
import { createWriter, icmpRounds } from "../support/rounds.ts";
import { makeOutage, segments, writeWatch } from "../support/watch.ts";

const hourMs = 3_600_000;
const iso = (ms: number) => new Date(ms).toISOString();
type Row = Record<string, unknown>;

let http: TestHttp;
beforeEach(async () => {
  http = await openTestHttp();
});
afterEach(() => http[Symbol.dispose]());

const plan = (more: Row = {}) => ({
  site: "64.08.01",
  from: "2026-09-21T21:00:00+08:00",
  to: "2026-09-22T01:00:00+08:00",
  reason: "antena baru",
  ...more,
});

async function announce(more: Row = {}): Promise<string> {
  const answer = await http.post("/api/v1/maintenance", plan(more));
  if (answer.status !== 201) throw new Error(await answer.text());
  return ((await answer.json()) as { data: { id: string } }).data.id;
}

const admin = (path: string, method: string) =>
  http.request(`/api/v1${path}`, { method, key: http.adminKey });
const codeOf = async (answer: Response) => [answer.status, ((await answer.json()) as Row).code];

describe("announced work", () => {
  it("is written down with its author, listed with its windows, and in the audit log", async () => {
    const id = await announce({ repeat: "weekly", until: "2026-10-06T00:00:00+08:00" });
    const { data } = await http.get("/api/v1/maintenance");
    expect(data).toEqual([
      {
        id,
        site: "64.08.01",
        link: null,
        provider: null,
        subtree: null,
        service: null,
        from: "2026-09-21T13:00:00.000Z",
        to: "2026-09-21T17:00:00.000Z",
        repeat: "weekly",
        until: "2026-10-05T16:00:00.000Z",
        reason: "antena baru",
        author: "admin",
        source: "api",
        knownAt: iso(nowMs),
        windows: [
          { from: "2026-09-21T13:00:00.000Z", to: "2026-09-21T17:00:00.000Z" },
          { from: "2026-09-28T13:00:00.000Z", to: "2026-09-28T17:00:00.000Z" },
          { from: "2026-10-05T13:00:00.000Z", to: "2026-10-05T16:00:00.000Z" },
        ],
      },
    ]);
    const audit = (await (await admin("/audit?limit=1", "GET")).json()) as { data: Row[] };
    expect(audit.data[0]).toMatchObject({
      actor: "key_admin",
      action: "maintenance.made",
      subject: id,
      detail: { target: "site:64.08.01", reason: "antena baru", author: "admin", repeat: "weekly" },
    });
  });

  it.each([
    [{ site: "64.99" }, "site", "the code of a site in sites.csv"],
    [{ site: undefined }, "site", "exactly one of site, link, provider, subtree, service"],
    [{ site: undefined, link: "none" }, "link", "the id of a link in links.yaml"],
    [{ to: "2026-09-21T21:00:00+08:00" }, "to", "a time after from, and at most 31 days after it"],
    [{ from: "now" }, "from", "an RFC 3339 time with a zone, such as 2026-11-24T22:00:00+08:00"],
    [{ reason: undefined }, "reason", "1 to 500 characters: why"],
    [{ repeat: "daily" }, "repeat", "one of weekly, monthly, monthlyWeekday"],
    [{ every: "day" }, "every", "no such name here; see /openapi.json"],
  ])("with %j is refused by field and what is allowed", async (more, field, allowed) => {
    const answer = await http.post("/api/v1/maintenance", plan(more));
    expect(answer.status).toBe(422);
    expect(((await answer.json()) as { errors: Row[] }).errors).toMatchObject([{ field, allowed }]);
    expect((await http.get("/api/v1/maintenance")).data).toEqual([]);
  });

  it("that overlaps other work on the same thing is refused, and both are named", async () => {
    const id = await announce();
    const answer = await http.post("/api/v1/maintenance", plan({ from: "2026-09-22T00:00:00+08:00" }));
    expect(answer.status).toBe(422);
    expect(((await answer.json()) as { errors: Row[] }).errors).toEqual([
      {
        field: "from",
        value: "2026-09-21T16:00:00.000Z",
        allowed: `times that do not overlap those of ${id}, which is about the same (first at 2026-09-21T16:00:00.000Z)`,
      },
    ]);
    // On something else, and after it, there may be more.
    await announce({ site: undefined, subtree: "64.08.01" });
    await announce({ from: "2026-09-22T01:00:00+08:00", to: "2026-09-22T02:00:00+08:00" });
  });

  it("is ended, and taken back, by administrators alone", async () => {
    const id = await announce();
    expect((await http.request(`/api/v1/maintenance/${id}`, { method: "DELETE" })).status).toBe(403);
    http.clock.ms += hourMs;
    const ended = await admin(`/maintenance/${id}/end`, "POST");
    expect(((await ended.json()) as { data: Row }).data).toMatchObject({ until: iso(nowMs + hourMs) });
    expect(await codeOf(await admin(`/maintenance/${id}/end`, "POST"))).toEqual([409, "maintenance.over"]);
    const ahead = await announce({ from: "2026-10-01T00:00:00Z", to: "2026-10-01T01:00:00Z" });
    expect(await codeOf(await admin(`/maintenance/${ahead}/end`, "POST"))).toEqual([
      409,
      "maintenance.ahead",
    ]);
    expect((await admin(`/maintenance/${ahead}`, "DELETE")).status).toBe(204);
    expect((await admin(`/maintenance/${ahead}`, "DELETE")).status).toBe(404);
    const early = await http.get(`/api/v1/maintenance?asOf=${nowMs}`);
    expect(early.data.map((row) => [row.id, row.until])).toEqual([[id, null]]);
    const { data } = await http.get("/api/v1/maintenance");
    expect(data.map((row) => [row.id, row.until])).toEqual([[id, iso(nowMs + hourMs)]]);
  });

  it("is shown as the state of what is worked on, with what hangs on it where the work took that along", async () => {
    await writeWatch(http.state, {
      states: [
        segments("64.08.01", "", [
          [nowMs - 5 * hourMs, "up"],
          [nowMs - hourMs, "down", "maintenance"],
        ]),
        segments("64.08.01.2001", "", [[nowMs - hourMs, "unreachable", "maintenance"]]),
        segments("64.08.01.2002", "", [[nowMs - hourMs, "down", "link"]]),
      ],
    });
    await announce({ from: iso(nowMs - 2 * hourMs), to: iso(nowMs + hourMs) });
    const states = (await http.get("/api/v1/sites")).data.map(({ site, state, since }) => [
      site,
      state,
      since,
    ]);
    expect(states.slice(1, 4)).toEqual([
      ["64.08.01", "maintenance", iso(nowMs - 2 * hourMs)],
      ["64.08.01.2001", "maintenance", iso(nowMs - hourMs)],
      ["64.08.01.2002", "down", iso(nowMs - hourMs)],
    ]);
    const timeline = await http.get(`/api/v1/states?site=64.08.01&from=${nowMs - 4 * hourMs}`);
    expect(timeline.data.map(({ time, state }) => [time, state])).toEqual([
      [iso(nowMs - 4 * hourMs), "up"],
      [iso(nowMs - 2 * hourMs), "maintenance"],
      [iso(nowMs), "maintenance"],
    ]);
  });
});

describe("maintenance.yaml", () => {
  const filed = {
    id: "m1",
    site: "64.08.01",
    fromMs: nowMs - hourMs,
    toMs: nowMs + hourMs,
    repeat: null,
    untilMs: null,
    reason: "antena",
    author: "Diskominfo",
  };
  const withPlans = (...plans: (typeof filed)[]) => {
    http.held.inventory = { ...http.held.inventory, maintenance: new Map(plans.map((one) => [one.id, one])) };
    return http.held.inventory;
  };
  const sync = (how: "refuse" | "skip" = "refuse") =>
    syncMaintenance(http.state, http.held.inventory, http.clock.ms, commandActor("start"), how);
  const known = async () => (await http.state.maintenance()).map(({ id, untilMs }) => [id, untilMs]);

  it("is taken over once, and what is taken out of it ends, and keeps its past", async () => {
    withPlans(filed, { ...filed, id: "ahead", fromMs: nowMs + 2 * hourMs, toMs: nowMs + 3 * hourMs });
    await sync();
    const touches = await http.state.maintenanceTouches();
    await sync();
    expect(await http.state.maintenanceTouches()).toEqual(touches);
    expect(await codeOf(await admin("/maintenance/m1", "DELETE"))).toEqual([409, "maintenance.file"]);
    withPlans();
    await sync();
    expect(await known()).toEqual([["m1", nowMs]]);
    http.clock.ms += hourMs;
    await sync();
    expect(await known()).toEqual([["m1", nowMs]]);
  });

  it("does not take what overlaps work of the API: a reload is refused whole, a start goes on", async () => {
    const id = await announce();
    withPlans({ ...filed, id: "other", site: "64.08.02" }, filed);
    const message = `maintenance.yaml: m1 (site:64.08.01) overlaps ${id}, which was announced by the API, at ${iso(nowMs - hourMs)}; take one of them back`;
    await expect(sync("refuse")).rejects.toThrow(message);
    expect(await known()).toEqual([[id, null]]);
    expect(await sync("skip")).toEqual([message]);
    expect((await known()).map(([each]) => each)).toEqual([id, "other"]);
  });
});

describe("/availability", () => {
  const dayMs = 24 * hourMs;

  /**
   * Hulu was measured for the 24 hours before now: down for an hour, in announced work. With it 23 of 24 hours are up;
   * without it 23 of 23. Atas, below, was cut off by that for the same hour. Of Bawah nothing was measured.
   */
  beforeEach(async () => {
    await writeWatch(http.state, {
      outages: [makeOutage({ startMs: nowMs - 6 * hourMs, endMs: nowMs - 5 * hourMs, cause: "maintenance" })],
      states: [
        segments("64.08.01", "", [
          [nowMs - 2 * dayMs, "up"],
          [nowMs - 6 * hourMs, "down", "maintenance"],
          [nowMs - 5 * hourMs, "up"],
        ]),
        segments("64.08.01.2001", "", [
          [nowMs - 2 * dayMs, "up"],
          [nowMs - 6 * hourMs, "unreachable", "maintenance"],
          [nowMs - 5 * hourMs, "up"],
        ]),
      ],
    });
    await announce({ from: iso(nowMs - 6 * hourMs), to: iso(nowMs - 5 * hourMs) });
  });

  const accounts = async (query: string) =>
    (await http.get(`/api/v1/availability?${query}`)).data as unknown as {
      group: string;
      withMaintenance: Row;
      withoutMaintenance: Row;
    }[];

  it("tells of sites with and without announced work", async () => {
    const [hulu, atas, bawah] = await accounts("site=64.08.01,64.08.01.2001,64.08.01.2002");
    for (const site of [hulu!, atas!]) {
      expect(site.withMaintenance).toMatchObject({
        availabilityRatio: 23 / 24,
        outages: 1,
        mttrS: 3_600,
        byCause: { maintenance: 3_600 },
      });
      expect(site.withoutMaintenance).toMatchObject({
        availabilityRatio: 1,
        outages: 0,
        maintenanceS: 3_600,
      });
    }
    expect(bawah!.withMaintenance).toMatchObject({
      availabilityRatio: null,
      worstRatio: 0,
      bestRatio: 1,
      coverageRatio: 0,
    });
  });

  it("counts nothing as up after the last round that said so", async () => {
    const write = createWriter(http.batchLog, { id: "ag_hulu01", site: "64.08.01" });
    await write([icmpRounds("64.08.01/hub", nowMs - 90_000, 30_000, [[20], [20]])]);
    const [hulu] = await accounts("site=64.08.01");
    expect(hulu!.withMaintenance).toMatchObject({ upS: 23 * 3_600 - 60, notMeasuredS: 60 });
  });

  it("takes a link behind a dead parent for not measured, and sums links by provider", async () => {
    const links = await accounts("by=link&site=64.08.01,64.08.01.2001");
    expect(links.map(({ group, withMaintenance: of }) => [group, of.downS, of.notMeasuredS])).toEqual([
      ["64.08.01-1", 3_600, 0],
      ["64.08.01.2001-1", 0, 3_600],
    ]);
    const providers = await accounts("by=provider");
    expect(providers.map(({ group, withMaintenance: of }) => [group, of.windowS])).toEqual([
      ["Telkom", 5 * 86_400],
      ["BAKTI", 86_400],
    ]);
  });

  it("sums areas", async () => {
    const rows = await accounts("by=kecamatan&site=64.08.01,64.08.01.2001,64.08.01.2002");
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({
      group: "64.08.01",
      withMaintenance: { windowS: 3 * 86_400, coverageRatio: 2 / 3, outages: 2 },
    });
  });

  it("takes a month by the wall clock, as far as it has passed", async () => {
    const { meta } = await http.get("/api/v1/availability?month=2026-09&site=64.08.01");
    expect(meta).toMatchObject({ from: "2026-08-31T16:00:00.000Z", to: "2026-09-30T16:00:00.000Z" });
    const [hulu] = await accounts("month=2026-09&site=64.08.01");
    expect(hulu!.withMaintenance.windowS).toBe((nowMs - Date.UTC(2026, 7, 31, 16)) / 1000);
  });

  it.each([
    ["month=2026-13", "month"],
    ["month=2026-12", "month"],
    ["month=2026-09&from=2026-09-01T00:00:00Z", "month"],
    ["by=country", "by"],
  ])("refuses %s", async (query, field) => {
    const answer = await http.request(`/api/v1/availability?${query}`);
    expect(answer.status).toBe(400);
    expect(((await answer.json()) as { errors: Row[] }).errors).toMatchObject([{ field }]);
  });
});

describe("?asOf=", () => {
  const startMs = nowMs - 4 * hourMs;
  const write = (knownMs: number, state: "down" | "up", cause: "unknown" | "power" | null) =>
    writeWatch(http.state, {
      outages: [
        makeOutage({
          startMs,
          cause: cause ?? "power",
          revision: (knownMs - startMs) / hourMs,
          knownMs,
          endMs: state === "up" ? knownMs : null,
        }),
      ],
      states: [
        {
          ...segments("64.08.01", "", [
            [startMs, "down", cause],
            ...(state === "up" ? ([[knownMs, "up"]] as [number, "up"][]) : []),
          ]),
          replaceFromMs: startMs,
          knownMs,
        },
      ],
    });

  it("answers as of then, and never otherwise again", async () => {
    const moments = [1, 1.5, 2, 2.5, 3].map((hours) => startMs + hours * hourMs);
    const paths = moments.flatMap((ms) =>
      ["outages", "incidents", "states", "availability"].map(
        (what) =>
          `/api/v1/${what}?asOf=${ms}&from=${startMs - hourMs}&to=${nowMs}${what === "states" || what === "availability" ? "&site=64.08.01" : ""}`,
      ),
    );
    const early: [string, string][] = [];
    const ask = async (path: string) => JSON.stringify((await http.get(path)).data);
    for (const [hours, state, cause] of [
      [1, "down", "unknown"],
      [2, "down", "power"],
      [3, "up", "power"],
    ] as const) {
      http.clock.ms = startMs + hours * hourMs;
      await write(http.clock.ms, state, cause);
      http.clock.ms += 1;
      for (const path of paths)
        if (Number(/asOf=([\d.]+)/.exec(path)![1]) < http.clock.ms) early.push([path, await ask(path)]);
    }
    http.clock.ms = nowMs;
    for (const [path, said] of early) expect(await ask(path), path).toBe(said);
    const states = await Promise.all(
      moments.map(async (ms) =>
        (await http.get(`/api/v1/states?asOf=${ms}&from=${startMs}&to=${nowMs}&site=64.08.01`)).data.map(
          ({ state, cause }) => `${String(state)} ${String(cause)}`,
        ),
      ),
    );
    expect(states).toEqual([
      ["down unknown", "down unknown"],
      ["down unknown", "down unknown"],
      ["down power", "down power"],
      ["down power", "down power"],
      ["down power", "down power"],
    ]);
  });

  it.each(["outages", "incidents", "states", "availability", "maintenance"])(
    "of /%s before the record begins is refused, with when it does",
    async (what) => {
      await write(startMs + hourMs, "down", "unknown");
      const answer = await http.request(`/api/v1/${what}?asOf=${startMs}`);
      expect(answer.status).toBe(400);
      expect(((await answer.json()) as { errors: Row[] }).errors).toEqual([
        {
          field: "asOf",
          value: iso(startMs),
          allowed: `${iso(startMs + hourMs)}, when the record begins, or later`,
        },
      ]);
    },
  );
});
