import type { SeriesStore } from "../series/series-store.ts";
import { createPulse, pulseWaitMs } from "./pulse.ts";
import { within } from "./within.ts";

/** After this a read is long, ms: then it is found out whether the engine hangs, or has much to do. */
const longMs = 2_000;

/**
 * A store for those behind whom somebody waits. A long range may take an engine as long as it takes; one that does not even
 * answer a ping meanwhile is not waited for, and nobody asks it again until that ping has ended. Rejects with SeriesTrouble then,
 * after `longMs` and `waitMs` at most.
 */
export function createPatientSeries(
  series: SeriesStore,
  { waitMs = pulseWaitMs, afterMs = longMs }: { waitMs?: number; afterMs?: number } = {},
): SeriesStore {
  const pulse = createPulse(series, waitMs);

  async function patiently<T>(read: () => Promise<T>): Promise<T> {
    const known = pulse.hangs();
    if (known !== null) throw known;
    const answer = read();
    const long = new Error("long");
    try {
      return await within(afterMs, answer, () => long);
    } catch (error) {
      if (error !== long) throw error;
    }
    // Whatever the ping says: what counts is that it says anything.
    const silent = () => null;
    const first = await Promise.race([answer.then((value) => ({ value })), pulse.ask().then(silent, silent)]);
    if (first !== null) return first.value;
    const hangs = pulse.hangs();
    if (hangs !== null) throw hangs;
    return answer;
  }

  return {
    ...series,
    read: (...asked) => patiently(() => series.read(...asked)),
    outcomes: (...asked) => patiently(() => series.outcomes(...asked)),
    steps: (...asked) => patiently(() => series.steps(...asked)),
  };
}
