import { describe, expect, it } from "vitest";
import { createWays } from "../../../probes/ways.ts";
import { createHandClock } from "../../support/agent-parts.ts";

function setup() {
  const clock = createHandClock();
  const ways = createWays(3, clock, () => 0.5);
  /** The first fails, the second works. */
  const cut = () => {
    ways.failed(0);
    ways.succeeded(1);
  };
  /** Looks at the first as often as it is due; how long it took until it was used again, in s. */
  const returnS = (works: (nowMs: number) => boolean) => {
    const startMs = clock.monoMs();
    while (ways.order()[0] !== 0) {
      clock.advance(1_000);
      const due = ways.dueForLook();
      if (due !== null) ways.looked(due, works(clock.monoMs() - startMs));
      if (clock.monoMs() - startMs > 86_400_000) throw new Error("it never returned");
    }
    return (clock.monoMs() - startMs) / 1_000;
  };
  return { clock, ways, cut, returnS };
}

describe("the choice of ways", () => {
  it("tries the one in use first, then the others as they were named", () => {
    const { ways } = setup();
    expect(ways.order()).toEqual([0, 1, 2]);
    ways.failed(0);
    ways.failed(1);
    expect(ways.order()).toEqual([0, 1, 2]);
    ways.succeeded(2);
    expect(ways.order()).toEqual([2, 0, 1]);
  });

  it("goes back to a better one when it worked three times in a row", () => {
    const { cut, returnS } = setup();
    cut();
    // A hold of 30 s and two confirmations.
    expect(returnS(() => true)).toBe(50);
    cut();
    let looks = 0;
    // One look of three fails for a quarter of an hour.
    expect(returnS((ms) => ms > 900_000 || looks++ % 3 !== 2)).toBeGreaterThan(900);
  });

  it("leaves one alone for longer each time that it fails soon after its return", () => {
    const { clock, cut, returnS } = setup();
    const times: number[] = [];
    for (let i = 0; i < 8; i++) {
      cut();
      times.push(returnS(() => true));
      clock.advance(60_000);
    }
    expect(times).toEqual([50, 80, 140, 260, 500, 920, 920, 920]);
    // It lasted: what was before is forgotten.
    clock.advance(700_000);
    cut();
    expect(returnS(() => true)).toBe(50);
  });

  it("does not look at worse ones", () => {
    const { clock, ways } = setup();
    ways.failed(1);
    clock.advance(3_600_000);
    expect(ways.dueForLook()).toBeNull();
  });
});
