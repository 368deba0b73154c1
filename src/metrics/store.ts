import { stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import type { SeriesStore } from "../series/series-store.ts";
import { createPulse } from "../state/pulse.ts";
import type { StateStore } from "../state/state-store.ts";
import type { Meter } from "./meter.ts";

/** Both stores, which may be one file, the file itself with its companion, and the disk below it. */
export function addStore(
  meter: Meter,
  { state, series, storeFile }: { state: StateStore; series: SeriesStore; storeFile: string },
): void {
  const pulses = { state: createPulse(state), series: createPulse(series) };
  meter.part("store", (gauge) => {
    const up = gauge("sambung_store_up", "1: the store could be written when this was made.", ["store"]);
    return async () => {
      const [ofState, ofSeries] = await Promise.all([answers(pulses.state.ask), answers(pulses.series.ask)]);
      up.set({ store: "state" }, ofState ? 1 : 0);
      up.set({ store: "series" }, ofSeries ? 1 : 0);
    };
  });
  meter.part("disk", (gauge) => {
    const file = gauge("sambung_store_file_bytes", "Bytes of the store's files.", ["file"]);
    const free = gauge("sambung_store_disk_free_bytes", "Bytes free on the store's disk for this program.");
    const size = gauge("sambung_store_disk_size_bytes", "Bytes of the store's disk.");
    return async () => {
      file.set({ file: "main" }, (await stat(storeFile)).size);
      file.set({ file: "wal" }, await sizeIfThere(`${storeFile}-wal`));
      const { bavail, blocks, bsize } = await statfs(dirname(storeFile));
      free.set({}, bavail * bsize);
      size.set({}, blocks * bsize);
    };
  });
}

const answers = (pulse: () => Promise<void>): Promise<boolean> =>
  pulse().then(
    () => true,
    () => false,
  );

async function sizeIfThere(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return 0;
    throw error;
  }
}
