import { describe, expect, it } from "vitest";
import type { Target } from "../../src/inventory/inventory.ts";
import type { Rounds, SeriesStore } from "../../src/series/series-store.ts";
import { openSqlite } from "../../src/state/sqlite.ts";
import { createRunCache } from "../../src/watch/run-cache.ts";
import { icmpRounds } from "../support/rounds.ts";
import { tempDir } from "../support/temp-dir.ts";

const key = "64.08/gw";
const startMs = 1_763_785_200_000;
const intervalMs = 30_000;

const target: Target = {
  key,
  site: "64.08",
  role: "gateway",
  of: null,
  link: null,
  service: null,
  probe: {
    id: "gw",
    kind: "icmp",
    address: "192.0.2.1",
    intervalS: intervalMs / 1000,
    timeoutMs: 3_000,
    count: 5,
    sizeBytes: 56,
    dscp: 0,
    family: null,
  },
};

/** `answers`: whether each round, from the so-manieth on, had replies. */
const rounds = (from: number, answers: readonly boolean[]): Rounds =>
  icmpRounds(
    key,
    startMs + from * intervalMs,
    intervalMs,
    answers.map((answered) => (answered ? [20, 21, 22, 23, 24] : [])),
  );

/** A cache over a real store, which counts how often it is read. */
function openCache(mostWaiting?: number) {
  const dir = tempDir();
  const { series, state, close } = openSqlite(dir.file("s.db"));
  let reads = 0;
  let seq = 0;
  const counted: SeriesStore = {
    ...series,
    read(...args) {
      reads += 1;
      return series.read(...args);
    },
  };
  const cache = createRunCache(counted, startMs, 2.5, state.baselines, mostWaiting);
  const runs = async (from = cache) => (await from.refresh([target], []))[0]!.runs;
  return {
    runs,
    reads: () => reads,
    add: (piece: Rounds) => cache.add(piece),
    store: (piece: Rounds) => series.append({ agent: "ag_a", seq: ++seq }, [piece]),
    /** What a cache says that read everything in one piece. */
    fresh: () => runs(createRunCache(series, startMs, 2.5, state.baselines)),
    [Symbol.dispose]() {
      close();
      dir[Symbol.dispose]();
    },
  };
}

describe("the runs in memory", () => {
  it("grow by rounds that follow on them, without the store being read", async () => {
    using cache = openCache();
    await cache.store(rounds(0, [true, true]));
    await cache.runs();
    expect(cache.reads()).toBe(1);
    for (const piece of [rounds(2, [true, false]), rounds(4, [false]), rounds(5, [true, true])]) {
      await cache.store(piece);
      cache.add(piece);
    }
    const runs = await cache.runs();
    expect(cache.reads()).toBe(1);
    expect(runs.map(({ verdict, rounds: count }) => [verdict, count])).toEqual([
      ["ok", 3],
      ["bad", 2],
      ["ok", 2],
    ]);
    expect(runs).toEqual(await cache.fresh());
  });

  it.each([
    ["late", [rounds(4, [true]), rounds(2, [false, false])]],
    ["late and alone", [rounds(0, [false])]],
    ["known already", [rounds(2, [true]), rounds(2, [true])]],
  ])("are read again for rounds that come %s", async (_, pieces) => {
    using cache = openCache();
    await cache.store(rounds(1, [true]));
    await cache.runs();
    for (const [index, piece] of pieces.entries()) {
      if (index === 0 || piece.timeMs[0] !== pieces[index - 1]!.timeMs[0]) await cache.store(piece);
      cache.add(piece);
    }
    expect(await cache.runs()).toEqual(await cache.fresh());
    expect(cache.reads()).toBe(2);
  });

  it("are read where more came than may wait, and miss none of it", async () => {
    using cache = openCache(50);
    await cache.store(rounds(1, [true]));
    await cache.runs();
    // What is late has to wait, and what follows it with it.
    await cache.store(rounds(0, [true]));
    cache.add(rounds(0, [true]));
    for (const from of [2, 22, 42]) {
      const piece = rounds(
        from,
        Array.from({ length: 20 }, (_, index) => index % 7 > 0),
      );
      await cache.store(piece);
      cache.add(piece);
    }
    expect(await cache.runs()).toEqual(await cache.fresh());
    expect(cache.reads()).toBe(2);
    // What comes next finds room again.
    const next = rounds(62, [true]);
    await cache.store(next);
    cache.add(next);
    expect(await cache.runs()).toEqual(await cache.fresh());
    expect(cache.reads()).toBe(2);
  });
});
