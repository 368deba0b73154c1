import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Inventory, Site } from "../../src/inventory/inventory.ts";
import { dispatch } from "../../src/notify/dispatch.ts";
import type { DispatchPlan, News } from "../../src/notify/dispatch.ts";
import { escalate } from "../../src/notify/escalate.ts";
import { weekdays } from "../../src/notify/hours.ts";
import type { Route } from "../../src/notify/routes.ts";
import type { Severity } from "../../src/notify/severity.ts";
import type { NewMessage, ToldMessage } from "../../src/state/state-store.ts";
import { anAlert } from "./factories.ts";

const site = (code: string, kind: Site["kind"], parent: string | null): [string, Site] => [
  code,
  { code, kind, name: code, parent, latitude: 0, longitude: 0 },
];
const inventory: Inventory = {
  sites: new Map([
    site("64.08", "kabupaten", null),
    site("64.08.05", "kecamatan", "64.08"),
    site("64.08.05.2001", "desa", "64.08.05"),
    site("64.08.06", "kecamatan", "64.08"),
  ]),
  links: new Map(),
  contracts: new Map(),
  services: new Map(),
  targets: new Map(),
};
/** Thursday 5 March 2026, WITA. */
const wita = (time: string) => Date.parse(`2026-03-05T${time}:00+08:00`);
const at = (time: string) => ({
  nowMs: wita(time),
  inventory,
  calendar: { timeZone: "Asia/Makassar", holidays: new Map() },
});
const route = (to: string[], given: Partial<Route> = {}): Route => ({
  to,
  severity: "low",
  quiet: true,
  ...given,
});
const plan = (given: Partial<DispatchPlan> = {}): DispatchPlan => ({
  routes: [route(["chat"])],
  machines: new Set(["hook"]),
  quiet: null,
  budget: 6,
  digestMin: 360,
  ...given,
});
const nights = {
  hours: [{ fromMin: 21 * 60, toMin: 360, days: [...weekdays], holidays: "as-usual" as const }],
  passes: "critical" as const,
};
const news = (what = "problem", given: Parameters<typeof anAlert>[0] = {}): News => ({
  what,
  payload: anAlert({ alert: "a", incident: "in_1", ...given }),
});
const toTold = (message: NewMessage): ToldMessage => ({
  ...message,
  alert: message.alert!,
  failedMs: null,
  toldIn: null,
  digestMs: message.digestMs ?? null,
});
const channelsOf = (messages: readonly NewMessage[]) => messages.map(({ channel }) => channel);

describe("dispatch", () => {
  it.each([
    ["an area above the village", { areas: ["64.08.05"] }, true],
    ["another area", { areas: ["64.08.06"] }, false],
    ["its provider", { providers: ["Icon+", "Telkom"] }, true],
    ["another provider", { providers: ["Icon+"] }, false],
    ["a lower severity", { severity: "low" as const }, true],
    ["a higher severity", { severity: "high" as const }, false],
    ["places", { about: ["site" as const] }, true],
    ["services alone", { about: ["service" as const] }, false],
    [
      "hours that hold",
      { hours: { fromMin: 0, toMin: 720, days: [...weekdays], holidays: "never" as const } },
      true,
    ],
    [
      "hours that do not",
      { hours: { fromMin: 720, toMin: 1200, days: [...weekdays], holidays: "never" as const } },
      false,
    ],
  ])("goes by %s", (_, given, takes) => {
    const made = dispatch([news()], [], plan({ routes: [route(["chat"], given)] }), at("09:10"));
    expect(channelsOf(made)).toEqual(takes ? ["chat"] : []);
  });

  it("tells each channel once, however many routes lead to it", () => {
    const routes = [route(["chat", "mail"]), route(["mail", "hook"])];
    expect(channelsOf(dispatch([news()], [], plan({ routes }), at("09:10")))).toEqual([
      "chat",
      "mail",
      "hook",
    ]);
  });

  it("tells that it is over to those who heard of it, whatever the routes say by then", () => {
    const by = plan({ routes: [route(["chat"], { severity: "high" })] });
    const problem = dispatch([news("problem", { severity: "high" })], [], by, at("09:10"));
    const told = problem.map(toTold);
    const up = { type: "site.up" as const, severity: "low" as const };
    expect(channelsOf(dispatch([news("recovery", up)], told, by, at("09:40")))).toEqual(["chat"]);
    expect(dispatch([news("recovery", up)], [], by, at("09:40"))).toEqual([]);
    const handedOver = told.map((one) => ({ ...one, failedMs: wita("09:20") }));
    expect(dispatch([news("recovery", up)], handedOver, by, at("09:40"))).toEqual([]);
  });

  it("tells an update to those who heard, and to those whom it concerns only now", () => {
    const by = plan({
      routes: [route(["chat"], { severity: "medium" }), route(["boss"], { severity: "critical" })],
    });
    const told = dispatch([news()], [], by, at("09:10")).map(toTold);
    const worse = news("update1", { type: "site.update", severity: "critical" });
    expect(channelsOf(dispatch([worse], told, by, at("09:20")))).toEqual(["chat", "boss"]);
  });

  it("keeps for the morning what the night holds back, and lets pass what is critical or for machines", () => {
    const routes = [route(["chat", "hook"]), route(["duty"], { quiet: false })];
    const by = plan({ routes, quiet: nights });
    const kept = (severity: "medium" | "critical", time: string) =>
      dispatch([news("problem", { severity })], [], by, at(time)).map(({ channel, digestMs }) => [
        channel,
        digestMs,
      ]);
    const morning = wita("06:00") + 86_400_000;
    expect(kept("medium", "23:00")).toEqual([
      ["chat", morning],
      ["hook", null],
      ["duty", null],
    ]);
    expect(kept("critical", "23:00").map(([, ms]) => ms)).toEqual([null, null, null]);
    expect(kept("medium", "12:00").map(([, ms]) => ms)).toEqual([null, null, null]);
  });

  it("says nothing twice", () => {
    const first = dispatch([news(), news()], [], plan(), at("09:10"));
    expect(first).toHaveLength(1);
    expect(dispatch([news()], first.map(toTold), plan(), at("09:11"))).toEqual([]);
  });

  it("never sends people more of an incident than its budget, and always the end of what they heard", () => {
    const whats = ["problem", "update1", "update2", "update3", "escalate1", "recovery"];
    const step = fc.record({ alert: fc.integer({ min: 0, max: 3 }), what: fc.constantFrom(...whats) });
    const property = fc.property(
      fc.array(step, { maxLength: 40 }),
      fc.integer({ min: 2, max: 6 }),
      (steps, budget) => {
        const by = plan({ budget, routes: [route(["chat", "hook"])] });
        const told: ToldMessage[] = [];
        for (const { alert, what } of steps) {
          const one = news(what, { alert: `a${alert}`, type: what === "recovery" ? "site.up" : "site.down" });
          told.push(...dispatch([one], told, by, at("09:10")).map(toTold));
        }
        const own = told.filter(({ channel, digestMs }) => channel === "chat" && digestMs === null);
        expect(own.length).toBeLessThanOrEqual(budget);
        // Nothing is dropped: whatever machines heard, people hear as well, some of it in the digest.
        const keys = (channel: string) =>
          told
            .filter((one) => one.channel === channel)
            .map(({ dedupeKey }) => dedupeKey.slice(channel.length));
        expect(keys("chat")).toEqual(keys("hook"));
        expect(told.filter(({ channel, digestMs }) => channel === "hook" && digestMs !== null)).toEqual([]);
        const lone = new Set(told.map(({ alert }) => alert)).size === 1;
        const end = own.findLast(({ type }) => type === "site.up");
        const ended = told.some(({ channel, type }) => channel === "chat" && type === "site.up");
        // One alert alone always has the place that is its end's.
        if (lone && ended) expect(end).toBeDefined();
      },
    );
    fc.assert(property, { numRuns: 500, seed: 8 });
  });
});

