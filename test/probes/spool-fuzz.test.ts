import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { deedsOf, runHistory } from "../support/spool-history.ts";

const options = { seed: 404, numRuns: 25 };

describe("a spool with a history", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("has every round stored once or declared lost, whatever its files lost while it was down", () => {
    fc.assert(
      fc.property(deedsOf(["stop", "failure", "kill"]), (deeds) => {
        expect(runHistory(deeds).faults).toEqual([]);
      }),
      options,
    );
  }, 120_000);

  it("has all that its card still tells of, where its notes in memory are gone as well", () => {
    fc.assert(
      fc.property(deedsOf(["stop", "power"]), (deeds) => {
        const { isReset, faults } = runHistory(deeds);
        expect(isReset ? [] : faults).toEqual([]);
      }),
      options,
    );
  }, 120_000);
});
