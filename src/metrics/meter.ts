import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import { within } from "../state/within.ts";

/*
 * The only file that knows prom-client. What is read from elsewhere is made in parts: before each answer a part's gauges are
 * emptied and filled anew, so that a site that left the inventory leaves no row behind, and a part whose source fails, or
 * hangs, is empty and says so while the others still answer. That is the moment at which somebody looks.
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

/**
 * How long a part is waited for, ms. All are filled at once, so that the whole stays far below the 10 s that Prometheus waits,
 * and one that pings a store hears first that it hangs.
 */
export const partWaitMs = 4_000;

type Row = () => void;
interface Part {
  name: string;
  gauges: Gauge<string>[];
  /** What was set since the filling began; it is shown once that is done, and never half of it. */
  rows: Row[];
  fill: () => Promise<void>;
  filling: Promise<Row[]> | null;
}

/** A registry of its own: two collectors in one process do not meet. `onError`: a part could not be filled. */
export function createMeter(
  onError: (part: string, error: unknown) => void,
  waitMs: number = partWaitMs,
): Meter {
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
  const parts: Part[] = [];

  /** One that was begun for an earlier answer, and was too late for it, is as good for this one. */
  function begin(part: Part): Promise<Row[]> {
    if (part.filling !== null) return part.filling;
    part.rows = [];
    const filling = part
      .fill()
      .then(() => part.rows)
      .finally(() => (part.filling = null));
    // One that fails after nobody waits for it any more was told as late.
    filling.catch(() => {});
    part.filling = filling;
    return filling;
  }

  async function fillPart(part: Part): Promise<void> {
    for (const gauge of part.gauges) gauge.reset();
    try {
      const late = () => new Error(`not read within ${waitMs / 1000} s`);
      for (const show of await within(waitMs, begin(part), late)) show();
      partUp.set({ part: part.name }, 1);
    } catch (error) {
      partUp.set({ part: part.name }, 0);
      onError(part.name, error);
    }
  }

  const meter: Meter = {
    part(name, define) {
      const part: Part = { name, gauges: [], rows: [], fill: async () => {}, filling: null };
      part.fill = define((gaugeName, help, labelNames = []) => {
        const made = new Gauge<string>({ name: gaugeName, help, labelNames, registers });
        part.gauges.push(made);
        return { set: (labels, value) => void part.rows.push(() => made.set(labels, value)) };
      });
      parts.push(part);
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
      await Promise.all(parts.map(fillPart));
      return { contentType: registry.contentType, body: await registry.metrics() };
    },
  };
  return meter;
}
