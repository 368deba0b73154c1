import type { ComplaintCount } from "../state/complaint-store.ts";

export const complaintDimensions = [
  "area",
  "kecamatan",
  "day",
  "month",
  "channel",
  "topic",
  "connectivity",
] as const;
/** By what complaints are counted. `kecamatan`: of an area that is not in one, the area itself. */
export type ComplaintDimension = (typeof complaintDimensions)[number];

export type ComplaintGroup = Partial<Record<ComplaintDimension, string | boolean | null>> & { count: number };

/** Sums of cells by some of their dimensions, in order of these. */
export function groupComplaints(
  cells: readonly ComplaintCount[],
  by: readonly ComplaintDimension[],
): ComplaintGroup[] {
  const groups = new Map<string, ComplaintGroup>();
  for (const cell of cells) {
    const at = by.map((dimension) => [dimension, valueOf[dimension](cell)] as const);
    const key = JSON.stringify(at);
    const group = groups.get(key) ?? { ...Object.fromEntries(at), count: 0 };
    group.count += cell.count;
    groups.set(key, group);
  }
  return [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}

const valueOf: Readonly<Record<ComplaintDimension, (cell: ComplaintCount) => string | boolean | null>> = {
  area: ({ area }) => area,
  kecamatan: ({ area }) => area.slice(0, 8),
  day: ({ day }) => day,
  month: ({ day }) => day.slice(0, 7),
  channel: ({ channel }) => channel,
  topic: ({ topic }) => topic,
  connectivity: ({ aboutConnectivity }) => aboutConnectivity,
};
