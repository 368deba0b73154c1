import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { Kind } from "#wire/rounds-v1.ts";
import { createByteReader, createByteWriter } from "./bytes.ts";
import type { ByteReader, ByteWriter } from "./bytes.ts";
import { noFigures, timesOf } from "./figures.ts";
import type { Figures, ObjectFigures, Step } from "./figures.ts";
import type { OutcomeRun } from "./outcome-runs.ts";
import { toSketch } from "./sketch.ts";
import { readColumn, writeColumn } from "./tier-columns.ts";
import { readSketches, writeSketches } from "./tier-sketches.ts";
import type { SketchStreams } from "./tier-sketches.ts";

/*
 * A block of a tier: the steps of several series in a day, as one row of the store. A byte for its format, 1, and four streams, each
 * its length and compressed by itself with a checksum, so that a row that the disk gave back otherwise is known for one:
 *
 *   heads                 per series: number · kind · steps n · lengths of its parts of the four streams · columns
 *   tokens, rests, ends   of sketches (tier-sketches.ts)
 *
 * Columns (tier-columns.ts): slot of the step in the day · the counts of its kind · of http when the certificate was read ·
 * per name of a time its sketches · of snmp number of objects, and of each its name · last · when it was read · rise ·
 * overMs · of checks number of runs, and of these start · rounds · span · ok. Starts are ms since the day's, and when
 * something was read is seconds since the step's.
 */

export interface TierSeries {
  series: number;
  kind: Kind;
  /** Ascending, at least one. */
  steps: readonly Step[];
  /** Of checks, in the tier that keeps them; elsewhere none. */
  runs: readonly OutcomeRun[];
}

const format = 1;
const streamNames = ["columns", "tokens", "rests", "ends"] as const;
const kindNumbers: readonly Kind[] = ["icmp", "snmp", "http", "dns", "tcp"];
/** What is kept for years is packed once: level 13 takes 1 ms a stream, and 5 % less room than the usual 3. */
const packing = {
  params: { [constants.ZSTD_c_checksumFlag]: 1, [constants.ZSTD_c_compressionLevel]: 13 },
};

/** Counts of a step that a kind has. */
const countsOf = {
  icmp: ["made", "good", "sent", "received", "lossRun"],
  snmp: ["made", "good"],
  http: ["made", "good", "certExpiresS"],
  dns: ["made", "good"],
  tcp: ["made", "good"],
} as const satisfies Record<Kind, readonly (keyof Figures)[]>;

/** Of echoes alone the smallest and the greatest are asked for; of checks they would be a third more bytes. */
const keepsEnds = (kind: Kind): boolean => kind === "icmp";

/** `startMs`: of the day; `stepMs`: of the tier. A bite at a time: a day of a shelf takes some 10 ms. */
export function* encodingTier(
  parts: readonly TierSeries[],
  startMs: number,
  stepMs: number,
): Generator<void, Uint8Array> {
  const heads = createByteWriter();
  const streams = { tokens: createByteWriter(), rests: createByteWriter(), ends: createByteWriter() };
  for (const { series, kind, steps, runs } of parts) {
    const out = { ...streams, columns: createByteWriter() };
    const from = streamNames.map((name) => out[name].length());
    writeSeries(out, { series, kind, steps, runs }, startMs, stepMs);
    heads.unsigned(series);
    heads.byte(kindNumbers.indexOf(kind));
    heads.unsigned(steps.length);
    for (const [at, name] of streamNames.entries()) heads.unsigned(out[name].length() - from[at]!);
    heads.raw(out.columns.bytes());
    yield;
  }
  const block = createByteWriter();
  block.byte(format);
  for (const stream of [heads, streams.tokens, streams.rests, streams.ends]) {
    const packed = zstdCompressSync(stream.bytes(), packing);
    block.unsigned(packed.length);
    block.raw(packed);
    yield;
  }
  return block.bytes();
}

/** The same at once. */
export function encodeTier(parts: readonly TierSeries[], startMs: number, stepMs: number): Uint8Array {
  const encoding = encodingTier(parts, startMs, stepMs);
  for (;;) {
    const { done, value } = encoding.next();
    if (done === true) return value;
  }
}

/** The series of a block that `wanted` asks for. Throws where the block is not what was written. */
export function decodeTier(
  data: Uint8Array,
  startMs: number,
  stepMs: number,
  wanted: (series: number) => boolean,
): TierSeries[] {
  const input = createByteReader(data);
  const found = input.byte();
  if (found !== format) throw new RangeError(`format of a block: ${found}, expected ${format}`);
  const unpack = () => createByteReader(zstdDecompressSync(input.raw(input.unsigned())));
  const [heads, tokens, rests, ends] = [unpack(), unpack(), unpack(), unpack()];
  const all: TierSeries[] = [];
  while (!heads.isAtEnd()) {
    const series = heads.unsigned();
    const kind = kindNumbers[heads.byte()]!;
    const rows = heads.unsigned();
    const lengths = streamNames.map(() => heads.unsigned()) as [number, number, number, number];
    const own = [heads, tokens, rests, ends].map((stream, at) => stream.raw(lengths[at]!));
    if (!wanted(series)) continue;
    const from = Object.fromEntries(
      streamNames.map((name, at) => [name, createByteReader(own[at]!)]),
    ) as unknown as SketchStreams<ByteReader>;
    all.push({ series, kind, ...readSeries(from, kind, rows, startMs, stepMs) });
  }
  return all;
}

