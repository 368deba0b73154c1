import type { Cell, SheetRow } from "./xlsx.ts";
import { refuseFile } from "./refusal.ts";

/**
 * Rows of a JSON document, `{ "rows": [ { "area": "64.08.05", "received": "2026-03-04", … }, … ] }`, as if they were those of a
 * file: the same names of columns, the same checks. Line 1 is the first of them. Throws ComplaintFileError.
 */
export function* jsonRows(document: unknown): Generator<SheetRow> {
  const rows = isObject(document) && Object.keys(document).length === 1 ? document["rows"] : undefined;
  if (!Array.isArray(rows) || !rows.every(isObject)) throw refuseFile("file.broken");
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  yield { line: 0, cells: names };
  for (const [index, row] of rows.entries())
    yield { line: index + 1, cells: names.map((name) => toCell(row[name])) };
}

function toCell(value: unknown): Cell {
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return value;
  // null: whatever is inside of a list or an object is not looked at.
  return typeof value === "number" || typeof value === "boolean" ? String(value) : null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
