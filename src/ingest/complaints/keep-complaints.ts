import type { ComplaintFolder } from "./complaint-folder.ts";
import type { Complaints } from "./create-complaints.ts";

export interface KeepDeps {
  complaints: Pick<Complaints, "purge">;
  /** null: none is watched. */
  folder: ComplaintFolder | null;
  nowMs: () => number;
  onError: (error: unknown) => void;
  /** Between two looks into the folder, ms. */
  everyMs: number;
}

/** Between two looks for what is past its retention, ms: 6 hours. */
const purgeEveryMs = 21_600_000;

/** Looks into the folder, and deletes what is past its retention, for as long as the collector runs. */
export function createComplaintKeeper(deps: KeepDeps): { start(): void; stop(): Promise<void> } {
  const { complaints, folder, nowMs, onError } = deps;
  let purgedMs: number | null = null;
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<void> = Promise.resolve();

  async function pass(): Promise<void> {
    await folder?.look();
    if (purgedMs !== null && nowMs() - purgedMs < purgeEveryMs) return;
    purgedMs = nowMs();
    await complaints.purge();
    folder?.tidy();
  }

  const next = () => {
    running = pass()
      .catch(onError)
      .then(() => {
        if (timer !== null) timer = setTimeout(next, deps.everyMs).unref();
      });
  };
  return {
    start() {
      timer = setTimeout(next, 0).unref();
    },
    async stop() {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      await running;
    },
  };
}