describe("escalate", () => {
  const steps = [
    { afterMin: 15, to: ["boss"], severity: "medium" as const },
    { afterMin: 60, to: ["boss", "head"], severity: "high" as const },
  ];
  const problem = dispatch([news()], [], plan(), at("09:10")).map(toTold);
  const open = (severity: Severity = "medium") => [news("problem", { severity }).payload];

  it.each([
    ["09:24", "medium", []],
    ["09:25", "medium", ["boss"]],
    ["10:30", "medium", ["boss"]],
    ["10:30", "high", ["boss", "boss", "head"]],
    ["10:30", "low", []],
  ] as const)("at %s, severity %s, tells %j", (time, severity, expected) => {
    const made = escalate(open(severity), steps, problem, plan(), at(time));
    expect(channelsOf(made)).toEqual(expected);
  });

  it("says each step once, and how long nobody answered", () => {
    const [first] = escalate(open(), steps, problem, plan(), at("09:30"));
    expect(first!.payload).toMatchObject({ type: "site.down", escalation: { step: 1, waitedMin: 20 } });
    expect(escalate(open(), steps, [...problem, toTold(first!)], plan(), at("09:45"))).toEqual([]);
  });

  it("waits for the digest that tells of it, and says nothing in quiet hours", () => {
    const by = plan({ quiet: nights });
    const kept = dispatch([news()], [], by, at("05:00")).map(toTold);
    expect(escalate(open(), steps, kept, by, at("05:40"))).toEqual([]);
    expect(escalate(open(), steps, kept, by, at("06:10"))).toEqual([]);
    expect(channelsOf(escalate(open(), steps, kept, by, at("06:15")))).toEqual(["boss"]);
    const late = dispatch([news()], [], plan(), at("20:50")).map(toTold);
    expect(escalate(open(), steps, late, by, at("21:30"))).toEqual([]);
  });

  it("counts from what people were told, and from what a machine got where nobody else is", () => {
    const by = plan({ routes: [route(["chat", "hook"])], quiet: nights });
    const kept = dispatch([news()], [], by, at("05:00")).map(toTold);
    expect(channelsOf(escalate(open(), steps, kept, by, at("06:10")))).toEqual([]);
    const [first] = escalate(open(), steps, kept, by, at("06:15"));
    expect(first!.payload).toMatchObject({ escalation: { step: 1, waitedMin: 15 } });
    const machines = plan({ routes: [route(["hook"])] });
    const got = dispatch([news()], [], machines, at("09:10")).map(toTold);
    expect(channelsOf(escalate(open(), steps, got, machines, at("09:25")))).toEqual(["boss"]);
  });

  it("says of nothing that nobody answered which was told to nobody", () => {
    const by = plan({ routes: [route(["chat"], { areas: ["64.08.06"] })] });
    expect(dispatch([news()], [], by, at("09:10"))).toEqual([]);
    expect(escalate(open(), steps, [], by, at("10:30"))).toEqual([]);
  });
});
