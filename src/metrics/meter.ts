import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

/*
 * The only file that knows prom-client. What is read from elsewhere is made in parts: before each answer a part's gauges are
 * emptied and filled anew, so that a site that left the inventory leaves no row behind, and a part whose source fails is
 * empty and says so while the others still answer. That is the moment at which somebody looks.
 */

/** Makes one of the part's gauges; its name carries its base unit. */
export type DefineGauge = <L extends string>(
  name: string,
  help: string,
  labelNames?: readonly L[],
) => { set(labels: Record<L, string>, value: number): void };

export interface Meter {
  /** `define` makes the part's gauges and gives what fills them. */
  part(name: string, define: (gauge: DefineGauge) => () => Promise<void>): void;
  /** A counter that somebody else keeps: read at each answer, every row with the labels. */
  follow<L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[],
    read: () => Iterable<{ labels: Record<L, string>; value: number }>,
  ): void;
  /** A counter of one row that somebody else keeps. */
  followOne(name: string, help: string, read: () => number): void;
  counter<L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[],
  ): (labels: Record<L, string>) => void;
  /** `buckets`: upper bounds, ascending, in the unit of the name. */
  histogram<L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[],
    buckets: readonly number[],
  ): (labels: Record<L, string>, value: number) => void;
  render(): Promise<{ contentType: string; body: string }>;
}

/** Gauges of prom-client's own set whose names end as counters' do, which Prometheus' linter refuses. */
const misnamed = [
  "nodejs_active_handles_total",
  "nodejs_active_requests_total",
  "nodejs_active_resources_total",
];

/** A registry of its own: two collectors in one process do not meet. `onError`: a part could not be filled. */
export function createMeter(onError: (part: string, error: unknown) => void): Meter {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of misnamed) registry.removeSingleMetric(name);
  const registers = [registry];
  const partUp = new Gauge({
    name: "sambung_metrics_part_up",
    help: "0: this part of the metrics could not be read, and its rows are missing.",
    labelNames: ["part"],
    registers,
  });
  const parts: { name: string; gauges: Gauge<string>[]; fill: () => Promise<void> }[] = [];

  async function fillPart({ name, gauges, fill }: (typeof parts)[number]): Promise<void> {
    for (const gauge of gauges) gauge.reset();
    try {
      await fill();
      partUp.set({ part: name }, 1);
    } catch (error) {
      for (const gauge of gauges) gauge.reset();
      partUp.set({ part: name }, 0);
      onError(name, error);
    }
  }

  const meter: Meter = {
    part(name, define) {
      const gauges: Gauge<string>[] = [];
      const fill = define((gaugeName, help, labelNames = []) => {
        const made = new Gauge<string>({ name: gaugeName, help, labelNames, registers });
        gauges.push(made);
        return { set: (labels, value) => made.set(labels, value) };
      });
      parts.push({ name, gauges, fill });
    },
    follow(name, help, labelNames, read) {
      void new Counter<string>({
        name,
        help,
        labelNames,
        registers,
        collect() {
          this.reset();
          for (const { labels, value } of read()) this.inc(labels, value);
        },
      });
    },
    followOne: (name, help, read) => meter.follow(name, help, [], () => [{ labels: {}, value: read() }]),
    counter(name, help, labelNames) {
      const made = new Counter<string>({ name, help, labelNames, registers });
      return (labels) => made.inc(labels);
    },
    histogram(name, help, labelNames, buckets) {
      const made = new Histogram<string>({ name, help, labelNames, buckets: [...buckets], registers });
      return (labels, value) => made.observe(labels, value);
    },
    async render() {
      for (const part of parts) await fillPart(part);
      return { contentType: registry.contentType, body: await registry.metrics() };
    },
  };
  return meter;
}
