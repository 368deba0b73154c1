import { createHash } from "node:crypto";
import type { Outage } from "../outage/table.ts";
import type { OutageRecord } from "../state/state-store.ts";

/* Outages with the name under which they are known. */

/** The name of what is described by `text`, the same wherever it is made. */
export function idOf(text: string): string {
  return `out_${createHash("sha256").update(text).digest("hex").slice(0, 20)}`;
}

/** Suspects are told of and never written down: what later evidence does not bear out was no outage. */
export function toSuspicion(row: Outage, knownMs: number): OutageRecord {
  const id = idOf(`suspicion|${row.site}`);
  const incident = id.replace(/^out_/, "inc_");
  return { ...row, id, incident, revision: 0, knownMs, withdrawn: false };
}

/** The records as they will stand after the write. Withdrawn ones stay among them, since their alerts have to be closed. */
export function merge(previous: readonly OutageRecord[], changes: readonly OutageRecord[]): OutageRecord[] {
  const byId = new Map(previous.map((outage) => [outage.id, outage]));
  for (const change of changes) byId.set(change.id, change);
  return [...byId.values()];
}
