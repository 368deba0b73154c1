import { describe, expect, it } from "vitest";
import { parseCsv } from "../../src/inventory/csv.ts";

describe("CSV", () => {
  it.each([
    [
      "plain fields",
      "a,b\n1,2\n",
      [
        ["a", "b"],
        ["1", "2"],
      ],
    ],
    ["a last line without a line break", "a,b", [["a", "b"]]],
    ["CRLF", "a\r\nb\r\n", [["a"], ["b"]]],
    ["empty fields at both ends", ",x,\n", [["", "x", ""]]],
    ["an empty field after the last comma of the text", "x,", [["x", ""]]],
    [
      "commas, quotes and line breaks in quotes",
      '"a,b","say ""x""","one\ntwo"\n',
      [["a,b", 'say "x"', "one\ntwo"]],
    ],
    ["a quoted empty field alone on its line", '""\n', [[""]]],
    ["empty lines, which are skipped", "a\n\n\nb\n", [["a"], ["b"]]],
    ["nothing", "", []],
  ])("reads %s", (_what, text, rows) => {
    const { records, broken } = parseCsv(text);
    expect(records.map(({ fields }) => fields)).toEqual(rows);
    expect(broken).toBeNull();
  });

  it("keeps the line of each record, also after a field with line breaks", () => {
    const { records } = parseCsv('a\n"1\n2\n3",x\n\nb\n');
    expect(records.map(({ line }) => line)).toEqual([1, 2, 6]);
  });

  it.each([
    ["an unclosed quote, where it opened", 'a\n"b\nc\n', { line: 2, found: '"b' }],
    ["text after a closing quote", 'a\n"b"c\n', { line: 2, found: '"b"c' }],
    ["a quote inside a plain field", 'a\nb"c"\n', { line: 2, found: 'b"c"' }],
  ])("refuses %s", (_what, text, broken) => {
    expect(parseCsv(text).broken).toEqual(broken);
  });
});
