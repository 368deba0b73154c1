import type { Kind } from "#wire/rounds-v1.ts";
import type { Figures } from "../series/figures.ts";
import type { SeriesStore } from "../series/series-store.ts";
import { quantileErrorsUs } from "../series/sketch.ts";
import type { Spread } from "../series/sketch.ts";
import { roundRatio } from "./percentile.ts";
import type { SeriesMetric, SeriesRow, SteppedRows } from "./reader.ts";
import { quantileMs, quantilesMs, readSteps } from "./steps.ts";
import type { StepQuery } from "./steps.ts";

/*
 * What a metric is in a step:
 *   rtt_ms            median of all replies
 *   jitter_ms         packet delay variation of RFC 5481 §4.2: 95th percentile of all replies less the smallest; null where
 *                     it is read from a sketch and not larger than it may be off by
 *   loss_ratio        1 − received / sent; rounds in which nothing could be sent do not count
 *   loss_run          longest run of consecutive lost echoes within a round; rounds that do not tell (Telegraf's, of which
 *                     some but not all were answered) do not count
 *   up_ratio          rounds that were answered (ICMP) or passed, of those that were made; a round that could not be sent
 *                     for want of a route was made and not answered
 *   total_ms … ttfb_ms  median over the checks that passed (connect_ms: of a page or of a TCP port): a timeout is in up_ratio, not in the time a page takes
 *   cert_expires_s    the last one measured
 *   snmp.<object>     the last number read
 *   snmp.<object>:rate  rise per second within the step, see counter-rate.ts
 *
 * A summary counts as the rounds that it stands for, with its figures for each, in all the steps that it covers; a rate of
 * summaries is that over the time between their last polls.
 */

type MetricName = SeriesMetric | `snmp.${string}`;

export function querySeries(
  series: SeriesStore,
  query: StepQuery & { metrics: readonly string[] },
): Promise<SteppedRows<SeriesRow>> {
  const metrics = query.metrics as readonly MetricName[];
  const objects = metrics
    .filter((metric) => metric.startsWith("snmp."))
    .map((metric) => objectOf(metric).name);
  return readSteps(series, { ...query, objects }, (target, startMs, found) => {
    const values: SeriesRow["values"] = {};
    for (const metric of metrics) values[metric] = found === null ? null : valueOf(found, metric);
    return { timeMs: startMs, target, site: siteOfKey(target), values };
  });
}

/** Site of a target's key, `<site>/<id>`. */
function siteOfKey(key: string): string {
  return key.slice(0, key.indexOf("/"));
}

function objectOf(metric: string): { name: string; isRate: boolean } {
  const wanted = metric.slice("snmp.".length);
  const isRate = wanted.endsWith(":rate");
  return { name: isRate ? wanted.slice(0, -":rate".length) : wanted, isRate };
}

function valueOf({ kind, figures }: { kind: Kind; figures: Figures }, metric: MetricName): number | null {
  if (metric.startsWith("snmp.")) return snmpValue(figures, metric);
  if (metric === "up_ratio") return figures.made === 0 ? null : roundRatio(figures.good / figures.made);
  if (kind === "icmp") return icmpValue(figures, metric);
  if (metric === "cert_expires_s") return figures.certExpiresS;
  const spread = figures.times[durations[metric as keyof typeof durations]];
  return spread === undefined ? null : quantileMs(spread, 0.5);
}

const durations = {
  total_ms: "totalMs",
  dns_ms: "dnsMs",
  connect_ms: "connectMs",
  tls_ms: "tlsMs",
  ttfb_ms: "ttfbMs",
} as const;

function icmpValue({ sent, received, lossRun, times }: Figures, metric: MetricName): number | null {
  switch (metric) {
    case "rtt_ms":
      return quantileMs(times["rtt"]!, 0.5);
    case "jitter_ms":
      return jitterMs(times["rtt"]!);
    case "loss_run":
      return lossRun;
    case "loss_ratio":
      return lossRatioOf(sent, received);
    default:
      return null;
  }
}

export const lossRatioOf = (sent: number, received: number): number | null =>
  sent === 0 ? null : roundRatio(1 - received / sent);

const jitterRatios = [0, 0.95];

/**
 * From a sketch the smallest is as it was, and the 95th percentile may be off by a hundredth, or by half of what smallest and
 * greatest differ by where that is less. A variation that is not larger than what it may be off by is not known.
 */
function jitterMs(replies: Spread): number | null {
  const [low = null, high = null] = quantilesMs(replies, jitterRatios);
  if (low === null || high === null) return null;
  const jitter = high - low;
  if (!("us" in replies)) {
    const errorMs = quantileErrorsUs(replies, jitterRatios).reduce((a, b) => a + b) / 1000;
    if (errorMs > 0 && jitter <= errorMs) return null;
  }
  return Math.round(jitter * 1000) / 1000;
}

function snmpValue({ objects }: Figures, metric: string): number | null {
  const { name, isRate } = objectOf(metric);
  const found = objects[name];
  if (found === undefined) return null;
  if (!isRate) return found.last;
  return found.overMs === 0 ? null : (found.rise * 1000) / found.overMs;
}
