import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Inventory, Target } from "../../src/inventory/inventory.ts";
import type { Rounds } from "../../src/series/series-store.ts";
import type { SqliteSeries } from "../../src/series/sqlite-series.ts";
import { nowMs, openTestHttp } from "../support/http.ts";
import type { TestHttp } from "../support/http.ts";
import { dayMs, polls } from "../series/samples.ts";
import { icmpTarget, makeDistrict } from "../support/inventory.ts";
import { createWriter, icmpRounds } from "../support/rounds.ts";
import { segments, writeWatch } from "../support/watch.ts";

/* Rows that dashboards draw: changes, links with their promises, interfaces and readings of devices. */

const minuteMs = 60_000;
const hourMs = 3_600_000;
const iso = (ms: number) => new Date(ms).toISOString();
const radio = "64.08.01/radio";

function withRadio(): Inventory {
  const made = makeDistrict();
  const target: Target = {
    ...icmpTarget("64.08.01", "radio", "device"),
    probe: {
      id: "radio",
      kind: "snmp",
      intervalS: 60,
      timeoutMs: 2_000,
      address: "10.0.0.2",
      port: 161,
      auth: { version: "2c", community: "public" },
      oids: {},
      profile: null,
    },
  };
  return { ...made, targets: new Map([...made.targets, [target.key, target]]) };
}

let http: TestHttp;
beforeEach(async () => {
  http = await openTestHttp({ inventory: withRadio() });
});
afterEach(() => http[Symbol.dispose]());

describe("/sites within a site", () => {
  it("are that site and all below it, parents first", async () => {
    const codes = async (query: string) =>
      (await http.get(`/api/v1/sites${query}`)).data.map(({ site }) => site);
    expect(await codes("?within=64.08.01")).toEqual(["64.08.01", "64.08.01.2001", "64.08.01.2002"]);
    expect(await codes("?within=64.08.01.2001")).toEqual(["64.08.01.2001"]);
    expect(await codes("?within=64.08")).toEqual(await codes(""));
  });

  it("refuses one that is not there, and says what is allowed", async () => {
    const response = await http.request("/api/v1/sites?within=64.09");
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      errors: [{ field: "within", value: "64.09", allowed: "the code of a site of the inventory" }],
    });
  });
});

describe("/changes", () => {
  const at = (minutes: number) => nowMs - minutes * minuteMs;
  beforeEach(() =>
    writeWatch(http.state, {
      states: [
        segments("64.08.01", "", [
          [at(300), "up"],
          [at(50), "down", "link"],
          [at(20), "up"],
        ]),
        segments("64.08.01.2001", "", [
          [at(300), "up"],
          [at(50), "unreachable", "backhaul"],
        ]),
        segments("64.08.02", "", [
          [at(300), "up"],
          [at(90), "down", "power"],
        ]),
      ],
    }),
  );

  it("are what happened in the range, from which state into which, and not how it was at its ends", async () => {
    const { data } = await http.get(`/api/v1/changes?from=${iso(at(60))}&lang=en`);
    expect(data).toEqual([
      {
        time: iso(at(50)),
        site: "64.08.01",
        name: "Hulu",
        kind: "kecamatan",
        before: "up",
        beforeText: "Up",
        state: "down",
        stateText: "Down",
        value: 6,
        cause: "link",
        causeText: "Link down",
      },
      expect.objectContaining({ site: "64.08.01.2001", before: "up", state: "unreachable" }),
      expect.objectContaining({
        time: iso(at(20)),
        site: "64.08.01",
        before: "down",
        state: "up",
        cause: null,
      }),
    ]);
  });

  it("of one site are its own", async () => {
    const { data } = await http.get(`/api/v1/changes?from=${iso(at(120))}&site=64.08.02`);
    expect(data.map(({ site, before, state }) => [site, before, state])).toEqual([
      ["64.08.02", "up", "down"],
    ]);
  });

  it("are none where nothing was ever measured, of unknown sites, and in the future", async () => {
    for (const query of [
      `site=64.08.02.2001`,
      "site=64.99",
      `from=${iso(nowMs + hourMs)}&to=${iso(nowMs + 2 * hourMs)}`,
    ]) {
      expect([query, (await http.get(`/api/v1/changes?${query}`)).data]).toEqual([query, []]);
    }
  });
});

