import { describe, expect, it } from "vitest";
import type { ClockFix } from "#wire/clock-fixes.ts";
import { placeBatch } from "../../src/ingest/clock.ts";
import type { ClockAnchor } from "../../src/state/state-store.ts";
import { exampleBatch } from "../support/wire.ts";

const receivedMs = 1_763_785_300_000;
const enrolledMs = receivedMs - 30 * 86_400_000;
const nothingElse = { rounds: [], events: [] };
const unsynced = (monoMs: number, hostBoot = "h2", more: { start?: number; wallMs?: number } = {}) =>
  exampleBatch({
    ...nothingElse,
    host: { bootId: hostBoot, uptimeS: 60 },
    clock: { wallMs: more.wallMs ?? 90_000, monoMs, synced: false },
    ...(more.start === undefined ? {} : { start: more.start }),
  });
const anchor = (over: Partial<ClockAnchor> = {}): ClockAnchor => ({
  hostBoot: "h2",
  offsetMs: 1_763_785_000_000,
  uncertaintyMs: 100,
  source: "synced",
  bootMs: over.offsetMs ?? 1_763_785_000_000,
  bootUncertaintyMs: 100,
  firstStart: null,
  lastStart: null,
  lastSeq: 9,
  lastMonoMs: 250_000,
  lastMs: 1_763_785_250_000,
  ...over,
});

async function place(
  batch: ReturnType<typeof exampleBatch>,
  anchors: readonly ClockAnchor[] = [],
  atMs = receivedMs,
) {
  const facts = { receivedMs: atMs, enrolledMs, anchors: () => Promise.resolve(anchors) };
  const { track, source, uncertaintyMs } = await placeBatch(batch, facts);
  const { monoMs } = batch.clock;
  return { offsetMs: track.at(monoMs) - monoMs, source, uncertaintyMs, track };
}

