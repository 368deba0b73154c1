import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openTestHttp, nowMs } from "../support/http.ts";
import type { TestHttp } from "../support/http.ts";
import { icmpTarget, makeDistrict, makeLink, makeSite, makeInventory } from "../support/inventory.ts";
import { createWriter, icmpRounds } from "../support/rounds.ts";
import { makeOutage, segments, writeWatch } from "../support/watch.ts";

const hourMs = 3_600_000;
let http: TestHttp;

beforeEach(async () => {
  http = await openTestHttp();
});
afterEach(() => http[Symbol.dispose]());

describe("sites", () => {
  it("that nobody measured are unknown, not down", async () => {
    const sites = await http.reader.sites();
    expect(sites.map((site) => [site.code, site.state, site.sinceMs])).toEqual([
      ["64.08", "unknown", null],
      ["64.08.01", "unknown", null],
      ["64.08.01.2001", "unknown", null],
      ["64.08.01.2002", "unknown", null],
      ["64.08.02", "unknown", null],
      ["64.08.02.2001", "unknown", null],
    ]);
  });

  it("show state, cause, outage and how many below are cut off", async () => {
    const startMs = nowMs - hourMs;
    await writeWatch(http.state, {
      outages: [makeOutage({ startMs })],
      states: [
        segments("64.08", "", [[startMs, "up"]]),
        segments("64.08.01", "", [[startMs, "down", "link"]]),
        segments("64.08.01.2001", "", [[startMs, "unreachable", "backhaul"]]),
        segments("64.08.01.2002", "", [[startMs, "unknown", "agent"]]),
        segments("64.08.01", "lapor", [[startMs, "unreachable", "link"]]),
      ],
    });
    const hulu = await http.reader.site("64.08.01");
    expect(hulu).toMatchObject({
      state: "down",
      cause: "link",
      sinceMs: startMs,
      confidence: "high",
      root: "64.08.01",
      outage: "out_1",
      parent: "64.08",
      pathParent: "64.08",
      agent: null,
      below: { sites: 2, cut: 1 },
      services: [{ service: "lapor", state: "unreachable", cause: "link", sinceMs: startMs }],
    });
    expect((await http.reader.site("64.08"))?.below).toEqual({ sites: 5, cut: 2 });
    expect(await http.reader.site("64.99")).toBeNull();
  });

  it("are unknown from where their last segment ended", async () => {
    const ended = segments("64.08", "", [
      [nowMs - 2 * hourMs, "up"],
      [nowMs - hourMs, "up"],
    ]);
    await writeWatch(http.state, { states: [{ ...ended, segments: ended.segments.slice(0, 1) }] });
    expect(await http.reader.site("64.08")).toMatchObject({ state: "unknown", cause: null });
  });

  it("follow an inventory that was loaded again", async () => {
    expect(await http.reader.sites()).toHaveLength(6);
    http.held.inventory = makeInventory({ sites: [makeSite("64.08", "Kutai Baru")] });
    expect((await http.reader.sites()).map((site) => site.name)).toEqual(["Kutai Baru"]);
  });

  it("have the parent of their uplink beside the administrative one", async () => {
    const district = makeDistrict();
    const sites = [...district.sites.values()];
    const muara = sites.find((site) => site.name === "Muara")!;
    http.held.inventory = makeInventory({ sites, links: [makeLink(muara, { parent: "64.08" })] });
    const view = await http.reader.site(muara.code);
    expect([view?.parent, view?.pathParent]).toEqual(["64.08.02", "64.08"]);
  });
});

describe("map", () => {
  it("has the sites below a parent, with the last hour on their way up", async () => {
    const write = createWriter(http.batchLog, { id: "ag_atas01", site: "64.08.01.2001" });
    await write([
      icmpRounds("64.08.01.2001/hub", nowMs - 2 * hourMs, 30_000, [[500]]),
      icmpRounds("64.08.01.2001/gw", nowMs - 600_000, 30_000, [[1, 1, 1, 1, 1]]),
    ]);
    await write([
      icmpRounds("64.08.01.2001/hub", nowMs - 600_000, 30_000, [
        [20, 21, 22],
        [24, 25, 26, 27],
      ]),
    ]);
    const { sites, trouble } = await http.reader.map("64.08.01");
    expect(trouble).toBeNull();
    expect(sites.map((row) => [row.name, row.rttMs, row.lossRatio])).toEqual([
      ["Atas", 24, 0.3],
      ["Bawah", null, null],
    ]);
    expect((await http.reader.map(null)).sites).toHaveLength(6);
  });
});

