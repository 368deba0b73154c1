import { describe, expect, it } from "vitest";
import { fibre, vsat } from "../bench/rounds.ts";
import { needs } from "../support/needs.ts";
import { batchBytes } from "./batch-bytes.ts";
import { boundBytes } from "./rounds.ts";
import { runSlowLink } from "./run-slow-link.ts";

/*
 * The short form of `npm run slow-link`: what does not depend on how fast this machine is. The times are the long one's.
 */

const missing = needs({ commands: ["fping"] });

describe.skipIf(missing !== null)(`a slow link${missing === null ? "" : ` (skipped: ${missing})`}`, () => {
  it("delivers the backlog of a cut whole and once, through resets, the live picture first", async () => {
    const result = await runSlowLink({
      path: fibre,
      hours: 6,
      seed: 1,
      bitsPerS: 512_000,
      roundTripMs: 100,
      resetEveryMs: 2_000,
      cutS: 3,
      intervalS: 2,
      reportIntervalS: 2,
      limitS: 150,
      onStep: () => undefined,
    });
    expect(result.backlogRounds).toBe(14_400);
    expect(result.backlogEchoes).toBe(14_400 * 5);
    expect(result.order[0], "what came first").toBe("live");
    expect(result.order).toContain("backlog");
    expect(result).toMatchObject({ openRounds: 0, lostRounds: 0 });
    expect(result.liveRounds).toBeGreaterThan(0);
    expect(result.resets, "connections reset under way").toBeGreaterThan(0);
  }, 240_000);
});

describe("bytes of an ICMP round of five replies", () => {
  it.each([
    { name: "fibre", path: fibre, live: 14, backlog: 11 },
    { name: "satellite", path: vsat, live: 17, backlog: 11 },
  ])(
    "by $name: at most $live B on the wire of a live batch of 100 and $backlog B of the backlog",
    async (bounds) => {
      const live = await batchBytes(bounds.path, "live", 100, 20);
      expect(live.rounds).toBe(2_000);
      expect(live.ours + live.head).toBeLessThanOrEqual(bounds.live);
      const backlog = await batchBytes(bounds.path, "backlog", 5_000, 1);
      expect(backlog.ours + backlog.head).toBeLessThanOrEqual(bounds.backlog);
      expect(backlog.ours, "no encoding is shorter than the noise").toBeGreaterThan(boundBytes(bounds.path));
      for (const { ours, lineProtocol, json } of [live, backlog]) {
        expect(ours).toBeLessThan(lineProtocol);
        expect(ours).toBeLessThan(json);
      }
    },
  );
});
