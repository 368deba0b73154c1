import { setImmediate } from "node:timers/promises";
import type { Kind } from "#wire/rounds-v1.ts";
import { figuresOf, leadMs } from "./figures.ts";
import type { Step } from "./figures.ts";
import { coarsen } from "./join-figures.ts";
import type { KindSteps, SeriesStore, StepQuery } from "./series-store.ts";

/**
 * Rounds of one target that are held in memory, and hold up everything else, at once; a single step may be longer. A
 * target with a round each 10 s has 26,000 in that time.
 */
const sliceMs = 3 * 86_400_000;

/** Steps made of the rounds themselves, in slices; each with what was before it, so that a counter's rate has no hole there. */
export async function stepsOfRounds(
  read: SeriesStore["read"],
  key: string,
  { fromMs, toMs, stepMs, objects }: StepQuery,
): Promise<KindSteps[]> {
  const gathered = new Map<Kind, Step[]>();
  const span = Math.max(1, Math.floor(sliceMs / stepMs)) * stepMs;
  let at = fromMs;
  while (at < toMs) {
    const endMs = Math.min(toMs, (Math.floor(at / span) + 1) * span);
    for (const rounds of await read([key], at - leadMs, endMs)) {
      const steps = gathered.get(rounds.kind) ?? [];
      for (const step of figuresOf(rounds, { fromMs: at, toMs: endMs, stepMs }, objects)) steps.push(step);
      if (steps.length > 0) gathered.set(rounds.kind, steps);
    }
    at = endMs;
    // Long reads leave room for batches to come in, whether there was anything to read or not.
    await setImmediate();
  }
  return [...gathered].map(([kind, steps]) => ({ kind, steps }));
}

/** Steps that several sources have of one target, as one. */
export function joinKinds(parts: readonly KindSteps[], stepMs: number): KindSteps[] {
  const byKind = Map.groupBy(parts, ({ kind }) => kind);
  return [...byKind].map(([kind, own]) => ({
    kind,
    steps: coarsen(
      own.flatMap(({ steps }) => steps),
      stepMs,
    ),
  }));
}
