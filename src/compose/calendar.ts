import type { Inventory } from "../inventory/inventory.ts";
import { createRepeat } from "./repeat.ts";
import type { Repeat } from "./repeat.ts";

export interface CalendarDeps {
  inventory: () => Inventory;
  now: () => number;
  /** Takes the inventory into force that holds now. */
  reload: () => Promise<void>;
  /** A reload that failed is not tried again before the next day on which a link begins or ends. */
  onError: (error: unknown) => void;
  /** Between two looks at the calendar, ms. Default: 60,000. */
  everyMs?: number;
}

/** Links begin and end with the day, without anybody at the keyboard. */
export function createCalendar({ inventory, now, reload, onError, everyMs = 60_000 }: CalendarDeps): Repeat {
  let triedMs = -Infinity;
  return createRepeat(
    async () => {
      const { changesMs = Infinity } = inventory();
      if (now() < changesMs || triedMs === changesMs) return;
      triedMs = changesMs;
      await reload();
    },
    { everyMs, onError },
  );
}
