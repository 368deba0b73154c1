import type { Kind } from "#wire/rounds-v1.ts";
import type { SummaryColumns } from "#wire/summary-v1.ts";
import { createByteReader, createByteWriter, largestSigned } from "./bytes.ts";
import type { ByteReader, ByteWriter } from "./bytes.ts";
import { keptReplies } from "./join.ts";
import type {
  DnsRounds,
  HttpRounds,
  IcmpRounds,
  Outcomes,
  Rounds,
  SnmpRounds,
  TcpRounds,
} from "./series-store.ts";

/*
 * A chunk: consecutive rounds of one target as bytes. Its first time and its kind stand beside it in the store.
 *
 *   rounds n        varint
 *   times           n − 1 numbers: how each difference differs from the one before it, the first from 30 s (steady: 1 byte)
 *   icmp            column sent · column recv · scale (1 or 10) · per round its first RTT as a difference to the round
 *                   before, then the rises within the round; all in units of `scale` µs · columns unsent, lossRun
 *   snmp            column ok · count of objects, then name and column of each · column why
 *   others          their columns in the order of `layouts`
 *
 * An optional column that is not there is written as one that is null throughout, a byte, and read as not there. So is
 * one at the end of the chunk of which nothing is written. Where rounds were merged a 0 stands before the chunk, and the
 * columns merged and spanMs between times and the rest; icmp has as many RTTs then as those rounds kept. Elsewhere the two
 * take nothing.
 *
 * Column: tag, then — with bit 7 of the tag set — a bitmap of the cells that are null, then the cells that are not:
 *   0 none · 1 one whole number for all · 2 whole numbers, each as a difference · 3 the same in tenths ·
 *   4 float64 · 5 texts, each as its place in a list of the different ones ·
 *   16 to 31 one whole number for all, from 0 to 15: all echoes sent, all answered, all checks passed
 */

type Cell = number | string | null;

const tag = { none: 0, constant: 1, whole: 2, tenths: 3, float: 4, texts: 5, small: 16 } as const;
const smallNumbers = 16;
/** The interval that most targets have. */
const usualStepMs = 30_000;
const nullable = 0x80;

const layouts = {
  http: ["ok", "phase", "status", "dnsMs", "connectMs", "tlsMs", "ttfbMs", "totalMs", "certExpiresS"],
  dns: ["ok", "rcode", "totalMs"],
  tcp: ["ok", "phase", "connectMs"],
} as const;

export function encodeChunk(rounds: Rounds): Uint8Array {
  const out = createByteWriter();
  writeChunk(out, rounds);
  return out.bytes();
}

/** Adds the chunk to what was written before. */
export function writeChunk(out: ByteWriter, rounds: Rounds): void {
  if (rounds.merged !== undefined) out.unsigned(0);
  writeTimes(out, rounds.timeMs);
  if (rounds.merged !== undefined) {
    writeColumn(out, rounds.merged);
    writeColumn(out, rounds.spanMs!);
  }
  switch (rounds.kind) {
    case "icmp":
      writeColumn(out, rounds.sent);
      writeColumn(out, rounds.recv);
      writeRtts(out, rounds);
      writeLast(out, [rounds.unsent, rounds.lossRun]);
      break;
    case "snmp": {
      writeColumn(out, rounds.ok);
      const objects = Object.entries(rounds.values);
      out.unsigned(objects.length);
      for (const [name, cells] of objects) {
        out.text(name);
        writeColumn(out, cells);
      }
      writeLast(out, [rounds.why]);
      break;
    }
    case "http":
      for (const name of layouts.http) writeColumn(out, rounds[name]);
      writeLast(out, [rounds.tlsError]);
      break;
    case "dns":
      for (const name of layouts.dns) writeColumn(out, rounds[name]);
      break;
    case "tcp":
      for (const name of layouts.tcp) writeColumn(out, rounds[name]);
      break;
  }
}

