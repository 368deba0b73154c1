import { addAgents } from "./metrics/agents.ts";
import { addDetector } from "./metrics/detector.ts";
import { addIngest } from "./metrics/ingest.ts";
import type { IngestCounts } from "./metrics/ingest.ts";
import { createMeter } from "./metrics/meter.ts";
import { addNotifier } from "./metrics/notifier.ts";
import type { Deliveries } from "./metrics/notifier.ts";
import { addPlaces } from "./metrics/places.ts";
import { addProbes } from "./metrics/probes.ts";
import { addRequests } from "./metrics/requests.ts";
import type { RequestTold } from "./metrics/requests.ts";
import { addStore } from "./metrics/store.ts";
import { createFresh } from "./report/fresh.ts";
import type { Reader } from "./report/reader.ts";
import type { SeriesStore } from "./series/series-store.ts";
import type { StateStore } from "./state/state-store.ts";
import type { Watch } from "./watch/watch.ts";

export interface MetricsDeps {
  reader: Reader;
  state: StateStore;
  series: SeriesStore;
  ingestCounts: () => IngestCounts;
  watchStats: Watch["stats"];
  /** What the channels of alerts are watched by. */
  deliveries: Deliveries;
  /** The file that holds everything. */
  storeFile: string;
  /** Rows of rounds in it, or parts of such, that were found damaged since the start. */
  damagedRows: () => number;
  nowMs: () => number;
  /** Of the program. */
  version: string;
  /** A part of the metrics could not be read; the others are told all the same. */
  onError: (part: string, error: unknown) => void;
}

export interface Metrics {
  /**
   * The text of /metrics, at most 5 s old: making it holds up everything else for some tens of ms. What it says of targets was
   * read up to 5 s before that.
   */
  render(): Promise<{ contentType: string; body: string }>;
  /** A request was answered. */
  answered(told: RequestTold): void;
}

const maxAgeMs = 5_000;

/** Prometheus metrics in a registry of their own; names as blackbox_exporter has them where it has them. */
export function createMetrics(deps: MetricsDeps): Metrics {
  const meter = createMeter(deps.onError);
  meter.part("build", (gauge) => {
    const info = gauge("sambung_build_info", "1; the program that runs.", ["version"]);
    return async () => info.set({ version: deps.version }, 1);
  });
  addIngest(meter, deps.ingestCounts);
  const answered = addRequests(meter);
  addProbes(meter, deps.reader);
  addPlaces(meter, deps.reader);
  addAgents(meter, deps.reader, deps.nowMs);
  addDetector(meter, deps);
  addNotifier(meter, deps);
  addStore(meter, deps);
  meter.followOne(
    "sambung_series_damaged_rows_total",
    "Rows of rounds, or parts of such, that were found damaged since the start.",
    deps.damagedRows,
  );
  return { render: createFresh(maxAgeMs, deps.nowMs, () => meter.render()), answered };
}
