import { describe, expect, it } from "vitest";
import { placeBatch } from "../../src/ingest/clock.ts";
import type { ClockAnchor } from "../../src/state/state-store.ts";
import { exampleBatch } from "../support/wire.ts";

const receivedMs = 1_763_785_300_000;
const unsynced = (monoMs: number, bootId = "h2") =>
  exampleBatch({ host: { bootId, uptimeS: 1 }, clock: { wallMs: 12_345, monoMs, synced: false } });
const anchor = (over: Partial<ClockAnchor>): ClockAnchor => ({
  hostBoot: "h2",
  offsetMs: 1_763_785_000_000,
  source: "synced",
  lastSeq: 9,
  lastMs: 1_763_785_250_000,
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
    expect(placeBatch(unsynced(60_000), receivedMs, [])).toEqual({
      offsetMs: receivedMs - 60_000,
      source: "exchange",
    });
  });

  it("keeps to what is known of the same host boot, so that late rounds stay in order", () => {
    expect(placeBatch(unsynced(60_000), receivedMs, [anchor({})])).toEqual({
      offsetMs: 1_763_785_000_000,
      source: "anchor",
    });
  });

  it("takes a boot that began after the last one was heard as speaking now", () => {
    expect(placeBatch(unsynced(40_000, "h3"), receivedMs, [anchor({})])).toEqual({
      offsetMs: receivedMs - 40_000,
      source: "exchange",
    });
  });

  it("ends a boot that cannot be of now where the boot after it began, whatever its seq", () => {
    // The machine ran in h2 from …000 s on; this boot of two hours can only lie before that.
    const placed = placeBatch(unsynced(7_200_000, "h1"), receivedMs, [anchor({ lastSeq: 3 })]);
    expect(placed).toEqual({ offsetMs: 1_763_785_000_000 - 7_200_000, source: "nextBoot" });
  });

  it("puts the boots of a backlog, newest first, one before the other", () => {
    const anchors = [anchor({})];
    const lengthsMs = { b3: 3_600_000, b2: 1_800_000, b1: 600_000 };
    for (const [hostBoot, monoMs] of Object.entries(lengthsMs)) {
      const { offsetMs, source } = placeBatch(unsynced(monoMs, hostBoot), receivedMs, anchors);
      anchors.push(anchor({ hostBoot, offsetMs, source, lastMs: offsetMs + monoMs }));
    }
    const spans = anchors.map(({ offsetMs, lastMs }) => [offsetMs, lastMs]).reverse();
    for (const [index, [, endMs]] of spans.slice(0, -1).entries())
      expect(endMs).toBeLessThanOrEqual(spans[index + 1]![0]!);
  });

  it("leaves a long gap before a boot that was heard long ago to the backlog of the boot in between", () => {
    const longAgo = anchor({ hostBoot: "h0", offsetMs: 1_763_000_000_000, lastMs: 1_763_100_000_000 });
    expect(placeBatch(unsynced(7_200_000, "h1"), receivedMs, [longAgo, anchor({})])).toEqual({
      offsetMs: 1_763_785_000_000 - 7_200_000,
      source: "nextBoot",
    });
  });
});
