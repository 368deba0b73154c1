import type { SnmpValue } from "#wire/batch-v1.ts";
import type { DnsRounds, HttpRounds, IcmpRounds, Rounds, SeriesStore } from "../series/series-store.ts";
import { median, roundRatio } from "./percentile.ts";
import type { Rows, SeriesMetric, SeriesRow } from "./reader.ts";
import { quantileMs, readSteps, repliesOf } from "./steps.ts";
import type { Step, StepQuery } from "./steps.ts";

/*
 * What a metric is in a step:
 *   rtt_ms            median of all replies
 *   loss_ratio        1 − received / sent; rounds in which nothing could be sent do not count
 *   up_ratio          rounds that were answered (ICMP) or passed, of those that were made
 *   total_ms … ttfb_ms  median over the checks that passed: a timeout is in up_ratio, not in the time a page takes
 *   cert_expires_s    the last one measured
 *   snmp.<object>     the last number read
 *   snmp.<object>:rate  rise per second within the step; a counter that fell (restart, wrap) contributes nothing
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

function valueOf(rounds: Rounds, step: Step, metric: MetricName): number | null {
  if (metric.startsWith("snmp."))
    return rounds.kind === "snmp" ? snmpValue(rounds.values, rounds.timeMs, step, metric) : null;
  if (rounds.kind === "icmp") return icmpValue(rounds, step, metric);
  if (metric === "up_ratio") return ratioOf(rounds.ok, step);
  if (rounds.kind === "http") return httpValue(rounds, step, metric);
  return rounds.kind === "dns" && metric === "total_ms"
    ? medianPassed(rounds.totalMs, rounds.ok, step)
    : null;
}

function icmpValue(rounds: IcmpRounds, step: Step, metric: MetricName): number | null {
  if (metric === "rtt_ms") return quantileMs(repliesOf(rounds, step), 0.5);
  const { sent, received, made, answered } = countEchoes(rounds, step);
  if (metric === "loss_ratio") return sent === 0 ? null : roundRatio(1 - received / sent);
  if (metric === "up_ratio") return made === 0 ? null : roundRatio(answered / made);
  return null;
}

export function countEchoes(rounds: IcmpRounds, step: Pick<Step, "from" | "to">) {
  const count = { sent: 0, received: 0, made: 0, answered: 0 };
  for (let i = step.from; i < step.to; i++) {
    const sent = rounds.sent[i]!;
    if (sent === 0) continue;
    count.sent += sent;
    count.received += rounds.recv[i]!;
    count.made++;
    if (rounds.recv[i]! > 0) count.answered++;
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
  return column === undefined ? null : medianPassed(rounds[column], rounds.ok, step);
}

function medianPassed(cells: readonly (number | null)[], ok: DnsRounds["ok"], step: Step): number | null {
  const passed: number[] = [];
  for (let i = step.from; i < step.to; i++) {
    const cell = cells[i] ?? null;
    if (ok[i] === 1 && cell !== null) passed.push(cell);
  }
  return median(passed);
}

function ratioOf(ok: readonly (0 | 1)[], step: Step): number {
  let passed = 0;
  for (let i = step.from; i < step.to; i++) passed += ok[i]!;
  return roundRatio(passed / (step.to - step.from));
}

function snmpValue(
  values: Readonly<Record<string, SnmpValue[]>>,
  timeMs: readonly number[],
  step: Step,
  metric: string,
): number | null {
  const wanted = metric.slice("snmp.".length);
  const isRate = wanted.endsWith(":rate");
  const cells = values[isRate ? wanted.slice(0, -":rate".length) : wanted];
  if (cells === undefined) return null;
  return isRate ? rateOf(cells, timeMs, step) : lastNumber(cells, step);
}

function lastNumber(cells: readonly SnmpValue[], step: Step): number | null {
  for (let i = step.to - 1; i >= step.from; i--) {
    const value = toNumber(cells[i] ?? null);
    if (value !== null) return value;
  }
  return null;
}

/** The poll before the step counts too, else a step as short as the interval would have no rate. */
function rateOf(cells: readonly SnmpValue[], timeMs: readonly number[], step: Step): number | null {
  let before: { value: bigint; atMs: number } | null = null;
  let rise = 0n;
  let overMs = 0;
  for (let i = Math.max(0, step.from - 1); i < step.to; i++) {
    const value = toCounter(cells[i] ?? null);
    if (value === null) continue;
    if (before !== null && value >= before.value) {
      rise += value - before.value;
      overMs += timeMs[i]! - before.atMs;
    }
    before = { value, atMs: timeMs[i]! };
  }
  return overMs === 0 ? null : (Number(rise) * 1000) / overMs;
}

/** Counters above 2^53 travel as decimal strings; their differences are exact in bigint alone. */
function toCounter(cell: SnmpValue): bigint | null {
  if (typeof cell === "number") return Number.isInteger(cell) ? BigInt(cell) : null;
  return cell !== null && /^\d{1,20}$/.test(cell) ? BigInt(cell) : null;
}

function toNumber(cell: SnmpValue): number | null {
  if (typeof cell === "number") return cell;
  return cell !== null && /^-?\d+(\.\d+)?$/.test(cell) ? Number(cell) : null;
}
