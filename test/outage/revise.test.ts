import { describe, expect, it } from "vitest";
import { contentOf, revise } from "../../src/outage/revise.ts";
import type { RevisedOutage, ReviseInput } from "../../src/outage/revise.ts";
import type { Outage } from "../../src/outage/table.ts";

const epochMs = 1_763_769_600_000;
const ms = (second: number) => epochMs + second * 1000;
const village = "64.08.04.2001";

const outage = (startS: number, endS: number | null, more: Partial<Outage> = {}): Outage => ({
  site: village,
  link: null,
  service: null,
  startMs: ms(startS),
  endMs: endS === null ? null : ms(endS),
  cause: "link",
  confidence: "high",
  evidence: [],
  root: more.site ?? village,
  ...more,
});

/** The record from pass to pass, as the store would keep it. */
function createRecord() {
  const newest = new Map<string, RevisedOutage>();
  let knownS = 0;
  return {
    /** One pass over this table; answers what it writes. */
    pass(table: readonly Outage[], more: Partial<ReviseInput> = {}): RevisedOutage[] {
      knownS += 1;
      const previous = [...newest.values()].filter(({ withdrawn }) => !withdrawn);
      const idOf = (text: string) => `out_${text}`;
      const changes = revise({ previous, table, fromMs: ms(0), knownMs: ms(10_000 + knownS), idOf, ...more });
      for (const change of changes) newest.set(change.id, change);
      return changes;
    },
    rows: () =>
      [...newest.values()]
        .filter(({ withdrawn }) => !withdrawn)
        .map(contentOf)
        .sort(),
  };
}

describe("revising the record", () => {
  it("writes what is new once, and nothing when nothing changed", () => {
    const record = createRecord();
    const [first] = record.pass([outage(100, null)]);
    expect(first).toMatchObject({ revision: 1, withdrawn: false, knownMs: ms(10_001) });
    expect(record.pass([outage(100, null)])).toEqual([]);
    expect(record.pass([])).toMatchObject([{ id: first!.id, withdrawn: true, revision: 2 }]);
    expect(record.pass([])).toEqual([]);
  });

  it("keeps the id through an end, an earlier start and another cause", () => {
    const record = createRecord();
    const [first] = record.pass([outage(100, null)]);
    const later = [
      outage(100, 500),
      outage(60, 500),
      outage(60, 500, { cause: "power" }),
      outage(60, 500, { cause: "power", evidence: [{ fact: "host.rebooted", target: null, detail: {} }] }),
    ];
    for (const [index, table] of later.entries()) {
      const changes = record.pass([table]);
      expect(changes.map(({ id, revision }) => [id, revision])).toEqual([[first!.id, index + 2]]);
      expect(record.rows()).toEqual([contentOf(table)]);
    }
  });

  it("gives the id to the piece that shares most when one outage turns out to be two", () => {
    const record = createRecord();
    const [whole] = record.pass([outage(100, 1_000)]);
    const changes = record.pass([outage(100, 300), outage(400, 1_000)]);
    expect(changes.map(({ startMs, revision }) => [startMs, revision])).toEqual([
      [ms(100), 1],
      [ms(400), 2],
    ]);
    expect(changes[1]!.id).toBe(whole!.id);
    expect(changes[0]!.id).not.toBe(whole!.id);
  });

  it("withdraws the smaller of two that turn out to be one", () => {
    const record = createRecord();
    const [small, large] = record.pass([outage(100, 300), outage(400, 1_000)]);
    const changes = record.pass([outage(100, 1_000)]);
    expect(changes.map(({ id, withdrawn }) => [id, withdrawn]).sort()).toEqual(
      [
        [small!.id, true],
        [large!.id, false],
      ].sort(),
    );
    expect(record.rows()).toEqual([contentOf(outage(100, 1_000))]);
  });

  it("tells outages of the site from those of a service, and one site from another", () => {
    const record = createRecord();
    record.pass([outage(100, 500)]);
    const changes = record.pass([outage(100, 500, { service: "lapor" })]);
    expect(changes.map(({ service, withdrawn, revision }) => [service, withdrawn, revision])).toEqual(
      expect.arrayContaining([
        [null, true, 2],
        ["lapor", false, 1],
      ]),
    );
  });

  it("leaves alone what lies before the evidence, and never withdraws what the evidence cuts off", () => {
    const record = createRecord();
    record.pass([outage(100, 200), outage(300, 900)]);
    expect(record.pass([], { fromMs: ms(500) })).toEqual([]);
    expect(record.pass([outage(300, 900)], { fromMs: ms(250) })).toEqual([]);
    expect(record.pass([], { fromMs: ms(250) })).toMatchObject([{ startMs: ms(300), withdrawn: true }]);
  });

  it("compares two that both last by their starts", () => {
    const record = createRecord();
    const written = record.pass([outage(100, 200), outage(300, null)]);
    const changes = record.pass([outage(100, 200), outage(250, null)]);
    expect(changes).toMatchObject([{ id: written[1]!.id, startMs: ms(250), endMs: null }]);
  });
});

describe("incidents", () => {
  const below = (code: string, startS: number, endS: number | null) =>
    outage(startS, endS, { site: code, cause: "backhaul", root: "64.08.04" });
  const root = (startS: number, endS: number | null) => outage(startS, endS, { site: "64.08.04" });

  it("hold what has one root at one time, and are named after the row at the root", () => {
    const changes = createRecord().pass([
      below("64.08.04.2001", 90, 500),
      below("64.08.04.2002", 110, null),
      root(100, 500),
      outage(100, 500, { site: "64.08.05", root: "64.08.05" }),
    ]);
    const of = (site: string) => changes.find((change) => change.site === site)!;
    expect(of("64.08.04").incident).toBe(of("64.08.04").id.replace("out_", "inc_"));
    expect(of("64.08.04.2001").incident).toBe(of("64.08.04").incident);
    expect(of("64.08.04.2002").incident).toBe(of("64.08.04").incident);
    expect(of("64.08.05").incident).not.toBe(of("64.08.04").incident);
  });

  it("are joined by what is learned later, up to two minutes after", () => {
    const record = createRecord();
    const [first] = record.pass([root(100, 500)]);
    const [joined] = record.pass([root(100, 500), below("64.08.04.2001", 619, 700)]);
    expect(joined!.incident).toBe(first!.incident);
    const [other] = record.pass([
      root(100, 500),
      below("64.08.04.2001", 619, 700),
      below("64.08.04.2002", 821, 900),
    ]);
    expect(other!.incident).not.toBe(first!.incident);
  });

  it("are left when the root turns out to be another", () => {
    const record = createRecord();
    const [first] = record.pass([outage(100, 500)]);
    const changes = record.pass([outage(100, 500, { cause: "backhaul", root: "64.08.04" }), root(100, 500)]);
    const moved = changes.find(({ id }) => id === first!.id)!;
    expect(moved.revision).toBe(2);
    expect(moved.incident).not.toBe(first!.incident);
    expect(moved.incident).toBe(changes.find(({ site }) => site === "64.08.04")!.incident);
  });
});
