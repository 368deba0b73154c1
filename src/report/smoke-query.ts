import type { SeriesStore } from "../series/series-store.ts";
import type { SmokeRow, SteppedRows } from "./reader.ts";
import { lossRatioOf } from "./series-query.ts";
import { quantilesMs, readSteps } from "./steps.ts";
import type { StepQuery } from "./steps.ts";

const nothing = { us: [] };
const ratios = [0, 0.1, 0.25, 0.5, 0.75, 0.9, 1];

/** The spread of all replies of a step, as a smoke chart draws it. */
export async function querySmoke(series: SeriesStore, query: StepQuery): Promise<SteppedRows<SmokeRow>> {
  return readSteps<SmokeRow>(series, { ...query, objects: [] }, (target, timeMs, found) => {
    const echoes = found?.kind === "icmp" ? found.figures : null;
    const [p0, p10, p25, median, p75, p90, p100] = quantilesMs(
      echoes?.times["rtt"] ?? nothing,
      ratios,
    ) as SevenQuantiles;
    const { sent, received } = echoes ?? { sent: 0, received: 0 };
    const lossRatio = lossRatioOf(sent, received);
    return { timeMs, target, p0, p10, p25, median, p75, p90, p100, lossRatio, sent, received };
  });
}

type Quantile = number | null;
type SevenQuantiles = [Quantile, Quantile, Quantile, Quantile, Quantile, Quantile, Quantile];
