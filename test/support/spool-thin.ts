import type { BatchV1 } from "#wire/batch-v1.ts";
import type { RoundColumns } from "#wire/rounds-v1.ts";
import { startsOf } from "#wire/summary-v1.ts";

/** Every round that the batches stand for as `boot/target@monoMs`, those that were merged into summaries as well. */
export function measuredNames(
  batches: Iterable<BatchV1>,
  isWanted: (columns: RoundColumns, row: number) => boolean = () => true,
): string[] {
  const names: string[] = [];
  for (const { boot, rounds } of batches) {
    for (const columns of rounds) {
      const { target, monoMs, merged, spanMs } = columns;
      let atMs = 0;
      for (const [index, step] of monoMs.entries()) {
        atMs += step;
        if (!isWanted(columns, index)) continue;
        for (const startMs of startsOf(atMs, merged?.[index] ?? 1, spanMs?.[index] ?? 0))
          names.push(`${boot}/${target}@${startMs}`);
      }
    }
  }
  return names;
}

export const eventsOf = (batches: readonly BatchV1[], type: string) =>
  batches.flatMap(({ events }) => events).filter((event) => event.type === type);

export const sumOf = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