describe("/links", () => {
  const ids = async (query: string) => (await http.get(`/api/v1/links${query}`)).data.map(({ link }) => link);

  it("tell how each stands, whose it is, and what was promised", async () => {
    await writeWatch(http.state, {
      states: [segments("64.08.01", "", [[nowMs - hourMs, "down", "link"]])],
    });
    const own = (await http.get("/api/v1/links?lang=en")).data.find(({ link }) => link === "64.08.01-1")!;
    expect(own).toMatchObject({
      site: "64.08.01",
      name: "Hulu",
      provider: "Telkom",
      technology: "fibre",
      contract: null,
      slaRatio: null,
      state: "down",
      stateText: "Down",
      since: iso(nowMs - hourMs),
      causeText: "Link down",
    });
    expect((await ids("")).length).toBe(http.held.inventory.links.size);
  });

  it("of some sites are theirs alone", async () => {
    expect(await ids("?site=64.08.01")).toEqual(["64.08.01-1"]);
    expect(await ids("?site=64.99")).toEqual([]);
  });
});

describe("/sla of a moment", () => {
  const periodOf = async (period: string) =>
    (await http.get(`/api/v1/sla?period=${encodeURIComponent(period)}`)).meta.period;

  it("is the month that the moment lies in by the district's clock", async () => {
    // Eight hours ahead of UTC.
    expect(await periodOf("2026-08-31T15:59:59Z")).toBe("2026-08");
    expect(await periodOf("2026-08-31T16:00:00Z")).toBe("2026-09");
    expect(await periodOf("2026-08")).toBe("2026-08");
  });

  it("to come is this month, and what is neither is refused", async () => {
    expect(await periodOf(iso(nowMs + 60 * 24 * hourMs))).toBe("2026-09");
    for (const period of ["2026", "1789999200000", "2026-08-31", "yesterday"]) {
      expect([period, (await http.request(`/api/v1/sla?period=${period}`)).status]).toEqual([period, 400]);
    }
  });
});

const fromMs = nowMs - hourMs;
const times = Array.from({ length: 60 }, (_, at) => fromMs + at * minuteMs);
const each = (value: (at: number) => number | string | null) => times.map((_, at) => value(at));

/** An hour of a radio with one interface of 64 bits and one of 32, and a signal that fades in the middle. */
async function writeRadio(): Promise<void> {
  const rounds: Rounds = {
    key: radio,
    kind: "snmp",
    timeMs: times,
    ok: times.map(() => 1),
    values: {
      sysUpTime: each((at) => 100_000 + at * 6_000),
      // Names come once.
      "ifName.2": each((at) => (at === 0 ? "ether1" : null)),
      "ifHCInOctets.2": each((at) => at * 60_000_000),
      "ifHCOutOctets.2": each((at) => at * 7_500_000),
      "ifInOctets.2": each(() => 0),
      "ifInErrors.2": each((at) => at * 120),
      "ifOperStatus.2": each((at) => (at < 30 ? 1 : 2)),
      "ifDescr.3": each((at) => (at === 0 ? "wlan0" : null)),
      "ifInOctets.3": each((at) => at * 600),
      // A loopback that counts nothing is no interface of anybody's interest.
      "ifOperStatus.9": each(() => 1),
      "signalDbm.1": each((at) => (at < 30 ? -61.5 : -78)),
      "snrDb.1": each(() => 24),
    },
  };
  const write = createWriter(http.batchLog, { id: "ag_hulu01", site: "64.08.01" });
  await write([rounds, icmpRounds("64.08.01/hub", fromMs, minuteMs, [[20], [21]])]);
}

