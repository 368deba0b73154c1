import { describe, expect, it } from "vitest";
import { lost } from "../../../probes/icmp/fping-lines.ts";
import { Lane } from "../../../probes/icmp/lane.ts";

/** Rounds of 4 echoes, one a second, from 10,000 ms on. */
function createLane(timeoutMs = 500): Lane {
  const lane = new Lane({ count: 4, periodMs: 1_000, timeoutMs });
  lane.expect(10_000);
  return lane;
}

describe("a lane", () => {
  it("closes a round with the outcome of its last echo", () => {
    const lane = createLane();
    lane.take(0, 20_000, 10_020);
    lane.take(1, 10_000, 11_010);
    lane.take(2, lost, 12_500);
    expect(lane.close(12_500)).toBeNull();
    lane.take(3, 30_000, 13_030);
    const round = { startMs: 10_000, sent: 4, unsent: 0, rttUs: [10_000, 20_000, 30_000], lossRun: 1 };
    expect(lane.close(13_030)).toEqual(round);
    expect(lane.close(13_030)).toBeNull();
  });

  it("takes outcomes in any order and beyond the round, and each once", () => {
    const lane = createLane(2_500);
    for (const [sequence, rttUs, nowMs] of [
      [0, 1_000, 10_001],
      [2, 1_000, 12_001],
      [1, lost, 13_500],
      [2, 9_000, 13_510],
      [4, 2_000, 14_002],
      [5, 2_000, 15_002],
    ] as const) {
      expect(lane.take(sequence, rttUs, nowMs)).toBe(true);
    }
    expect(lane.close(15_002)).toBeNull();
    lane.take(3, lost, 15_500);
    expect(lane.close(15_500)).toMatchObject({ startMs: 10_000, sent: 4, rttUs: [1_000, 1_000], lossRun: 1 });
    lane.take(6, 2_000, 16_002);
    lane.take(3, 1, 16_002);
    expect(lane.close(16_002)).toBeNull();
    lane.take(7, 2_000, 17_002);
    expect(lane.close(17_002)).toMatchObject({
      startMs: 14_000,
      sent: 4,
      rttUs: [2_000, 2_000, 2_000, 2_000],
    });
  });

  it("takes an echo that stays without an outcome for not sent, neither lost nor the end of a run", () => {
    const lane = createLane();
    lane.take(0, lost, 10_500);
    lane.take(2, lost, 12_500);
    lane.take(3, 1_000, 13_001);
    expect(lane.close(20_000)).toBeNull();
    expect(lane.cut(20_000)).toEqual({ startMs: 10_000, sent: 3, unsent: 1, rttUs: [1_000], lossRun: 2 });
  });

  it("says how late the last outcome of a round is, and cuts rounds of which nothing was heard on their grid", () => {
    const lane = createLane();
    const nothing = { sent: 0, unsent: 4, rttUs: [], lossRun: 0 };
    expect(lane.lateMs(13_000)).toBe(-500);
    expect(lane.lateMs(15_500)).toBe(2_000);
    expect(lane.cut(22_000)).toEqual({ startMs: 10_000, ...nothing });
    expect(lane.lateMs(22_000)).toBe(4_500);
    expect(lane.cut(22_000)).toEqual({ startMs: 14_000, ...nothing });
    expect(lane.lateMs(22_000)).toBe(500);
  });

  it("has nothing to be late before it is told when its first echo goes out", () => {
    expect(new Lane({ count: 4, periodMs: 1_000, timeoutMs: 500 }).lateMs(1e12)).toBe(-Infinity);
  });

  it("is not misled by lines that are read late", () => {
    const lane = createLane();
    for (const [sequence, readMs] of [10_200, 11_150, 12_010, 13_190].entries())
      lane.take(sequence, 5_000, readMs);
    expect(lane.close(13_200)?.startMs).toBe(10_005);
  });

  it("follows a grid that has moved", () => {
    const lane = createLane();
    for (let sequence = 0; sequence < 4; sequence++) lane.take(sequence, 0, 10_000 + sequence * 1_000);
    lane.close(13_000);
    // Held up by five seconds.
    for (let sequence = 4; sequence < 8; sequence++) lane.take(sequence, 0, 15_000 + sequence * 1_000);
    expect(lane.close(22_000)?.startMs).toBe(18_700);
  });

  it("never starts a round before its predecessor, nor in the future", () => {
    const lane = createLane();
    for (let sequence = 0; sequence < 4; sequence++) lane.take(sequence, 0, 12_000 + sequence * 1_000);
    expect(lane.close(15_000)?.startMs).toBe(12_000);
    for (let sequence = 4; sequence < 8; sequence++) lane.take(sequence, 0, 11_000);
    const { startMs } = lane.close(11_000)!;
    expect(startMs).toBe(12_000);
  });

  it("asks for rounds to be cut before it takes an echo far ahead", () => {
    const lane = createLane();
    let cut = 0;
    while (!lane.take(1_000, 0, 20_000)) {
      lane.cut(20_000);
      cut++;
    }
    expect(cut).toBeGreaterThan(200);
    expect(cut).toBeLessThanOrEqual(250);
  });
});
