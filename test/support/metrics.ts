import { createMetrics } from "../../src/metrics.ts";
import type { Metrics, MetricsDeps } from "../../src/metrics.ts";
import { createDeliveries } from "../../src/metrics/notifier.ts";

/** Metrics of a collector whose watch has not run yet and that has no channels. */
export function testMetrics(
  held: Pick<MetricsDeps, "reader" | "state" | "series" | "ingestCounts" | "storeFile" | "nowMs"> &
    Partial<MetricsDeps>,
): Metrics {
  return createMetrics({
    watchStats: () => ({ passes: 0, lastPassMs: 0, lastEndMs: null, errors: 0, found: 0, revised: 0 }),
    deliveries: createDeliveries(),
    damagedRows: () => 0,
    version: "0.0.0-test",
    onError: () => {},
    ...held,
  });
}
