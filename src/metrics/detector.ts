import { causes } from "../outage/table.ts";
import type { Reader } from "../report/reader.ts";
import type { Watch } from "../watch/watch.ts";
import type { Meter } from "./meter.ts";

/** What keeps the outage table true, and what the table says of now. */
export function addDetector(
  meter: Meter,
  { reader, watchStats }: { reader: Reader; watchStats: Watch["stats"] },
): void {
  meter.followOne(
    "sambung_watch_passes_total",
    "Runs of the detection since the start.",
    () => watchStats().passes,
  );
  meter.followOne(
    "sambung_watch_errors_total",
    "Runs that failed; each is tried again.",
    () => watchStats().errors,
  );
  meter.followOne(
    "sambung_watch_outages_found_total",
    "Outages written down for the first time since the start.",
    () => watchStats().found,
  );
  meter.followOne(
    "sambung_watch_outages_revised_total",
    "Corrections of outages that stood in the table.",
    () => watchStats().revised,
  );
  meter.part("watch", (gauge) => {
    const took = gauge("sambung_watch_pass_duration_seconds", "How long the last run took.");
    const ended = gauge(
      "sambung_watch_last_pass_timestamp_seconds",
      "When the last run that succeeded ended.",
    );
    return async () => {
      const { lastPassMs, lastEndMs } = watchStats();
      if (lastEndMs === null) return;
      took.set({}, lastPassMs / 1000);
      ended.set({}, lastEndMs / 1000);
    };
  });
  meter.part("outages", (gauge) => {
    const open = gauge("sambung_outages_open", "Outages that last, by cause.", ["cause"]);
    return async () => {
      // What is only suspected stands in no table, and in no metric either.
      const outages = (await reader.outages({ open: true })).filter(
        ({ provisional }) => provisional !== true,
      );
      for (const cause of causes) open.set({ cause }, outages.filter((each) => each.cause === cause).length);
    };
  });
}
