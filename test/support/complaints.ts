import { createComplaints } from "../../src/ingest/complaints/create-complaints.ts";
import type { Complaints, ComplaintOptions } from "../../src/ingest/complaints/create-complaints.ts";
import { createComplaintSecret } from "../../src/ingest/complaints/secret.ts";
import { toComplaintOptions } from "../../src/ingest/complaints/settings.ts";
import type { ComplaintSettings } from "../../src/ingest/complaints/settings.ts";
import type { Inventory } from "../../src/inventory/inventory.ts";
import type { StateStore } from "../../src/state/state-store.ts";

export const complaintSettings: ComplaintSettings = {
  maxFileMiB: 8,
  maxRows: 50_000,
  retention: { caseDays: 730, countDays: 3_650, contactDays: 1_095 },
  columns: {},
  topics: [],
  channels: {},
  statuses: {},
};

/** As the collector takes complaints by default. `keyFile`: where the key of tracking ids is kept. */
export function testComplaints(
  deps: { state: StateStore; inventory: () => Inventory; nowMs: () => number; keyFile: string },
  options: Partial<ComplaintOptions> = {},
): Complaints {
  const { state, inventory, nowMs, keyFile } = deps;
  const secret = createComplaintSecret(keyFile, state);
  const shipped = toComplaintOptions(complaintSettings, "Asia/Makassar");
  return createComplaints({ state, inventory, secret, nowMs, options: { ...shipped, ...options } });
}
