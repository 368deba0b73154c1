import type { Meter } from "./meter.ts";

/** What ingest has counted since the start. */
export interface IngestCounts {
  batches: number;
  rounds: number;
  duplicates: number;
  refused: number;
  putOffLive: number;
  putOffBacklog: number;
  lines: number;
  linesRefused: number;
}

export function addIngest(meter: Meter, read: () => IngestCounts): void {
  const follow = (name: string, help: string, count: keyof IngestCounts) =>
    meter.followOne(name, help, () => read()[count]);
  follow("sambung_ingest_batches_total", "Batches stored since the start.", "batches");
  follow("sambung_ingest_rounds_total", "Rounds stored since the start.", "rounds");
  follow("sambung_ingest_duplicates_total", "Batches that were stored already and came again.", "duplicates");
  follow("sambung_ingest_refused_total", "Batches refused since the start.", "refused");
  follow(
    "sambung_ingest_put_off_live_total",
    "Live batches and writes put off by 503 under load.",
    "putOffLive",
  );
  follow(
    "sambung_ingest_put_off_backlog_total",
    "Batches of backlog put off by 503 under load.",
    "putOffBacklog",
  );
  follow("sambung_ingest_lines_total", "Lines of line protocol taken since the start.", "lines");
  follow(
    "sambung_ingest_lines_refused_total",
    "Lines of line protocol refused since the start.",
    "linesRefused",
  );
}
