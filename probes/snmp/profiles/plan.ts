import { isScalarOid } from "./profile.ts";
import type { Profile } from "./profile.ts";

/** What profiles need of a device. */
export interface Plan {
  /** Read in every round. */
  moving: ObjectList;
  /** Read when the device is looked at anew: names, sizes, and what tells how the rows of a table are to be read. */
  fixed: ObjectList;
}

export interface ObjectList {
  scalars: string[];
  /** In ascending order, so that columns of one table stand together. */
  columns: string[];
}

export function planFor(profiles: readonly Profile[]): Plan {
  const moving = new Set<string>();
  const fixed = new Set<string>();
  for (const { groups } of profiles) {
    for (const { metrics, blankWhenZero, blankUnless } of groups) {
      for (const metric of metrics) (metric.fixed ? fixed : moving).add(metric.oid);
      // Whether a row counts can change at any time.
      for (const oid of blankWhenZero) moving.add(oid);
      if (blankUnless !== null) moving.add(blankUnless.column);
    }
  }
  for (const { groups } of profiles) {
    for (const metric of groups.flatMap((group) => group.metrics)) {
      const conditions = [...metric.when, ...metric.cases.flatMap((entry) => entry.when)];
      const columns = [
        ...conditions.flatMap((condition) => condition.oid ?? []),
        ...(metric.times === null ? [] : [metric.times]),
        ...metric.over,
        ...Object.values(metric.sensorScale ?? {}),
      ];
      for (const oid of columns) if (!moving.has(oid)) fixed.add(oid);
    }
  }
  for (const oid of moving) fixed.delete(oid);
  return { moving: toList(moving), fixed: toList(fixed) };
}

function toList(oids: ReadonlySet<string>): ObjectList {
  const sorted = [...oids].sort(compareOids);
  return {
    scalars: sorted.filter((oid) => isScalarOid(oid)),
    columns: sorted.filter((oid) => !isScalarOid(oid)),
  };
}

export function compareOids(a: string, b: string): number {
  const left = a.split(".");
  const right = b.split(".");
  for (let at = 0; at < Math.min(left.length, right.length); at++) {
    const difference = Number(left[at]) - Number(right[at]);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** The entry of a table that a column belongs to. */
export function tableOf(column: string): string {
  return column.slice(0, column.lastIndexOf("."));
}
