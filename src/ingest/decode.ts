import { promisify } from "node:util";
import { gunzip, gunzipSync, zstdDecompress, zstdDecompressSync } from "node:zlib";
import { dictionary1, dictionary1Encoding } from "#wire/dictionary-1.ts";
import { limits } from "#wire/units.ts";
import type { Ticket } from "./admission.ts";
import { IngestError } from "./ingest-error.ts";
import { isTooIntricate } from "./json-shape.ts";

interface Expander {
  now: (body: Uint8Array, options: { maxOutputLength: number }) => Uint8Array;
  later: (body: Uint8Array, options: { maxOutputLength: number }) => Promise<Uint8Array>;
}

const later = { zstd: promisify(zstdDecompress), gzip: promisify(gunzip) };
const expanders: Record<string, Expander> = {
  gzip: { now: gunzipSync, later: later.gzip },
  zstd: { now: zstdDecompressSync, later: later.zstd },
  [dictionary1Encoding]: {
    now: (body, options) => zstdDecompressSync(body, { ...options, dictionary: dictionary1 }),
    later: (body, options) => later.zstd(body, { ...options, dictionary: dictionary1 }),
  },
};

/** What a body may be packed with, the smallest first. */
export const contentEncodings = [dictionary1Encoding, "zstd", "gzip", "identity"].join(", ");

/** Up to here the way to another thread and back costs more than the work; a bomb of this size expands in some 20 ms. */
const smallBytes = 16_384;

/**
 * What columns of rounds expand to at most, as a rule: batches of our own agents reach 10 to 15 times their size. What
 * expands to more is expanded a second time, after room was asked for as much as there may be.
 */
const usualRatio = 32;
const leastExpandedBytes = 65_536;

/**
 * A request body as a JSON document. The expansion stops at the limit, so that a bomb costs no more than that.
 * The ticket is asked for the bytes before they are there, and may refuse.
 */
export async function decodeBody(
  body: Uint8Array,
  encoding: string | null,
  ticket: Pick<Ticket, "reserve" | "giveBack">,
): Promise<unknown> {
  if (body.byteLength > limits.compressedBytes)
    throw tooLarge("compressed", body.byteLength, limits.compressedBytes);
  const text = new TextDecoder("utf-8", { fatal: true });
  const expanded = await expand(body, encoding, ticket);
  if (isTooIntricate(expanded)) {
    throw new IngestError({
      code: "body.json",
      status: 400,
      title: "Not a batch",
      detail: "the body has more arrays, objects and names than any batch",
    });
  }
  try {
    return JSON.parse(text.decode(expanded)) as unknown;
  } catch (cause) {
    throw new IngestError({
      code: "body.json",
      status: 400,
      title: "Not a JSON document",
      detail: `the body is not JSON in UTF-8: ${(cause as Error).message}`,
      cause,
    });
  }
}

async function expand(
  body: Uint8Array,
  encoding: string | null,
  ticket: Pick<Ticket, "reserve" | "giveBack">,
): Promise<Uint8Array> {
  if (encoding === null || encoding === "identity") return body;
  // Only what is its own: `constructor` is a name that every object knows.
  const expander = Object.hasOwn(expanders, encoding) ? expanders[encoding] : undefined;
  if (expander === undefined) {
    throw new IngestError({
      code: "body.encoding",
      status: 415,
      title: "Unknown content encoding",
      detail: `Content-Encoding ${encoding} is not supported`,
      field: "Content-Encoding",
      value: encoding,
      allowed: contentEncodings,
    });
  }
  const usual = Math.max(leastExpandedBytes, usualRatio * body.byteLength);
  const firstBytes = Math.min(limits.expandedBytes, usual);
  ticket.reserve(firstBytes);
  const within = (maxOutputLength: number) =>
    body.byteLength <= smallBytes
      ? expander.now(body, { maxOutputLength })
      : expander.later(body, { maxOutputLength });
  try {
    const expanded = await within(firstBytes);
    ticket.giveBack(firstBytes - expanded.byteLength);
    return expanded;
  } catch (cause) {
    if (!isTooLarge(cause)) throw notDecodable(encoding, cause);
    if (firstBytes === limits.expandedBytes) throw tooLarge("expanded", null, limits.expandedBytes);
  }
  ticket.reserve(limits.expandedBytes - firstBytes);
  try {
    const expanded = await within(limits.expandedBytes);
    ticket.giveBack(limits.expandedBytes - expanded.byteLength);
    return expanded;
  } catch (cause) {
    throw isTooLarge(cause)
      ? tooLarge("expanded", null, limits.expandedBytes)
      : notDecodable(encoding, cause);
  }
}

const isTooLarge = (error: unknown) => (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE";

function notDecodable(encoding: string, cause: unknown): IngestError {
  return new IngestError({
    code: "body.encoding",
    status: 400,
    title: "Not decodable",
    detail: `the body is not ${encoding}: ${(cause as Error).message}`,
    cause,
  });
}

/** The refusal of design.md §5.1 for a body over a limit; also used by the door, which stops reading at the limit. */
export function tooLarge(
  what: "compressed" | "expanded",
  bytes: number | null,
  allowedBytes: number,
): IngestError {
  return new IngestError({
    code: "body.size",
    status: 413,
    title: "Batch too large",
    detail: `the ${what} body is larger than ${allowedBytes} bytes; send smaller batches`,
    field: "body",
    value: bytes === null ? `more than ${allowedBytes} bytes ${what}` : `${bytes} bytes ${what}`,
    allowed: `at most ${allowedBytes} bytes ${what}`,
  });
}
