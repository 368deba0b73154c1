import { describe, expect, it } from "vitest";
import { monthSpan } from "../../src/inventory/local-time.ts";
import { expandMaintenance, findOverlap } from "../../src/inventory/maintenance.ts";
import type { MaintenancePlan } from "../../src/inventory/maintenance.ts";
import { messagesOf, read } from "./folder.ts";

const wita = "Asia/Makassar";
const ms = (text: string) => Date.parse(text);

const plan = (more: Partial<MaintenancePlan>): MaintenancePlan => ({
  id: "m1",
  site: "64.08.05",
  fromMs: ms("2026-10-13T22:00:00+08:00"),
  toMs: ms("2026-10-14T02:00:00+08:00"),
  repeat: null,
  untilMs: null,
  reason: "antena",
  author: "Diskominfo",
  ...more,
});

const starts = (one: MaintenancePlan, from: string, to: string, zone = wita) =>
  expandMaintenance([one], { fromMs: ms(from), toMs: ms(to) }, zone).map(({ fromMs }) =>
    new Date(fromMs).toISOString(),
  );

describe("announced work that comes again", () => {
  it("weekly is at the same hour of the same weekday, from its first time on", () => {
    expect(starts(plan({ repeat: "weekly" }), "2026-10-01T00:00:00Z", "2026-10-28T00:00:00Z")).toEqual([
      "2026-10-13T14:00:00.000Z",
      "2026-10-20T14:00:00.000Z",
      "2026-10-27T14:00:00.000Z",
    ]);
  });

  it("weekly keeps its hour on the wall where clocks change", () => {
    const berlin = plan({
      repeat: "weekly",
      fromMs: ms("2026-10-20T22:00:00+02:00"),
      toMs: ms("2026-10-20T23:00:00+02:00"),
    });
    expect(starts(berlin, "2026-10-20T00:00:00Z", "2026-10-28T00:00:00Z", "Europe/Berlin")).toEqual([
      "2026-10-20T20:00:00.000Z",
      "2026-10-27T21:00:00.000Z",
    ]);
  });

  it("monthly is on the same day, and not in months that lack it", () => {
    const last = plan({
      repeat: "monthly",
      fromMs: ms("2026-10-31T22:00:00+08:00"),
      toMs: ms("2026-11-01T02:00:00+08:00"),
    });
    expect(starts(last, "2026-10-01T00:00:00Z", "2027-02-15T00:00:00Z")).toEqual([
      "2026-10-31T14:00:00.000Z",
      "2026-12-31T14:00:00.000Z",
      "2027-01-31T14:00:00.000Z",
    ]);
  });

  it("monthlyWeekday is on the second Tuesday, when it began on one", () => {
    expect(
      starts(plan({ repeat: "monthlyWeekday" }), "2026-10-01T00:00:00Z", "2027-01-31T00:00:00Z"),
    ).toEqual([
      "2026-10-13T14:00:00.000Z",
      "2026-11-10T14:00:00.000Z",
      "2026-12-08T14:00:00.000Z",
      "2027-01-12T14:00:00.000Z",
    ]);
  });

  it("is found years later, and in a range that begins in the midst of it", () => {
    expect(starts(plan({ repeat: "weekly" }), "2031-10-14T16:00:00Z", "2031-10-14T16:00:01Z")).toEqual([
      "2031-10-14T14:00:00.000Z",
    ]);
  });

  it("ends where it was told to, also in the midst of a window", () => {
    const ended = plan({ repeat: "weekly", untilMs: ms("2026-10-20T23:00:00+08:00") });
    const range = { fromMs: ms("2026-10-01T00:00:00Z"), toMs: ms("2027-01-01T00:00:00Z") };
    expect(expandMaintenance([ended], range, wita).map(({ toMs }) => new Date(toMs).toISOString())).toEqual([
      "2026-10-13T18:00:00.000Z",
      "2026-10-20T15:00:00.000Z",
    ]);
  });
});

describe("two plans", () => {
  const weekly = plan({ id: "weekly", repeat: "weekly" });

  it.each([
    [
      "at the same time",
      plan({ id: "b", fromMs: ms("2026-10-20T23:00:00+08:00"), toMs: ms("2026-10-20T23:30:00+08:00") }),
    ],
    [
      "that meet after months",
      plan({
        id: "b",
        repeat: "monthly",
        fromMs: ms("2026-10-16T22:00:00+08:00"),
        toMs: ms("2026-10-16T23:00:00+08:00"),
      }),
    ],
  ])("overlap %s", (_name, other) => {
    expect(findOverlap(other, [weekly], wita)).toMatchObject({ other: { id: "weekly" } });
  });

  it.each([
    [
      "one after the other",
      plan({ id: "b", fromMs: ms("2026-10-14T02:00:00+08:00"), toMs: ms("2026-10-14T04:00:00+08:00") }),
    ],
    ["about another site", plan({ id: "b", site: "64.08.06" })],
    ["about the whole subtree", { ...plan({ id: "b" }), site: undefined, subtree: "64.08.05" } as never],
  ])("do not overlap %s", (_name, other) => {
    expect(findOverlap(other, [weekly], wita)).toBeNull();
  });
});

