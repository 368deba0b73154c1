/** One record of a CSV file and the line that it begins on. */
export interface CsvRecord {
  line: number;
  fields: string[];
}

/** Where a text stops being CSV, and what is found there. */
export interface CsvBreak {
  line: number;
  found: string;
}

export interface Csv {
  records: CsvRecord[];
  /** null: all was read. */
  broken: CsvBreak | null;
}

export type Delimiter = "," | ";" | "\t";

/** The whole of a text; see readCsv. */
export function parseCsv(text: string, delimiter: Delimiter = ","): Csv {
  const records: CsvRecord[] = [];
  const reading = readCsv(text, delimiter);
  for (;;) {
    const { done, value } = reading.next();
    if (done === true) return { records, broken: value };
    records.push(value);
  }
}

/**
 * Reads values that commas, or other delimiters, separate, as RFC 4180 has them.
 *
 * A field is plain (no quote, delimiter or line break in it) or wholly in double quotes, where `""` stands for one quote
 * and a line break is text. Lines end in LF or CRLF. Empty lines are skipped. Anything else is refused where it
 * begins: an unclosed quote is reported on the line that opened it. What is returned at the end: where it broke off, or null.
 */
export function* readCsv(text: string, delimiter: Delimiter): Generator<CsvRecord, CsvBreak | null> {
  const plain = new RegExp(`[^"${delimiter}\\r\\n]*`, "y");
  const end = new RegExp(`${delimiter}|\\r?\\n|$`, "y");
  let record: CsvRecord = { line: 1, fields: [] };
  let line = 1;
  for (let at = 0; ;) {
    const isQuoted = text[at] === '"';
    const past = isQuoted ? endOfQuoted(text, at) : endOf(plain, text, at);
    const whole = text.slice(at, past ?? at);
    end.lastIndex = past ?? at;
    const stop = past === null ? null : end.exec(text);
    if (stop === null) return { line, found: /[^\r\n]*/.exec(text.slice(at, at + 40))![0] };
    record.fields.push(isQuoted ? whole.slice(1, -1).replaceAll('""', '"') : whole);
    if (isQuoted) line += whole.split("\n").length - 1;
    at = end.lastIndex;
    if (stop[0] === delimiter) continue;
    const isBlank = record.fields.length === 1 && whole === "";
    if (!isBlank) yield record;
    if (stop[0] === "") return null;
    line += 1;
    record = { line, fields: [] };
  }
}

function endOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  pattern.exec(text);
  return pattern.lastIndex;
}

/** Behind the quote that closes; null: none does. No regular expression: a field may be as long as the file. */
function endOfQuoted(text: string, at: number): number | null {
  for (let quote = text.indexOf('"', at + 1); quote !== -1; quote = text.indexOf('"', quote + 2)) {
    if (text[quote + 1] !== '"') return quote + 1;
  }
  return null;
}