describe("target status", () => {
  it("is the last round, until an agent that reports would have sent another", async () => {
    const write = createWriter(http.batchLog, { id: "ag_hulu01", site: "64.08.01" });
    await write([icmpRounds("64.08.01/hub", nowMs - 60_000, 30_000, [[9], [20, 22]])]);
    expect(await http.reader.targetStatus()).toEqual([
      {
        key: "64.08.01/hub",
        site: "64.08.01",
        id: "hub",
        kind: "icmp",
        timeMs: nowMs - 30_000,
        ok: true,
        durationS: 0.021,
        lossRatio: 0.6,
        certExpiresMs: null,
      },
    ]);
    // Rounds come with reports: between two of them the last one stands, although three intervals have passed.
    http.clock.ms += 120_000;
    expect(await http.reader.targetStatus()).toHaveLength(1);
    http.clock.ms += 60_000;
    expect(await http.reader.targetStatus()).toEqual([]);
  });

  it("lasts for three intervals of a target that is slower than the reports", async () => {
    const slow = icmpTarget("64.08.01", "slow", "device");
    http.held.inventory = makeInventory({
      sites: [makeSite("64.08.01", "Hulu")],
      targets: [{ ...slow, probe: { ...slow.probe, intervalS: 600 } }],
    });
    const write = createWriter(http.batchLog, { id: "ag_hulu01", site: "64.08.01" });
    await write([icmpRounds("64.08.01/slow", nowMs - 600_000, 600_000, [[9]])]);
    http.clock.ms += 1_190_000;
    expect(await http.reader.targetStatus()).toHaveLength(1);
    http.clock.ms += 20_000;
    expect(await http.reader.targetStatus()).toEqual([]);
  });

  it("passes over rounds in which nothing could be sent, and says nothing where there are no others", async () => {
    const write = createWriter(http.batchLog, { id: "ag_hulu01", site: "64.08.01" });
    const hub = icmpRounds("64.08.01/hub", nowMs - 90_000, 30_000, [[20, 22, 24, 26, 28], [9], []]);
    const gw = icmpRounds("64.08.01/gw", nowMs - 60_000, 30_000, [[], []]);
    await write([
      { ...hub, sent: [5, 5, 0] },
      { ...gw, sent: [0, 0] },
    ]);
    expect(await http.reader.targetStatus()).toMatchObject([
      { key: "64.08.01/hub", timeMs: nowMs - 60_000, ok: true, durationS: 0.009, lossRatio: 0.8 },
    ]);
  });
});

describe("incidents", () => {
  it("gather the outages of one root, whole even where the range has only a part", async () => {
    const early = { startMs: nowMs - 30 * hourMs, endMs: nowMs - 29 * hourMs, incident: "inc_1" };
    await writeWatch(http.state, {
      outages: [
        makeOutage({ id: "a", ...early, cause: "power" }),
        makeOutage({
          id: "b",
          site: "64.08.01.2001",
          cause: "backhaul",
          incident: "inc_1",
          startMs: nowMs - 30 * hourMs,
          endMs: nowMs - 2 * hourMs,
        }),
        makeOutage({ id: "c", startMs: nowMs - hourMs, incident: "inc_2", withdrawn: true }),
        makeOutage({
          id: "d",
          startMs: nowMs - hourMs,
          incident: "inc_3",
          site: "64.08.02",
          root: "64.08.02",
        }),
      ],
    });
    const range = { fromMs: nowMs - 3 * hourMs, toMs: nowMs };
    expect(await http.reader.incidents(range)).toEqual([
      {
        id: "inc_1",
        root: "64.08.01",
        startMs: early.startMs,
        endMs: nowMs - 2 * hourMs,
        cause: "power",
        sites: ["64.08.01", "64.08.01.2001"],
        outages: 2,
        provisional: false,
      },
      {
        id: "inc_3",
        root: "64.08.02",
        startMs: nowMs - hourMs,
        endMs: null,
        cause: "link",
        sites: ["64.08.02"],
        outages: 1,
        provisional: false,
      },
    ]);
    const open = await http.reader.incidents({ ...range, open: true });
    expect(open.map((incident) => incident.id)).toEqual(["inc_3"]);
  });
});

