import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { AgentTarget } from "#wire/targets-v1.ts";
import { machineClock } from "../../probes/clock.ts";
import type { Sample } from "../../probes/probe.ts";
import { createSchedule, nextSlotMs } from "../../probes/schedule.ts";
import type { Schedule, ScheduleOptions } from "../../probes/schedule.ts";
import { icmp, icmpTarget } from "../support/agent-parts.ts";

/** Lets the fake clocks run; they include process.hrtime, so that the machine's clock is the faked one. */
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

function setup(probe: ScheduleOptions["probe"], more: Partial<ScheduleOptions> = {}) {
  const clock = machineClock();
  const rounds: { target: string; monoMs: number; sample: Sample }[] = [];
  const broken: { target: string; message: string }[] = [];
  const schedule = createSchedule({
    agentId: "ag_test01",
    clock,
    probe,
    onRound: (target, monoMs, sample) => rounds.push({ target: target.id, monoMs, sample }),
    onBroken: (target, error) => broken.push({ target: target.id, message: (error as Error).message }),
    ...more,
  });
  return { schedule, rounds, broken, clock };
}

const after = (ms: number, sample: Sample) =>
  new Promise<Sample>((resolve) => setTimeout(() => resolve(sample), ms));

describe("the schedule", () => {
  let started: Schedule | null = null;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date", "hrtime"], now: 1_000_000 });
  });

  afterEach(() => {
    started?.stop();
    started = null;
    vi.useRealTimers();
  });

  it("measures each target on its own grid, which a restart does not move", async () => {
    const target = icmpTarget("gw", 30);
    const first = setup(() => after(40, icmp(100)));
    first.schedule.update([target]);
    await pass(95_000);
    first.schedule.stop();
    const times = first.rounds.map((round) => round.monoMs);
    expect(times.length).toBeGreaterThanOrEqual(3);
    expect(times.map((ms) => ms % 30_000)).toEqual(times.map(() => times[0]! % 30_000));
    await pass(7_777);
    const second = setup(() => after(40, icmp(100)));
    started = second.schedule;
    second.schedule.update([target]);
    await pass(31_000);
    expect(second.rounds[0]!.monoMs % 30_000).toBe(times[0]! % 30_000);
  });

  it("spreads the starts of many targets over the interval", () => {
    const phases = Array.from({ length: 600 }, (_, i) =>
      nextSlotMs({ id: `t${i}`, intervalS: 60 }, "ag_test01", 0),
    );
    const perSecondOfTen = Array.from(
      { length: 6 },
      (_, i) => phases.filter((ms) => Math.floor(ms / 10_000) === i).length,
    );
    for (const count of perSecondOfTen) expect(count).toBeGreaterThan(60);
    expect(nextSlotMs({ id: "t1", intervalS: 60 }, "ag_other1", 0)).not.toBe(phases[1]);
  });

  it("skips the slots of a target whose round is still under way", async () => {
    let atOnce = 0;
    let most = 0;
    const { schedule, rounds } = setup(async () => {
      most = Math.max(most, ++atOnce);
      const sample = await after(2_500, icmp(100));
      atOnce--;
      return sample;
    });
    started = schedule;
    schedule.update([icmpTarget("gw", 1, 5_000)]);
    await pass(12_000);
    expect(most).toBe(1);
    const gaps = rounds.slice(1).map((round, i) => round.monoMs - rounds[i]!.monoMs);
    expect(gaps.length).toBeGreaterThan(2);
    expect(new Set(gaps)).toEqual(new Set([3_000]));
  });

  it("never has more rounds under way than its cap, and lets the others wait their turn", async () => {
    let atOnce = 0;
    let most = 0;
    const { schedule, rounds } = setup(
      async () => {
        most = Math.max(most, ++atOnce);
        const sample = await after(400, icmp(100));
        atOnce--;
        return sample;
      },
      { maxConcurrent: 3 },
    );
    started = schedule;
    schedule.update(Array.from({ length: 20 }, (_, i) => icmpTarget(`t${i}`, 10)));
    await pass(14_000);
    expect(most).toBe(3);
    expect(new Set(rounds.map((round) => round.target)).size).toBe(20);
  });

  it("says once that rounds fall out because there are too many targets", async () => {
    const { schedule, rounds, broken } = setup(() => after(900, icmp(100)), { maxConcurrent: 2 });
    started = schedule;
    schedule.update(Array.from({ length: 20 }, (_, i) => icmpTarget(`t${i}`, 1, 2_000)));
    await pass(60_000);
    expect(broken).toHaveLength(1);
    expect(broken[0]!.message).toBe(
      "intervalS 1 is too short: of 20 targets 2 are measured at once, and rounds fall out",
    );
    expect(new Set(rounds.map((round) => round.target)).size).toBe(20);
  });

  it("tells the probe when its time is up, and takes what it then has", async () => {
    const { schedule, rounds } = setup(
      (_target, { signal }) =>
        new Promise((resolve) => signal.addEventListener("abort", () => resolve(icmp(0, false)))),
    );
    started = schedule;
    schedule.update([icmpTarget("gw", 10, 700)]);
    await pass(10_700);
    expect(rounds).toHaveLength(1);
    expect(rounds[0]!.sample).toEqual(icmp(0, false));
  });

  it("gives up a probe that does not end, reports no round for it, and goes on with the next slot", async () => {
    let calls = 0;
    const { schedule, rounds, broken } = setup(() =>
      ++calls === 1 ? new Promise<Sample>(() => {}) : after(10, icmp(100)),
    );
    started = schedule;
    schedule.update([icmpTarget("gw", 10, 500)]);
    await pass(22_000);
    expect(broken).toEqual([{ target: "gw", message: "the probe did not end within 1500 ms" }]);
    expect(calls).toBeGreaterThan(1);
    expect(rounds).toHaveLength(calls - 1);
  });

  it("reports a probe that throws, and no round", async () => {
    const { schedule, rounds, broken } = setup(() => Promise.reject(new Error("no ping on this machine")));
    started = schedule;
    schedule.update([icmpTarget("gw", 10)]);
    await pass(10_000);
    expect(rounds).toEqual([]);
    expect(broken).toEqual([{ target: "gw", message: "no ping on this machine" }]);
  });

  it("reports nothing of a round that a stop cut short", async () => {
    let aborted = 0;
    const { schedule, rounds, broken } = setup(
      (_target, { signal }) =>
        new Promise((resolve) =>
          signal.addEventListener("abort", () => {
            aborted++;
            resolve(icmp(0, false));
          }),
        ),
    );
    schedule.update([icmpTarget("gw", 1, 60_000)]);
    await pass(1_500);
    schedule.stop();
    await pass(5_000);
    expect(aborted).toBe(1);
    expect(rounds).toEqual([]);
    expect(broken).toEqual([]);
  });

  it("keeps targets that a new configuration did not change, and drops those that are gone", async () => {
    const asked: AgentTarget[] = [];
    const { schedule, rounds } = setup((target) => {
      asked.push(target);
      return after(5_000, icmp(100));
    });
    started = schedule;
    const stays = icmpTarget("stays", 10, 8_000);
    schedule.update([stays, icmpTarget("goes", 10, 8_000), icmpTarget("changes", 10, 8_000)]);
    await pass(10_000);
    expect(asked).toHaveLength(3);
    schedule.update([stays, { ...icmpTarget("changes", 10, 8_000), address: "127.0.0.2" }]);
    await pass(20_000);
    const later = asked.slice(3);
    expect(later.some((target) => target.id === "goes")).toBe(false);
    expect(
      later
        .filter((target) => target.id === "changes")
        .map((target) => "address" in target && target.address),
    ).toEqual(["127.0.0.2", "127.0.0.2"]);
    const kept = rounds.filter((round) => round.target === "stays").map((round) => round.monoMs);
    expect(kept.slice(1).map((ms, i) => ms - kept[i]!)).toEqual(kept.slice(1).map(() => 10_000));
  });
});
