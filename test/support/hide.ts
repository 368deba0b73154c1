import fc from "fast-check";
import type { Rounds } from "../../src/series/series-store.ts";
import type { Piece } from "./district-rounds.ts";
import { epochMs } from "./evidence.ts";
import type { RandomDistrict } from "./random-district.ts";

/** What did not come through: all that an agent said in a stretch of time, or the rounds of one of its targets. */
export interface Hidden {
  site: string;
  /** null: everything, events included. */
  key: string | null;
  fromS: number;
  toS: number;
}

/** Up to `maxLength` stretches of [0, toS), from one round to an hour long. */
export function hiddenIn(district: RandomDistrict, toS: number, maxLength = 4): fc.Arbitrary<Hidden[]> {
  return fc.array(
    fc
      .record({
        way: fc.constantFrom(...district.ways),
        isWhole: fc.boolean(),
        fromS: fc.nat(toS),
        lengthS: fc.integer({ min: 60, max: 3_600 }),
      })
      .map(({ way, isWhole, fromS, lengthS }) => ({
        site: way.site,
        key: isWhole ? null : way.key,
        fromS,
        toS: fromS + lengthS,
      })),
    { maxLength },
  );
}

/** The pieces without what is hidden. */
export function without(pieces: readonly Piece[], hidden: readonly Hidden[]): Piece[] {
  return pieces.map((piece) => {
    const own = hidden.filter(({ site }) => site === piece.site);
    const isHidden = (key: string | null, timeMs: number) =>
      own.some(
        (one) =>
          (one.key === null || one.key === key) &&
          timeMs >= epochMs + one.fromS * 1000 &&
          timeMs < epochMs + one.toS * 1000,
      );
    return {
      ...piece,
      events: piece.events.filter(({ timeMs }) => !isHidden(null, timeMs)),
      rounds: piece.rounds.flatMap((rounds) => keepRows(rounds, (timeMs) => !isHidden(rounds.key, timeMs))),
    };
  });
}

function keepRows(rounds: Rounds, isKept: (timeMs: number) => boolean): Rounds[] {
  const rows = rounds.timeMs.flatMap((timeMs, row) => (isKept(timeMs) ? [row] : []));
  if (rows.length === 0) return [];
  const kept: Record<string, unknown> = { key: rounds.key, kind: rounds.kind };
  // No verdict asks for the round-trip times, whose list has a length of its own.
  for (const [name, cells] of Object.entries(rounds))
    if (Array.isArray(cells)) kept[name] = name === "rttUs" ? [] : rows.map((row) => cells[row]);
  return [kept as unknown as Rounds];
}
