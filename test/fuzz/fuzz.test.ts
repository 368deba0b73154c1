import { expect, it } from "vitest";
import { tempDir } from "../support/temp-dir.ts";
import { runFuzz } from "./run-fuzz.ts";
import { openUnderFire } from "./under-fire.ts";

/*
 * The short form of `npm run fuzz`: the same shots, fewer of them, of one seed.
 */

it("mutated batches and requests do the collector no harm", async () => {
  using dir = tempDir();
  await using target = await openUnderFire(dir.path);
  const result = await runFuzz(target, {
    runs: 3_000,
    seed: 4,
    // A third of them promise bodies of 1 MB: more than all agents together may have at work.
    halfOpen: 400,
    bombs: 0,
    toleranceBytes: 64_000_000,
    onStep: () => undefined,
  });
  expect(result.failures).toEqual([]);
  expect(result.shots).toBeGreaterThanOrEqual(3_000);
  expect(result.accepted, "batches that were good after all").toBeGreaterThan(0);
  expect(result.statuses, "what the shots met").toMatchObject({
    200: expect.any(Number) as number,
    400: expect.any(Number) as number,
    413: expect.any(Number) as number,
    415: expect.any(Number) as number,
    422: expect.any(Number) as number,
  });
}, 600_000);