describe("placing a batch in time", () => {
  it("trusts a synced clock whatever the time of arrival", async () => {
    const batch = exampleBatch();
    const expected = { offsetMs: batch.clock.wallMs - batch.clock.monoMs, source: "synced" };
    const threeDaysMs = 3 * 86_400_000;
    expect(await place(batch)).toMatchObject(expected);
    expect(
      await place(batch, [anchor({ hostBoot: batch.host.bootId })], receivedMs + threeDaysMs),
    ).toMatchObject(expected);
    // Its agent said so when it agreed within a second; what the oldest round may have drifted since is little.
    expect((await place(batch)).uncertaintyMs).toBe(3_000 + Math.ceil((81_234_567 - 81_000_000) * 0.0005));
  });

  it("lets time run straight between the fixes of a batch, whatever its wall clock says", async () => {
    const fixes: ClockFix[] = [
      [1_000_000, 1_763_700_000_000, 100],
      [11_000_000, 1_763_710_005_000, 300],
    ];
    const clock = { wallMs: 90_000, monoMs: 11_000_500, synced: false, fixes };
    const rounds = [{ ...exampleBatch().rounds[0]!, monoMs: [6_000_000, 100] }] as typeof nothingElse.rounds;
    const placed = await place(exampleBatch({ clock, rounds, events: [] }));
    expect(placed).toMatchObject({ source: "exchange", offsetMs: 1_763_699_005_000 });
    expect(placed.track.at(6_000_000)).toBe(1_763_705_002_500);
    expect(placed.track.at(500_000)).toBe(1_763_699_500_000);
    // In the middle: as wrong as the ends, and as a rate may change in 5,000 s.
    expect(placed.track.uncertaintyMs(6_000_000)).toBe(200 + 250);
    expect(placed.track.uncertaintyMs(0)).toBe(100 + 500);
    expect(placed.uncertaintyMs).toBe(placed.track.uncertaintyMs(6_000_000));
  });

  it("says how little is known where a clock stood still between two fixes", async () => {
    const fixes: ClockFix[] = [
      [1_000_000, 1_763_700_000_000, 100],
      [2_000_000, 1_763_704_600_000, 100],
    ];
    const clock = { wallMs: 90_000, monoMs: 2_000_000, synced: false, fixes };
    const { track } = await place(exampleBatch({ ...nothingElse, clock }));
    expect(track.uncertaintyMs(1_500_000)).toBeGreaterThan(3_600_000);
  });

  it("takes the arrival for one more fix where the last one is of before a long cut", async () => {
    const dayMs = 86_400_000;
    const fixes: ClockFix[] = [[dayMs, receivedMs - 3 * dayMs - 60_000, 100]];
    const clock = { wallMs: 90_000, monoMs: 4 * dayMs, synced: false, fixes };
    const placed = await place(exampleBatch({ ...nothingElse, clock }));
    expect(placed.track.at(4 * dayMs)).toBe(receivedMs);
    expect(placed.uncertaintyMs).toBeGreaterThan(100_000);
    // A boot that ended long ago does not speak of now.
    const old = await place(exampleBatch({ ...nothingElse, clock }), [], receivedMs + 30 * dayMs);
    expect(old.track.at(4 * dayMs)).toBe(receivedMs - 60_000);
  });

  it("puts a clock of 1970 at the moment of arrival", async () => {
    expect(await place(unsynced(60_000))).toMatchObject({ offsetMs: receivedMs - 60_000, source: "arrival" });
  });

  it("keeps to what is known of the same host boot, so that late rounds stay in order", async () => {
    expect(await place(unsynced(60_000), [anchor()])).toMatchObject({
      offsetMs: 1_763_785_000_000,
      source: "anchor",
      uncertaintyMs: 100 + Math.ceil((250_000 - 60_000) * 0.0005),
    });
  });

  it("takes a boot that began after the last one was heard as speaking now", async () => {
    const placed = await place(unsynced(40_000, "h3"), [anchor()]);
    expect(placed).toMatchObject({ offsetMs: receivedMs - 40_000, source: "arrival" });
    // It may also have ended before it arrived, but not have begun before the other ended.
    expect(placed.uncertaintyMs).toBe(10_000 + 100 + 20);
  });

  it("ends a boot that cannot be of now where the boot after it began, whatever its seq", async () => {
    // The machine ran in h2 from …000 s on; this boot of two hours can only lie before that.
    const placed = await place(unsynced(7_200_000, "h1"), [anchor({ lastSeq: 3 })]);
    expect(placed).toMatchObject({ offsetMs: 1_763_785_000_000 - 7_200_000, source: "between" });
  });

  it("puts the boots of a backlog, newest first, one before the other", async () => {
    const anchors = [anchor()];
    const lengthsMs = { b3: 3_600_000, b2: 1_800_000, b1: 600_000 };
    for (const [hostBoot, monoMs] of Object.entries(lengthsMs)) {
      const { offsetMs, source } = await place(unsynced(monoMs, hostBoot), anchors);
      anchors.push(anchor({ hostBoot, offsetMs, source, lastMonoMs: monoMs, lastMs: offsetMs + monoMs }));
    }
    const spans = anchors.map(({ offsetMs, lastMs }) => [offsetMs, lastMs]).reverse();
    for (const [index, [, endMs]] of spans.slice(0, -1).entries())
      expect(endMs).toBeLessThanOrEqual(spans[index + 1]![0]!);
  });

  it("leaves a long gap before a boot that was heard long ago to the backlog of the boot in between", async () => {
    const longAgo = anchor({ hostBoot: "h0", offsetMs: 1_763_000_000_000, lastMs: 1_763_100_000_000 });
    expect(await place(unsynced(7_200_000, "h1"), [longAgo, anchor()])).toMatchObject({
      offsetMs: 1_763_785_000_000 - 7_200_000,
      source: "between",
    });
  });

  it("orders boots by the starts of the agent, and believes a wall clock that lies where there is room", async () => {
    const before = anchor({ hostBoot: "h0", firstStart: 1, lastStart: 3, lastMs: 1_763_700_000_000 });
    const after = anchor({ firstStart: 6, lastStart: 6 });
    const lost = await place(unsynced(3_600_000, "h1", { start: 4 }), [after, before]);
    expect(lost).toMatchObject({ source: "between", offsetMs: 1_763_785_000_000 - 3_600_000 });
    expect(lost.uncertaintyMs).toBe(85_000_000 - 3_600_000 + 100 + 1_800);
    const wallMs = 1_763_750_000_000;
    const dated = await place(unsynced(3_600_000, "h1", { start: 4, wallMs }), [after, before]);
    expect(dated).toMatchObject({ source: "between", offsetMs: wallMs - 3_600_000 });
  });
});
