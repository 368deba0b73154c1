import type { SeriesStore } from "../series/series-store.ts";
import { roundRatio } from "./percentile.ts";
import type { Rows, SmokeRow } from "./reader.ts";
import { countEchoes } from "./series-query.ts";
import { quantileMs, readSteps, repliesOf } from "./steps.ts";
import type { StepQuery } from "./steps.ts";

const nothing = {
  p0: null,
  p10: null,
  p25: null,
  median: null,
  p75: null,
  p90: null,
  p100: null,
  lossRatio: null,
  sent: 0,
  received: 0,
};

/** The spread of all replies of a step, as a smoke chart draws it. */
export async function querySmoke(series: SeriesStore, query: StepQuery): Promise<Rows<SmokeRow>> {
  return readSteps<SmokeRow>(series, query, (target, timeMs, found) => {
    if (found === null || found.rounds.kind !== "icmp") return { timeMs, target, ...nothing };
    const replies = repliesOf(found.rounds, found.step);
    const { sent, received } = countEchoes(found.rounds, found.step);
    return {
      timeMs,
      target,
      p0: quantileMs(replies, 0),
      p10: quantileMs(replies, 0.1),
      p25: quantileMs(replies, 0.25),
      median: quantileMs(replies, 0.5),
      p75: quantileMs(replies, 0.75),
      p90: quantileMs(replies, 0.9),
      p100: quantileMs(replies, 1),
      lossRatio: sent === 0 ? null : roundRatio(1 - received / sent),
      sent,
      received,
    };
  });
}
