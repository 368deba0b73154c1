import { describe, expect, it } from "vitest";
import { LineError, readLines } from "../../src/ingest/line-protocol.ts";
import type { Point } from "../../src/ingest/line-protocol.ts";
import { seededRandom } from "../support/random.ts";

const read = (text: string) => [...readLines(text)];

function point(text: string): {
  measurement: string;
  tags: object;
  fields: object;
  timestamp: bigint | null;
} {
  const [found, ...more] = read(text);
  expect(more).toEqual([]);
  if (found instanceof LineError) throw found;
  const { measurement, tags, fields, timestamp } = found!;
  return { measurement, tags: Object.fromEntries(tags), fields: Object.fromEntries(fields), timestamp };
}

describe("a line", () => {
  it("of Telegraf's ping is read as it is written", () => {
    const line =
      "ping,url=example.org average_response_ms=23.066,ttl=63,maximum_response_ms=24.64,packets_received=5i,percent_packet_loss=0,result_code=0i 1535747258000000000\n";
    expect(point(line)).toEqual({
      measurement: "ping",
      tags: { url: "example.org" },
      fields: {
        average_response_ms: 23.066,
        ttl: 63,
        maximum_response_ms: 24.64,
        packets_received: 5,
        percent_packet_loss: 0,
        result_code: 0,
      },
      timestamp: 1_535_747_258_000_000_000n,
    });
  });

  it.each<[string, unknown]>([
    ["1", 1],
    ["-1.5", -1.5],
    ["+.5", 0.5],
    ["5.", 5],
    ["1e3", 1000],
    ["1.25E-2", 0.0125],
    ["0i", 0],
    ["-42i", -42],
    ["9007199254740991i", 9_007_199_254_740_991],
    ["9007199254740993i", 9_007_199_254_740_993n],
    ["9223372036854775807i", 9_223_372_036_854_775_807n],
    ["-9223372036854775808i", -9_223_372_036_854_775_808n],
    ["18446744073709551615u", 18_446_744_073_709_551_615n],
    ["7u", 7],
    ["t", true],
    ["TRUE", true],
    ["False", false],
    ["f", false],
    ['""', ""],
    ['"a, b = c"', "a, b = c"],
    ['"say \\"ya\\" and \\\\n"', 'say "ya" and \\n'],
    ['"C:\\dir\\new"', "C:\\dir\\new"],
    ['"two\nlines"', "two\nlines"],
    ['"ends in \\\\"', "ends in \\"],
    ['"Kutai — 井"', "Kutai — 井"],
  ])("holds the value %s", (written, value) => {
    expect(point(`m f=${written} 1`).fields).toEqual({ f: value });
  });

  it.each<[string, string, object, object]>([
    ["escapes", String.raw`my\ pi\,ng,a\=b\,c=d\ e\=f x\ y=1`, { "a=b,c": "d e=f" }, { "x y": 1 }],
    [
      "a backslash that escapes nothing",
      String.raw`C:\dir,path=C:\tmp f=1`,
      { path: String.raw`C:\tmp` },
      { f: 1 },
    ],
    ["an equals sign in the measurement", "a=b f=1", {}, { f: 1 }],
    ["several blanks and a carriage return", "m,t=1  f=1,g=2   5 \r", { t: "1" }, { f: 1, g: 2 }],
  ])("may have %s", (_, line, tags, fields) => {
    expect(point(line)).toMatchObject({ tags, fields });
  });

  it("may do without a timestamp", () => {
    expect(point("m f=1").timestamp).toBeNull();
    expect(point("m f=1 -5").timestamp).toBe(-5n);
  });

  it.each([
    ["m", "needs a field"],
    ["m,", "a tag's name is empty"],
    ["m,t", "tag t has no value"],
    ["m,t= f=1", "tag t is empty"],
    ["m,=v f=1", "a tag's name is empty"],
    ["m,t=1,t=2 f=1", "tag t is there twice"],
    ["m,t=a=b f=1", "not escaped"],
    ["m,t=1", "needs a field"],
    [",t=1 f=1", "the measurement is empty"],
    ["m f", "field f has no value"],
    ["m f=", "no number"],
    ["m =1", "a field's name is empty"],
    ["m f=1,", "a field's name is empty"],
    ["m f=1,f=2", "field f is there twice"],
    ["m f=1x", '"1x" is no number'],
    ["m f=0x10", "no number"],
    ["m f=1_000", "no number"],
    ["m f=NaN", "no number"],
    ["m f=Infinity", "no number"],
    ["m f=1e999", "no number"],
    ["m f=9223372036854775808i", "no number"],
    ["m f=-1u", "no number"],
    ["m f=1.5i", "no number"],
    ["m f=tRUE", "no number"],
    ['m f="a', "the string does not end"],
    ['m f="a"b 1', "nothing may follow the string"],
    ["m f=1 1.5", "timestamp"],
    ["m f=1 9223372036854775808", "timestamp"],
    ["m f=1 1 2", "nothing may follow the timestamp"],
  ])("%s is refused: %s", (line, why) => {
    const [first] = read(line);
    expect(first).toBeInstanceOf(LineError);
    expect((first as LineError).message).toContain(why);
  });
});

