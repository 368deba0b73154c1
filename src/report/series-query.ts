import type { SnmpValue } from "#wire/rounds-v1.ts";
import type { HttpRounds, IcmpRounds, Rounds, SeriesStore, SnmpRounds } from "../series/series-store.ts";
import { counterRate } from "./counter-rate.ts";
import { median, roundRatio } from "./percentile.ts";
import type { Rows, SeriesMetric, SeriesRow } from "./reader.ts";
import type { SpreadRounds } from "./spread.ts";
import { quantileMs, readSteps, repliesOf } from "./steps.ts";
import type { Step, StepQuery } from "./steps.ts";

/*
 * What a metric is in a step:
 *   rtt_ms            median of all replies
 *   jitter_ms         packet delay variation of RFC 5481 §4.2: 95th percentile of all replies less the smallest
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
): Promise<Rows<SeriesRow>> {
  const metrics = query.metrics as readonly MetricName[];
  return readSteps(series, query, (target, startMs, found) => {
    const values: SeriesRow["values"] = {};
    for (const metric of metrics) {
      values[metric] = found === null ? null : valueOf(found.rounds, found.step, metric);
    }
    return { timeMs: startMs, target, site: siteOfKey(target), values };
  });
}

/** Site of a target's key, `<site>/<id>`. */
function siteOfKey(key: string): string {
  return key.slice(0, key.indexOf("/"));
}

function valueOf(rounds: SpreadRounds, step: Step, metric: MetricName): number | null {
  if (metric.startsWith("snmp.")) return rounds.kind === "snmp" ? snmpValue(rounds, step, metric) : null;
  if (rounds.kind === "icmp") return icmpValue(rounds, step, metric);
  if (metric === "up_ratio") return ratioOf(rounds, step);
  if (rounds.kind === "http") return httpValue(rounds, step, metric);
  if (rounds.kind === "tcp")
    return metric === "connect_ms" ? medianPassed(rounds.connectMs, rounds, step) : null;
  return rounds.kind === "dns" && metric === "total_ms" ? medianPassed(rounds.totalMs, rounds, step) : null;
}

function icmpValue(rounds: IcmpRounds, step: Step, metric: MetricName): number | null {
  if (metric === "rtt_ms") return quantileMs(repliesOf(rounds, step), 0.5);
  if (metric === "jitter_ms") return jitterMs(rounds, step);
  if (metric === "loss_run") return lossRun(rounds, step);
  const { sent, received, made, answered } = countEchoes(rounds, step);
  if (metric === "loss_ratio") return sent === 0 ? null : roundRatio(1 - received / sent);
  if (metric === "up_ratio") return made === 0 ? null : roundRatio(answered / made);
  return null;
}

function jitterMs(rounds: IcmpRounds, step: Step): number | null {
  const replies = repliesOf(rounds, step);
  const low = quantileMs(replies, 0);
  const high = quantileMs(replies, 0.95);
  return low === null || high === null ? null : Math.round((high - low) * 1000) / 1000;
}

/**
 * The round tells where sent and received leave more than one possibility. Otherwise it is none, one, or all of them, and a
 * round that still does not tell came from somebody who does not know.
 */
function lossRun(rounds: IcmpRounds, step: Step): number | null {
  let longest: number | null = null;
  for (let i = step.from; i < step.to; i++) {
    const sent = rounds.sent[i]!;
    if (sent === 0) continue;
    const lost = sent - rounds.recv[i]!;
    const isOne = (rounds.merged?.[i] ?? 1) === 1;
    const run = rounds.lossRun?.[i] ?? (lost === 0 || (isOne && (lost === 1 || lost === sent)) ? lost : null);
    if (run !== null) longest = Math.max(longest ?? 0, run);
  }
  return longest;
}

export function countEchoes(rounds: IcmpRounds, step: Pick<Step, "from" | "to">) {
  const count = { sent: 0, received: 0, made: 0, answered: 0 };
  for (let i = step.from; i < step.to; i++) {
    const sent = rounds.sent[i]!;
    const weight = rounds.merged?.[i] ?? 1;
    if (sent === 0) {
      if (rounds.unsent?.[i] === "route") count.made += weight;
      continue;
    }
    count.sent += sent;
    count.received += rounds.recv[i]!;
    count.made += weight;
    if (rounds.recv[i]! > 0) count.answered += weight;
  }
  return count;
}

const httpColumns = {
  total_ms: "totalMs",
  dns_ms: "dnsMs",
  connect_ms: "connectMs",
  tls_ms: "tlsMs",
  ttfb_ms: "ttfbMs",
} as const;

function httpValue(rounds: HttpRounds, step: Step, metric: MetricName): number | null {
  if (metric === "cert_expires_s") {
    for (let i = step.to - 1; i >= step.from; i--) {
      const expiresS = rounds.certExpiresS[i] ?? null;
      if (expiresS !== null) return expiresS;
    }
    return null;
  }
  const column = httpColumns[metric as keyof typeof httpColumns];
  return column === undefined ? null : medianPassed(rounds[column], rounds, step);
}

type Checks = Pick<Exclude<Rounds, IcmpRounds>, "ok" | "merged">;

function medianPassed(cells: readonly (number | null)[], { ok, merged }: Checks, step: Step): number | null {
  const passed: number[] = [];
  for (let i = step.from; i < step.to; i++) {
    const cell = cells[i] ?? null;
    if (ok[i] !== 1 || cell === null) continue;
    for (let left = merged?.[i] ?? 1; left > 0; left--) passed.push(cell);
  }
  return median(passed);
}

function ratioOf({ ok, merged }: Checks, step: Step): number {
  let passed = 0;
  let made = 0;
  for (let i = step.from; i < step.to; i++) {
    const weight = merged?.[i] ?? 1;
    passed += ok[i]! * weight;
    made += weight;
  }
  return roundRatio(passed / made);
}

function snmpValue(
  rounds: SnmpRounds & Pick<SpreadRounds, "readMs">,
  step: Step,
  metric: string,
): number | null {
  const wanted = metric.slice("snmp.".length);
  const isRate = wanted.endsWith(":rate");
  if (isRate) return counterRate(rounds, wanted.slice(0, -":rate".length), step);
  const cells = rounds.values[wanted];
  return cells === undefined ? null : lastNumber(cells, step);
}

function lastNumber(cells: readonly SnmpValue[], step: Step): number | null {
  for (let i = step.to - 1; i >= step.from; i--) {
    const value = toNumber(cells[i] ?? null);
    if (value !== null) return value;
  }
  return null;
}

function toNumber(cell: SnmpValue): number | null {
  if (typeof cell === "number") return cell;
  return cell !== null && /^-?\d+(\.\d+)?$/.test(cell) ? Number(cell) : null;
}
