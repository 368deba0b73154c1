import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Figures, Step } from "../../src/series/figures.ts";
import type { Rounds, SeriesStore } from "../../src/series/series-store.ts";
import { quantilesUs, sketchErrorRatio } from "../../src/series/sketch.ts";
import { day0Ms, dayMs, echoes, everyKind, hourMs, inBatches, minuteMs, polls } from "./samples.ts";
import type { Batch } from "./samples.ts";

/** A store on a real engine with nothing in it. */
export interface EngineUnderTest extends AsyncDisposable {
  store(): SeriesStore;
  /**
   * Writes the batches one after another and kills the engine, as a power cut would, when some were acknowledged and another
   * is on its way; then it starts again. Resolves to how many were acknowledged.
   */
  killWhileWriting(batches: readonly Batch[]): Promise<number>;
  /** Lets the engine's own retention give up the rounds of the days before this midnight. null: an operator's flag alone does. */
  expire: ((beforeMs: number) => Promise<void>) | null;
  /** Copies everything while it runs, and opens the copy. */
  openBackup(): Promise<EngineUnderTest>;
}

/**
 * What every engine has to hold. `start`: one engine for all of it; each test has keys of its own.
 * `reason`: why it cannot be tested here.
 */
export function seriesContract(
  name: string,
  start: () => Promise<EngineUnderTest>,
  reason: string | null = null,
): void {
  const why = reason === null ? "" : ` (${reason})`;
  describe.skipIf(reason !== null)(`series in ${name}${why}`, { timeout: 120_000 }, () => {
    let engine: EngineUnderTest;
    beforeAll(async () => {
      engine = await start();
    }, 120_000);
    afterAll(() => engine[Symbol.asyncDispose]());
    const readAll = async (key: string, of = engine.store()) =>
      (await of.read([key], 0, day0Ms + 4_000 * dayMs))[0];
    const writeAll = async (batches: readonly Batch[]) => {
      for (const { origin, rounds } of batches) await engine.store().append(origin, rounds);
    };

    it("gives rounds of every kind back exactly as they were written", async () => {
      const given = everyKind(day0Ms);
      await engine.store().append({ agent: "ag_every", seq: 1 }, given);
      const keys = given.map(({ key }) => key);
      expect(byKey(await engine.store().read(keys, day0Ms, day0Ms + dayMs))).toEqual(byKey(given));
      expect(new Set((await engine.store().keys()).keys())).toEqual(new Set(keys));
      expect(await engine.store().firstMs("64.08/http")).toBe(day0Ms);
      expect(await engine.store().answeredMs("64.08/http", "http")).toBe(day0Ms);
      expect(await engine.store().answeredMs("64.08/tcp", "tcp")).toBeNull();
    });

    it("gives the rounds of others back whatever one calls its objects", async () => {
      const poll = (key: string, values: Record<string, number[]>): Rounds => ({
        key,
        kind: "snmp",
        timeMs: [day0Ms],
        ok: [1],
        values,
      });
      const given = [
        poll("64.08/honest", { "ifHCInOctets.2": [7] }),
        poll("64.09/odd", { site: [1], target: [2], agent: [3], time: [4], nth: [5] }),
        poll("64.08/later", { sysUpTime: [8] }),
      ];
      for (const [at, rounds] of given.entries())
        await engine.store().append({ agent: `ag_${at}`, seq: 1 }, [rounds]);
      const keys = given.map(({ key }) => key);
      expect(byKey(await engine.store().read(keys, day0Ms, day0Ms + dayMs))).toEqual(byKey(given));
    });

    it("knows nothing of a key that was never written", async () => {
      expect(await engine.store().read(["64.08/never"], 0, day0Ms + dayMs)).toEqual([]);
      expect(await engine.store().firstMs("64.08/never")).toBeNull();
      const query = { fromMs: day0Ms, toMs: day0Ms + dayMs, stepMs: hourMs };
      expect(await engine.store().steps("64.08/never", query)).toEqual([]);
    });

    it("keeps one copy of a batch that is written again", async () => {
      const batches = inBatches("64.08/twice", day0Ms, 4);
      await writeAll([...batches, batches[1]!, batches[3]!, batches[1]!]);
      expect(await readAll("64.08/twice")).toEqual(echoes("64.08/twice", day0Ms, 40));
    });

    it("keeps what two agents measured of one target at the same moments", async () => {
      const [one] = inBatches("64.08/two", day0Ms, 1, "ag_one");
      const [two] = inBatches("64.08/two", day0Ms, 1, "ag_two");
      await writeAll([one!, two!, one!]);
      expect((await readAll("64.08/two"))!.timeMs).toEqual(
        echoes("", day0Ms, 10).timeMs.flatMap((ms) => [ms, ms]),
      );
    });

    it("takes rounds in any order, three days late and years late, and gives them in that of time", async () => {
      const years = inBatches("64.08/late", Date.UTC(2021, 5, 1), 1, "ag_years");
      const now = inBatches("64.08/late", day0Ms, 6, "ag_now");
      const late = inBatches("64.08/late", day0Ms - 3 * dayMs, 6, "ag_late");
      await writeAll([now[0]!, late[3]!, now[2]!, years[0]!, now[1]!, ...late.toReversed(), ...now]);
      const read = (await readAll("64.08/late"))!;
      expect(read).toEqual({
        ...echoes("64.08/late", day0Ms, 0),
        ...joined([Date.UTC(2021, 5, 1), 10], [day0Ms - 3 * dayMs, 60], [day0Ms, 60]),
      });
      expect(await engine.store().firstMs("64.08/late")).toBe(Date.UTC(2021, 5, 1));
    });

    it("gives the rounds of a range: its beginning in it, its end not", async () => {
      await writeAll(inBatches("64.08/range", day0Ms, 12));
      const read = (fromMs: number, toMs: number) => engine.store().read(["64.08/range"], fromMs, toMs);
      const [found] = await read(day0Ms + 10 * minuteMs, day0Ms + 20 * minuteMs);
      expect(found).toEqual(echoes("64.08/range", day0Ms + 10 * minuteMs, 20));
      const last = day0Ms + 119 * 30_000;
      expect((await read(last, last + 1))[0]!.timeMs).toEqual([last]);
      expect(await read(last + 1, last + dayMs)).toEqual([]);
      expect(await read(day0Ms - dayMs, day0Ms)).toEqual([]);
    });

    it("finds a summary that began before the range and reaches into it", async () => {
      const key = "64.08/reaching";
      const [, summaries] = everyKind(day0Ms);
      await engine.store().append({ agent: "ag_reaching", seq: 1 }, [{ ...summaries!, key }]);
      const [found] = await engine.store().read([key], day0Ms + 200_000, day0Ms + 250_000);
      expect(found).toMatchObject({ timeMs: [day0Ms], merged: [10] });
    });

    it("gives several targets at once, each by itself", async () => {
      const keys = ["64.08/m1", "64.08/m2", "64.08.05/m1"];
      const rounds = keys.map((key, index) => echoes(key, day0Ms + index, 10));
      await engine.store().append({ agent: "ag_several", seq: 1 }, rounds);
      expect(byKey(await engine.store().read(keys, day0Ms, day0Ms + hourMs))).toEqual(byKey(rounds));
    });

    it("makes steps of a long range whose counts are exact and whose percentiles are those of all replies", async () => {
      const key = "64.08/steps";
      const days = 5;
      const rounds = echoes(key, day0Ms, days * 2_880);
      for (let seq = 0; seq < days * 4; seq++)
        await engine
          .store()
          .append({ agent: "ag_steps", seq: seq + 1 }, [echoes(key, day0Ms + seq * 6 * hourMs, 720)]);
      for (const stepMs of [5 * minuteMs, hourMs, 2 * dayMs]) {
        const query = { fromMs: day0Ms, toMs: day0Ms + days * dayMs, stepMs };
        const [found] = await engine.store().steps(key, query);
        expect(found!.kind).toBe("icmp");
        expectSteps(found!.steps, rounds, stepMs);
      }
    });

    it("knows a counter's rise in every step, that since the poll before, wherever the range begins and however long it is", async () => {
      const key = "64.08/counter";
      const days = 8;
      const counters = polls(key, day0Ms, days * 288);
      for (let day = 0; day < days; day++)
        await engine
          .store()
          .append({ agent: "ag_counter", seq: day + 1 }, [polls(key, day0Ms + day * dayMs, 288)]);
      const cells = counters.values["ifHCInOctets.2"] as number[];
      for (const [fromMs, long] of [
        [day0Ms + 7 * hourMs, 2 * hourMs],
        [day0Ms + 36 * hourMs, 2 * dayMs],
        [day0Ms + hourMs, 7 * dayMs],
      ] as const) {
        const query = { fromMs, toMs: fromMs + long, stepMs: 5 * minuteMs };
        const [found] = await engine.store().steps(key, query);
        const first = (fromMs - day0Ms) / (5 * minuteMs);
        const expected = Array.from({ length: long / (5 * minuteMs) }, (_, at) => ({
          startMs: fromMs + at * 5 * minuteMs,
          rise: cells[first + at]! - cells[first + at - 1]!,
          overMs: 5 * minuteMs,
        }));
        const told = found!.steps.map(({ startMs, figures: { objects } }) => {
          const { rise, overMs } = objects["ifHCInOctets.2"]!;
          return { startMs, rise, overMs };
        });
        expect(told).toEqual(expected);
      }
    });

    it("has all that it acknowledged after it was killed in the midst of a batch, and no half of another twice", async () => {
      const batches = inBatches("64.08/killed", day0Ms, 60);
      const acknowledged = await engine.killWhileWriting(batches);
      expect(acknowledged).toBeGreaterThan(0);
      const after = (await readAll("64.08/killed"))!;
      const whole = echoes("64.08/killed", day0Ms, 600);
      expect(after.timeMs).toEqual(expect.arrayContaining(whole.timeMs.slice(0, 10 * acknowledged)));
      // The agent was told nothing of the rest, and sends it again.
      await writeAll(batches.slice(Math.max(0, acknowledged - 2)));
      expect(await readAll("64.08/killed")).toEqual(whole);
    });

    it("is whole in a copy that was made while it ran", async () => {
      await writeAll(inBatches("64.08/copied", day0Ms, 6));
      await using copy = await engine.openBackup();
      expect(await readAll("64.08/copied", copy.store())).toEqual(echoes("64.08/copied", day0Ms, 60));
      expect(await copy.store().firstMs("64.08/copied")).toBe(day0Ms);
    });

    it("gives up the days that are too old, and nothing younger", async ({ skip }) => {
      if (engine.expire === null) return skip("the engine forgets by a flag of its own");
      const key = "64.08/old";
      await writeAll(inBatches(key, day0Ms - 2 * dayMs, 2, "ag_old"));
      await writeAll(inBatches(key, day0Ms, 2, "ag_new"));
      await engine.expire(day0Ms);
      expect(await readAll(key)).toEqual(echoes(key, day0Ms, 20));
    });

    it("says that it can be written", async () => {
      await expect(engine.store().ping()).resolves.toBeUndefined();
    });
  });
}

