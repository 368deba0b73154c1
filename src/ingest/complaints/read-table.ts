import { readCsv } from "../../inventory/csv.ts";
import type { Delimiter } from "../../inventory/csv.ts";
import { refuseFile } from "./refusal.ts";
import { ZipError } from "./unzip.ts";
import { readXlsx } from "./xlsx.ts";
import type { SheetRow } from "./xlsx.ts";
import { XmlError } from "./xml.ts";

/** How much larger than the file its content may become: XML in a workbook shrinks to a tenth and less. */
const expansion = 8;

/**
 * The rows of a file, as its first bytes say what it is: a workbook (XLSX), or CSV in UTF-8 (with or without a mark), UTF-16
 * with a mark, or Windows-1252; with commas, semicolons or tabs, whichever its first lines have most of. Throws ComplaintFileError.
 */
export function* readTable(bytes: Buffer): Generator<SheetRow> {
  if (bytes.length === 0) throw refuseFile("file.empty");
  const isZip = bytes.length > 4 && bytes.readUInt32LE(0) === 0x04034b50;
  // What older programs write, and newer ones for a workbook with a password.
  const isOle = bytes.length > 8 && bytes.readUInt32BE(0) === 0xd0cf11e0;
  if (isOle) throw refuseFile("file.kind");
  if (isZip) yield* rowsOfWorkbook(bytes);
  else yield* rowsOfText(toText(bytes));
}

function* rowsOfWorkbook(bytes: Buffer): Generator<SheetRow> {
  try {
    yield* readXlsx(bytes, Math.max(1_048_576, bytes.length) * expansion);
  } catch (error) {
    if (error instanceof ZipError && error.code === "locked") throw refuseFile("file.kind");
    if (error instanceof ZipError && error.code === "large") throw refuseFile("file.size");
    const isBroken = error instanceof ZipError || error instanceof XmlError;
    if (isBroken || (error as NodeJS.ErrnoException).code === "ERR_ENCODING_INVALID_ENCODED_DATA")
      throw refuseFile("file.broken");
    throw error;
  }
}

function* rowsOfText(text: string): Generator<SheetRow> {
  // A line that some spreadsheet programs write for one another.
  const said = /^sep=([,;\t])\r?\n/i.exec(text);
  const body = said === null ? text : text.slice(said[0].length);
  const reading = readCsv(body, (said?.[1] as Delimiter | undefined) ?? delimiterOf(body));
  const skipped = said === null ? 0 : 1;
  for (;;) {
    const { done, value } = reading.next();
    if (done === true) {
      if (value !== null) throw refuseFile("file.broken", { line: value.line + skipped });
      return;
    }
    if (value.fields.some((field) => field.trim() !== ""))
      yield { line: value.line + skipped, cells: value.fields };
  }
}

/** What one of the first lines has most of: in a field there are fewer commas than there are columns. */
function delimiterOf(text: string): Delimiter {
  const lines = text.slice(0, 65_536).split("\n", 10);
  const counted = ([",", ";", "\t"] as const).map((delimiter) => ({
    delimiter,
    most: Math.max(...lines.map((line) => line.split(delimiter).length)),
  }));
  return counted.toSorted((a, b) => b.most - a.most)[0]!.delimiter;
}

function toText(bytes: Buffer): string {
  const [first, second] = [bytes[0], bytes[1]];
  if (first === 0xff && second === 0xfe) return decode("utf-16le", bytes);
  if (first === 0xfe && second === 0xff) return decode("utf-16be", bytes);
  if (bytes.includes(0)) throw refuseFile("file.kind");
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    // No byte is wrong in it; what it makes of another encoding is in no list of words, and is refused line by line.
    return decode("windows-1252", bytes);
  }
}

function decode(encoding: string, bytes: Buffer): string {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw refuseFile("file.encoding");
  }
}
