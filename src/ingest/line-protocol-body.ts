import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { Ticket } from "./admission.ts";
import { IngestError } from "./ingest-error.ts";

/** A write, as sent and expanded. A thousand lines, Telegraf's usual write, have some 200 kB. */
export const maxWriteBytes = 8_388_608;
const expandGzip = promisify(gunzip);

/**
 * A write as it was before it was packed. The expansion stops at the limit, so that a bomb costs no more than that.
 * The ticket is asked for the bytes before they are there, and may refuse.
 */
export async function expandWrite(
  body: Uint8Array,
  encoding: string | null,
  ticket: Pick<Ticket, "reserve" | "giveBack">,
): Promise<Uint8Array> {
  if (body.byteLength > maxWriteBytes) throw tooLarge();
  if (encoding === null || encoding === "identity") return body;
  if (encoding !== "gzip") {
    throw new IngestError({
      code: "body.encoding",
      status: 415,
      title: "Unknown content encoding",
      detail: `Content-Encoding ${encoding} is not supported; expected gzip or identity`,
    });
  }
  ticket.reserve(maxWriteBytes);
  try {
    const expanded = await expandGzip(body, { maxOutputLength: maxWriteBytes });
    ticket.giveBack(maxWriteBytes - expanded.byteLength);
    return expanded;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge();
    throw new IngestError({
      code: "body.encoding",
      status: 400,
      title: "Not decodable",
      detail: `the body is not gzip: ${(cause as Error).message}`,
      cause,
    });
  }
}

/** Telegraf halves the write and sends both halves. */
function tooLarge(): IngestError {
  return new IngestError({
    code: "body.size",
    status: 413,
    title: "Write too large",
    detail: `the write is larger than ${maxWriteBytes} bytes`,
  });
}
