import { describe, expect, it } from "vitest";
import { createKeepOpen } from "../../../probes/keep-open.ts";
import { createHandClock } from "../../support/agent-parts.ts";

const minuteMs = 60_000;
/** A handshake with certificates, and one probe with its acknowledgement. */
const cost = { handshakeBytes: 4_500, probeBytes: 104 };

describe("whether a connection is kept", () => {
  it("is, without a probe, for as long as nobody on the way forgets it", () => {
    const keepOpen = createKeepOpen(createHandClock());
    expect(keepOpen.decide(minuteMs, cost)).toEqual({ keep: true, probeEveryMs: null });
  });

  it("is not when the server closes it before it is needed", () => {
    const keepOpen = createKeepOpen(createHandClock());
    keepOpen.announced(5_000);
    expect(keepOpen.decide(minuteMs, cost)).toEqual({ keep: false });
    expect(keepOpen.decide(3_000, cost)).toEqual({ keep: true, probeEveryMs: null });
    keepOpen.announced(65_000);
    expect(keepOpen.decide(minuteMs, cost)).toEqual({ keep: true, probeEveryMs: null });
  });

  it("learns when a server closes that does not announce it, and asks again after some hours", () => {
    const clock = createHandClock();
    const keepOpen = createKeepOpen(clock);
    keepOpen.closedByServer(30_000);
    expect(keepOpen.decide(minuteMs, cost)).toEqual({ keep: false });
    clock.advance(7 * 3_600_000);
    expect(keepOpen.decide(minuteMs, cost)).toEqual({ keep: true, probeEveryMs: null });
  });

  it("is held by probes where they cost less than a handshake, and closed where not", () => {
    const keepOpen = createKeepOpen(createHandClock());
    expect(keepOpen.decide(10 * minuteMs, cost)).toEqual({ keep: true, probeEveryMs: 240_000 });
    expect(keepOpen.decide(600 * minuteMs, cost)).toEqual({ keep: false });
    // Resumed, without certificates, a handshake costs a third.
    expect(keepOpen.decide(60 * minuteMs, { ...cost, handshakeBytes: 1_500 })).toEqual({ keep: false });
    expect(keepOpen.decide(60 * minuteMs, cost)).toEqual({ keep: true, probeEveryMs: 240_000 });
  });

  it("learns how soon a NAT on the way forgets", () => {
    const keepOpen = createKeepOpen(createHandClock());
    keepOpen.wasDead(minuteMs);
    expect(keepOpen.decide(minuteMs, cost)).toEqual({ keep: true, probeEveryMs: 30_000 });
    keepOpen.wasDead(8_000);
    expect(keepOpen.decide(minuteMs, cost)).toEqual({ keep: true, probeEveryMs: 15_000 });
  });
});
