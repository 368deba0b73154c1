import type { OutageRecord } from "../state/state-store.ts";

/** The outages of one root at one time, as they are known now. */
export interface IncidentState {
  id: string;
  /** Site code or `service:<id>`. */
  root: string;
  /** Ordered by start, then id. One that moved to another incident since people were told is here as withdrawn. */
  outages: OutageRecord[];
  /** Where the outages of this one moved to, when none is left here; else null. */
  mergedInto: { incident: string; root: string } | null;
  /** What people were told of it, as it was known then; empty when they were not. */
  told: OutageRecord[];
}

/**
 * Groups current outage records by incident, ordered by incident id.
 *
 * `told` are the records of open alerts as they were when people were told. An incident of which nothing else is left,
 * because its outages joined another one, is described by them: otherwise nobody could say what the correction is about.
 * And what it was called then it is called when it is over.
 */
export function groupIncidents(
  current: readonly OutageRecord[],
  told: readonly OutageRecord[] = [],
): IncidentState[] {
  const currentById = new Map(current.map((record) => [record.id, record]));
  const groups = new Map<string, OutageRecord[]>();
  for (const record of current) add(groups, record);
  const toldOf = Map.groupBy(told, (record) => record.incident);
  for (const record of told) {
    const now = currentById.get(record.id);
    if (now?.incident !== record.incident) add(groups, { ...record, withdrawn: true });
  }
  return [...groups]
    .map(([id, outages]) => {
      outages.sort((a, b) => a.startMs - b.startMs || compare(a.id, b.id));
      const mergedInto = movedTo(id, outages, currentById);
      return { id, root: rootOf(outages), outages, mergedInto, told: toldOf.get(id) ?? [] };
    })
    .sort((a, b) => compare(a.id, b.id));
}

/** All outages of an incident share a root; while a correction is under way the ones that stand have the say. */
function rootOf(outages: readonly OutageRecord[]): string {
  return (outages.find((outage) => !outage.withdrawn) ?? outages[0]!).root;
}

function movedTo(
  incident: string,
  outages: readonly OutageRecord[],
  currentById: ReadonlyMap<string, OutageRecord>,
): IncidentState["mergedInto"] {
  if (outages.some((outage) => !outage.withdrawn)) return null;
  for (const { id } of outages) {
    const now = currentById.get(id);
    if (now !== undefined && !now.withdrawn && now.incident !== incident) {
      return { incident: now.incident, root: now.root };
    }
  }
  return null;
}

function add(groups: Map<string, OutageRecord[]>, record: OutageRecord): void {
  const group = groups.get(record.incident);
  if (group === undefined) groups.set(record.incident, [record]);
  else group.push(record);
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
