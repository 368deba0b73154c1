import { describe, expect, it } from "vitest";
import type { Rounds } from "../../src/series/series-store.ts";
import { exampleBatch } from "../support/wire.ts";
import { createAllowance, eventsLoad, roundsLoad } from "../../src/ingest/allowance.ts";

const hourMs = 3_600_000;

function setUp() {
  const clock = { ms: 1_763_785_300_000 };
  const allowance = createAllowance({ roundsPerDay: 24_000, eventsPerDay: 240, now: () => clock.ms });
  return { clock, allowance };
}

describe("what an agent may have stored", () => {
  it("is a day's quota at once, as after a long cut, and then as the day goes by", () => {
    const { allowance, clock } = setUp();
    allowance.charge("ag_1", 23_000, 0);
    allowance.check("ag_1");
    // Larger than what is left.
    allowance.charge("ag_1", 3_000, 0);
    const refusal = { status: 429, code: "allowance", retryAfterS: 7_200 };
    expect(() => allowance.check("ag_1")).toThrow(expect.objectContaining(refusal));
    clock.ms += hourMs;
    expect(() => allowance.check("ag_1")).toThrow("24000 rounds");
    clock.ms += hourMs + 1;
    allowance.check("ag_1");
    clock.ms += 100 * hourMs;
    allowance.charge("ag_1", 24_000, 0);
    expect(() => allowance.check("ag_1")).toThrow("rounds");
  });

  it("is counted in events as well, and by agent", () => {
    const { allowance } = setUp();
    allowance.charge("ag_1", 1, 240);
    expect(() => allowance.check("ag_1")).toThrow("240 events");
    expect(() => allowance.check("ag_1")).toThrow(expect.objectContaining({ retryAfterS: 60 }));
    allowance.check("ag_2");
  });

  it("counts what is large for several", () => {
    const timeMs = [1, 2];
    const ping: Rounds = { key: "64.08/gw", kind: "icmp", timeMs, sent: [1, 1], recv: [0, 0], rttUs: [] };
    const values = { a: [1, 2], b: ["x".repeat(160), null] };
    const poll: Rounds = { key: "64.08/rt", kind: "snmp", timeMs, ok: [1, 1], values };
    expect(roundsLoad([ping, poll])).toBeCloseTo(2 + 2 + 0.2 + 10);
    expect(eventsLoad(exampleBatch().events)).toBeCloseTo(1.096, 3);
    const long = { monoMs: 1, type: "trap.other", detail: { text: "x".repeat(496), count: 3 } };
    expect(eventsLoad([long, long])).toBeCloseTo(2 * (1 + 505 / 250));
  });

  it("is not more for a clock that was set back", () => {
    const { allowance, clock } = setUp();
    allowance.charge("ag_1", 24_000, 0);
    clock.ms -= 10 * hourMs;
    expect(() => allowance.check("ag_1")).toThrow("rounds");
  });
});
