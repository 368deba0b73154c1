import type { Columns, Field } from "./columns.ts";
import { looksPersonal } from "./personal.ts";
import type { Refusal, RefusalCode } from "./refusal.ts";
import { plain } from "./words.ts";
import type { Cell, SheetRow } from "./xlsx.ts";

/** The values of a line by field, and what is wrong with them. */
export interface LineValues {
  readonly refusals: Refusal[];
  refuse(code: RefusalCode, field: Field | null): void;
  /** The same for a value that may be somebody's: then it says what it looks like. */
  refuseValue(code: RefusalCode, field: Field, text: string): void;
  cellOf(field: Field): Cell;
  /** The text of a field; null: there is none. */
  textOf(field: Field): string | null;
  /** What a word means; null: there is none, or it is in no list and was refused. */
  wordOf<T>(field: Field, known: ReadonlyMap<string, T>, code: RefusalCode): T | null;
}

/** What people write where there is nothing. */
const blank = /^(-+|null|n\/a|tidak ada)?$/i;

/** Cells in error, and those of columns without a name, are refused at once. */
export function createLineValues({ line, cells }: SheetRow, columns: Columns): LineValues {
  const refusals: Refusal[] = [];
  const refuse: LineValues["refuse"] = (code, field) => {
    const index = field === null ? undefined : columns.get(field);
    refusals.push({ code, line, column: index === undefined ? null : index + 1, name: field });
  };
  const refuseValue: LineValues["refuseValue"] = (code, field, text) => {
    const kind = looksPersonal(text);
    refuse(kind === null ? code : `value.personal.${kind}`, field);
  };
  const cellOf = (field: Field): Cell => {
    const index = columns.get(field);
    const cell = index === undefined || index >= cells.length ? "" : cells[index]!;
    return typeof cell === "string" ? cell.trim().replace(/^'/, "") : cell;
  };
  const textOf = (field: Field): string | null => {
    const cell = cellOf(field);
    return cell === null || (typeof cell === "string" && blank.test(cell)) ? null : String(cell);
  };
  for (const field of columns.keys()) if (cellOf(field) === null) refuse("value.unreadable", field);
  const named = new Set(columns.values());
  if (cells.some((cell, index) => !named.has(index) && String(cell ?? "").trim() !== ""))
    refuse("line.fields", null);
  return {
    refusals,
    refuse,
    refuseValue,
    cellOf,
    textOf,
    wordOf(field, known, code) {
      const text = textOf(field);
      if (text === null) return null;
      const meaning = known.get(plain(text));
      if (meaning === undefined) refuseValue(code, field, text);
      return meaning ?? null;
    },
  };
}
