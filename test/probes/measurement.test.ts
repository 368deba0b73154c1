import { describe, expect, it } from "vitest";
import type { AgentEvent } from "#wire/batch-v1.ts";
import type { Round } from "../../probes/compose.ts";
import type { IcmpEngineDeps } from "../../probes/icmp/engine.ts";
import { createMeasurement } from "../../probes/measurement.ts";
import { createHandClock, icmp, icmpTarget, probeOnly, quietLog } from "../support/agent-parts.ts";

/** A measurement whose ICMP engine is the test. */
function setup() {
  const rounds: Round[] = [];
  const events: { type: string; detail: AgentEvent["detail"] }[] = [];
  const states: boolean[] = [];
  let updates = 0;
  let engine!: Pick<IcmpEngineDeps, "onRound" | "onBroken">;
  const measurement = createMeasurement({
    agentId: "ag_test01",
    clock: createHandClock(),
    log: quietLog,
    instruments: {
      ...probeOnly(async () => icmp(1)),
      createIcmpEngine: (on) => {
        engine = on;
        return { update: () => updates++, stop: async () => {} };
      },
    },
    onRound: (round) => rounds.push(round),
    onEvent: (type, detail) => events.push({ type, detail }),
    onState: (isUp) => states.push(isUp),
  });
  return { measurement, engine, rounds, events, states, updates: () => updates };
}

describe("the measurement", () => {
  it("survives an engine that reports nonsense: no round, and an event that names the field", () => {
    const { engine, rounds, events } = setup();
    const gw = icmpTarget("gw");
    expect(() => engine.onRound(gw, 1_000, { ...icmp(1), recv: 9 })).not.toThrow();
    expect(() => engine.onRound(gw, 1_000.5, icmp(1))).not.toThrow();
    expect(rounds).toEqual([]);
    expect(events).toMatchObject([{ type: "probe.broken", detail: { target: "gw", kind: "icmp" } }]);
    expect(events[0]!.detail["reason"]).toContain("round.recv[0]");
    engine.onRound(gw, 1_000, icmp(1));
    expect(rounds).toHaveLength(1);
  });

  it("tells of a target that falls silent and of one that answers again, and of no first round", () => {
    const { engine, states } = setup();
    const gw = icmpTarget("gw");
    for (const [index, up] of [true, true, false, false, true].entries())
      engine.onRound(gw, index, icmp(1, up));
    expect(states).toEqual([false, true]);
  });

  it("gives no round and takes no configuration once it was told to stop", async () => {
    const { measurement, engine, rounds, updates } = setup();
    measurement.update({ targets: [icmpTarget("gw")], traps: null });
    const stopped = measurement.stop();
    engine.onRound(icmpTarget("gw"), 1, icmp(1));
    await stopped;
    measurement.update({ targets: [icmpTarget("gw"), icmpTarget("rt")], traps: null });
    expect(updates()).toBe(1);
    expect(rounds).toEqual([]);
  });
});