const entry =
  "- { id: m1, site: 64.08.05, from: 2026-11-24T22:00:00+08:00, to: 2026-11-25T02:00:00+08:00, reason: antena, author: A }\n";

describe("maintenance.yaml", () => {
  it("is read, with times in whole seconds", () => {
    expect(read({ "maintenance.yaml": entry }).maintenance?.get("m1")).toEqual({
      id: "m1",
      site: "64.08.05",
      fromMs: ms("2026-11-24T14:00:00Z"),
      toMs: ms("2026-11-24T18:00:00Z"),
      repeat: null,
      untilMs: null,
      reason: "antena",
      author: "A",
    });
  });

  it.each([
    [
      "a site that is not there",
      entry.replace("64.08.05", "64.08.99"),
      'maintenance.yaml:1 site: "64.08.99" is not allowed; expected the code of a site in sites.csv',
    ],
    [
      "a link that is not there",
      entry.replace("site: 64.08.05", "link: nowhere"),
      'maintenance.yaml:1 link: "nowhere" is not allowed; expected the id of a link in links.yaml',
    ],
    [
      "a provider that nobody has",
      entry.replace("site: 64.08.05", "provider: Z"),
      'maintenance.yaml:1 provider: "Z" is not allowed; expected a provider of a link in links.yaml, written as there',
    ],
    [
      "two targets",
      entry.replace("site: 64.08.05", "site: 64.08.05, link: hub"),
      'maintenance.yaml:1 link: "hub" is not allowed; expected exactly one of site, link, provider, subtree, service',
    ],
    [
      "a time without a zone",
      entry.replace("02:00:00+08:00", "02:00:00"),
      'maintenance.yaml:1 to: "2026-11-25T02:00:00" is not allowed; expected an RFC 3339 time with a zone, such as 2026-11-24T22:00:00+08:00',
    ],
    [
      "an end before the beginning",
      entry.replace("2026-11-25", "2026-11-23"),
      'maintenance.yaml:1 to: "2026-11-23T02:00:00+08:00" is not allowed; expected a time after from, and at most 31 days after it',
    ],
    [
      "windows that reach into the next of themselves",
      entry.replace("2026-11-25", "2026-12-02").replace("reason", "repeat: weekly, reason"),
      'maintenance.yaml:1 to: "2026-12-02T02:00:00+08:00" is not allowed; expected a time after from, and at most 7 days after it',
    ],
    [
      "an end of what does not come again",
      entry.replace("reason", "until: 2027-01-01T00:00:00+08:00, reason"),
      'maintenance.yaml:1 until: "2027-01-01T00:00:00+08:00" is not allowed; expected nothing without repeat',
    ],
    [
      "no author",
      entry.replace(", author: A", ""),
      "maintenance.yaml:1 author: nothing is not allowed; expected 1 to 200 characters on one line",
    ],
    [
      "another plan for the same at the same time",
      entry + entry.replace("m1", "m2").replace("T22:", "T23:"),
      'maintenance.yaml:2 from: "2026-11-24T23:00:00+08:00" is not allowed; expected times that do not overlap those of m1, which is about the same (first at 2026-11-24T15:00:00.000Z)',
    ],
  ])("is refused with %s", (_mistake, text, message) => {
    expect(messagesOf({ "maintenance.yaml": text })).toEqual([message]);
  });
});

describe("supply.yaml", () => {
  it("gives sites their hours", () => {
    const { sites } = read({ "supply.yaml": '- { kinds: [desa], hours: ["05:00-08:00", "18:00-24:00"] }\n' });
    expect(sites.get("64.08.05.2001")?.supplyHours).toEqual([
      { fromMin: 300, toMin: 480 },
      { fromMin: 1_080, toMin: 1_440 },
    ]);
    expect(sites.get("64.08.05")?.supplyHours).toBeUndefined();
  });

  it.each([
    ["18:00-18:00", '"18:00-18:00"'],
    ["00:00-24:00", '"00:00-24:00"'],
    ["6-18", '"6-18"'],
    ["25:00-26:00", '"25:00-26:00"'],
  ])("is refused with %s", (hours, shown) => {
    expect(messagesOf({ "supply.yaml": `- { site: 64.08.05, hours: "${hours}" }\n` })).toEqual([
      `supply.yaml:1 hours: ${shown} is not allowed; expected one or more stretches such as "18:00-06:00", each shorter than a day`,
    ]);
  });

  it("gives a site its hours once", () => {
    const text =
      '- { site: 64.08.05, hours: "18:00-06:00" }\n- { kinds: [kecamatan], hours: "18:00-24:00" }\n';
    expect(messagesOf({ "supply.yaml": text })).toEqual([
      'supply.yaml:2 hours: "18:00-24:00" is not allowed; expected each site once: line 1 has those of 64.08.05',
    ]);
  });
});

describe("a month", () => {
  it("begins and ends at midnight of the wall clock", () => {
    expect(monthSpan("2026-10", wita)).toEqual({
      fromMs: ms("2026-09-30T16:00:00Z"),
      toMs: ms("2026-10-31T16:00:00Z"),
    });
  });

  it.each(["2026-13", "2026-00", "2026", "1999-12"])("is not %s", (text) => {
    expect(monthSpan(text, wita)).toBeNull();
  });
});
