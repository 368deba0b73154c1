import { describe, expect, it } from "vitest";
import { number, target, text, time } from "../../dashboards/lib/query.ts";
import { frameOf, interpolate, longToWide, pick, requestOf } from "./infinity.ts";
import type { View } from "./infinity.ts";

/* The stand-in for the plugin is held to the plugin's own examples (its docs and tests). */

const view: View = {
  fromMs: 1_594_671_549_254,
  toMs: 1_594_671_549_254 + 3_600_000,
  variables: { site: ["64.08"], list: ["a", "b"], none: [] },
};

describe("macros", () => {
  it.each([
    ["${__timeFrom}", "1594671549254"],
    ["${__timeFrom:date}", "2020-07-13T20:19:09.254Z"],
    ["${__timeFrom:date:iso}", "2020-07-13T20:19:09.254Z"],
    ["${__timeFrom:date:seconds}", "1594671549"],
    ["$__customInterval(30m,10s,2h,1m,1d)", "1m"],
    ["$__customInterval(1h,10s,1d)", "10s"],
    ["$__customInterval(1m,10s,1d)", "1d"],
  ])("%s", (macro, expected) => {
    const query = target({ path: "/x", params: { p: macro }, columns: [] });
    expect(new URLSearchParams(requestOf(query, view).split("?")[1]).get("p")).toBe(expected);
  });

  it("refuses a macro that it does not know", () => {
    expect(() => requestOf(target({ path: "/x", params: { p: "${__from}" }, columns: [] }), view)).toThrow(
      "not known",
    );
  });
});

describe("variables", () => {
  it.each([
    ["${site}", "64.08"],
    ["${list:csv}", "a,b"],
    ["${list}", "{a,b}"],
    ["${none:csv}", ""],
  ])("%s", (name, expected) => expect(interpolate(name, view)).toBe(expected));
});

describe("frames", () => {
  it("picks by path, with dots in names escaped", () => {
    expect(pick({ a: { b: 1 }, "a.b": 2 }, "a.b")).toBe(1);
    expect(pick({ a: { b: 1 }, "a.b": 2 }, "a\\.b")).toBe(2);
    expect(pick({ a: null }, "a.b")).toBeUndefined();
  });

  it("filters on the named columns", () => {
    const query = target({ path: "/x", columns: [text("kind", "k")], filter: "kind == 'icmp'" });
    expect(frameOf(query, { data: [{ k: "icmp" }, { k: "http" }] }, view)).toEqual([{ kind: "icmp" }]);
  });

  it("filters by one of several, or by all of them", () => {
    const query = (filter: string) => target({ path: "/x", columns: [text("k"), number("v")], filter });
    const body = {
      data: [
        { k: "a", v: 1 },
        { k: "b", v: null },
        { k: "c", v: 3 },
      ],
    };
    expect(frameOf(query("k == 'a' || k == 'b'"), body, view).map(({ k }) => k)).toEqual(["a", "b"]);
    expect(frameOf(query("k == 'b' && v != null"), body, view)).toEqual([]);
    expect(() => frameOf(query("k == 'a' || k == 'b' && v != null"), body, view)).toThrow("not supported");
  });

  it("finds rows below the top of the answer", () => {
    const query = target({ path: "/x", columns: [number("v")], rows: "data.parts" });
    expect(frameOf(query, { data: { parts: [{ v: 1 }] } }, view)).toEqual([{ v: 1 }]);
    expect(() => frameOf(query, { data: {} }, view)).toThrow("data.parts is not a list");
  });

  it("filters on what is there and what is not", () => {
    const query = (filter: string) => target({ path: "/x", columns: [number("v")], filter });
    const body = { data: [{ v: 0 }, { v: null }, {}] };
    expect(frameOf(query("v != null"), body, view)).toEqual([{ v: 0 }]);
    expect(frameOf(query("v == null"), body, view).length).toBe(2);
  });

  it("makes one series per combination of texts and refuses rows that go back in time", () => {
    const query = target({ path: "/x", columns: [time("t"), text("n"), number("v")] });
    const rows = [
      { t: "2026-01-01T00:00:00Z", n: "a", v: 1 },
      { t: "2026-01-01T00:00:00Z", n: "b", v: 2 },
      { t: "2026-01-01T00:01:00Z", n: "b", v: 3 },
    ];
    expect(longToWide(query, rows).series).toEqual(
      new Map([
        ["v {n=a}", [1, null]],
        ["v {n=b}", [2, 3]],
      ]),
    );
    expect(() => longToWide(query, rows.toReversed())).toThrow("ascend");
  });
});
