import { describe, expect, it } from "vitest";
import { placeBatch } from "../../src/ingest/clock.ts";
import type { ClockAnchor } from "../../src/state/state-store.ts";
import { exampleBatch } from "../support/wire.ts";

const receivedMs = 1_763_785_300_000;
const unsynced = (seq: number, bootId = "h2") =>
  exampleBatch({
    seq,
    host: { bootId, uptimeS: 1 },
    clock: { wallMs: 12_345, monoMs: 60_000, synced: false },
  });
const anchor = (over: Partial<ClockAnchor>): ClockAnchor => ({
  hostBoot: "h2",
  offsetMs: 1_763_785_000_000,
  source: "synced",
  lastSeq: 9,
  ...over,
});

describe("placing a batch in time", () => {
  it("trusts a synced clock whatever the time of arrival", () => {
    const batch = exampleBatch();
    const expected = { offsetMs: batch.clock.wallMs - batch.clock.monoMs, source: "synced" };
    expect(placeBatch(batch, receivedMs, [])).toEqual(expected);
    expect(placeBatch(batch, receivedMs + 3 * 86_400_000, [anchor({ hostBoot: batch.host.bootId })])).toEqual(
      expected,
    );
  });

  it("puts a clock of 1970 at the moment of arrival", () => {
    expect(placeBatch(unsynced(1), receivedMs, [])).toEqual({
      offsetMs: receivedMs - 60_000,
      source: "exchange",
    });
  });

  it("keeps to what is known of the same host boot, so that late rounds stay in order", () => {
    expect(placeBatch(unsynced(3), receivedMs, [anchor({})])).toEqual({
      offsetMs: 1_763_785_000_000,
      source: "anchor",
    });
  });

  it("ends an earlier boot no later than the next one began", () => {
    const placed = placeBatch(unsynced(3, "h1"), receivedMs, [
      anchor({}),
      anchor({ hostBoot: "h3", lastSeq: 20, offsetMs: 1_763_785_200_000 }),
    ]);
    expect(placed).toEqual({ offsetMs: 1_763_785_000_000 - 60_000, source: "nextBoot" });
  });

  it("takes a boot newer than all it knows as speaking now", () => {
    expect(placeBatch(unsynced(21, "h4"), receivedMs, [anchor({ lastSeq: 20 })]).source).toBe("exchange");
  });
});
