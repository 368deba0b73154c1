import { zip } from "./zip.ts";

/*
 * A workbook (ECMA-376, SpreadsheetML) with plain sheets: a row of names in bold that stays in view, then values. Text is
 * written into its cell, never as a formula.
 */

export const cellStyles = ["text", "number", "percent", "rupiah", "time"] as const;
/** `percent`: a ratio · `rupiah`: whole · `time`: epoch ms by the local clock, shown as a day and a time. */
export type CellStyle = (typeof cellStyles)[number];

export interface Column {
  name: string;
  style: CellStyle;
  /** Characters. Default 14. */
  width?: number;
}

export interface Sheet {
  name: string;
  columns: readonly Column[];
  /** null: an empty cell. */
  rows: readonly (readonly (string | number | null)[])[];
}

const main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const packages = "http://schemas.openxmlformats.org/package/2006";
const declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';

export function writeXlsx(sheets: readonly Sheet[]): Uint8Array<ArrayBuffer> {
  const type = "application/vnd.openxmlformats-officedocument.spreadsheetml";
  const part = (name: string, kind: string) =>
    `<Override PartName="${name}" ContentType="${type}.${kind}+xml"/>`;
  const link = (id: string, kind: string, target: string) =>
    `<Relationship Id="${id}" Type="${relations}/${kind}" Target="${target}"/>`;
  const each = (make: (sheet: Sheet, number: number) => string) =>
    sheets.map((sheet, index) => make(sheet, index + 1)).join("");
  const files: [name: string, xml: string][] = [
    [
      "[Content_Types].xml",
      `<Types xmlns="${packages}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>${part("/xl/workbook.xml", "sheet.main")}${part("/xl/styles.xml", "styles")}${each((_, at) => part(`/xl/worksheets/sheet${at}.xml`, "worksheet"))}</Types>`,
    ],
    [
      "_rels/.rels",
      `<Relationships xmlns="${packages}/relationships">${link("rId1", "officeDocument", "xl/workbook.xml")}</Relationships>`,
    ],
    [
      "xl/workbook.xml",
      `<workbook xmlns="${main}" xmlns:r="${relations}"><sheets>${each(({ name }, at) => `<sheet name="${escape(name)}" sheetId="${at}" r:id="rId${at}"/>`)}</sheets></workbook>`,
    ],
    [
      "xl/_rels/workbook.xml.rels",
      `<Relationships xmlns="${packages}/relationships">${each((_, at) => link(`rId${at}`, "worksheet", `worksheets/sheet${at}.xml`))}${link(`rId${sheets.length + 1}`, "styles", "styles.xml")}</Relationships>`,
    ],
    ["xl/styles.xml", styles],
    ...sheets.map((sheet, index): [string, string] => [
      `xl/worksheets/sheet${index + 1}.xml`,
      sheetXml(sheet),
    ]),
  ];
  return zip(files.map(([name, xml]) => ({ name, text: `${declaration}\n${xml}` })));
}

/** Style 0 is the default; then those of cellStyles; the last is the bold one of names. */
const formats: Record<CellStyle, number> = { text: 0, number: 0, percent: 164, rupiah: 3, time: 165 };
const header = cellStyles.length + 1;
const styles = `<styleSheet xmlns="${main}"><numFmts count="2"><numFmt numFmtId="164" formatCode="0.0000%"/><numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="${header + 1}"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>${cellStyles.map((style) => `<xf numFmtId="${formats[style]}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>`).join("")}<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs></styleSheet>`;

function sheetXml({ columns, rows }: Sheet): string {
  const widths = columns.map(
    ({ width = 14 }, at) => `<col min="${at + 1}" max="${at + 1}" width="${width}" customWidth="1"/>`,
  );
  const names = columns.map(({ name }, at) => textCell(`${letters(at)}1`, name, header));
  const body = rows.map((row, index) => {
    const cells = row.map((value, at) => cell(`${letters(at)}${index + 2}`, value, columns[at]!.style));
    return `<row r="${index + 2}">${cells.join("")}</row>`;
  });
  return `<worksheet xmlns="${main}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>${widths.join("")}</cols><sheetData><row r="1">${names.join("")}</row>${body.join("")}</sheetData></worksheet>`;
}

function cell(place: string, value: string | number | null, style: CellStyle): string {
  if (value === null) return "";
  const at = cellStyles.indexOf(style) + 1;
  if (typeof value === "string") return textCell(place, value, at);
  return `<c r="${place}" s="${at}"><v>${style === "time" ? toSerial(value) : value}</v></c>`;
}

function textCell(place: string, text: string, style: number): string {
  return `<c r="${place}" s="${style}" t="inlineStr"><is><t xml:space="preserve">${escape(text)}</t></is></c>`;
}

/** Days since 30 December 1899, as spreadsheets count them. */
const toSerial = (localMs: number) => localMs / 86_400_000 + 25_569;

function letters(at: number): string {
  return at < 26 ? String.fromCharCode(65 + at) : letters(Math.floor(at / 26) - 1) + letters(at % 26);
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** What XML cannot hold at all is left out. */
function escape(text: string): string {
  return text
    .replaceAll(/[&<>"]/g, (character) => entities[character]!)
    .replaceAll(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, "");
}
