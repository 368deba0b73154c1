import { createByteReader, createByteWriter } from "./bytes.ts";
import { writeChunk } from "./chunk.ts";
import { lastStartMs } from "./join.ts";
import type { Rounds } from "./series-store.ts";

/*
 * A block: chunks of several series, one after another, as one row of the store:
 *
 *   per chunk   series · start of its first round, ms · length · the chunk
 *
 * Series and start are differences to those of the chunk before, the first of them to 0 and to the start of the block.
 *
 * A batch of a few rounds of each target is dozens of bytes a target; as rows of their own the keys would outweigh them,
 * and every row would be another page to find and to write.
 */
export interface BlockPart {
  series: number;
  rounds: Rounds;
}

export interface Block {
  firstMs: number;
  /** From the first round to the start of the last. */
  spanMs: number;
  data: Uint8Array;
}

/**
 * The store keeps rows of up to some 1,000 bytes in its tree, and takes a whole page of 4 kB more for what is longer. So
 * what is a little longer is cut into rows that fit, and what is much longer is left whole.
 */
const inlineBytes = 950;
export const wholeFromBytes = 3_000;

interface Packed {
  series: number;
  firstMs: number;
  lastMs: number;
  /** Where its chunk is among those of the batch. */
  from: number;
  to: number;
}

/** Chunks as rows: one, or a few where one would waste a page. */
export function toBlocks(parts: readonly BlockPart[]): Block[] {
  // One writer for all chunks: each of its own would be another few hundred bytes to find and to give back.
  const chunks = createByteWriter();
  const packed = parts.map(({ series, rounds }) => {
    const from = chunks.length();
    writeChunk(chunks, rounds);
    return { series, firstMs: rounds.timeMs[0]!, lastMs: lastStartMs(rounds), from, to: chunks.length() };
  });
  const all = chunks.bytes();
  const bytes = all.length + 8 * packed.length;
  if (bytes <= inlineBytes || bytes >= wholeFromBytes) return [toBlock(packed, all)];
  const blocks: Block[] = [];
  let taken: Packed[] = [];
  let takenBytes = 0;
  for (const one of packed) {
    const more = one.to - one.from + 8;
    if (taken.length > 0 && takenBytes + more > inlineBytes) {
      blocks.push(toBlock(taken, all));
      taken = [];
      takenBytes = 0;
    }
    taken.push(one);
    takenBytes += more;
  }
  return [...blocks, toBlock(taken, all)];
}

function toBlock(packed: readonly Packed[], chunks: Uint8Array): Block {
  let firstMs = Infinity;
  let lastMs = -Infinity;
  for (const one of packed) {
    firstMs = Math.min(firstMs, one.firstMs);
    lastMs = Math.max(lastMs, one.lastMs);
  }
  const parts = packed.map((one) => ({ ...one, chunk: chunks.subarray(one.from, one.to) }));
  return { firstMs, spanMs: lastMs - firstMs, data: writeParts(firstMs, parts) };
}

/** One block of several: their chunks as they are, those of a series beside each other. At least one. */
export function joinBlocks(blocks: readonly Block[]): Block {
  let firstMs = Infinity;
  let lastMs = -Infinity;
  const parts: Part[] = [];
  for (const block of blocks) {
    firstMs = Math.min(firstMs, block.firstMs);
    lastMs = Math.max(lastMs, block.firstMs + block.spanMs);
    parts.push(...readBlock(block.firstMs, block.data));
  }
  parts.sort((a, b) => a.series - b.series || a.firstMs - b.firstMs);
  return { firstMs, spanMs: lastMs - firstMs, data: writeParts(firstMs, parts) };
}

/** A chunk of a block. */
interface Part {
  series: number;
  firstMs: number;
  chunk: Uint8Array;
}

function writeParts(blockMs: number, parts: readonly Part[]): Uint8Array {
  const out = createByteWriter();
  let previous = { series: 0, firstMs: blockMs };
  for (const part of parts) {
    out.signed(part.series - previous.series);
    out.signed(part.firstMs - previous.firstMs);
    out.unsigned(part.chunk.length);
    out.raw(part.chunk);
    previous = part;
  }
  return out.bytes();
}

/** The chunks of a block that begins at `firstMs`. */
export function* readBlock(firstMs: number, data: Uint8Array): Generator<Part> {
  const input = createByteReader(data);
  const at = { series: 0, firstMs };
  while (!input.isAtEnd()) {
    at.series += input.signed();
    at.firstMs += input.signed();
    yield { ...at, chunk: input.raw(input.unsigned()) };
  }
}
