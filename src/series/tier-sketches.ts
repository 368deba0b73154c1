import type { ByteReader, ByteWriter } from "./bytes.ts";
import { edgeOf } from "./sketch.ts";
import type { Sketch } from "./sketch.ts";
import { readColumn, writeColumn } from "./tier-columns.ts";

/*
 * The sketches of one name of a time, as columns and as parts of three streams, since what is alike packs well beside its like:
 *
 *   columns  number of buckets · the first of them
 *   tokens   per bucket a byte: 64 × (gap to the bucket before − 1, at most 3) + how often (at most 63)
 *   rests    what a token has no room for: a gap less 4 where it says 3, a count less 63 where it says 63
 *   ends     where they are kept: a unit, 10 µs where all are multiples of it, as most above 10 ms are, or 1; then per
 *            sketch that has any time, the smallest and the greatest, each in units from the beginning of its bucket
 */
export interface SketchStreams<T> {
  columns: T;
  tokens: T;
  rests: T;
  ends: T;
}

const gapBits = { most: 3, countMost: 63 } as const;

export function writeSketches(
  out: SketchStreams<ByteWriter>,
  sketches: readonly Sketch[],
  keepsEnds: boolean,
): void {
  writeColumn(
    out.columns,
    sketches.map(({ buckets }) => buckets.length),
  );
  writeColumn(
    out.columns,
    sketches.map(({ buckets }) => buckets[0] ?? null),
  );
  for (const sketch of sketches) writeTokens(out, sketch);
  if (keepsEnds) writeEnds(out.ends, sketches);
}

export function readSketches(from: SketchStreams<ByteReader>, rows: number, keepsEnds: boolean): Sketch[] {
  const lengths = readColumn(from.columns, rows);
  const firsts = readColumn(from.columns, rows);
  const sketches = firsts.map((first, row) => readTokens(from, lengths[row]!, first));
  return keepsEnds ? readEnds(from.ends, sketches) : sketches;
}

function writeTokens({ tokens, rests }: SketchStreams<ByteWriter>, { buckets, counts }: Sketch): void {
  for (const [at, count] of counts.entries()) {
    const gap = at === 0 ? 0 : buckets[at]! - buckets[at - 1]! - 1;
    tokens.byte(64 * Math.min(gap, gapBits.most) + Math.min(count, gapBits.countMost));
    if (gap >= gapBits.most) rests.unsigned(gap - gapBits.most);
    if (count >= gapBits.countMost) rests.unsigned(count - gapBits.countMost);
  }
}

function readTokens(
  { tokens, rests }: SketchStreams<ByteReader>,
  length: number,
  first: number | null,
): Sketch {
  const buckets: number[] = [];
  const counts: number[] = [];
  for (let at = 0; at < length; at++) {
    const token = tokens.byte();
    const gap = token >> 6;
    const wholeGap = gap === gapBits.most ? gap + rests.unsigned() : gap;
    buckets.push(at === 0 ? first! : buckets[at - 1]! + 1 + wholeGap);
    const count = token & gapBits.countMost;
    counts.push(count === gapBits.countMost ? count + rests.unsigned() : count);
  }
  return { buckets, counts, minUs: null, maxUs: null };
}

const coarseUs = 10;
/** Beginning of a bucket in units; nothing in the bucket is below it. */
const beginOf = (bucket: number, unitUs: number): number => Math.floor(edgeOf(bucket) / unitUs);

function writeEnds(out: ByteWriter, sketches: readonly Sketch[]): void {
  const known = sketches.flatMap(({ buckets, minUs, maxUs }) =>
    minUs === null || maxUs === null
      ? []
      : [
          { us: Math.round(minUs), bucket: buckets[0]! },
          { us: Math.round(maxUs), bucket: buckets.at(-1)! },
        ],
  );
  const unitUs = known.every(({ us }) => us % coarseUs === 0) ? coarseUs : 1;
  out.byte(unitUs);
  for (const { us, bucket } of known) out.unsigned(us / unitUs - beginOf(bucket, unitUs));
}

function readEnds(from: ByteReader, sketches: readonly Sketch[]): Sketch[] {
  const unitUs = from.byte();
  const read = (bucket: number) => (beginOf(bucket, unitUs) + from.unsigned()) * unitUs;
  return sketches.map((sketch) => {
    const { buckets } = sketch;
    if (buckets.length === 0) return sketch;
    return { ...sketch, minUs: read(buckets[0]!), maxUs: read(buckets.at(-1)!) };
  });
}
