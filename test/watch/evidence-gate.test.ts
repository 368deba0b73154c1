import { afterEach, beforeEach, expect, it } from "vitest";
import { SeriesTrouble } from "../../src/series/series-trouble.ts";
import { openSqlite } from "../../src/state/sqlite.ts";
import type { SqliteStores } from "../../src/state/sqlite.ts";
import { createEvidenceGate } from "../../src/watch/evidence-gate.ts";
import { createWriter, icmpRounds } from "../support/rounds.ts";
import { tempDir } from "../support/temp-dir.ts";
import { enrol } from "./deliver-hours.ts";

/* What is looked for in an engine: a store stands for it that can be read from some moment on alone. */

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const nowMs = 1_790_000_000_000;
const site = "64.08.01";
const key = `${site}/hub`;

let dir: ReturnType<typeof tempDir>;
let stores: SqliteStores;
/** The engine has no rounds that began in [fromMs, toMs), and none of these sites. */
let lost: { fromMs: number; toMs: number; sites: string[] };
let asked: { fromMs: number; toMs: number }[];
let failure: Error | null;
beforeEach(async () => {
  dir = tempDir();
  stores = openSqlite(dir.file("s.db"), { now: () => nowMs });
  await enrol(stores.state, "ag_a", site);
  lost = { fromMs: 0, toMs: 0, sites: [] };
  asked = [];
  failure = null;
});
afterEach(() => {
  stores.close();
  dir[Symbol.dispose]();
});

function openGate(judgedFromMs = -Infinity) {
  const missing: { untilMs: number; judgedFromMs: number }[] = [];
  const gate = createEvidenceGate({
    series: {
      ...stores.series,
      async read(keys, fromMs, toMs) {
        asked.push({ fromMs, toMs });
        if (failure !== null) throw failure;
        const there = keys.filter((each) => !lost.sites.some((of) => each.startsWith(`${of}/`)));
        const before = await stores.series.read(there, fromMs, Math.min(toMs, lost.fromMs));
        return [...before, ...(await stores.series.read(there, Math.max(fromMs, lost.toMs), toMs))];
      },
    },
    state: stores.state,
    now: () => nowMs,
    rawMs: 14 * dayMs,
    judgedFromMs,
    onMissing: (what) => void missing.push(what),
  });
  return { ...gate, missing, look: () => gate.series.read([key], nowMs - 1, nowMs) };
}

/** A batch that came so long ago, with a round a minute of ten, the first of them at its age. */
async function writeBatch(seq: number, receivedAgoMs: number, roundsAgoMs = receivedAgoMs + 10 * 60_000) {
  const rounds = icmpRounds(
    key,
    nowMs - roundsAgoMs,
    60_000,
    Array.from({ length: 10 }, () => [20]),
  );
  const write = createWriter(stores.batchLog, { id: "ag_a", site });
  await write([rounds], { seq, receivedMs: nowMs - receivedAgoMs });
}

it("finds nothing missing where nothing was ever stored, or only batches without rounds", async () => {
  const empty = openGate();
  await empty.look();
  const write = createWriter(stores.batchLog, { id: "ag_a", site });
  await write([], { receivedMs: nowMs - hourMs });
  const signs = openGate();
  await signs.look();
  expect([empty.missing, signs.missing]).toEqual([[], []]);
});

it("finds the newest batch, and one of each age, and then looks no more", async () => {
  for (const [at, agoMs] of [3 * dayMs + hourMs, dayMs + hourMs, 2 * hourMs, 60_000].entries())
    await writeBatch(at + 1, agoMs);
  const gate = openGate();
  await gate.look();
  expect([gate.missing, gate.judgedFromMs()]).toEqual([[], -Infinity]);
  const looked = asked.length;
  expect(looked).toBe(4 + 1);
  await gate.look();
  expect(asked.length).toBe(looked + 1);
});

it("seeks rounds of a backlog where they are", async () => {
  await writeBatch(1, 60_000, 5 * dayMs);
  const gate = openGate();
  await gate.look();
  expect(gate.missing).toEqual([]);
});

