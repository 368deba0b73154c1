import { serialToMs } from "./days.ts";
import { openZip } from "./unzip.ts";
import type { Zip } from "./unzip.ts";
import { attributeOf, readXml, XmlError } from "./xml.ts";

/*
 * The first visible sheet of an XLSX workbook (ECMA-376 part 1, 18.2 to 18.8): values as they are shown, of formulas the value
 * that was stored with them. Styles matter in one way: they say which numbers are days.
 */

/** Text, or epoch ms of the UTC midnight of a day; null: an error such as #N/A, or a day out of range. */
export type Cell = string | number | null;

export interface SheetRow {
  line: number;
  cells: Cell[];
}

/** Cells of a row behind this one are refused with the file: no export is so wide. */
const maxColumns = 256;

/** Throws ZipError or XmlError when it is no such workbook. */
export function* readXlsx(bytes: Buffer, maxExpandedBytes: number): Generator<SheetRow> {
  const zip = openZip(bytes, maxExpandedBytes);
  const { path, is1904 } = findSheet(zip);
  const strings = readStrings(zip);
  const dayStyles = readDayStyles(zip);
  const valueOf = (type: string, style: number, text: string): Cell => {
    if (type === "s") return strings[Number(text)] ?? null;
    if (type === "e") return null;
    if (type === "b") return text === "1" ? "true" : "false";
    if (type === "d") return text;
    if (type !== "n" || text === "") return text;
    return dayStyles.has(style) ? serialToMs(Number(text), is1904) : String(Number(text));
  };
  yield* readRows(part(zip, path), valueOf);
}

function* readRows(
  text: string,
  valueOf: (type: string, style: number, text: string) => Cell,
): Generator<SheetRow> {
  let row: SheetRow = { line: 0, cells: [] };
  let cell = { column: 0, type: "n", style: 0, text: "" };
  let isValue = false;
  const put = () => {
    if (cell.column >= maxColumns) throw new XmlError("a row has too many cells");
    while (row.cells.length < cell.column) row.cells.push("");
    row.cells[cell.column] = valueOf(cell.type, cell.style, cell.text);
  };
  for (const token of readXml(text)) {
    if (token.kind === "text") {
      if (isValue) cell.text += token.text;
    } else if (token.kind === "open" && token.name === "row") {
      row = { line: Number(attributeOf(token, "r") ?? row.line + 1), cells: [] };
    } else if (token.kind === "open" && token.name === "c") {
      const column = columnOf(attributeOf(token, "r")) ?? row.cells.length;
      const [type, style] = [attributeOf(token, "t") ?? "n", Number(attributeOf(token, "s") ?? 0)];
      cell = { column, type, style, text: "" };
    } else if (token.kind === "open") {
      isValue = !token.isEmpty && (token.name === "v" || token.name === "t");
    } else if (token.name === "v" || token.name === "t") isValue = false;
    else if (token.name === "c") put();
    else if (token.name === "row" && row.cells.some((value) => value !== "")) yield row;
  }
}

/** 0 for A1, 27 for AB7. */
function columnOf(reference: string | null): number | null {
  const letters = /^[A-Z]{1,3}/.exec(reference ?? "")?.[0];
  if (letters === undefined) return null;
  return Array.from(letters).reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;
}

function findSheet(zip: Zip): { path: string; is1904: boolean } {
  let is1904 = false;
  let id: string | null = null;
  for (const token of readXml(part(zip, "xl/workbook.xml"))) {
    if (token.kind !== "open") continue;
    if (token.name === "workbookPr") is1904 = ["1", "true"].includes(attributeOf(token, "date1904") ?? "");
    if (token.name !== "sheet" || id !== null) continue;
    if ((attributeOf(token, "state") ?? "visible") === "visible") id = attributeOf(token, "id");
  }
  for (const token of readXml(part(zip, "xl/_rels/workbook.xml.rels"))) {
    if (token.kind !== "open" || id === null || attributeOf(token, "Id") !== id) continue;
    const target = attributeOf(token, "Target") ?? "";
    return { path: target.startsWith("/") ? target.slice(1) : `xl/${target}`, is1904 };
  }
  throw new XmlError("the workbook has no sheet that can be seen");
}

function readStrings(zip: Zip): string[] {
  const content = zip.read("xl/sharedStrings.xml");
  const strings: string[] = [];
  if (content === null) return strings;
  let [text, isText, isReading] = ["", false, false];
  for (const token of readXml(toText(content))) {
    if (token.kind === "text") {
      if (isText && !isReading) text += token.text;
    } else if (token.kind === "open") {
      if (token.name === "si") text = "";
      // How East Asian text is read aloud stands beside it, and is no part of it.
      if (token.name === "rPh") isReading = !token.isEmpty;
      isText = token.name === "t" && !token.isEmpty;
      if (token.name === "si" && token.isEmpty) strings.push("");
    } else {
      isText = false;
      if (token.name === "rPh") isReading = false;
      if (token.name === "si") strings.push(text);
    }
  }
  return strings;
}

/** Number formats of days that every workbook has: 18.8.30. */
const isDayFormat = (id: number) => (id >= 14 && id <= 17) || id === 22 || (id >= 27 && id <= 36) || id >= 50;
const lastOwnFormat = 58;

/** Which cell formats show a number as a day. */
function readDayStyles(zip: Zip): ReadonlySet<number> {
  const content = zip.read("xl/styles.xml");
  const styles = new Set<number>();
  if (content === null) return styles;
  const isDay = new Map<number, boolean>();
  let [isFormats, count] = [false, 0];
  for (const token of readXml(toText(content))) {
    if (token.kind === "text") continue;
    if (token.name === "cellXfs") isFormats = token.kind === "open";
    if (token.kind !== "open") continue;
    if (token.name === "numFmt") {
      const code = (attributeOf(token, "formatCode") ?? "").replaceAll(/"[^"]*"|\[[^\]]*\]|\\./g, "");
      isDay.set(Number(attributeOf(token, "numFmtId")), /[dy]/i.test(code));
    }
    if (token.name !== "xf" || !isFormats) continue;
    const id = Number(attributeOf(token, "numFmtId") ?? 0);
    if (isDay.get(id) ?? (id <= lastOwnFormat && isDayFormat(id))) styles.add(count);
    count += 1;
  }
  return styles;
}

function part(zip: Zip, name: string): string {
  const content = zip.read(name);
  if (content === null) throw new XmlError(`the workbook has no ${name}`);
  return toText(content);
}

function toText(content: Buffer): string {
  return new TextDecoder("utf-8", { fatal: true }).decode(content);
}
