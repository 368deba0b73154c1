import type { SeriesStore } from "./series-store.ts";
import { SeriesTrouble } from "./series-trouble.ts";

/** The same store; `onTrouble` is called whenever it could not be written or read. */
export function noticeTrouble(series: SeriesStore, onTrouble: () => void): SeriesStore {
  const noticed =
    <Asked extends unknown[], T>(ask: (...asked: Asked) => Promise<T>) =>
    async (...asked: Asked): Promise<T> => {
      try {
        return await ask(...asked);
      } catch (error) {
        if (error instanceof SeriesTrouble) onTrouble();
        throw error;
      }
    };
  return {
    ...series,
    append: noticed(series.append),
    read: noticed(series.read),
    outcomes: noticed(series.outcomes),
    steps: noticed(series.steps),
    ping: noticed(series.ping),
  };
}
