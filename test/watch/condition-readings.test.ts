import { describe, expect, it } from "vitest";
import type { Inventory, Site, Target } from "../../src/inventory/inventory.ts";
import type { Rounds } from "../../src/series/series-store.ts";
import type { AgentRecord, OutageRecord, Standing, StoredEvent } from "../../src/state/state-store.ts";
import type { LinkBudget } from "../../src/watch/budget-readings.ts";
import type { IssueStanding } from "../../src/watch/correction-readings.ts";
import { defaultConditionLimits, readConditions } from "../../src/watch/condition-readings.ts";
import { anOutage } from "../notify/factories.ts";
import { makeLink, makeSite } from "../support/inventory.ts";

const nowMs = Date.UTC(2026, 2, 5, 4);
const minuteMs = 60_000;
const village = (n: number) => `64.08.05.200${n}`;
const site = (code: string, kind: Site["kind"], parent: string | null): [string, Site] => [
  code,
  { code, kind, name: `Lokasi ${code}`, parent, latitude: 0, longitude: 0 },
];
const target = (
  at: string,
  id: string,
  kind: "snmp" | "http",
  service: string | null = null,
): [string, Target] => [
  `${at}/${id}`,
  {
    key: `${at}/${id}`,
    site: at,
    role: service === null ? "device" : "service",
    of: null,
    link: null,
    service,
    probe: { id, kind, intervalS: 60 } as Target["probe"],
  },
];
const inventory: Inventory = {
  sites: new Map([
    site("64.08", "kabupaten", null),
    site("64.08.05", "kecamatan", "64.08"),
    ...[1, 2, 3, 4, 5, 6].map((n) => site(village(n), "desa", "64.08.05")),
  ]),
  links: new Map([["desa-1", makeLink(makeSite(village(1), "Lokasi"), { id: "desa-1" })]]),
  contracts: new Map(),
  services: new Map([
    [
      "lapor",
      { id: "lapor", name: "SP4N-LAPOR!", url: "https://l.example", control: "64.08", private: false },
    ],
  ]),
  targets: new Map([
    target(village(1), "ups", "snmp"),
    target("64.08", "lapor", "http", "lapor"),
    target(village(1), "lapor", "http", "lapor"),
  ]),
};

interface Found {
  rounds?: Rounds[];
  events?: StoredEvent[];
  agents?: AgentRecord[];
  outages?: OutageRecord[];
  standings?: [string, Partial<Standing>][];
  maintenance?: object[];
  budgets?: LinkBudget[];
  issues?: IssueStanding[];
  /** Default: a day ago. */
  listeningSinceMs?: number;
}

/** What would be read of these. */
async function readingsOf(found: Found, limits = defaultConditionLimits) {
  const readings = await readConditions(
    {
      inventory: () => inventory,
      series: {
        read: async (keys, fromMs) =>
          (found.rounds ?? []).filter(({ key, timeMs }) => keys.includes(key) && timeMs.at(-1)! >= fromMs),
      },
      state: {
        agents: async () => found.agents ?? [],
        standings: async () => new Map((found.standings ?? []) as [string, Standing][]),
        events: async () => found.events ?? [],
        outages: async () => found.outages ?? [],
        maintenance: async () => (found.maintenance ?? []) as never,
        allHooks: async () => [],
      },
      listeningSinceMs: found.listeningSinceMs ?? nowMs - 86_400_000,
      budgets: async () => found.budgets ?? [],
      corrections: async () => found.issues ?? [],
    },
    limits,
    nowMs,
  );
  // That not many agents are silent, nor a provider's webhook disabled, is read at every look.
  return readings.filter(
    ({ kind, subject, level }) => level !== "good" || (subject !== "many" && kind !== "partnerWebhook"),
  );
}

const ups = (onBattery: number[], charge: (number | null)[], lastMin = 1): Rounds => ({
  kind: "snmp",
  key: `${village(1)}/ups`,
  timeMs: onBattery.map((_, i) => nowMs - (lastMin + onBattery.length - 1 - i) * minuteMs),
  ok: onBattery.map(() => 1),
  values: { onBattery, batteryChargeRatio: charge },
});
const trap = (type: string, minutesAgo: number, n = 1): StoredEvent => ({
  agent: "ag_1",
  site: village(n),
  timeMs: nowMs - minutesAgo * minuteMs,
  type,
  detail: {},
});
const agent = (n: number, silentMin: number, given: Partial<AgentRecord> = {}): AgentRecord => ({
  id: `ag_${n}`,
  site: village(n),
  kind: "sambung",
  hardware: "",
  version: "",
  enrolledMs: 0,
  revokedMs: null,
  lastSeenMs: nowMs - silentMin * minuteMs,
  rotateAskedMs: null,
  ...given,
});

