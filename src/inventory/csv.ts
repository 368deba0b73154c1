/** One record of a CSV file and the line that it begins on. */
export interface CsvRecord {
  line: number;
  fields: string[];
}

export interface Csv {
  records: CsvRecord[];
  /** The line where the text stops being CSV, and the text found there; null: all was read. */
  broken: { line: number; found: string } | null;
}

/**
 * Reads comma-separated values as RFC 4180 has them.
 *
 * A field is plain (no quote, comma or line break in it) or wholly in double quotes, where `""` stands for one quote
 * and a line break is text. Lines end in LF or CRLF. Empty lines are skipped. Anything else is refused where it
 * begins: an unclosed quote is reported on the line that opened it.
 */
export function parseCsv(text: string): Csv {
  const field = /"((?:[^"]|"")*)"|([^",\r\n]*)/y;
  const end = /,|\r?\n|$/y;
  const records: CsvRecord[] = [];
  let record: CsvRecord = { line: 1, fields: [] };
  let line = 1;
  for (let at = 0; ;) {
    field.lastIndex = at;
    const [whole, quoted, plain] = field.exec(text)!;
    end.lastIndex = at + whole.length;
    const stop = end.exec(text);
    if (stop === null) return { records, broken: { line, found: /[^\r\n]{0,40}/.exec(text.slice(at))![0] } };
    record.fields.push(quoted?.replaceAll('""', '"') ?? plain!);
    line += whole.split("\n").length - 1;
    at = end.lastIndex;
    if (stop[0] === ",") continue;
    const isBlank = record.fields.length === 1 && whole === "";
    if (!isBlank) records.push(record);
    if (stop[0] === "") return { records, broken: null };
    line += 1;
    record = { line, fields: [] };
  }
}
