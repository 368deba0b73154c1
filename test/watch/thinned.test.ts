import { describe, expect, it } from "vitest";
import type { RoundColumns } from "#wire/rounds-v1.ts";
import { parseColumns } from "#wire/rounds-v1.ts";
import { createMerger } from "../../probes/spool/merge-rounds.ts";
import { placeRounds } from "../../src/ingest/place-rounds.ts";
import { straightTrack } from "../../src/ingest/track.ts";
import { findOutages } from "../../src/outage/find-outages.ts";
import { contentOf } from "../../src/outage/revise.ts";
import { joinRounds } from "../../src/series/join.ts";
import type { HttpRounds, IcmpRounds, Rounds } from "../../src/series/series-store.ts";
import { epochMs } from "../support/evidence.ts";
import { seededRandom, whole } from "../support/random.ts";
import { testOptions } from "./delivery.ts";
import { districtOf, evidenceOfBatches, measureWorld, randomFaults } from "./world.ts";
import type { Batch } from "./world.ts";

/*
 * A full spool changes no outage: the table made of summaries is that of the rounds as they were measured. Each case is a
 * district with faults that its seed decides.
 */

const toS = 30 * 3_600;
const endMs = epochMs + toS * 1000 + 20_000;
const casesPerTest = 20;

type Random = () => number;
const pick = <T>(random: Random, choices: readonly T[]): T => choices[whole(random, choices.length)]!;

/** The same verdicts in all the ways in which rounds give them, each round a little late. */
function enrich(rounds: Rounds, random: Random): Rounds {
  const timeMs = rounds.timeMs.map((ms) => ms + whole(random, 400));
  return rounds.kind === "icmp"
    ? enrichEchoes({ ...rounds, timeMs }, random)
    : enrichChecks({ ...(rounds as HttpRounds), timeMs }, random);
}

function enrichEchoes(rounds: IcmpRounds, random: Random): IcmpRounds {
  const was = rounds.recv;
  let habit = [0, 0];
  const outcomes = was.map((recv) => {
    // What a round says changes now and then, and not with each.
    if (random() < 0.05) habit = [whole(random, 3), whole(random, 8)];
    const [good, bad] = habit as [number, number];
    if (recv === 1) return { sent: 5, recv: pick(random, [[5], [4, 5], [2, 3, 4, 5]][good]!), unsent: null };
    if (bad === 6) return { sent: 0, recv: 0, unsent: "route" as const };
    if (bad === 7) return { sent: 0, recv: 0, unsent: "local" as const };
    return { sent: 5, recv: bad < 3 ? 0 : pick(random, bad < 5 ? [1] : [0, 1]), unsent: null };
  });
  return {
    ...rounds,
    sent: outcomes.map(({ sent }) => sent),
    recv: outcomes.map(({ recv }) => recv),
    rttUs: outcomes.flatMap(({ recv }) =>
      Array.from({ length: recv }, () => 900 + whole(random, 90_000)).sort((a, b) => a - b),
    ),
    unsent: outcomes.map(({ unsent }) => unsent),
  };
}

function enrichChecks(rounds: HttpRounds, random: Random): HttpRounds {
  let habit = 0;
  const ways = [
    { phase: "connect", status: null, certExpiresS: null },
    { phase: "timeout", status: null, certExpiresS: null },
    { phase: "dns", status: null, certExpiresS: null },
    { phase: "http", status: 500, certExpiresS: 86_400 },
    { phase: "tls", status: null, certExpiresS: -5 },
    { phase: "tls", status: null, certExpiresS: null },
  ] as const;
  const outcomes = rounds.ok.map((ok) => {
    if (random() < 0.05) habit = whole(random, ways.length);
    return ok === 1 ? { phase: null, status: 200, certExpiresS: 86_400 } : ways[habit]!;
  });
  const durations = rounds.ok.map(() => whole(random, 5_000) / 10);
  return {
    ...rounds,
    phase: outcomes.map(({ phase }) => phase),
    status: outcomes.map(({ status }) => status),
    certExpiresS: outcomes.map(({ certExpiresS }) => certExpiresS),
    totalMs: durations,
  };
}

/** As the agent would have them: times of a machine that started some time before. */
function toColumns(rounds: Rounds, bootMs: number): RoundColumns {
  const { key, timeMs, ...rest } = rounds;
  return {
    ...rest,
    target: key.split("/")[1]!,
    monoMs: timeMs.map((ms, index) => ms - (timeMs[index - 1] ?? bootMs)),
  } as RoundColumns;
}