describe("/interfaces", () => {
  it("are in bits a second, by the names that the device gives them", async () => {
    await writeRadio();
    const { data } = await http.get(`/api/v1/interfaces?target=64.08.01/*&step=10m&from=${iso(fromMs)}`);
    expect(new Set(data.map((row) => row.interface))).toEqual(new Set(["ether1", "wlan0"]));
    const ether = data.filter((row) => row.interface === "ether1");
    expect(ether.length).toBe(6);
    expect(ether[1]).toEqual({
      time: iso(fromMs + 600_000),
      target: radio,
      index: 2,
      interface: "ether1",
      up: true,
      in_bps: 8_000_000,
      out_bps: 1_000_000,
      in_errors_per_s: 2,
      out_errors_per_s: null,
      in_discards_per_s: null,
      out_discards_per_s: null,
    });
    expect(ether.at(-1)).toMatchObject({ up: false });
    expect(data.find((row) => row.interface === "wlan0" && row.in_bps !== null)).toMatchObject({
      in_bps: 80,
      index: 3,
    });
    const sorted = data.map(({ time }) => time as string).toSorted();
    expect(data.map(({ time }) => time)).toEqual(sorted);
  });

  it("keep their names in a range in which the device did not tell them, and in one that is over", async () => {
    await writeRadio();
    const names = async (query: string) =>
      new Set(
        (await http.get(`/api/v1/interfaces?target=${radio}&step=5m&${query}`)).data.map(
          (row) => row.interface,
        ),
      );
    expect(await names(`from=${iso(nowMs - 600_000)}`)).toEqual(new Set(["ether1", "wlan0"]));
    http.clock.ms += 30 * 24 * hourMs;
    expect(await names(`from=${iso(fromMs)}&to=${iso(nowMs)}`)).toEqual(new Set(["ether1", "wlan0"]));
  });

  it("with one name twice are told apart by their index", async () => {
    const rounds: Rounds = {
      key: radio,
      kind: "snmp",
      timeMs: times,
      ok: times.map(() => 1),
      values: {
        sysUpTime: each((at) => 100_000 + at * 6_000),
        "ifDescr.2": each(() => "Ethernet"),
        "ifDescr.3": each(() => "Ethernet"),
        "ifInOctets.2": each((at) => at * 600),
        "ifInOctets.3": each((at) => at * 1_200),
      },
    };
    await createWriter(http.batchLog, { id: "ag_hulu01", site: "64.08.01" })([rounds]);
    const { data } = await http.get(`/api/v1/interfaces?target=${radio}&step=10m&from=${iso(fromMs)}`);
    expect(data.slice(2, 4)).toMatchObject([
      { interface: "Ethernet (2)", in_bps: 80 },
      { interface: "Ethernet (3)", in_bps: 160 },
    ]);
  });

  it("of what is no device are none", async () => {
    await writeRadio();
    expect((await http.get("/api/v1/interfaces?target=64.08.01/hub")).data).toEqual([]);
  });
});

describe("a device that is off", () => {
  const rateOf = (rows: Record<string, unknown>[]) => rows.filter(({ in_bps: bits }) => bits !== null).length;

  it("has its past all the same, in rows with the names that it had", async () => {
    await writeRadio();
    http.clock.ms += 5 * hourMs;
    const { data } = await http.get(
      `/api/v1/interfaces?target=${radio}&step=10m&from=${iso(fromMs - 12 * hourMs)}`,
    );
    expect(new Set(data.map((row) => row.interface))).toEqual(new Set(["ether1", "wlan0"]));
    expect(rateOf(data)).toBe(12);
    const readings = await http.get(
      `/api/v1/readings?target=${radio}&object=signalDbm&step=1h&from=${iso(fromMs - 12 * hourMs)}`,
    );
    expect(readings.data.filter(({ value }) => value !== null)).toMatchObject([{ object: "signalDbm.1" }]);
  });

  it("has it where its rounds are gone, from what was made of them", async () => {
    let storeMs = nowMs;
    using kept = await openTestHttp({ inventory: withRadio(), sqlite: { now: () => storeMs } });
    const write = createWriter(kept.batchLog, { id: "ag_hulu01", site: "64.08.01" });
    await write([polls(radio, nowMs - 40 * dayMs, 288)]);
    await write([polls(radio, nowMs - 20 * dayMs, 288)], { seq: 2, producedRounds: 576 });
    const series = kept.series as SqliteSeries;
    for (let day = 0; day < 30; day++) {
      storeMs += hourMs;
      while (series.rollUp(1_000));
    }
    expect(await series.read([radio], 0, nowMs)).toEqual([]);
    const { data } = await kept.get(
      `/api/v1/interfaces?target=${radio}&step=1h&from=${iso(nowMs - 30 * dayMs)}`,
    );
    expect(rateOf(data)).toBeGreaterThanOrEqual(24);
    expect(new Set(data.map((row) => row.interface))).toEqual(new Set(["if 2"]));
  });
});

