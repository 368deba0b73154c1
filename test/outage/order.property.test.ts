import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findOutages } from "../../src/outage/find-outages.ts";
import { defaultDetectOptions } from "../../src/outage/signal.ts";
import { evidenceOfPieces, measureDistrict } from "../support/district-rounds.ts";
import type { Piece } from "../support/district-rounds.ts";
import { epochMs } from "../support/evidence.ts";
import { seededRandom, shuffled } from "../support/random.ts";
import { troubledDistricts } from "../support/random-district.ts";
import type { RandomDistrict } from "../support/random-district.ts";

/* design.md §2.1, of the pure core alone; through ingest and store: test/watch/any-delay.property.test.ts. */

const toS = 3 * 3_600;
const { gapFactor } = defaultDetectOptions;
const span = { fromMs: epochMs, nowMs: epochMs + toS * 1000, gapFactor };

/** All that the core says, as text: outages, states and blips. */
function tableOf(district: RandomDistrict, pieces: readonly Piece[], random?: () => number): string {
  const evidence = evidenceOfPieces(district, pieces, span);
  const mixed =
    random === undefined
      ? evidence
      : {
          ...evidence,
          targets: shuffled(evidence.targets, random),
          events: shuffled([...evidence.events, ...evidence.events], random),
        };
  return JSON.stringify(findOutages(mixed, district.inventory));
}

describe("the outage table of random districts", () => {
  it("is byte for byte the same, however pieces, targets and events are ordered, and events told twice", () => {
    let rows = 0;
    let blips = 0;
    fc.assert(
      fc.property(troubledDistricts(toS), fc.integer(), ({ district, faults }, seed) => {
        const random = seededRandom(seed);
        const pieces = measureDistrict(district, faults, { toS, pieceS: 900 });
        const expected = tableOf(district, pieces);
        expect(tableOf(district, shuffled(pieces, random), random)).toBe(expected);
        const table = JSON.parse(expected) as { outages: unknown[]; blips: unknown[] };
        rows += table.outages.length;
        blips += table.blips.length;
      }),
      { seed: 20261123, numRuns: 100 },
    );
    expect(rows).toBeGreaterThan(100);
    expect(blips).toBeGreaterThan(10);
  }, 60_000);
});
