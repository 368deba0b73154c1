import type { Varbind } from "../reader.ts";
import { isScalarOid } from "./profile.ts";

/** What a device answered: scalars by their instance, columns by their rows. */
export interface Answered {
  scalar(oid: string): Varbind | undefined;
  /** Rows of a column by index, in the order of the device; empty where it has none. */
  column(oid: string): ReadonlyMap<string, Varbind>;
  /** The object of a row; for an OID that ends in ".0" the scalar, whatever the row. */
  at(oid: string, index: string): Varbind | undefined;
}

export interface AnsweredStore extends Answered {
  addScalars(varbinds: readonly Varbind[]): void;
  /** Takes what a walk of these columns gave. */
  addRows(columns: readonly string[], varbinds: readonly Varbind[]): void;
  /** All of the other store that this one does not have. */
  addMissing(other: AnsweredStore): void;
  readonly columns: ReadonlyMap<string, ReadonlyMap<string, Varbind>>;
  readonly scalars: ReadonlyMap<string, Varbind>;
}

const none: ReadonlyMap<string, Varbind> = new Map();

export function createAnswered(): AnsweredStore {
  const scalars = new Map<string, Varbind>();
  const columns = new Map<string, Map<string, Varbind>>();
  return {
    scalars,
    columns,
    scalar: (oid) => scalars.get(oid),
    column: (oid) => columns.get(oid) ?? none,
    at: (oid, index) => (isScalarOid(oid) ? scalars.get(oid) : columns.get(oid)?.get(index)),
    addScalars(varbinds) {
      for (const varbind of varbinds) scalars.set(varbind.oid, varbind);
    },
    addRows(asked, varbinds) {
      for (const varbind of varbinds) {
        const column = asked.find((oid) => varbind.oid.startsWith(oid) && varbind.oid[oid.length] === ".");
        if (column === undefined) continue;
        const rows = columns.get(column) ?? new Map<string, Varbind>();
        columns.set(column, rows);
        rows.set(varbind.oid.slice(column.length + 1), varbind);
      }
    },
    addMissing(other) {
      for (const [oid, varbind] of other.scalars) if (!scalars.has(oid)) scalars.set(oid, varbind);
      for (const [oid, rows] of other.columns) if (!columns.has(oid)) columns.set(oid, new Map(rows));
    },
  };
}