const sinceStep = (atS: number | null | undefined, { startMs }: Step): number | null =>
  atS === null || atS === undefined ? null : atS - startMs / 1000;

function writeSeries(
  out: SketchStreams<ByteWriter>,
  { kind, steps, runs }: TierSeries,
  dayMs: number,
  stepMs: number,
): void {
  const column = (cellOf: (step: Step) => number | null) => writeColumn(out.columns, steps.map(cellOf));
  column(({ startMs }) => (startMs - dayMs) / stepMs);
  for (const name of countsOf[kind]) column(({ figures }) => figures[name]);
  if (kind === "http") column((step) => sinceStep(step.figures.certAtS, step));
  for (const name of timesOf[kind])
    writeSketches(
      out,
      steps.map(({ figures }) => toSketch(figures.times[name]!)),
      keepsEnds(kind),
    );
  if (kind === "icmp") return;
  if (kind === "snmp") {
    const objects = namesOf(steps);
    out.columns.unsigned(objects.length);
    for (const name of objects) {
      out.columns.text(name);
      column(({ figures }) => figures.objects[name]?.last ?? null);
      column((step) => sinceStep(step.figures.objects[name]?.lastAtS, step));
      column(({ figures }) => figures.objects[name]?.rise ?? null);
      column(({ figures }) => figures.objects[name]?.overMs ?? null);
    }
    return;
  }
  out.columns.unsigned(runs.length);
  const runColumn = (cellOf: (run: OutcomeRun) => number) => writeColumn(out.columns, runs.map(cellOf));
  runColumn(({ startMs }) => startMs - dayMs);
  runColumn(({ rounds }) => rounds);
  runColumn(({ spanMs }) => spanMs);
  runColumn(({ ok }) => ok);
}

/** Of a name or a serial number there is nothing to add up. */
const namesOf = (steps: readonly Step[]) => [
  ...new Set(
    steps.flatMap(({ figures }) =>
      Object.entries(figures.objects).flatMap(([name, { last }]) => (last === null ? [] : name)),
    ),
  ),
];

function readSeries(
  from: SketchStreams<ByteReader>,
  kind: Kind,
  rows: number,
  dayMs: number,
  stepMs: number,
): Pick<TierSeries, "steps" | "runs"> {
  const column = () => readColumn(from.columns, rows);
  const starts = column().map((slot) => dayMs + slot! * stepMs);
  const readAt = () => column().map((sinceS, row) => (sinceS === null ? null : starts[row]! / 1000 + sinceS));
  const counts = Object.fromEntries(countsOf[kind].map((name) => [name, column()]));
  if (kind === "http") counts.certAtS = readAt();
  const times = Object.fromEntries(
    timesOf[kind].map((name) => [name, readSketches(from, rows, keepsEnds(kind))]),
  );
  const objects = kind === "snmp" ? readObjects(from.columns, column, readAt) : [];
  const countAt = rowsOf(counts);
  const timesAt = rowsOf(times);
  const steps = starts.map((startMs, row) => ({
    startMs,
    figures: {
      ...noFigures,
      ...(countAt(row) as unknown as Pick<Figures, "made" | "good">),
      times: timesAt(row),
      objects: Object.fromEntries(
        objects.flatMap(({ name, cells }) => (cells[row] === null ? [] : [[name, cells[row]!]])),
      ),
    },
  }));
  return { steps, runs: kind === "icmp" || kind === "snmp" ? [] : readRuns(from.columns, dayMs) };
}

/** Columns row by row. A range of a month has thousands of rows, so that no lists of entries are made for each. */
function rowsOf<T>(columns: Readonly<Record<string, readonly T[]>>): (row: number) => Record<string, T> {
  const names = Object.keys(columns);
  return (row) => {
    const cells: Record<string, T> = {};
    for (const name of names) cells[name] = columns[name]![row]!;
    return cells;
  };
}

function readObjects(
  input: ByteReader,
  column: () => (number | null)[],
  readAt: () => (number | null)[],
): { name: string; cells: (ObjectFigures | null)[] }[] {
  return Array.from({ length: input.unsigned() }, () => {
    const name = input.text();
    const [last, lastAtS, rise, overMs] = [column(), readAt(), column(), column()];
    const cells = rise.map((up, row) =>
      up === null ? null : { last: last[row]!, lastAtS: lastAtS[row]!, rise: up, overMs: overMs[row]! },
    );
    return { name, cells };
  });
}

function readRuns(input: ByteReader, dayMs: number): OutcomeRun[] {
  const many = input.unsigned();
  const column = () => readColumn(input, many) as number[];
  const [starts, rounds, spans, oks] = [column(), column(), column(), column()];
  return starts.map((start, at) => ({
    startMs: dayMs + start,
    rounds: rounds[at]!,
    spanMs: spans[at]!,
    ok: oks[at] as 0 | 1,
  }));
}
