import { describe, expect, it } from "vitest";
import type { Blip } from "../../src/outage/blips.ts";
import { openSqlite } from "../../src/state/sqlite.ts";
import { seededRandom, whole } from "../support/random.ts";
import { tempDir } from "../support/temp-dir.ts";
import { writeWatch } from "../support/watch.ts";

const blip = (site: string, startMs: number, more: Partial<Blip> = {}): Blip => ({
  site,
  startMs,
  endMs: startMs + 60_000,
  cause: "link",
  measured: "link",
  root: site,
  ...more,
});
const always = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };

describe("blips in the store", () => {
  it("are read by time and site, ascending", async () => {
    using dir = tempDir();
    const { state, close } = openSqlite(dir.file("s.db"));
    const found = [blip("64.08.02", 600_000), blip("64.08.01", 900_000), blip("64.08.01", 300_000)];
    await writeWatch(state, { blips: { gone: [], found, knownMs: 1_000_000 } });
    expect((await state.blips(always)).map(({ site, startMs }) => [site, startMs])).toEqual([
      ["64.08.01", 300_000],
      ["64.08.01", 900_000],
      ["64.08.02", 600_000],
    ]);
    expect(await state.blips({ fromMs: 360_000, toMs: 900_000 })).toEqual([blip("64.08.02", 600_000)]);
    expect(await state.blips({ ...always, sites: ["64.08.01"] })).toHaveLength(2);
    close();
  });

  it("change the stamp of what was made of their time, when they are found and when they are gone", async () => {
    using dir = tempDir();
    const { state, close } = openSqlite(dir.file("s.db"));
    const stampOf = async (range = { fromMs: 0, toMs: 1_000_000 }) =>
      (await state.statesStamp({ ...range, services: [""] })).stamp;
    const none = await stampOf();
    const found = [blip("64.08.01", 300_000)];
    await writeWatch(state, { blips: { gone: [], found, knownMs: 2_000_000 } });
    const one = await stampOf();
    expect(one).not.toBe(none);
    expect(await stampOf({ fromMs: 400_000, toMs: 1_000_000 })).toBe(none);
    expect((await state.statesStamp({ fromMs: 0, toMs: 1_000_000, services: [""] })).lastMs).toBe(2_000_000);
    await writeWatch(state, { blips: { gone: found, found: [], knownMs: 3_000_000 } });
    expect(new Set([none, one, await stampOf()]).size).toBe(3);
    close();
  });

  it("are as of a moment what was known then, whatever is found and lost afterwards", async () => {
    const causes = ["link", "maintenance"] as const;
    for (let seed = 0; seed < 60; seed++) {
      const random = seededRandom(seed);
      using dir = tempDir();
      const { state, close } = openSqlite(dir.file("s.db"));
      const said: [number, Blip[]][] = [];
      // Two changes at one moment are one: steps of nothing are among them.
      for (let knownMs = 10; knownMs < 200; knownMs += whole(random, 20)) {
        const have = await state.blips(always);
        const gone = have.filter(() => random() < 0.4);
        const kept = new Set(have.filter((one) => !gone.includes(one)).map(({ startMs }) => startMs));
        const starts = [100_000, 200_000, 300_000, 400_000].filter(
          (startMs) => !kept.has(startMs) && random() < 0.5,
        );
        const found = starts.map((startMs) => blip("64.08", startMs, { cause: causes[whole(random, 2)]! }));
        await writeWatch(state, { blips: { gone, found, knownMs } });
        if (said.at(-1)?.[0] === knownMs) said.pop();
        said.push([knownMs, await state.blips(always)]);
      }
      expect(await state.blips({ ...always, asOfMs: 9 }), `seed ${seed}`).toEqual([]);
      for (const [knownMs, then] of said)
        expect(await state.blips({ ...always, asOfMs: knownMs }), `seed ${seed}, ${knownMs}`).toEqual(then);
      close();
    }
  });
});
