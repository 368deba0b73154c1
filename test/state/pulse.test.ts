import { describe, expect, it } from "vitest";
import { createPulse } from "../../src/state/pulse.ts";

describe("the pulse of a store", () => {
  it("says of a store that hangs that it does, to the next one at once, and pings it once", async () => {
    let pings = 0;
    const answer = Promise.withResolvers<void>();
    const pulse = createPulse({ ping: () => ((pings += 1), answer.promise) }, 20);
    await expect(Promise.all([pulse.ask(), pulse.ask()])).rejects.toThrow("no answer within 0.02 s");
    await expect(pulse.ask()).rejects.toThrow("no answer within 0.02 s");
    expect(pings).toBe(1);
    answer.resolve();
    await answer.promise;
    await expect.poll(() => pulse.ask()).toBeUndefined();
    expect(pings).toBe(2);
  });

  it("passes on what a store says of itself, and asks again", async () => {
    const said = [new Error("disk is full"), null];
    const pulse = createPulse({
      async ping() {
        const error = said.shift() ?? null;
        if (error !== null) throw error;
      },
    });
    await expect(pulse.ask()).rejects.toThrow("disk is full");
    await expect(pulse.ask()).resolves.toBeUndefined();
  });
});
