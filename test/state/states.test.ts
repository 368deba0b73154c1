import { describe, expect, it } from "vitest";
import type { StateSegment } from "../../src/outage/table.ts";
import { openSqlite } from "../../src/state/sqlite.ts";
import { seededRandom, whole } from "../support/random.ts";
import { tempDir } from "../support/temp-dir.ts";
import { writeWatch } from "../support/watch.ts";

const site = "64.08";
const states = ["up", "down", "unknown"] as const;

/** Segments without holes from `fromMs` on, the last of which lasts, or not. */
function segmentsFrom(fromMs: number, random: () => number): StateSegment[] {
  const made: StateSegment[] = [];
  let at = fromMs;
  for (let count = whole(random, 4); count >= 0; count--) {
    const endMs = count === 0 && random() < 0.7 ? null : at + 1 + whole(random, 40);
    const last = made.at(-1);
    const others = states.filter((state) => state !== last?.state);
    const state = others[whole(random, others.length)]!;
    made.push({ site, service: "", startMs: at, endMs, state, cause: null });
    at = endMs ?? at;
  }
  return made;
}

describe("states as of a moment", () => {
  it("are what was known then, whatever is replaced afterwards, and never overlap", async () => {
    for (let seed = 0; seed < 60; seed++) {
      const random = seededRandom(seed);
      using dir = tempDir();
      const { state, close } = openSqlite(dir.file("s.db"));
      const read = (asOfMs?: number) =>
        state.states({
          fromMs: 0,
          toMs: 1_000_000,
          service: "",
          ...(asOfMs === undefined ? {} : { asOfMs }),
        });
      const said: [number, StateSegment[]][] = [];
      for (let knownMs = 10; knownMs < 200; knownMs += 1 + whole(random, 20)) {
        const replaceFromMs = whole(random, 120);
        const [first, ...rest] = segmentsFrom(replaceFromMs, random);
        const segments = random() < 0.1 ? [] : [first!, ...rest];
        await writeWatch(state, { states: [{ site, service: "", replaceFromMs, knownMs, segments }] });
        said.push([knownMs, await read()]);
      }
      expect(await read(9), `seed ${seed}`).toEqual([]);
      for (const [knownMs, then] of said) {
        expect(await read(knownMs), `seed ${seed}, as of ${knownMs}`).toEqual(then);
        for (const [index, segment] of then.entries())
          expect(segment.endMs ?? Infinity).toBeLessThanOrEqual(then[index + 1]?.startMs ?? Infinity);
      }
      close();
    }
  });
});