describe("readConditions", () => {
  it.each([
    ["on mains", [0, 0], [1, 1], "good", "good"],
    ["on battery", [0, 1], [0.9, 0.8], "bad", "good"],
    ["nearly empty", [1, 1], [0.35, 0.29], "bad", "bad"],
    ["at the limit", [1, 1], [0.35, 0.3], "bad", "between"],
    ["charging", [0, 0], [0.2, 0.39], "good", "between"],
  ])("reads a UPS %s", async (_, mains, charge, battery, low) => {
    const readings = await readingsOf({ rounds: [ups(mains, charge)] });
    expect(readings.map(({ kind, level }) => [kind, level])).toEqual([
      ["battery", battery],
      ["lowBattery", low],
    ]);
  });

  it("says since when the UPS runs on its battery", async () => {
    const [battery] = await readingsOf({ rounds: [ups([0, 1, 1], [1, 0.9, 0.8])] });
    expect(battery).toMatchObject({ sinceMs: nowMs - 2 * minuteMs, value: 80, site: village(1) });
  });

  it("reads nothing of a UPS that was not asked lately, and its traps instead", async () => {
    const rounds = [ups([0], [1], 20)];
    expect(await readingsOf({ rounds })).toEqual([]);
    const events = [trap("power.onMains", 90), trap("power.onBattery", 30), trap("power.onBattery", 29)];
    const [battery] = await readingsOf({ rounds, events });
    expect(battery).toMatchObject({
      kind: "battery",
      level: "bad",
      sinceMs: nowMs - 30 * minuteMs,
      value: null,
    });
    const back = await readingsOf({
      events: [...events, trap("power.lowBattery", 20), trap("power.onMains", 10)],
    });
    expect(back.map(({ kind, level }) => [kind, level])).toEqual([
      ["battery", "good"],
      ["lowBattery", "good"],
    ]);
    // Asked, it says so itself.
    expect((await readingsOf({ rounds: [ups([0], [1])], events }))[0]).toMatchObject({ level: "good" });
  });

  it("ends what a UPS said by itself by what it answers, since it is asked", async () => {
    const events = [trap("power.onBattery", 30), trap("power.lowBattery", 20)];
    const byTraps = async (onBattery: number[]) =>
      (await readingsOf({ rounds: [ups(onBattery, [1, 1])], events }))
        .filter(({ subject }) => subject === `${village(1)}/trap`)
        .map(({ kind, level }) => [kind, level]);
    expect(await byTraps([1, 0])).toEqual([
      ["battery", "good"],
      ["lowBattery", "good"],
    ]);
    // On its battery it is told by what it answers alone.
    expect(await byTraps([0, 1])).toEqual([]);
  });

  it("reads the certificate of a service at its control vantage alone", async () => {
    const check = (key: string, days: number): Rounds => ({
      kind: "http",
      key,
      timeMs: [nowMs - minuteMs],
      ok: [1],
      phase: [null],
      status: [200],
      dnsMs: [1],
      connectMs: [1],
      tlsMs: [1],
      ttfbMs: [1],
      totalMs: [1],
      certExpiresS: [days * 86_400],
    });
    const levelAt = async (days: number) =>
      (await readingsOf({ rounds: [check("64.08/lapor", days), check(`${village(1)}/lapor`, 1)] })).map(
        ({ subject, level, value }) => [subject, level, value],
      );
    expect(await levelAt(13.5)).toEqual([["lapor", "bad", 13]]);
    expect(await levelAt(14.5)).toEqual([["lapor", "between", 14]]);
    expect(await levelAt(15)).toEqual([["lapor", "good", 15]]);
    expect(await levelAt(-1)).toEqual([["lapor", "bad", -1]]);
  });

  it("reads silence of agents where the place is not cut off, worked on, or taken away", async () => {
    const silentAt = async (found: Found) =>
      (await readingsOf(found)).filter(({ level }) => level === "bad").map(({ subject }) => subject);
    const agents = [agent(1, 31), agent(2, 30), agent(3, 5), agent(4, 600, { revokedMs: 1 })];
    expect(await silentAt({ agents })).toEqual(["ag_1"]);
    const cut = anOutage({ id: "o", incident: "i", site: village(1), cause: "link" });
    expect(await silentAt({ agents, outages: [cut] })).toEqual([]);
    expect(await silentAt({ agents, outages: [{ ...cut, cause: "agent" }] })).toEqual(["ag_1"]);
    const work = { id: "m", subtree: "64.08.05", fromMs: nowMs - 1, toMs: nowMs + 60_000, repeat: null };
    expect(await silentAt({ agents, maintenance: [work] })).toEqual([]);
    expect(await silentAt({ agents: [agent(1, 31, { lastSeenMs: null })] })).toEqual([]);
  });

  it("takes nobody for silent, or heard again, because it was not running itself", async () => {
    const agents = [1, 2, 3, 4, 5, 6].map((n) => agent(n, n === 6 ? 1 : 40));
    const readings = await readingsOf({ agents, listeningSinceMs: nowMs - 2 * minuteMs });
    const levels = readings
      .filter(({ kind }) => kind === "agentSilent")
      .map(({ subject, level }) => [subject, level]);
    expect(levels).toEqual([["ag_6", "good"]]);
    const later = await readingsOf({ agents, listeningSinceMs: nowMs - 30 * minuteMs });
    expect(later.filter(({ level }) => level === "bad").map(({ subject }) => subject)).toEqual(["many"]);
  });

  it("tells of many silent agents as one", async () => {
    const silent = [1, 2, 3, 4, 5].map((n) => agent(n, 40 + n));
    const bad = (await readingsOf({ agents: silent })).filter(({ level }) => level === "bad");
    expect(bad).toMatchObject([{ subject: "many", count: 5, site: "64.08", sinceMs: nowMs - 45 * minuteMs }]);
    expect(bad[0]!.what).toHaveLength(5);
  });

  it("reads a backlog of agents that are heard", async () => {
    const backlog = (hours: number) => ({ backlog: { rounds: 9, oldestMs: hours * 3_600_000, atMs: nowMs } });
    const levelOf = async (hours: number, silentMin = 1) =>
      (await readingsOf({ agents: [agent(1, silentMin)], standings: [["ag_1", backlog(hours)]] }))
        .filter(({ kind }) => kind === "backlog")
        .map(({ level }) => level);
    expect(await levelOf(7)).toEqual(["bad"]);
    expect(await levelOf(3)).toEqual(["between"]);
    expect(await levelOf(1)).toEqual(["good"]);
    expect(await levelOf(7, 31)).toEqual([]);
  });

  it("reads what is left of a link's promise, also where the place is cut off", async () => {
    const levelOf = async (leftMs: number, allowedMs = 100 * minuteMs) =>
      (
        await readingsOf({
          budgets: [{ link: "desa-1", allowedMs, leftMs }],
          outages: [anOutage({ id: "o", incident: "i", site: village(1), cause: "link" })],
        })
      ).map(({ kind, subject, site, level, value }) => [kind, subject, site, level, value]);
    const reading = (level: string, value: number) => [["slaBudget", "desa-1", village(1), level, value]];
    expect(await levelOf(20 * minuteMs - 1)).toEqual(reading("bad", 19));
    expect(await levelOf(20 * minuteMs)).toEqual(reading("between", 20));
    expect(await levelOf(30 * minuteMs)).toEqual(reading("good", 30));
    expect(await levelOf(-1)).toEqual(reading("bad", -1));
    // A promise of all the time allows nothing: it is broken, or whole.
    expect(await levelOf(0, 0)).toEqual(reading("good", 0));
    expect(await levelOf(-minuteMs, 0)).toEqual(reading("bad", -1));
    expect(await readingsOf({ budgets: [{ link: "gone", allowedMs: 1, leftMs: 0 }] })).toEqual([]);
  });

  it("reads which issued months are no longer what is known, as of the whole district", async () => {
    const links = ["desa-1", "desa-2", "desa-3", "desa-4", "desa-5", "desa-6"];
    const found = await readingsOf({
      issues: [
        { number: "SLA-2026-08", links: [] },
        { number: "SLA-2026-08-K1", links },
      ],
    });
    expect(found.map(({ kind, subject, level, what, count }) => [kind, subject, level, what, count])).toEqual(
      [
        ["slaIssue", "SLA-2026-08", "good", ["SLA-2026-08"], 0],
        ["slaIssue", "SLA-2026-08-K1", "bad", ["SLA-2026-08-K1", ...links.slice(0, 5)], 6],
      ],
    );
    expect(new Set(found.map(({ site }) => site)).size).toBe(1);
  });

  it("reads nothing that is switched off", async () => {
    const off = {
      battery: false,
      chargePercent: null,
      certificateDays: null,
      silentMin: null,
      backlogH: null,
      budgetPercent: null,
      partnerWebhook: false,
      corrections: false,
    };
    const found = {
      rounds: [ups([1], [0.1])],
      events: [trap("power.onBattery", 1, 2), trap("power.lowBattery", 1, 2)],
      agents: [agent(1, 60)],
      budgets: [{ link: "desa-1", allowedMs: 100, leftMs: 1 }],
      issues: [{ number: "SLA-2026-08", links: ["desa-1"] }],
    };
    expect(await readingsOf(found, off)).toEqual([]);
  });
});
