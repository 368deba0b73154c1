import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createPlace } from "../../../src/report/create-reader.ts";
import { keepOutageRounds, readOutageRounds } from "../../../src/report/sla/outage-rounds.ts";
import { joinRounds, pickRounds } from "../../../src/report/sla/plain-rounds.ts";
import type { SeriesStore } from "../../../src/series/series-store.ts";
import { openTestHttp } from "../../support/http.ts";
import type { TestHttp } from "../../support/http.ts";
import { createWriter, httpRounds, icmpRounds } from "../../support/rounds.ts";
import { makeOutage, writeWatch } from "../../support/watch.ts";

const dayMs = 86_400_000;
const hourMs = 3_600_000;
const site = "64.08.01.2001";
const keys = [`${site}/gw`, `${site}/lapor`];
/** A whole day in UTC. */
const startMs = Date.UTC(2026, 8, 1);
let http: TestHttp;

beforeEach(async () => {
  http = await openTestHttp();
  const write = createWriter(http.batchLog, { id: "ag_1", site });
  // Two days, a round every five minutes; nothing answers from 23:00 to 01:00.
  const replies = Array.from({ length: 576 }, (_, at) => (at >= 276 && at < 300 ? [] : [20]));
  await write([
    icmpRounds(keys[0]!, startMs, 300_000, replies),
    httpRounds(
      keys[1]!,
      startMs,
      300_000,
      replies.map(({ length }) => (length === 0 ? "timeout" : 800)),
    ),
  ]);
  await writeWatch(http.state, {
    outages: [makeOutage({ site, startMs: startMs + 23 * hourMs, endMs: startMs + 25 * hourMs })],
  });
});
afterEach(() => http[Symbol.dispose]());

/** The store of rounds after it has given up everything. */
const empty = { read: async () => [] } as unknown as SeriesStore;
const around = { fromMs: startMs + 23 * hourMs - 600_000, toMs: startMs + 25 * hourMs + 600_000 };

const keep = (nowMs: number) =>
  keepOutageRounds({
    state: http.state,
    series: http.series,
    place: createPlace(() => http.held.inventory),
    nowMs: () => nowMs,
    settledMs: 11 * dayMs,
    rawMs: 14 * dayMs,
  });

describe("rounds behind an outage", () => {
  it("are there when all others were given up, from both sides of midnight", async () => {
    const before = await readOutageRounds(http, keys, around);
    expect(before.map(({ key, timeMs }) => [key, timeMs.length])).toEqual([
      [keys[0], 28],
      [keys[1], 28],
    ]);
    const nowMs = startMs + 13 * dayMs;
    let days = 0;
    while (await keep(nowMs)) days += 1;
    // From 14 days ago on, up to those that are not settled yet.
    expect(days).toBe(3);
    expect(await readOutageRounds({ ...http, series: empty }, keys, around)).toEqual(before);
  });

  it("are put aside also of what tested a link that has ended since", async () => {
    const { inventory } = http.held;
    const targets = new Map([...inventory.targets].filter(([key]) => key !== keys[1]));
    http.held.inventory = { ...inventory, targets, allTargets: [...inventory.targets.values()] };
    while (await keep(startMs + 13 * dayMs));
    const found = await readOutageRounds({ ...http, series: empty }, keys, around);
    expect(found.map(({ key }) => key)).toEqual(keys);
  });

  it("are put aside once what comes late changes nothing any more, and each day once", async () => {
    // The first of the two days is settled, the second is not.
    const nowMs = startMs + 12 * dayMs;
    while (await keep(nowMs));
    const half = await readOutageRounds({ ...http, series: empty }, keys, around);
    expect(half.map(({ timeMs }) => timeMs.length)).toEqual([14, 14]);
    expect(await keep(nowMs)).toBe(false);
    expect(await keep(nowMs + dayMs)).toBe(true);
    expect(await keep(nowMs + dayMs)).toBe(false);
  });

  it("of a day that the store still has are those of the store, none twice", async () => {
    const nowMs = startMs + 13 * dayMs;
    while (await keep(nowMs));
    const found = await readOutageRounds(http, keys, around);
    expect(found.map(({ timeMs }) => timeMs.length)).toEqual([28, 28]);
  });
});

describe("columns of rounds", () => {
  it("are joined in time; a part without a column says what leaving it out says", () => {
    const late = { key: "k", kind: "tcp" as const, timeMs: [30], ok: [1], merged: [2], spanMs: [5] };
    const early = { key: "k", kind: "tcp" as const, timeMs: [10, 20], ok: [0, 1] };
    const [joined] = joinRounds([late, early]);
    expect(joined).toEqual({
      key: "k",
      kind: "tcp",
      timeMs: [10, 20, 30],
      ok: [0, 1, 1],
      merged: [1, 1, 2],
      spanMs: [0, 0, 5],
    });
    expect(pickRounds(joined!, (ms) => ms !== 20)).toMatchObject({ timeMs: [10, 30], ok: [0, 1] });
  });
});
