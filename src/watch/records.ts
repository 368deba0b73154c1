import { createHash } from "node:crypto";
import type { Outage } from "../outage/table.ts";
import type { OutageRecord } from "../state/state-store.ts";

/* Outages with the name under which they are known. */

/** The name of what is described by `text`, the same wherever it is made. */
export function idOf(text: string): string {
  return `out_${createHash("sha256").update(text).digest("hex").slice(0, 20)}`;
}

/**
 * The records as they will stand after the write, and what is suspected beside them: what alerts are decided from.
 * Suspects are told of and never written down: what later evidence does not bear out was no outage.
 */
export function recordsNow(
  previous: readonly OutageRecord[],
  changes: readonly OutageRecord[],
  suspects: readonly Outage[],
  knownMs: number,
): { outages: OutageRecord[]; provisional: OutageRecord[] } {
  const outages = merge(previous, changes);
  const incidents = new Map(
    outages.flatMap(({ endMs, withdrawn, root, incident }) =>
      endMs === null && !withdrawn ? [[root, incident]] : [],
    ),
  );
  const provisional = suspects.map((row) => ({
    ...row,
    id: idOf(`suspicion|${row.site}|${row.service ?? ""}`),
    incident: incidents.get(row.root) ?? idOf(`suspicion|${row.root}`).replace(/^out_/, "inc_"),
    revision: 0,
    knownMs,
    withdrawn: false,
    provisional: true as const,
  }));
  return { outages, provisional };
}

/** Withdrawn ones stay among them, since their alerts have to be closed. */
function merge(previous: readonly OutageRecord[], changes: readonly OutageRecord[]): OutageRecord[] {
  const byId = new Map(previous.map((outage) => [outage.id, outage]));
  for (const change of changes) byId.set(change.id, change);
  return [...byId.values()];
}