/** In the order of the keys, and without columns that say nothing. */
const byKey = (all: readonly Rounds[]) =>
  new Map(all.map((rounds): [string, Rounds] => [rounds.key, rounds]).sort(([a], [b]) => (a < b ? -1 : 1)));

function joined(...parts: [number, number][]) {
  const all = parts.map(([fromMs, count]) => echoes("", fromMs, count));
  return {
    timeMs: all.flatMap(({ timeMs }) => timeMs),
    sent: all.flatMap(({ sent }) => sent),
    recv: all.flatMap(({ recv }) => recv),
    rttUs: all.flatMap(({ rttUs }) => rttUs),
  };
}

/** Against figures made here, plainly, of every reply. */
export function expectSteps(found: readonly Step[], rounds: ReturnType<typeof echoes>, stepMs: number): void {
  const starts = new Map<number, { sent: number; received: number; good: number; us: number[] }>();
  let reply = 0;
  for (const [row, timeMs] of rounds.timeMs.entries()) {
    const startMs = Math.floor(timeMs / stepMs) * stepMs;
    const step = starts.get(startMs) ?? { sent: 0, received: 0, good: 0, us: [] };
    step.sent += rounds.sent[row]!;
    step.received += rounds.recv[row]!;
    step.good += rounds.recv[row]! > 0 ? 1 : 0;
    step.us.push(...rounds.rttUs.slice(reply, (reply += rounds.recv[row]!)));
    starts.set(startMs, step);
  }
  expect(found.map(({ startMs }) => startMs)).toEqual([...starts.keys()]);
  for (const { startMs, figures } of found) {
    const { us, ...counts } = starts.get(startMs)!;
    expect(figures).toMatchObject(counts);
    expectQuantiles(figures, us);
  }
}

const ratios = [0, 0.05, 0.25, 0.5, 0.9, 0.95, 1];

export function expectQuantiles({ times }: Figures, us: readonly number[]): void {
  const found = quantilesUs(times["rtt"]!, ratios);
  for (const [at, exact] of quantilesUs({ us }, ratios).entries()) {
    const off = Math.abs(found[at]! - exact!);
    expect(off, `quantile ${ratios[at]}`).toBeLessThanOrEqual(exact! * sketchErrorRatio * (1 + 1e-9));
  }
}
