import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { Kind } from "#wire/rounds-v1.ts";
import { createByteReader, createByteWriter } from "./bytes.ts";
import type { ByteReader, ByteWriter } from "./bytes.ts";
import { timesOf } from "./figures.ts";
import type { Figures, ObjectFigures, Step } from "./figures.ts";
import { toSketch } from "./sketch.ts";
import type { Sketch } from "./sketch.ts";

/*
 * A block of a tier: the steps of several series in a day, as one row of the store. Three streams, each compressed by itself,
 * since what is alike packs well beside its like:
 *
 *   heads    per series: number · kind · steps n · lengths of its parts of the three streams · columns
 *   tokens   per bucket of a sketch a byte: 64 × (gap to the bucket before − 1, at most 3) + how often (at most 63)
 *   rests    what a token has no room for: a gap less 4 where it says 3, a count less 63 where it says 63
 *
 * Columns: slot of the step in the day · made · good · sent · received · lossRun · certExpiresS · per name of a time the
 * number of buckets and the first of them · number of objects, and of each its name · last · rise · overMs. A cell is 0 for
 * null, else 1 + the zigzag of its difference to the cell before; a column that has anything but whole numbers says so first
 * and has them as float64.
 */

export interface TierSeries {
  series: number;
  kind: Kind;
  /** Ascending, at least one. */
  steps: readonly Step[];
}

const kindNumbers: readonly Kind[] = ["icmp", "snmp", "http", "dns", "tcp"];
const gapBits = { most: 3, countMost: 63 } as const;

/** `startMs`: of the day; `stepMs`: of the tier. A bite at a time: a day of a shelf takes some 10 ms. */
export function* encodingTier(
  parts: readonly TierSeries[],
  startMs: number,
  stepMs: number,
): Generator<void, Uint8Array> {
  const heads = createByteWriter();
  const tokens = createByteWriter();
  const rests = createByteWriter();
  for (const { series, kind, steps } of parts) {
    const from = { tokens: tokens.length(), rests: rests.length() };
    const columns = createByteWriter();
    writeSeries({ columns, tokens, rests }, kind, steps, startMs, stepMs);
    const own = columns.bytes();
    heads.unsigned(series);
    heads.byte(kindNumbers.indexOf(kind));
    heads.unsigned(steps.length);
    heads.unsigned(own.length);
    heads.unsigned(tokens.length() - from.tokens);
    heads.unsigned(rests.length() - from.rests);
    heads.raw(own);
    yield;
  }
  const out = createByteWriter();
  for (const stream of [heads, tokens, rests]) {
    const packed = zstdCompressSync(stream.bytes());
    out.unsigned(packed.length);
    out.raw(packed);
    yield;
  }
  return out.bytes();
}

/** The same at once. */
export function encodeTier(parts: readonly TierSeries[], startMs: number, stepMs: number): Uint8Array {
  const encoding = encodingTier(parts, startMs, stepMs);
  for (;;) {
    const { done, value } = encoding.next();
    if (done === true) return value;
  }
}

/** The series of a block that `wanted` asks for. */
export function decodeTier(
  data: Uint8Array,
  startMs: number,
  stepMs: number,
  wanted: (series: number) => boolean,
): TierSeries[] {
  const input = createByteReader(data);
  const [heads, tokens, rests] = [0, 1, 2].map(() =>
    createByteReader(zstdDecompressSync(input.raw(input.unsigned()))),
  ) as [ByteReader, ByteReader, ByteReader];
  const found: TierSeries[] = [];
  while (!heads.isAtEnd()) {
    const series = heads.unsigned();
    const kind = kindNumbers[heads.byte()]!;
    const rows = heads.unsigned();
    const lengths = [heads.unsigned(), heads.unsigned(), heads.unsigned()] as const;
    const [own, ownTokens, ownRests] = [heads.raw(lengths[0]), tokens.raw(lengths[1]), rests.raw(lengths[2])];
    if (!wanted(series)) continue;
    const from = {
      columns: createByteReader(own),
      tokens: createByteReader(ownTokens),
      rests: createByteReader(ownRests),
    };
    found.push({ series, kind, steps: readSeries(from, kind, rows, startMs, stepMs) });
  }
  return found;
}

interface Streams<T> {
  columns: T;
  tokens: T;
  rests: T;
}

const counts = ["made", "good", "sent", "received", "lossRun", "certExpiresS"] as const;