export function decodeChunk(key: string, kind: Kind, firstMs: number, data: Uint8Array): Rounds {
  const input = createByteReader(data);
  const first = input.unsigned();
  const timeMs = readTimes(input, firstMs, first === 0 ? input.unsigned() : first);
  const rows = timeMs.length;
  const summaries = first === 0 ? (readColumns(input, rows, ["merged", "spanMs"]) as SummaryColumns) : {};
  switch (kind) {
    case "icmp": {
      const sent = readColumn(input, rows) as number[];
      const recv = readColumn(input, rows) as number[];
      const rttUs = readRtts(input, keptReplies({ recv, ...summaries }));
      const optional = readOptional(input, rows, ["unsent", "lossRun"]);
      return { key, kind, timeMs, sent, recv, rttUs, ...optional, ...summaries } as IcmpRounds;
    }
    case "snmp": {
      const ok = readColumn(input, rows) as SnmpRounds["ok"];
      const values: SnmpRounds["values"] = {};
      for (let left = input.unsigned(); left > 0; left--) {
        const name = input.text();
        values[name] = readColumn(input, rows);
      }
      const why = readOptional(input, rows, ["why"]);
      return { key, kind, timeMs, ok, values, ...why, ...summaries } as SnmpRounds;
    }
    case "http":
      return {
        key,
        kind,
        timeMs,
        ...readColumns(input, rows, layouts.http),
        ...readOptional(input, rows, ["tlsError"]),
        ...summaries,
      } as HttpRounds;
    case "dns":
      return { key, kind, timeMs, ...readColumns(input, rows, layouts.dns), ...summaries } as DnsRounds;
    case "tcp":
      return { key, kind, timeMs, ...readColumns(input, rows, layouts.tcp), ...summaries } as TcpRounds;
  }
}

/** When the rounds of a check began and whether it passed: all that stands before the rest of its columns. */
export function decodeOutcomes(
  key: string,
  kind: Outcomes["kind"],
  firstMs: number,
  data: Uint8Array,
): Outcomes {
  const input = createByteReader(data);
  const first = input.unsigned();
  const timeMs = readTimes(input, firstMs, first === 0 ? input.unsigned() : first);
  const rows = timeMs.length;
  const summaries = first === 0 ? (readColumns(input, rows, ["merged", "spanMs"]) as SummaryColumns) : {};
  return { key, kind, timeMs, ok: readColumn(input, rows) as Outcomes["ok"], ...summaries };
}

function readColumns(input: ByteReader, rows: number, names: readonly string[]): Record<string, Cell[]> {
  return Object.fromEntries(names.map((name) => [name, readColumn(input, rows)]));
}

function readOptional(input: ByteReader, rows: number, names: readonly string[]): Record<string, Cell[]> {
  const columns = Object.entries(readColumns(input, rows, names));
  return Object.fromEntries(columns.filter(([, cells]) => cells.some((cell) => cell !== null)));
}

function writeTimes(out: ByteWriter, timeMs: readonly number[]): void {
  out.unsigned(timeMs.length);
  let step = usualStepMs;
  for (let i = 1; i < timeMs.length; i++) {
    const next = timeMs[i]! - timeMs[i - 1]!;
    out.signed(next - step);
    step = next;
  }
}

function readTimes(input: ByteReader, firstMs: number, rows: number): number[] {
  const timeMs = [firstMs];
  let step = usualStepMs;
  for (let i = 1; i < rows; i++) {
    step += input.signed();
    timeMs.push(timeMs[i - 1]! + step);
  }
  return timeMs;
}

function writeRtts(out: ByteWriter, rounds: IcmpRounds): void {
  const { rttUs } = rounds;
  const scale = rttUs.every((value) => value % 10 === 0) ? 10 : 1;
  out.byte(scale);
  let at = 0;
  let previousFirst = 0;
  for (const kept of keptReplies(rounds)) {
    let previous = 0;
    for (let i = 0; i < kept; i++) {
      const value = rttUs[at++]! / scale;
      if (i === 0) {
        out.signed(value - previousFirst);
        previousFirst = value;
      } else {
        out.unsigned(value - previous);
      }
      previous = value;
    }
  }
}

function readRtts(input: ByteReader, kept: readonly number[]): number[] {
  const scale = input.byte();
  const rttUs: number[] = [];
  let previousFirst = 0;
  for (const count of kept) {
    let value = 0;
    for (let i = 0; i < count; i++) {
      if (i === 0) {
        previousFirst += input.signed();
        value = previousFirst;
      } else {
        value += input.unsigned();
      }
      rttUs.push(value * scale);
    }
  }
  return rttUs;
}

/** Optional columns at the end of a chunk, up to the last that is there. */
function writeLast(out: ByteWriter, columns: readonly (readonly Cell[] | undefined)[]): void {
  const last = columns.findLastIndex((cells) => cells !== undefined);
  for (const cells of columns.slice(0, last + 1)) writeColumn(out, cells ?? []);
}

