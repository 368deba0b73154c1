import { showValue } from "#wire/wire-error.ts";
import { parseCsv } from "./csv.ts";
import type { Mistakes } from "./mistakes.ts";

/** A row of a table of the inventory. */
export interface TableRow<Column extends string> {
  line: number;
  at(column: Column): string;
  /** Notes that the value of a column is not as it must be. */
  refuse(column: Column, allowed: string): void;
}

/**
 * The rows of a CSV file whose header has exactly these columns; null, and a mistake noted, when the text is no such table. A
 * row with too few or too many fields is noted and left out.
 */
export function readTable<Column extends string>(
  text: string,
  file: string,
  columns: readonly Column[],
  mistakes: Mistakes,
): TableRow<Column>[] | null {
  const { records, broken } = parseCsv(text);
  if (broken !== null) {
    const { line, found } = broken;
    const allowed = "fields that are plain or wholly in double quotes";
    mistakes.add({ file, line, field: "(row)", value: showValue(found), allowed });
    return null;
  }
  const [header, ...rows] = records;
  const allowed = columns.join(",");
  const found = header?.fields.join(",");
  if (found !== allowed) {
    const line = header?.line ?? 1;
    mistakes.add({ file, line, field: "(header)", value: showValue(found), allowed });
    return null;
  }
  return rows.flatMap(({ line, fields }) => {
    if (fields.length !== columns.length) {
      const field = { file, line, field: "(row)", value: `${fields.length} fields` };
      mistakes.add({ ...field, allowed: `${columns.length} fields` });
      return [];
    }
    const at = (column: Column) => fields[columns.indexOf(column)]!;
    const refuse = (column: Column, wanted: string) =>
      mistakes.add({ file, line, field: column, value: showValue(at(column)), allowed: wanted });
    return [{ line, at, refuse }];
  });
}