/** What a spool makes of the batches of one agent: some of them as they were, some merged, the oldest twice. */
function thin(batches: readonly Batch[], random: Random): { batches: Batch[]; rounds: number } {
  const bootMs = epochMs - whole(random, 10_000_000);
  const hourly = whole(random, batches.length);
  const merged = hourly + whole(random, batches.length);
  let rounds = 0;
  const mergeAll = (columns: readonly (readonly RoundColumns[])[], windowS: number): RoundColumns[] => {
    const merger = createMerger(windowS * 1000);
    for (const one of columns) merger.add(one);
    return merger.finish().rounds;
  };
  const piles: RoundColumns[][] = [];
  for (let at = 0; at < batches.length;) {
    const count = at < merged ? 1 + whole(random, 6) : 1;
    const some = batches.slice(at, at + count);
    const raw = some.map((batch) => batch.rounds.map((one) => toColumns(one, bootMs)));
    const five = at < merged ? mergeAll(raw, 300) : raw.flat();
    // The hourly ones are made of 5-minute ones, as they are in life.
    piles.push(at < hourly ? mergeAll([five], 3_600) : five);
    at += count;
  }
  const { agent, site } = batches[0]!;
  const placed = piles.map((columns, index) => {
    const checked = JSON.parse(JSON.stringify(columns)) as unknown[];
    const parsed = checked.map((one) => parseColumns("rounds", one, Number.MAX_SAFE_INTEGER));
    rounds += parsed.reduce((sum, { monoMs }) => sum + monoMs.length, 0);
    const events = index === 0 ? batches.flatMap((batch) => batch.events) : [];
    return {
      agent,
      site,
      seq: index + 1,
      rounds: placeRounds(site, parsed, straightTrack(bootMs, 0, 0)),
      events,
      lastMs: endMs,
    };
  });
  return { batches: placed, rounds };
}

const countOf = (batches: readonly Batch[]) =>
  batches.flatMap(({ rounds }) => rounds.map(({ timeMs }) => timeMs.length)).reduce((a, b) => a + b, 0);

describe("the outage table of a spool that was full", () => {
  it.each(Array.from({ length: 5 }, (_, index) => index * casesPerTest))(
    "is that of the rounds as measured (seeds from %i)",
    (fromSeed) => {
      let rows = 0;
      let raw = 0;
      let left = 0;
      for (let seed = fromSeed; seed < fromSeed + casesPerTest; seed++) {
        const random = seededRandom(seed);
        const share = [0, 0.02, 0, 0.3][seed % 4]!;
        const misses = seededRandom(seed + 1_000_000);
        const measured = measureWorld(randomFaults(random, toS), {
          intervalS: 60,
          toS,
          batchS: 25 * 60,
          random,
          isMissed: () => misses() < share,
        }).map((batch) => ({ ...batch, rounds: batch.rounds.map((one) => enrich(one, random)) }));
        const thinned = [...Map.groupBy(measured, ({ agent }) => agent).values()].map((own) =>
          thin(own, random),
        );
        // An agent may have measured at another pace than the inventory says today.
        const inventory = districtOf(seed % 3 === 0 ? 20 : 60);
        const tableOf = (batches: readonly Batch[]) => {
          const range = { fromMs: epochMs - 1_000, nowMs: endMs, gapFactor: testOptions.gapFactor };
          return findOutages(evidenceOfBatches(batches, inventory, range), inventory, testOptions);
        };
        const expected = tableOf(measured);
        const found = tableOf(thinned.flatMap(({ batches }) => batches));
        expect(found.outages.map(contentOf), `seed ${seed}`).toEqual(expected.outages.map(contentOf));
        expect(found.states, `seed ${seed}`).toEqual(expected.states);
        rows += expected.outages.length;
        raw += countOf(measured);
        left += thinned.reduce((sum, { rounds }) => sum + rounds, 0);
      }
      // Worlds in which nothing fails, or nothing is merged, would prove nothing.
      expect(rows).toBeGreaterThan(casesPerTest);
      expect(left).toBeLessThan(0.8 * raw);
    },
    120_000,
  );

  it("holds for every round of a target, joined and cut as the store does it", () => {
    const random = seededRandom(7);
    const measured = measureWorld(randomFaults(random, toS), { intervalS: 60, toS, batchS: 1_500, random });
    const own = measured.filter(({ agent }) => agent === measured[0]!.agent);
    const before = own.flatMap(({ rounds }) => rounds).filter(({ key }) => key === own[0]!.rounds[0]!.key);
    const after = thin(own, random).batches.flatMap(({ rounds }) =>
      rounds.filter(({ key }) => key === before[0]!.key),
    );
    const joined = joinRounds(after)!;
    expect((joined.merged ?? []).reduce((a, b) => a + b, 0)).toBe(joinRounds(before)!.timeMs.length);
  });
});
