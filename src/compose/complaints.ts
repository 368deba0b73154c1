import { join } from "node:path";
import type { Logger } from "pino";
import type { Config } from "../config.ts";
import { createComplaintFolder } from "../ingest/complaints/complaint-folder.ts";
import { createComplaints } from "../ingest/complaints/create-complaints.ts";
import { createComplaintPass } from "../ingest/complaints/keep-complaints.ts";
import { createComplaintSecret } from "../ingest/complaints/secret.ts";
import { toComplaintOptions } from "../ingest/complaints/settings.ts";
import type { Inventory } from "../inventory/inventory.ts";
import type { StateStore } from "../state/state-store.ts";
import { createRepeat } from "./repeat.ts";

export interface ComplaintsDeps {
  state: StateStore;
  inventory: () => Inventory;
  now: () => number;
  logger: Logger;
}

/** Complaints by API and watched folder, and how long they stay. */
export function composeComplaints(config: Config, { state, inventory, now, logger }: ComplaintsDeps) {
  const complaints = createComplaints({
    state,
    inventory,
    secret: createComplaintSecret(join(config.data, "complaints.key"), state),
    nowMs: now,
    options: toComplaintOptions(config.complaints, config.timeZone),
  });
  const { folder, mode, fileDays } = config.complaints;
  const watched = { path: folder ?? "", mode, fileDays, settleMs: 10_000 };
  const pass = createComplaintPass({
    complaints,
    folder: folder === null ? null : createComplaintFolder(watched, { complaints, nowMs: now, logger }),
    nowMs: now,
  });
  const keeper = createRepeat(pass, {
    onError: (error) => logger.error({ err: error }, "complaints could not be looked after; trying again"),
    everyMs: 5_000,
  });
  return { complaints, keeper };
}