function writeColumn(out: ByteWriter, cells: readonly Cell[]): void {
  const first = cells[0];
  // What most columns are, found in one walk.
  if (isSmallNumber(first) && cells.every((cell) => cell === first)) {
    out.byte(tag.small + first);
    return;
  }
  const present = cells.filter((cell) => cell !== null);
  const holes = present.length < cells.length ? nullable : 0;
  if (present.length === 0) {
    out.byte(tag.none);
    return;
  }
  const chosen = chooseTag(present);
  const isSmall = chosen === tag.constant && isSmallNumber(present[0]!);
  out.byte((isSmall ? tag.small + (present[0] as number) : chosen) | holes);
  if (holes !== 0) writeBitmap(out, cells);
  switch (chosen) {
    case tag.constant:
      if (!isSmall) out.signed(present[0] as number);
      break;
    case tag.whole:
      writeDifferences(out, present as number[]);
      break;
    case tag.tenths:
      writeDifferences(
        out,
        (present as number[]).map((value) => Math.round(value * 10)),
      );
      break;
    case tag.float:
      for (const value of present) out.float64(value as number);
      break;
    case tag.texts:
      writeTexts(out, present);
      break;
  }
}

const isSmallNumber = (cell: Cell | undefined): cell is number =>
  Number.isInteger(cell) && (cell as number) >= 0 && (cell as number) < smallNumbers;

function chooseTag(present: readonly (number | string)[]): number {
  if (present.some((cell) => typeof cell === "string")) return tag.texts;
  const numbers = present as number[];
  if (numbers.every((value) => Number.isInteger(value) && Math.abs(value) < largestSigned / 2)) {
    return numbers.every((value) => value === numbers[0]) ? tag.constant : tag.whole;
  }
  const inTenths = (value: number) => Math.abs(value) < 1e12 && Math.round(value * 10) / 10 === value;
  return numbers.every(inTenths) ? tag.tenths : tag.float;
}

function writeDifferences(out: ByteWriter, values: readonly number[]): void {
  let previous = 0;
  for (const value of values) {
    out.signed(value - previous);
    previous = value;
  }
}

/** Numbers among texts (a counter that outgrew 2^53 halfway) come back as numbers: the list remembers which they were. */
function writeTexts(out: ByteWriter, present: readonly (number | string)[]): void {
  const different = [...new Set(present)];
  const places = new Map(different.map((cell, index) => [cell, index]));
  out.unsigned(different.length);
  for (const cell of different) out.text(JSON.stringify(cell));
  for (const cell of present) out.unsigned(places.get(cell)!);
}

function writeBitmap(out: ByteWriter, cells: readonly Cell[]): void {
  for (let i = 0; i < cells.length; i += 8) {
    let bits = 0;
    for (let bit = 0; bit < 8; bit++) if (cells[i + bit] === null) bits |= 1 << bit;
    out.byte(bits);
  }
}

function readColumn(input: ByteReader, rows: number): Cell[] {
  const head = input.isAtEnd() ? tag.none : input.byte();
  const isNull: boolean[] = [];
  const chosen = head & 0x7f;
  if (chosen === tag.none) return Array.from({ length: rows }, () => null);
  if ((head & nullable) !== 0) {
    for (let i = 0; i < rows; i += 8) {
      const bits = input.byte();
      for (let bit = 0; bit < 8; bit++) isNull.push((bits & (1 << bit)) !== 0);
    }
  }
  // What most columns are: all of them sent, all of them passed.
  const isOne = chosen >= tag.small && chosen < tag.small + smallNumbers;
  if (isOne && isNull.length === 0) return Array.from<Cell>({ length: rows }).fill(chosen - tag.small);
  const next = cellReader(input, chosen);
  return Array.from({ length: rows }, (_, row) => (isNull[row] === true ? null : next()));
}

function cellReader(input: ByteReader, chosen: number): () => Cell {
  if (chosen >= tag.small && chosen < tag.small + smallNumbers) return () => chosen - tag.small;
  switch (chosen) {
    case tag.constant: {
      const value = input.signed();
      return () => value;
    }
    case tag.whole:
    case tag.tenths: {
      let value = 0;
      return () => {
        value += input.signed();
        return chosen === tag.tenths ? value / 10 : value;
      };
    }
    case tag.float:
      return () => input.float64();
    case tag.texts: {
      const different = Array.from({ length: input.unsigned() }, () => JSON.parse(input.text()) as Cell);
      return () => different[input.unsigned()] ?? null;
    }
    default:
      throw new RangeError(`chunk has a column of unknown tag ${chosen}`);
  }
}
