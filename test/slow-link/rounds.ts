import { createRandom } from "../../probes/demo/random.ts";
import type { Round } from "../../probes/compose.ts";
import { sampleOf } from "../bench/rounds.ts";
import type { Path } from "../bench/rounds.ts";

export const targetCount = 20;
export const intervalMs = 30_000;
export const targetIds = Array.from({ length: targetCount }, (_, index) => `icmp-${index + 1}`);

/**
 * Rounds of 20 ICMP targets, every 30 s each, of 5 replies, in the order of time. They lie on the grid, as those of fping
 * do; each target has a place of its own in the interval.
 */
export function* icmpRounds(path: Path, firstMonoMs: number): Generator<Round> {
  const random = createRandom(`slow-link/${path.baseMs}/${path.queueMs}`);
  const phases = targetIds
    .map((target) => ({ target, phaseMs: Math.floor(random.next() * intervalMs) }))
    .toSorted((a, b) => a.phaseMs - b.phaseMs);
  for (let atMs = firstMonoMs; ; atMs += intervalMs) {
    for (const { target, phaseMs } of phases) {
      const monoMs = atMs + phaseMs;
      yield { target, monoMs, sample: sampleOf("icmp", path, monoMs, random) };
    }
  }
}

/**
 * Bytes that no encoding of these replies can go below: five of a round, sorted, their queueing exponential, in steps of
 * 10 µs. The entropy of one is log2(e · mean / step), and the order of five says log2(5!) less. Losses, times and
 * everything else come on top.
 */
export function boundBytes({ queueMs }: Path): number {
  const bits = 5 * Math.log2((Math.E * queueMs * 1_000) / 10) - Math.log2(120);
  return bits / 8;
}