describe("the jitter of a satellite link", () => {
  it("is told from figures of the past to half of what its replies differ by", async () => {
    let storeMs = nowMs;
    using kept = await openTestHttp({ sqlite: { now: () => storeMs } });
    const write = createWriter(kept.batchLog, { id: "ag_hulu01", site: "64.08.01" });
    const startMs = nowMs - 5 * dayMs;
    // 600 to 604 ms; at noon of each day an hour in which the link is busy.
    const replies = Array.from({ length: 5 * 288 }, (_, at) =>
      Array.from({ length: 5 }, (__, reply) => 600 + reply + (at % 288 < 12 ? 80 * reply : 0)),
    );
    await write([icmpRounds("64.08.01/hub", startMs, 300_000, replies)]);
    storeMs += hourMs;
    const series = kept.series as SqliteSeries;
    while (series.rollUp(1_000));
    const jitters = async (days: number): Promise<number[]> =>
      (
        await kept.get(
          `/api/v1/series?target=64.08.01/hub&metric=jitter_ms&step=1h&from=${iso(nowMs - days * dayMs)}&to=${iso(nowMs)}`,
        )
      ).data.map((row) => row.jitter_ms as number);
    expect((await jitters(2)).filter((jitter) => jitter === 4)).toHaveLength(46);
    const long = await jitters(5);
    expect(long).toHaveLength(5 * 24);
    // The day that is not over is read from its rounds.
    expect(long.filter((jitter) => jitter !== 4).length).toBeGreaterThanOrEqual(3 * 24);
    const busy = long.filter((jitter) => jitter > 100);
    expect(busy).toHaveLength(5);
    for (const jitter of busy) expect(Math.abs(jitter - 324)).toBeLessThanOrEqual(0.01 * 924 + 0.01);
    for (const jitter of long) if (!busy.includes(jitter)) expect(Math.abs(jitter - 4)).toBeLessThan(2.01);
  });
});

describe("what a dashboard asks by a variable that has no value", () => {
  it.each([
    "/services/availability?service=&by=kecamatan",
    "/services/association?service=",
    "/complaints/effect?service=",
    "/sites?within=",
    "/series?target=/*",
    "/smoke?target=/*",
    "/interfaces?target=/*",
    "/readings?target=/*&object=signalDbm",
    "/states?site=",
  ])("has no rows and is no error: %s", async (path) => {
    await writeRadio();
    expect((await http.get(`/api/v1${path}`)).data).toEqual([]);
  });

  it("has the lists of no account, as an agent that has sent nothing", async () => {
    const token = { hash: "h", site: "64.08.01", prefix: "sbe_t", kind: "sambung" as const };
    await http.state.addEnrolToken({ ...token, expiresMs: nowMs + 1, nowMs });
    const agent = { id: "ag_new", keyHash: "k", keyPrefix: "sba_k", hardware: "x", version: "1" };
    await http.state.redeemEnrolToken("h", nowMs, agent);
    const none = { holes: [], thinned: [], lost: [], months: [], clocks: [] };
    for (const id of ["", "ag_new"])
      expect(await http.get(`/api/v1/agents/ledger?agent=${id}`)).toEqual({ data: { agent: id, ...none } });
    expect((await http.request("/api/v1/agents/ledger?agent=ag_none")).status).toBe(404);
  });

  it("is the same as by path where it has one", async () => {
    const services = [...http.held.inventory.services.keys()];
    for (const service of services)
      expect((await http.get(`/api/v1/services/availability?service=${service}&by=site`)).data).toEqual(
        (await http.get(`/api/v1/services/${service}/availability?by=site`)).data,
      );
    expect(services.length).toBeGreaterThan(0);
    expect((await http.request("/api/v1/services/availability?service=none")).status).toBe(404);
  });
});

describe("/readings", () => {
  it("are every instance of the objects asked for, and no others", async () => {
    await writeRadio();
    const { data } = await http.get(
      `/api/v1/readings?target=64.08.01/*&object=signalDbm,batteryVoltageV&step=30m&from=${iso(fromMs)}`,
    );
    expect(data).toEqual([
      { time: iso(fromMs), target: radio, object: "signalDbm.1", value: -61.5 },
      { time: iso(fromMs + 1_800_000), target: radio, object: "signalDbm.1", value: -78 },
    ]);
  });

  it.each(["signalDbm.1", "", "a,b;c", Array.from({ length: 21 }, (_, at) => `o${at}`).join(",")])(
    "refuse %s as objects, and say what is allowed",
    async (object) => {
      const response = await http.request(
        `/api/v1/readings?target=${radio}&object=${encodeURIComponent(object)}`,
      );
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ errors: [{ field: "object" }] });
    },
  );
});
