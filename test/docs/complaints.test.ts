import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { fields } from "../../src/ingest/complaints/columns.ts";
import { readInventory } from "../../src/inventory/read-inventory.ts";
import { shippedInventory } from "../../src/inventory/starter.ts";
import { openSqlite } from "../../src/state/sqlite.ts";
import { complaintChannels, complaintStatuses } from "../../src/state/complaint-store.ts";
import { testComplaints } from "../support/complaints.ts";
import { tempDir } from "../support/temp-dir.ts";
import { readDocument, root, spansOf } from "./documents.ts";

it("has a template of complaints that is taken as it stands, with Kutai Timur's inventory", async () => {
  using dir = tempDir();
  const stores = openSqlite(dir.file("sambung.db"));
  try {
    const inventory = readInventory(shippedInventory, { SAMBUNG_DOOR: "http://127.0.0.1:8080/livez" });
    const nowMs = () => Date.UTC(2026, 10, 23);
    const keyFile = dir.file("complaints.key");
    const complaints = testComplaints({ state: stores.state, inventory: () => inventory, nowMs, keyFile });
    const report = await complaints.importFile({
      from: readFileSync(join(root, "docs/complaints-template.csv")),
      surface: "api",
      mode: "all-or-nothing",
      dryRun: false,
      by: { id: "key_test", name: "", address: null },
    });
    expect(report.refusals).toEqual([]);
    expect(report.result).toMatchObject({ added: 2, cells: 2 });
  } finally {
    stores.close();
  }
});

it("names every field, channel and status in docs/complaints.md", () => {
  const spans = spansOf(readDocument("docs/complaints.md"));
  const names = [...fields, ...complaintChannels, ...complaintStatuses];
  expect(names.filter((name) => !spans.includes(name))).toEqual([]);
});
