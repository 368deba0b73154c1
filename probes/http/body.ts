import { pipeline } from "node:stream";
import type { Readable, Transform } from "node:stream";
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createZstdDecompress,
} from "node:zlib";
import { headerOf } from "./answer.ts";
import type { Answer } from "./answer.ts";

export interface Body {
  bytes: Buffer;
  /** Whether there was more than the cap allows. */
  isCut: boolean;
}

const ignore = () => undefined;

/** Content codings on top of each other that are undone; more is an attack, not a page. */
const maxCodings = 2;

/**
 * Window of a zstd body, as a power of two: 8 MB, the most that a client has to grant (RFC 9659 §3). zstd itself would
 * allow 128 MB, more than the whole agent may use.
 */
const zstdWindowLog = 23;

/**
 * Reads the body, decompressed, to its end or to the cap, or until it holds `enough`. What comes after is not taken
 * from the network. Rejects when the body breaks off, is packed in a way not asked for, or cannot be unpacked.
 */
export async function readBody(answer: Answer, maxBytes: number, enough: Buffer | null): Promise<Body> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of unpacked(answer) as AsyncIterable<Buffer>) {
    const isCut = size + chunk.length > maxBytes;
    chunks.push(isCut ? chunk.subarray(0, maxBytes - size) : chunk);
    size += chunk.length;
    if (isCut) return { bytes: Buffer.concat(chunks), isCut };
    if (enough !== null && endsWith(chunks, chunk, enough)) return { bytes: Buffer.concat(chunks), isCut };
  }
  if (!answer.isWhole()) throw new Error("the body broke off");
  return { bytes: Buffer.concat(chunks), isCut: false };
}

/** Whether the text stands in the last chunk, or began in those before it. */
function endsWith(chunks: readonly Buffer[], last: Buffer, text: Buffer): boolean {
  const before: Buffer[] = [];
  let missing = text.length - 1;
  for (let at = chunks.length - 2; at >= 0 && missing > 0; at--) {
    const tail = chunks[at]!.subarray(-missing);
    before.unshift(tail);
    missing -= tail.length;
  }
  return Buffer.concat([...before, last]).includes(text);
}

function unpacked(answer: Answer): Readable {
  const codings = headerOf(answer, "content-encoding")
    .toLowerCase()
    .split(",")
    .map((coding) => coding.trim())
    .filter((coding) => coding !== "" && coding !== "identity");
  if (codings.length > maxCodings) throw new Error(`${codings.length} content codings`);
  // The last one applied is the first to be undone.
  const steps = codings.toReversed().map(createDecoder);
  const last = steps.at(-1);
  if (last === undefined) return answer.body;
  // A failure anywhere on the way reaches the reader through the last stream.
  pipeline([answer.body, ...steps], ignore);
  return last;
}

function createDecoder(coding: string): Transform {
  switch (coding) {
    case "gzip":
    case "x-gzip":
      return createGunzip();
    case "deflate":
      return createInflate();
    case "br":
      return createBrotliDecompress();
    case "zstd":
      return createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: zstdWindowLog } });
    default:
      throw new Error(`content coding ${coding}`);
  }
}
