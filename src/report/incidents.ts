import type { OutageRecord } from "../state/state-store.ts";
import type { IncidentView, Reader, TimeRange } from "./reader.ts";

/**
 * Outages by incident, oldest first. An incident that overlaps the range is shown whole, with those of its outages that
 * lie outside of it.
 */
export async function readIncidents(
  read: Reader["outages"],
  { fromMs, toMs, open, asOfMs }: TimeRange & { open?: boolean | undefined; asOfMs?: number | undefined },
): Promise<IncidentView[]> {
  const asOf = asOfMs === undefined ? {} : { asOfMs };
  const found = await read({ fromMs, toMs, ...asOf });
  const incidents = [...new Set(found.map((outage) => outage.incident))];
  const outages = incidents.length === 0 ? [] : await read({ incidents, ...asOf });
  const views = [...Map.groupBy(outages, (outage) => outage.incident)].map(([id, members]) =>
    viewIncident(id, members),
  );
  return views
    .filter((view) => open === undefined || open === (view.endMs === null))
    .sort((a, b) => a.startMs - b.startMs || (a.id < b.id ? -1 : 1));
}

function viewIncident(id: string, outages: readonly OutageRecord[]): IncidentView {
  const first = outages[0]!;
  // The fault is at the root: what is known there is the cause of all of it.
  const ofRoot = outages.filter((outage) => outage.site === outage.root && outage.service === null);
  const atRoot = ofRoot.find(({ ofLink }) => ofLink !== true) ?? ofRoot[0] ?? first;
  const ends = outages.map((outage) => outage.endMs);
  return {
    id,
    root: first.root,
    startMs: Math.min(...outages.map((outage) => outage.startMs)),
    endMs: ends.includes(null) ? null : Math.max(...ends.map(Number)),
    cause: atRoot.cause,
    // A site whose link was cut while another carried it was not cut off.
    sites: [...new Set(outages.filter(({ ofLink }) => ofLink !== true).map(({ site }) => site))].sort(),
    outages: outages.length,
    provisional: outages.every(({ provisional }) => provisional === true),
  };
}