it.each([
  ["all of it", Infinity, 60_000],
  ["what is older than an hour", nowMs - 0.5 * hourMs, 2 * hourMs],
  ["what is older than three hours", nowMs - 3 * hourMs, dayMs + hourMs],
  ["what is older than two days", nowMs - 2 * dayMs, 3 * dayMs + hourMs],
])("misses %s", async (_, fromMs, newestAgoMs) => {
  for (const [at, agoMs] of [3 * dayMs + hourMs, dayMs + hourMs, 2 * hourMs, 60_000].entries())
    await writeBatch(at + 1, agoMs);
  lost.toMs = fromMs;
  const gate = openGate();
  await expect(gate.look()).rejects.toThrow("the rounds behind the outages on record are gone");
  expect(gate.missing).toEqual([{ untilMs: nowMs - newestAgoMs, judgedFromMs: nowMs }]);
  expect(gate.judgedFromMs()).toBe(nowMs);
  // What is known to be missing is not looked for again.
  await gate.look();
  gate.doubt();
  await gate.look();
  expect(gate.missing).toHaveLength(1);
});

it.each([
  ["all that came after a copy of some days ago", 4 * dayMs, 0, 60_000],
  ["what came after a copy of three hours ago", 3 * hourMs, 0, 60_000],
  [
    "what came between a copy of two hours ago and the return of the engine half an hour ago",
    2 * hourMs,
    0.5 * hourMs,
    0.5 * hourMs,
  ],
  [
    "what came between a copy of two days ago and the return of the engine an hour ago",
    2 * dayMs,
    hourMs,
    hourMs,
  ],
])("misses %s", async (_, copiedAgoMs, backAgoMs, newestAgoMs) => {
  // Every half an hour for six days, which is a batch at each of the ages, and one now.
  for (let halves = 288; halves > 0; halves--) await writeBatch(289 - halves, halves * 0.5 * hourMs);
  await writeBatch(289, 60_000);
  const gate = openGate();
  await gate.look();
  expect(gate.missing).toEqual([]);
  lost = { ...lost, fromMs: nowMs - copiedAgoMs, toMs: nowMs - backAgoMs };
  gate.doubt();
  await expect(gate.look()).rejects.toThrow("the rounds behind the outages on record are gone");
  expect(gate.missing).toEqual([{ untilMs: nowMs - newestAgoMs, judgedFromMs: nowMs }]);
});

it("does not mind what an engine lost in its last seconds, nor a site that was taken out of it", async () => {
  await enrol(stores.state, "ag_b", "64.08.02");
  await writeBatch(1, 60_000);
  const elsewhere = createWriter(stores.batchLog, { id: "ag_b", site: "64.08.02" });
  const other = icmpRounds("64.08.02/hub", nowMs - 120_000, 30_000, [[20], [20], [20]]);
  await elsewhere([other], { receivedMs: nowMs - 30_000 });
  lost.sites = ["64.08.02"];
  const without = openGate();
  await without.look();
  lost = { fromMs: nowMs - 150_000, toMs: nowMs, sites: [] };
  const cut = openGate();
  await cut.look();
  expect([without.missing, cut.missing]).toEqual([[], []]);
});

it("does not look for what the engine need not have: of before another one, or too old for it", async () => {
  await writeBatch(1, 20 * dayMs);
  await writeBatch(3, 60_000, 20 * dayMs);
  await writeBatch(2, 2 * hourMs);
  lost.toMs = nowMs - 3 * hourMs;
  const returned = openGate();
  await returned.look();
  lost.toMs = nowMs;
  const adopted = openGate(nowMs - hourMs);
  await adopted.look();
  expect([returned.missing, adopted.missing]).toEqual([[], []]);
});

it("takes no engine for empty that does not answer, and looks again after any trouble", async () => {
  await writeBatch(1, 60_000);
  failure = new SeriesTrouble("no answer");
  const gate = openGate();
  await expect(gate.look()).rejects.toThrow("no answer");
  expect(gate.missing).toEqual([]);
  failure = null;
  await gate.look();
  expect(gate.missing).toEqual([]);
  lost.toMs = nowMs;
  await gate.look();
  expect(gate.missing).toEqual([]);
  gate.doubt();
  await expect(gate.look()).rejects.toThrow("are gone");
});

it("lets nobody read while it is looked, and looks once for all of them", async () => {
  await writeBatch(1, 60_000);
  lost.toMs = nowMs;
  const gate = openGate();
  const looks = await Promise.allSettled([gate.look(), gate.look(), gate.look()]);
  expect(looks.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
  expect(gate.missing).toHaveLength(1);
});
