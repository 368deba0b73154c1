import { describe, expect, it } from "vitest";
import { createAllowance } from "../../src/ingest/allowance.ts";

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

  it("is not more for a clock that was set back", () => {
    const { allowance, clock } = setUp();
    allowance.charge("ag_1", 24_000, 0);
    clock.ms -= 10 * hourMs;
    expect(() => allowance.check("ag_1")).toThrow("rounds");
  });
});
