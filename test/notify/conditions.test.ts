import { describe, expect, it } from "vitest";
import { stepConditions } from "../../src/notify/conditions.ts";
import type { ConditionPayload } from "../../src/notify/payload.ts";
import type { ConditionReading, ConditionRecord } from "../../src/state/alert-store.ts";
import { makeDistrict } from "../support/inventory.ts";

const minuteMs = 60_000;
/** 5 March 2026, 23.30 WITA. */
const eveningMs = Date.UTC(2026, 2, 5, 15, 30);
const inventory = makeDistrict();

/** What is remembered from look to look, a minute apart unless it is said otherwise. */
function createBook() {
  let open: ConditionRecord[] = [];
  let nowMs = eveningMs;
  return {
    look(readings: ConditionReading[], { afterMin = 1, isWatched = true } = {}): ConditionPayload[] {
      nowMs += afterMin * minuteMs;
      const context = { inventory, nowMs, timeZone: "Asia/Makassar", isWatched: () => isWatched };
      const { changed, news } = stepConditions(open, readings, { ...context, url: () => null });
      const ids = new Set(changed.map(({ id }) => id));
      open = [...open.filter(({ id }) => !ids.has(id)), ...changed].filter(
        ({ closedMs }) => closedMs === null,
      );
      expect(new Set(news.map(({ what, payload }) => `${what} ${payload.alert}`)).size).toBe(news.length);
      return news.map(({ payload }) => payload as ConditionPayload);
    },
    open: () => open,
  };
}

const reading = (
  given: Partial<ConditionReading> & Pick<ConditionReading, "kind" | "value">,
): ConditionReading => ({
  subject: "it",
  level: "bad",
  sinceMs: eveningMs,
  site: "64.08.01.2001",
  what: ["it"],
  count: 1,
  ...given,
});