describe("a body", () => {
  const linesOf = (text: string) =>
    read(text).map((found) =>
      found instanceof LineError ? `!${found.line}` : `${found.measurement}${found.line}`,
    );

  it("has empty lines and comments, and needs no line break at its end", () => {
    expect(linesOf("\n# note f=1\r\n\n  a f=1\n\r\nb f=1")).toEqual(["a4", "b6"]);
    expect(linesOf("")).toEqual([]);
    expect(linesOf("#")).toEqual([]);
  });

  it("counts lines through strings that hold line breaks", () => {
    expect(linesOf('a f="1\n2\n3"\nb f=1\nc\nd f="\n" 1 2\ne f=1')).toEqual(["a1", "b4", "!5", "!6", "e8"]);
  });

  it("keeps the good lines around a bad one, and around a string without an end", () => {
    expect(linesOf('a f=1\nb f\nc f=1\nd f="\ne f=1\nf f=1')).toEqual(["a1", "!2", "c3", "!4", "e5", "f6"]);
  });
});

describe("whatever comes", () => {
  const random = seededRandom(20_261_122);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;

  it("is a point or a refusal of one line, never anything else", () => {
    const alphabet = 'abm,= \\"\n\r\t#0159.eiut-+é\uFFFD\u0000'.split("");
    for (let run = 0; run < 20_000; run++) {
      const text = Array.from({ length: Math.floor(random() * 40) }, () => pick(alphabet)).join("");
      const found = read(text);
      const most = text.split("\n").length;
      expect(found.length).toBeLessThanOrEqual(most);
      for (const one of found) expect(one.line).toBeLessThanOrEqual(most);
    }
  });

  it("is read back as it was written, when it was written by the rules", () => {
    const word = () =>
      Array.from({ length: 1 + Math.floor(random() * 6) }, () => pick('aZ9 ,="é:/'.split(""))).join("");
    const escaped = (text: string) => text.replaceAll(/[,= ]/g, "\\$&");
    for (let run = 0; run < 5_000; run++) {
      const tags = new Map(Array.from({ length: Math.floor(random() * 4) }, () => [`t${word()}`, word()]));
      const fields = new Map<string, string | number>(
        Array.from({ length: 1 + Math.floor(random() * 4) }, () => [
          `f${word()}`,
          random() < 0.5 ? pick(["", "\\", '\\"', "a\nb", word()]) : Math.round(random() * 1e6) / 1e3,
        ]),
      );
      const line = [
        `m${[...tags].map(([key, value]) => `,${escaped(key)}=${escaped(value)}`).join("")}`,
        [...fields]
          .map(([key, value]) =>
            typeof value === "number"
              ? `${escaped(key)}=${value}`
              : `${escaped(key)}="${value.replaceAll(/["\\]/g, "\\$&")}"`,
          )
          .join(","),
        "1763785200123456789",
      ].join(" ");
      const [found] = read(line) as [Point];
      expect(Object.fromEntries(found.tags)).toEqual(Object.fromEntries(tags));
      expect(Object.fromEntries(found.fields)).toEqual(Object.fromEntries(fields));
      expect(found.timestamp).toBe(1_763_785_200_123_456_789n);
    }
  });
});
