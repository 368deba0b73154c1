import { setImmediate } from "node:timers/promises";
import { checkLine } from "./check-line.ts";
import type { CheckedLine, LineCheck } from "./check-line.ts";
import { isHeader, readColumns } from "./columns.ts";
import type { Columns, Field } from "./columns.ts";
import type { DayField } from "./line-days.ts";
import { refuseFile } from "./refusal.ts";
import type { Refusal } from "./refusal.ts";
import type { SheetRow } from "./xlsx.ts";

export interface CheckedRows {
  /** Lines below the names of the columns. */
  rows: number;
  lines: CheckedLine[];
  /** Of lines, ascending; every one of them that was refused has at least one. */
  refusals: Refusal[];
}

export interface RowsCheck extends Omit<LineCheck, "columns"> {
  /** Names of columns beside the known ones, plain. */
  columnNames: ReadonlyMap<string, Field>;
  maxRows: number;
}

/** Rows above the names of the columns that may be titles. */
const maxTitleRows = 10;
/** Lines between two pauses in which others get their turn. */
const linesAtOnce = 1_000;

/** Checks the rows of a file. Throws ComplaintFileError where the file as a whole cannot be taken. */
export async function checkRows(rows: Iterable<SheetRow>, check: RowsCheck): Promise<CheckedRows> {
  const state = createColumnState();
  let columns: Columns | null = null;
  const titles: SheetRow[] = [];
  let count = 0;
  for (const row of rows) {
    if (columns === null) {
      titles.push(row);
      columns = columnsIn(titles, check);
      continue;
    }
    count += 1;
    if (count > check.maxRows) throw refuseFile("file.rows", { other: check.maxRows });
    state.add(checkLine(row, { ...check, columns }));
    if (count % linesAtOnce === 0) await setImmediate();
  }
  if (columns === null) columns = readHeader(titles, check);
  return { rows: count, ...state.finish(columns) };
}

/** The columns, once a row names two of them, or so many rows have not. */
function columnsIn(titles: readonly SheetRow[], check: RowsCheck): Columns | null {
  const last = titles.at(-1)!;
  if (isHeader(texts(last), check.columnNames)) return readColumns(texts(last), last.line, check.columnNames);
  return titles.length < maxTitleRows ? null : readHeader(titles, check);
}

/** There is no row of names: what the first one lacks says so best. */
function readHeader([first]: readonly SheetRow[], check: RowsCheck): Columns {
  if (first === undefined) throw refuseFile("file.empty");
  return readColumns(texts(first), first.line, check.columnNames);
}

const texts = ({ cells }: SheetRow) => cells.map((cell) => (typeof cell === "string" ? cell : "?"));

/** Lines, and what is seen of a column when all of it was read. */
function createColumnState() {
  const lines: CheckedLine[] = [];
  const refusals: Refusal[] = [];
  const swapped = new Set<DayField>();
  return {
    add(result: ReturnType<typeof checkLine>): void {
      for (const field of result.swapped) swapped.add(field);
      refusals.push(...result.refusals);
      if (result.checked !== null) lines.push(result.checked);
    },
    finish(columns: Columns): Omit<CheckedRows, "rows"> {
      const doubtOf = ({ doubtful }: CheckedLine) => doubtful.filter((field) => swapped.has(field));
      const doubted = lines.flatMap((line) =>
        doubtOf(line).map((field) => ({
          code: "value.day.ambiguous" as const,
          line: line.line,
          column: columns.get(field)! + 1,
          name: field,
        })),
      );
      const sure = lines.filter((line) => doubtOf(line).length === 0);
      const { once, twice } = splitTwice(sure);
      const all = [...refusals, ...doubted, ...twice];
      return { lines: once, refusals: all.toSorted((a, b) => a.line! - b.line!) };
    },
  };
}

/** A case, or a number of a cell, that a line above has. Cases without an id are as many as there are lines. */
function splitTwice(lines: readonly CheckedLine[]): { once: CheckedLine[]; twice: Refusal[] } {
  const seen = new Map<string, number>();
  const once: CheckedLine[] = [];
  const twice: Refusal[] = [];
  for (const line of lines) {
    const key = line.trackingId ?? (line.isHidden ? null : JSON.stringify(line.cell));
    const other = key === null ? undefined : seen.get(key);
    if (other !== undefined)
      twice.push({ code: "line.twice", line: line.line, column: null, name: null, other });
    else once.push(line);
    if (key !== null && other === undefined) seen.set(key, line.line);
  }
  return { once, twice };
}
