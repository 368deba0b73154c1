import type { ComplaintFolder } from "./complaint-folder.ts";
import type { Complaints } from "./create-complaints.ts";

export interface KeepDeps {
  complaints: Pick<Complaints, "purge">;
  /** null: none is watched. */
  folder: ComplaintFolder | null;
  nowMs: () => number;
}

/** Between two looks for what is past its retention, ms: 6 hours. */
const purgeEveryMs = 21_600_000;

/** One pass: looks into the folder, and now and then deletes what is past its retention. */
export function createComplaintPass({ complaints, folder, nowMs }: KeepDeps): () => Promise<void> {
  let purgedMs: number | null = null;
  return async () => {
    await folder?.look();
    if (purgedMs !== null && nowMs() - purgedMs < purgeEveryMs) return;
    purgedMs = nowMs();
    await complaints.purge();
    folder?.tidy();
  };
}
