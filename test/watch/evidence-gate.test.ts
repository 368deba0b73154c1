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
/** When rounds begin that the engine has, epoch ms. */
let hasFromMs: number;
let asked: { fromMs: number; toMs: number }[];
let failure: Error | null;
beforeEach(async () => {
  dir = tempDir();
  stores = openSqlite(dir.file("s.db"), { now: () => nowMs });
  await enrol(stores.state, "ag_a", site);
  hasFromMs = -Infinity;
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
        const found = await stores.series.read(keys, fromMs, toMs);
        return found.filter(({ timeMs }) => timeMs[0]! >= hasFromMs);
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

it("seeks rounds of a backlog further back", async () => {
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
  hasFromMs = fromMs;
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

it("does not look for what the engine need not have: of before another one, or too old for the time that is meant", async () => {
  await writeBatch(1, 20 * dayMs);
  await writeBatch(2, 2 * hourMs);
  hasFromMs = nowMs - 3 * hourMs;
  const returned = openGate();
  await returned.look();
  hasFromMs = Infinity;
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
  hasFromMs = Infinity;
  await gate.look();
  expect(gate.missing).toEqual([]);
  gate.doubt();
  await expect(gate.look()).rejects.toThrow("are gone");
});

it("lets nobody read while it is looked, and looks once for all of them", async () => {
  await writeBatch(1, 60_000);
  hasFromMs = Infinity;
  const gate = openGate();
  const looks = await Promise.allSettled([gate.look(), gate.look(), gate.look()]);
  expect(looks.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
  expect(gate.missing).toHaveLength(1);
});
