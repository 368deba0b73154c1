import type { SeriesStore } from "../series/series-store.ts";
import { findObjects } from "./device-objects.ts";
import type { InterfaceRow, ReadingRow, SeriesRow, SteppedRows, TimeRange } from "./reader.ts";
import { querySeries } from "./series-query.ts";

/*
 * What devices tell by SNMP, one row for each interface or object and step. Which of them a device has: device-objects.ts.
 */

export interface DeviceQuery extends TimeRange {
  targets: readonly string[];
  stepMs: number;
  maxRows: number;
  nowMs: number;
}

/** Column of a row by the objects that tell it, the first that the device has: counters of 64 bits go first. */
const rates = {
  inBps: ["ifHCInOctets", "ifInOctets"],
  outBps: ["ifHCOutOctets", "ifOutOctets"],
  inErrors: ["ifInErrors"],
  outErrors: ["ifOutErrors"],
  inDiscards: ["ifInDiscards"],
  outDiscards: ["ifOutDiscards"],
} as const;
type RateColumn = keyof typeof rates;
const rateColumns = Object.keys(rates) as RateColumn[];

/** Octets are told in bits, which is what links are sold by; errors and discards are packets. */
const scaleOf = (column: RateColumn) => (column.endsWith("Bps") ? 8 : 1);

export async function queryInterfaces(
  series: SeriesStore,
  query: DeviceQuery,
): Promise<SteppedRows<InterfaceRow>> {
  return eachTarget(series, query, (found) => {
    const indexes = [...new Set([...found.keys()].flatMap((name) => /^if\w+\.(\d+)$/.exec(name)?.[1] ?? []))];
    const interfaces = apart(
      indexes
        .map((index) => interfaceOf(index, found))
        .filter(({ objects }) => objects.inBps !== undefined || objects.outBps !== undefined),
    );
    return {
      metrics: interfaces.flatMap(({ index, objects }) => [
        ...Object.values(objects).map((object) => `snmp.${object}:rate`),
        `snmp.ifOperStatus.${index}`,
      ]),
      rowsOf: (row) => interfaces.map((each) => toInterfaceRow(row, each)),
    };
  });
}

interface Interface {
  index: string;
  name: string;
  objects: Partial<Record<RateColumn, string>>;
}

function interfaceOf(index: string, found: ReadonlyMap<string, unknown>): Interface {
  const objects: Interface["objects"] = {};
  for (const column of rateColumns) {
    const own = rates[column].map((object) => `${object}.${index}`).find((object) => found.has(object));
    if (own !== undefined) objects[column] = own;
  }
  const name = found.get(`ifName.${index}`) ?? found.get(`ifDescr.${index}`);
  return { index, name: typeof name === "string" && name !== "" ? name : `if ${index}`, objects };
}

/** With the index in the name where the device has one name for several of them, as ifDescr may be: two lines, and not one. */
function apart(interfaces: readonly Interface[]): Interface[] {
  const byName = Map.groupBy(interfaces, ({ name }) => name);
  return interfaces.map((each) =>
    byName.get(each.name)!.length === 1 ? each : { ...each, name: `${each.name} (${each.index})` },
  );
}

function toInterfaceRow(
  { timeMs, target, values }: SeriesRow,
  { index, name, objects }: Interface,
): InterfaceRow {
  const row: InterfaceRow = {
    timeMs,
    target,
    index: Number(index),
    name,
    up: null,
    inBps: null,
    outBps: null,
    inErrors: null,
    outErrors: null,
    inDiscards: null,
    outDiscards: null,
  };
  for (const column of rateColumns) {
    const rate = objects[column] === undefined ? null : (values[`snmp.${objects[column]}:rate`] ?? null);
    row[column] = rate === null ? null : rate * scaleOf(column);
  }
  const status = values[`snmp.ifOperStatus.${index}`] ?? null;
  // 1 is up (RFC 2863); whatever else it says, nothing passes.
  row.up = status === null ? null : status === 1;
  return row;
}

/** `objects`: names without the index; of each, all that a device has, such as `signalDbm.1` of `signalDbm`. */
export async function queryReadings(
  series: SeriesStore,
  query: DeviceQuery & { objects: readonly string[] },
): Promise<SteppedRows<ReadingRow>> {
  const wanted = new Set(query.objects);
  return eachTarget(series, query, (found) => {
    const objects = [...found.keys()].filter((name) => wanted.has(name.split(".")[0]!)).toSorted();
    return {
      metrics: objects.map((object) => `snmp.${object}`),
      rowsOf: ({ timeMs, target, values }) =>
        objects.map((object) => ({ timeMs, target, object, value: values[`snmp.${object}`] ?? null })),
    };
  });
}

/** Asks one target after another for what `plan` finds on it; the rows of all of them ascend in time. */
async function eachTarget<Row extends { timeMs: number }>(
  series: SeriesStore,
  query: DeviceQuery,
  plan: (found: ReadonlyMap<string, unknown>) => {
    metrics: string[];
    rowsOf: (row: SeriesRow) => Row[];
  },
): Promise<SteppedRows<Row>> {
  const rows: Row[] = [];
  let truncated = false;
  // The same of all targets: what is kept of a time goes by its age.
  let { stepMs } = query;
  for (const target of query.targets) {
    const { metrics, rowsOf } = plan(await findObjects(series, target, query));
    if (metrics.length === 0) continue;
    const answer = await querySeries(series, { ...query, targets: [target], metrics });
    truncated ||= answer.truncated;
    stepMs = Math.max(stepMs, answer.stepMs);
    for (const row of answer.rows) rows.push(...rowsOf(row));
  }
  rows.sort((a, b) => a.timeMs - b.timeMs);
  return { rows: rows.slice(0, query.maxRows), truncated: truncated || rows.length > query.maxRows, stepMs };
}
