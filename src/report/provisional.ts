import type { OutageFilter, OutageRecord } from "../state/state-store.ts";

/**
 * What is suspected at this moment, as far as the filter asks for it. It began before now and lasts, stands in no table,
 * and was never known as of another moment.
 */
export function filterProvisional(
  rows: readonly OutageRecord[],
  { fromMs, toMs, sites, service, causes, open, incident, incidents, asOfMs }: OutageFilter,
  nowMs: number,
): OutageRecord[] {
  if (asOfMs !== undefined || open === false || (fromMs !== undefined && nowMs < fromMs)) return [];
  return rows.filter(
    (row) =>
      (toMs === undefined || row.startMs < toMs) &&
      (sites === undefined || sites.includes(row.site)) &&
      (service === undefined || row.service === service) &&
      (causes === undefined || causes.includes(row.cause)) &&
      (incident === undefined || row.incident === incident) &&
      (incidents === undefined || incidents.includes(row.incident)),
  );
}
