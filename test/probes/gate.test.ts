import { describe, expect, it } from "vitest";
import { createGate } from "../../probes/gate.ts";
import { createHandClock, quietLog } from "../support/agent-parts.ts";

const unreachable = { kind: "unreachable", reason: "no answer" } as const;

describe("the gate of the uplink", () => {
  it("waits ever longer while the collector is out of reach, and briefly again once something came back", () => {
    const clock = createHandClock();
    const gate = createGate({ clock, log: quietLog, random: () => 1, reportIntervalS: () => 60 });
    const waitMs = () => gate.openAtMs() - clock.monoMs();
    for (let failure = 0; failure < 10; failure++) gate.failed(unreachable);
    expect(waitMs()).toBe(60_000);
    gate.hint();
    expect(waitMs()).toBeLessThanOrEqual(0);
    // The request that was under way, or the first over a link that is not steady yet.
    gate.failed(unreachable);
    expect(waitMs()).toBe(1_000);
  });

  it.each([
    { share: 0, expectedMs: 40_000 },
    { share: 0.5, expectedMs: 50_000 },
    { share: 1, expectedMs: 60_000 },
  ])("waits as long as the collector asks, and its own share of half of that more: $share", (given) => {
    const clock = createHandClock();
    const gate = createGate({ clock, log: quietLog, random: () => given.share, reportIntervalS: () => 60 });
    gate.failed({ kind: "busy", reason: "503", retryAfterS: 40 });
    expect(gate.openAtMs() - clock.monoMs()).toBe(given.expectedMs);
  });
});
