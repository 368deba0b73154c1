/*
 * InfluxDB line protocol, as Telegraf writes it:
 *
 *   ping,target=gw,url=10.8.1.1 packets_transmitted=5i,packets_received=5i,ttl=63,average_response_ms=23.066 1763785200000000000
 *   measurement[,tag=value…] field=value[,field=value…] [timestamp]
 *
 * Names and tag values escape comma, equals sign and space by a backslash; before anything else a backslash stands for
 * itself. Strings are quoted and escape `"` and `\`; they may hold line breaks. Numbers: 1.5 and 1e3 are floats, 1i is a
 * whole number of 64 bits, 1u one without a sign; t, T, true, True, TRUE and their opposites are booleans. Lines that are
 * empty or begin with # are passed over.
 *
 * Stricter than InfluxDB in what is never meant: a tag or field that is named twice, an empty name or tag value.
 */

/** Whole numbers beyond 2^53 are bigint, all others are numbers. */
export type FieldValue = number | bigint | string | boolean;

export interface Point {
  /** Line of the body on which it begins, from 1. */
  line: number;
  measurement: string;
  tags: ReadonlyMap<string, string>;
  fields: ReadonlyMap<string, FieldValue>;
  /** In the precision of the request; null: the line has none. */
  timestamp: bigint | null;
}

/** A line that cannot be taken, and why. */
export class LineError extends Error {
  readonly code = "line.invalid";
  /** From 1. */
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.name = "LineError";
    this.line = line;
  }
}

const code = {
  newline: 0x0a,
  space: 0x20,
  quote: 0x22,
  hash: 0x23,
  comma: 0x2c,
  equals: 0x3d,
  backslash: 0x5c,
} as const;

const booleans: ReadonlyMap<string, boolean> = new Map([
  ...["t", "T", "true", "True", "TRUE"].map((word) => [word, true] as const),
  ...["f", "F", "false", "False", "FALSE"].map((word) => [word, false] as const),
]);
const float = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;
const whole = /^[+-]?\d{1,19}i$/;
const unsigned = /^\+?\d{1,20}u$/;
const time = /^[+-]?\d{1,19}$/;
const leastInt = -(2n ** 63n);
const mostInt = 2n ** 63n - 1n;
const mostUint = 2n ** 64n - 1n;

/** Every line of a body, as a point or as what is wrong with it; a bad line does not spoil its neighbours. */
export function* readLines(text: string): Generator<Point | LineError> {
  const reader = createLineReader(text);
  while (reader.findLine()) yield reader.read();
}