function writeSeries(
  out: Streams<ByteWriter>,
  kind: Kind,
  steps: readonly Step[],
  dayMs: number,
  stepMs: number,
): void {
  writeColumn(
    out.columns,
    steps.map(({ startMs }) => (startMs - dayMs) / stepMs),
  );
  for (const name of counts)
    writeColumn(
      out.columns,
      steps.map(({ figures }) => figures[name]),
    );
  for (const name of timesOf[kind]) {
    const sketches = steps.map(({ figures }) => toSketch(figures.times[name]!));
    writeColumn(
      out.columns,
      sketches.map(({ buckets }) => buckets.length),
    );
    writeColumn(
      out.columns,
      sketches.map(({ buckets }) => buckets[0] ?? null),
    );
    for (const sketch of sketches) writeSketch(out, sketch);
  }
  // Of a name or a serial number there is nothing to add up.
  const objects = namesOf(steps).filter((name) =>
    steps.some(({ figures }) => (figures.objects[name]?.last ?? null) !== null),
  );
  out.columns.unsigned(objects.length);
  for (const name of objects) {
    out.columns.text(name);
    for (const part of ["last", "rise", "overMs"] as const)
      writeColumn(
        out.columns,
        steps.map(({ figures }) => figures.objects[name]?.[part] ?? null),
      );
  }
}

const namesOf = (steps: readonly Step[]) => [
  ...new Set(steps.flatMap(({ figures }) => Object.keys(figures.objects))),
];

function readSeries(
  from: Streams<ByteReader>,
  kind: Kind,
  rows: number,
  dayMs: number,
  stepMs: number,
): Step[] {
  const column = () => readColumn(from.columns, rows);
  const slots = column();
  const counted = Object.fromEntries(counts.map((name) => [name, column()]));
  const times = timesOf[kind].map((name) => {
    const lengths = column();
    const firsts = column();
    return { name, sketches: firsts.map((first, row) => readSketch(from, lengths[row]!, first)) };
  });
  const objects = Array.from({ length: from.columns.unsigned() }, () => ({
    name: from.columns.text(),
    last: column(),
    rise: column(),
    overMs: column(),
  }));
  return slots.map((slot, row) => ({
    startMs: dayMs + slot! * stepMs,
    figures: {
      ...(Object.fromEntries(counts.map((name) => [name, counted[name]![row]!])) as Pick<
        Figures,
        (typeof counts)[number]
      >),
      times: Object.fromEntries(times.map(({ name, sketches }) => [name, sketches[row]!])),
      objects: Object.fromEntries(
        objects.flatMap(({ name, last, rise, overMs }): [string, ObjectFigures][] =>
          rise[row] === null ? [] : [[name, { last: last[row]!, rise: rise[row]!, overMs: overMs[row]! }]],
        ),
      ),
    },
  }));
}

function writeSketch({ tokens, rests }: Streams<ByteWriter>, { buckets, counts: many }: Sketch): void {
  for (const [at, count] of many.entries()) {
    const gap = at === 0 ? 0 : buckets[at]! - buckets[at - 1]! - 1;
    tokens.byte(64 * Math.min(gap, gapBits.most) + Math.min(count, gapBits.countMost));
    if (gap >= gapBits.most) rests.unsigned(gap - gapBits.most);
    if (count >= gapBits.countMost) rests.unsigned(count - gapBits.countMost);
  }
}

function readSketch({ tokens, rests }: Streams<ByteReader>, length: number, first: number | null): Sketch {
  const buckets: number[] = [];
  const many: number[] = [];
  for (let at = 0; at < length; at++) {
    const token = tokens.byte();
    const gap = token >> 6;
    const wholeGap = gap === gapBits.most ? gap + rests.unsigned() : gap;
    buckets.push(at === 0 ? first! : buckets[at - 1]! + 1 + wholeGap);
    const count = token & gapBits.countMost;
    many.push(count === gapBits.countMost ? count + rests.unsigned() : count);
  }
  return { buckets, counts: many };
}

/** Whole numbers up to this are written as differences. */
const largestWhole = 2 ** 49;

function writeColumn(out: ByteWriter, cells: readonly (number | null)[]): void {
  const isWhole = cells.every(
    (cell) => cell === null || (Number.isInteger(cell) && Math.abs(cell) < largestWhole),
  );
  out.byte(isWhole ? 0 : 1);
  let previous = 0;
  for (const cell of cells) {
    if (!isWhole) {
      out.byte(cell === null ? 0 : 1);
      if (cell !== null) out.float64(cell);
      continue;
    }
    if (cell === null) {
      out.unsigned(0);
      continue;
    }
    const difference = cell - previous;
    out.unsigned(1 + (difference >= 0 ? 2 * difference : -2 * difference - 1));
    previous = cell;
  }
}

function readColumn(input: ByteReader, rows: number): (number | null)[] {
  const isWhole = input.byte() === 0;
  let previous = 0;
  return Array.from({ length: rows }, () => {
    if (!isWhole) return input.byte() === 0 ? null : input.float64();
    const code = input.unsigned();
    if (code === 0) return null;
    previous += code % 2 === 1 ? (code - 1) / 2 : -(code / 2);
    return previous;
  });
}