describe("stepConditions", () => {
  it("tells of a certificate again when a week, a day and nothing is left, and of each once", () => {
    const book = createBook();
    const told: [string, number | null, string][] = [];
    for (let day = 13; day >= -3; day -= 1) {
      // Twice a day and once ten minutes later: a step has to last as long as a beginning.
      for (const afterMin of [720, 10, 710]) {
        const news = book.look([reading({ kind: "certificate", value: day })], { afterMin });
        told.push(
          ...news.map(({ type, value, severity }): [string, number | null, string] => [
            type,
            value,
            severity,
          ]),
        );
      }
    }
    expect(told).toEqual([
      ["condition.down", 13, "medium"],
      ["condition.update", 6, "medium"],
      ["condition.update", 0, "medium"],
      ["condition.update", -1, "high"],
    ]);
  });

  it("takes one odd answer for no step", () => {
    const book = createBook();
    for (const value of [13, 13, 13, -1, 13, -1, 13])
      book.look([reading({ kind: "certificate", value })], { afterMin: 9 });
    expect(book.look([reading({ kind: "certificate", value: -1 })])).toEqual([]);
    expect(book.open()).toMatchObject([{ facts: { type: "condition.down", value: 13 } }]);
  });

  it("tells that an SLA budget is overdrawn when a second account says so", () => {
    const book = createBook();
    const account = (value: number) =>
      book.look([reading({ kind: "slaBudget", value })], { afterMin: 60 }).map(({ type }) => type);
    expect([account(90), account(60), account(-10), account(-30), account(-90)]).toEqual([
      [],
      ["condition.down"],
      [],
      ["condition.update"],
      [],
    ]);
  });

  it("tells when twice as many agents are silent as were told of", () => {
    const book = createBook();
    const told = [5, 5, 9, 9, 12, 12, 20, 20, 141, 141, 60, 60, 141, 141].flatMap((count) =>
      book
        .look([reading({ kind: "agentSilent", subject: "many", count, value: 40 })])
        .map(({ count: now, countBefore }) => [countBefore, now]),
    );
    expect(told).toEqual([
      [undefined, 5],
      [5, 12],
      [12, 141],
    ]);
  });

  it("ends as bad as it was told, for those whom that woke", () => {
    const book = createBook();
    const certificate = (value: number, level: "bad" | "good" = "bad") =>
      book.look([reading({ kind: "certificate", value, level })], { afterMin: 10 });
    certificate(-1);
    expect(certificate(-1)).toMatchObject([{ type: "condition.down", severity: "high" }]);
    certificate(89, "good");
    expect(certificate(89, "good")).toMatchObject([{ type: "condition.up", value: 89, severity: "high" }]);
  });

  it("tells of many silent agents as one from their beginning to their end, and of those left one by one", () => {
    const book = createBook();
    const names = ["a", "b", "c", "d", "e", "f"];
    const lookAt = (silent: number) => {
      const left = names.slice(0, silent);
      const level = silent >= 5 ? "bad" : silent > 2 ? "between" : "good";
      const top = { kind: "agentSilent", subject: "many", site: "64.08", what: left.slice(0, 5) } as const;
      return book
        .look([
          reading({ ...top, level, count: silent, value: 40 }),
          ...names.map((subject, n) => {
            const isSilent = n < silent;
            return reading({
              kind: "agentSilent",
              subject,
              what: [subject],
              level: isSilent ? "bad" : "good",
              value: 40,
            });
          }),
        ])
        .map(({ type, what, count, stillSilent }) => [type, what.join(""), count, stillSilent]);
    };
    const silent = [6, 6, 6, 4, 4, 4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 0, 0, 0, 0, 0, 0, 0];
    expect(silent.flatMap(lookAt)).toEqual([
      ["condition.down", "abcde", 6, undefined],
      ["condition.up", "abcde", 6, ["a", "b"]],
      ["condition.down", "a", 1, undefined],
      ["condition.down", "b", 1, undefined],
      ["condition.up", "a", 1, undefined],
      ["condition.up", "b", 1, undefined],
    ]);
    expect(book.open()).toEqual([]);
  });

  it("says of many silent agents that all are heard again when they are", () => {
    const book = createBook();
    const many = { kind: "agentSilent", subject: "many", value: 40 } as const;
    for (const [level, count] of [
      ["bad", 6],
      ["bad", 6],
      ["good", 0],
    ] as const)
      book.look([reading({ ...many, level, count, what: count === 0 ? [] : ["a"] })]);
    const [end] = book.look([reading({ ...many, level: "good", count: 0, what: [] })], { afterMin: 5 });
    expect(end).toMatchObject({ type: "condition.up", count: 6, what: ["a"], severity: "high" });
    expect(end).not.toHaveProperty("stillSilent");
  });

  it("makes one incident of what comes and goes in a day, and another of the next", () => {
    const book = createBook();
    const incidents: string[] = [];
    for (let minute = 0; minute < 60; minute += 1) {
      const level = minute % 6 < 3 ? "bad" : "good";
      incidents.push(
        ...book.look([reading({ kind: "battery", level, value: 80 })]).map(({ incident }) => incident),
      );
    }
    expect(incidents.length).toBeGreaterThan(10);
    expect(new Set(incidents)).toEqual(new Set(["battery:it@2026-03-05", "battery:it@2026-03-06"]));
  });

  it("closes what is looked for no more: without a word where nobody was told", () => {
    const book = createBook();
    const low = reading({ kind: "lowBattery", value: 20 });
    book.look([low]);
    expect(book.look([low], { isWatched: false })).toEqual([]);
    expect(book.open()).toEqual([]);
    book.look([low]);
    book.look([low], { afterMin: 5 });
    // Not measured: it stays what it was.
    expect(book.look([], { afterMin: 4_000 })).toEqual([]);
    expect(book.open()).toHaveLength(1);
    expect(book.look([], { isWatched: false })).toMatchObject([
      { type: "condition.up", correction: "unwatched", endMs: null, value: 20 },
    ]);
    expect(book.open()).toEqual([]);
  });
});