describe("availability", () => {
  const dayMs = 24 * hourMs;
  const query = { service: "lapor", fromMs: nowMs - dayMs, toMs: nowMs };

  beforeEach(async () => {
    const startMs = nowMs - dayMs;
    await writeWatch(http.state, {
      states: [
        segments("64.08", "lapor", [[startMs, "up"]]),
        segments("64.08.01", "lapor", [
          [startMs, "up"],
          [startMs + hourMs, "unreachable", "link"],
          [startMs + 3 * hourMs, "down", "service"],
          [startMs + 4 * hourMs, "up"],
        ]),
        segments("64.08.02", "lapor", [
          [startMs, "unknown"],
          [startMs + 12 * hourMs, "up"],
        ]),
      ],
    });
  });

  it("adds up per site, kecamatan, kabupaten and provider", async () => {
    const groupsBy = async (by: "site" | "kecamatan" | "kabupaten" | "provider") =>
      (await http.reader.availability({ ...query, by }))!.map((row) => [
        row.group,
        row.availability.windowS,
        row.availability.unavailableS,
        row.availability.notMeasuredS,
      ]);
    expect(await groupsBy("kecamatan")).toEqual([
      ["64.08", 86_400, 0, 0],
      ["64.08.01", 3 * 86_400, 10_800, 2 * 86_400],
      ["64.08.02", 2 * 86_400, 0, 86_400 + 43_200],
    ]);
    expect(await groupsBy("kabupaten")).toEqual([["64.08", 6 * 86_400, 10_800, 3 * 86_400 + 43_200]]);
    expect(await groupsBy("provider")).toEqual([
      ["Telkom", 6 * 86_400, 10_800, 3 * 86_400 + 43_200],
      ["BAKTI", 86_400, 0, 86_400],
    ]);
    const sites = await http.reader.availability({ ...query, by: "site" });
    expect(sites?.[1]).toMatchObject({
      group: "64.08.01",
      name: "Hulu",
      availability: { byCause: { link: 7200, service: 3600 }, unavailableS: 10_800, observedS: 86_400 },
    });
  });

  it("does not count the future as not measured", async () => {
    const rows = await http.reader.availability({ ...query, toMs: nowMs + dayMs, by: "site" });
    expect(rows?.[0]?.availability.windowS).toBe(86_400);
  });

  it("is cut by the days and months of the district, and the pieces sum to the whole", async () => {
    // nowMs is 22.00 WITA: the window has two hours of the 20th and 22 of the 21st.
    const days = (await http.reader.availability({ ...query, by: "kabupaten", step: "day" }))!;
    const startMs = nowMs - dayMs;
    expect(days.map(({ fromMs, toMs }) => [fromMs, toMs])).toEqual([
      [startMs, startMs + 2 * hourMs],
      [startMs + 2 * hourMs, nowMs],
    ]);
    expect(days.map(({ availability }) => [availability.unavailableS, availability.byCause])).toEqual([
      [3600, { link: 3600 }],
      [7200, { link: 3600, service: 3600 }],
    ]);
    const months = await http.reader.availability({ ...query, by: "kabupaten", step: "month" });
    const whole = await http.reader.availability({ ...query, by: "kabupaten" });
    expect(months).toEqual(whole);
  });

  it("counts a site under every provider that its way leads over", async () => {
    const district = makeDistrict();
    const hulu = district.sites.get("64.08.01")!;
    const second = makeLink(hulu, { id: "64.08.01-2", provider: "Telkomsat" });
    const links = new Map([...district.links, [second.id, second]]);
    http.held.inventory = { ...district, links };
    const rows = (await http.reader.availability({ ...query, by: "provider" }))!;
    expect(rows.map(({ group, sites, availability }) => [group, sites, availability.unavailableS])).toEqual([
      ["Telkom", 6, 10_800],
      ["Telkomsat", 3, 10_800],
      ["BAKTI", 1, 0],
    ]);
  });

  it("books what a kecamatan's uplink cut on its provider, and nothing of it on the village's own", async () => {
    const [startMs, endMs] = [nowMs - 10 * hourMs, nowMs - 9 * hourMs];
    const village = segments("64.08.02.2001", "lapor", [
      [nowMs - dayMs, "up"],
      [startMs, "unreachable", "backhaul"],
      [endMs, "up"],
    ]);
    const cut = { site: "64.08.02.2001", root: "64.08.02", cause: "backhaul" as const, startMs, endMs };
    await writeWatch(http.state, { states: [village], outages: [makeOutage({ id: "o1", ...cut })] });
    const rows = (await http.reader.availability({ ...query, by: "provider" }))!;
    expect(
      rows.map(({ group, availability: of }) => [group, of.unavailableS, of.notMeasuredS, of.byCause]),
    ).toEqual([
      ["Telkom", 14_400, 2 * 86_400 + 43_200, { backhaul: 3600, link: 7200, service: 3600 }],
      ["BAKTI", 0, 3600, {}],
    ]);
  });

  it("weighs villages by their inhabitants", async () => {
    const figure = { people: 400, asOf: "2025", source: "test" };
    http.held.inventory = { ...makeDistrict(), population: new Map([["64.08.02.2001", figure]]) };
    const [whole] = (await http.reader.availability({ ...query, by: "kabupaten" }))!;
    expect(whole!.people).toMatchObject({ inhabitants: 400, villages: 1, unknownVillages: 2 });
  });

  it("is given again while nothing was learned, and anew once something was", async () => {
    const past = { ...query, toMs: nowMs - 2 * hourMs, by: "site" } as const;
    const first = await http.reader.availability(past);
    expect(await http.reader.availability(past)).toBe(first);
    // What changes outside of the window changes nothing in it.
    const late = segments("64.08", "lapor", [[nowMs - hourMs, "down", "service"]]);
    await writeWatch(http.state, { states: [{ ...late, replaceFromMs: nowMs - hourMs, knownMs: nowMs }] });
    http.clock.ms += 10_000;
    const again = await http.reader.availability(past);
    expect(again).toEqual(first);
    const settled = segments("64.08.02", "lapor", [[nowMs - dayMs, "up"]]);
    await writeWatch(http.state, { states: [{ ...settled, knownMs: nowMs }] });
    http.clock.ms += 10_000;
    const anew = await http.reader.availability(past);
    expect(anew).not.toEqual(first);
    expect(anew!.every(({ availability }) => availability.unavailableS >= 0)).toBe(true);
    const asOf = await http.reader.availability({ ...past, asOfMs: nowMs - 1 });
    expect(asOf).toEqual(first);
    http.held.inventory = { ...http.held.inventory };
    const reloaded = await http.reader.availability(past);
    expect(reloaded).toEqual(anew);
    expect(reloaded).not.toBe(anew);
  });

  it("of a window that reaches into the present is made anew after a minute", async () => {
    const first = await http.reader.availability({ ...query, by: "site" });
    expect(await http.reader.availability({ ...query, by: "site" })).toBe(first);
    http.clock.ms += 60_000;
    expect(await http.reader.availability({ ...query, by: "site" })).not.toBe(first);
  });

  it("knows no service that the inventory does not know", async () => {
    expect(await http.reader.availability({ ...query, service: "none", by: "site" })).toBeNull();
  });
});

describe("services", () => {
  it("stand as their control vantage sees them", async () => {
    await writeWatch(http.state, {
      states: [
        segments("64.08", "lapor", [[nowMs - hourMs, "down", "service"]]),
        segments("64.08.01", "lapor", [[nowMs - hourMs, "unreachable", "link"]]),
      ],
    });
    expect(await http.reader.services()).toMatchObject([
      {
        id: "lapor",
        state: "down",
        cause: "service",
        sinceMs: nowMs - hourMs,
        vantages: { sites: 6, cut: 2 },
      },
    ]);
  });
});