function createLineReader(text: string) {
  const end = text.length;
  let at = 0;
  let line = 1;
  /** Where the line began, for one whose quotes swallow the rest. */
  let startAt = 0;
  let startLine = 1;
  let isQuoteOpen = false;

  function fail(what: string): never {
    throw new LineError(startLine, what);
  }

  const here = () => (at < end ? text.charCodeAt(at) : code.newline);
  const isBlank = (char: number) => char === code.space || char === 0x09 || char === 0x0d;
  const skipBlanks = () => {
    while (at < end && isBlank(text.charCodeAt(at))) at += 1;
  };
  const toNextLine = () => {
    const next = text.indexOf("\n", at);
    at = next < 0 ? end : next + 1;
    line += 1;
  };

  /** Moves to the next line that says something. */
  function findLine(): boolean {
    for (;;) {
      skipBlanks();
      if (at >= end) return false;
      const first = text.charCodeAt(at);
      if (first !== code.newline && first !== code.hash) return true;
      toNextLine();
    }
  }

  function read(): Point | LineError {
    startAt = at;
    startLine = line;
    isQuoteOpen = false;
    try {
      const point = readPoint();
      toNextLine();
      return point;
    } catch (error) {
      if (!(error instanceof LineError)) throw error;
      if (isQuoteOpen) {
        at = startAt;
        line = startLine;
      }
      toNextLine();
      return error;
    }
  }

  function readPoint(): Point {
    const measurement = readName("the measurement", code.comma, code.space);
    const tags = new Map<string, string>();
    while (here() === code.comma) {
      at += 1;
      const name = readName("a tag's name", code.equals, code.space);
      expectEquals(`tag ${name}`);
      if (tags.has(name)) fail(`tag ${name} is there twice`);
      tags.set(name, readName(`tag ${name}`, code.comma, code.space, code.equals));
      if (here() === code.equals) fail(`tag ${name} holds an equals sign that is not escaped`);
    }
    if (here() !== code.space) fail("a point needs a field after its measurement and tags");
    skipBlanks();
    const fields = readFields();
    skipBlanks();
    const timestamp = here() === code.newline ? null : readTimestamp();
    skipBlanks();
    if (here() !== code.newline) fail("nothing may follow the timestamp");
    return { line: startLine, measurement, tags, fields, timestamp };
  }

  function readFields(): Map<string, FieldValue> {
    const fields = new Map<string, FieldValue>();
    for (;;) {
      const name = readName("a field's name", code.equals, code.space, code.comma);
      expectEquals(`field ${name}`);
      if (fields.has(name)) fail(`field ${name} is there twice`);
      fields.set(name, here() === code.quote ? readString(name) : toValue(name, readWord()));
      if (here() !== code.comma) return fields;
      at += 1;
    }
  }

  function expectEquals(what: string): void {
    if (here() !== code.equals) fail(`${what} has no value`);
    at += 1;
  }

  /** Up to a character that ends it, which stays. */
  function readName(what: string, stop: number, otherStop: number, thirdStop: number = stop): string {
    const from = at;
    let escaped = false;
    for (; at < end; at++) {
      const char = text.charCodeAt(at);
      if (char === code.backslash && isEscapable(text.charCodeAt(at + 1))) {
        escaped = true;
        at += 1;
      } else if (char === stop || char === otherStop || char === thirdStop || char === code.newline) break;
    }
    if (at === from) fail(`${what} is empty`);
    const raw = text.slice(from, at);
    return escaped ? raw.replaceAll(/\\([,= ])/g, "$1") : raw;
  }

  function readWord(): string {
    const from = at;
    while (at < end && !isBlank(here()) && here() !== code.comma && here() !== code.newline) at += 1;
    return text.slice(from, at);
  }

  function readString(name: string): string {
    isQuoteOpen = true;
    const from = at + 1;
    let escaped = false;
    for (at = from; at < end; at++) {
      const char = text.charCodeAt(at);
      if (char === code.quote) break;
      if (char === code.newline) line += 1;
      const next = text.charCodeAt(at + 1);
      if (char === code.backslash && (next === code.quote || next === code.backslash)) {
        escaped = true;
        at += 1;
      }
    }
    if (at >= end) fail(`field ${name}: the string does not end`);
    isQuoteOpen = false;
    const raw = text.slice(from, at);
    at += 1;
    if (!isBlank(here()) && here() !== code.comma && here() !== code.newline)
      fail(`field ${name}: nothing may follow the string`);
    return escaped ? raw.replaceAll(/\\(["\\])/g, "$1") : raw;
  }

  function toValue(name: string, word: string): FieldValue {
    if (float.test(word)) {
      const value = Number(word);
      if (Number.isFinite(value)) return value;
    }
    if (whole.test(word)) {
      const value = BigInt(word.slice(word.startsWith("+") ? 1 : 0, -1));
      if (value >= leastInt && value <= mostInt) return short(value);
    }
    if (unsigned.test(word)) {
      const value = BigInt(word.slice(word.startsWith("+") ? 1 : 0, -1));
      if (value <= mostUint) return short(value);
    }
    const truth = booleans.get(word);
    return truth ?? fail(`field ${name}: ${show(word)} is no number, string or boolean`);
  }

  function readTimestamp(): bigint {
    const word = readWord();
    const value = time.test(word) ? BigInt(word.replace(/^\+/, "")) : null;
    return value !== null && value >= leastInt && value <= mostInt
      ? value
      : fail(`timestamp: ${show(word)} is no whole number of 64 bits`);
  }

  return { findLine, read };
}

function isEscapable(char: number): boolean {
  return char === code.comma || char === code.equals || char === code.space;
}

function short(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function show(word: string): string {
  return JSON.stringify(word.length > 40 ? `${word.slice(0, 40)}…` : word);
}
