import { afterEach, beforeEach, expect, it } from "vitest";
import { createSlaCorrections } from "../../src/compose/sla-corrections.ts";
import { monthSpan } from "../../src/inventory/local-time.ts";
import { commandActor } from "../../src/state/audit.ts";
import type { ConditionRecord } from "../../src/state/alert-store.ts";
import { openTestHttp } from "../support/http.ts";
import type { TestHttp } from "../support/http.ts";
import { makeContract, makeDistrict } from "../support/inventory.ts";
import { segments, writeWatch } from "../support/watch.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const { fromMs } = monthSpan("2026-08", "Asia/Makassar")!;
const site = "64.08.01.2001";
const link = `${site}-1`;
let http: TestHttp;

beforeEach(async () => {
  const district = makeDistrict();
  const links = [[link, { ...district.links.get(link)!, contract: "c1" }]] as const;
  http = await openTestHttp({
    inventory: {
      ...district,
      links: new Map([...district.links, ...links]),
      contracts: new Map([["c1", makeContract({ id: "c1", slaRatio: 0.99 })]]),
    },
  });
  await cutFor(6 * hourMs);
});
afterEach(() => http[Symbol.dispose]());

function anOpenIssue(subject: string): ConditionRecord {
  const times = { sinceMs: 1, seenMs: 1, toldMs: 1, worseMs: null, clearedMs: null, closedMs: null };
  return { id: `slaIssue:${subject}@1`, kind: "slaIssue", subject, ...times, facts: {} };
}

function cutFor(lengthMs: number): Promise<void> {
  const states = segments(site, "", [
    [fromMs - dayMs, "up"],
    [fromMs + dayMs, "down", "link"],
    [fromMs + dayMs + lengthMs, "up"],
  ]);
  return writeWatch(http.state, { states: [{ ...states, knownMs: http.clock.ms }] });
}

it("an issued month is held against what is known, until a correction takes its place", async () => {
  const corrections = createSlaCorrections({ sla: http.sla, state: http.state, isQuiet: () => true });
  const look = () => {
    http.clock.ms += hourMs;
    return corrections(http.clock.ms);
  };
  expect(await look()).toEqual([]);
  http.clock.ms += 1000;
  await http.sla.issue("2026-08", commandActor("test"));
  expect(await look()).toEqual([{ number: "SLA-2026-08", links: [] }]);
  await cutFor(7 * hourMs);
  expect(await look()).toEqual([{ number: "SLA-2026-08", links: [link] }]);
  // Not more often than that.
  expect(await corrections(http.clock.ms + hourMs - 1)).toEqual([]);
  await http.sla.issue("2026-08", commandActor("test"));
  expect(await look()).toEqual([
    { number: "SLA-2026-08", links: [] },
    { number: "SLA-2026-08-K1", links: [] },
  ]);
});

it.each([
  ["only the last three issued months are accounted for anew", [], []],
  ["one of which an alert is open is accounted for until that is over", ["SLA-2026-04"], ["2026-04"]],
])("%s", async (_, subjects, more) => {
  const heads = ["2026-04", "2026-05", "2026-06", "2026-07", "2026-08"].map((month) => ({
    number: `SLA-${month}`,
    month,
    correction: 0,
    issuedMs: 1,
    by: "x",
    digest: "",
  }));
  const conditions = subjects.map((subject) => anOpenIssue(subject));
  await http.state.writeAlerts({ conditions, nowMs: http.clock.ms });
  const asked: string[] = [];
  const month = async (name: string) => (asked.push(name), null);
  const corrections = createSlaCorrections({
    sla: { issues: async () => heads, month },
    state: http.state,
    isQuiet: () => true,
  });
  const expected = [...more, "2026-06", "2026-07", "2026-08"];
  const standings = await corrections(http.clock.ms);
  expect(standings.map(({ number }) => number)).toEqual(expected.map((name) => `SLA-${name}`));
  expect(asked).toEqual(expected);
});
