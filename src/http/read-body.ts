import type { Ticket } from "../ingest/admission.ts";
import { tooLarge } from "../ingest/decode.ts";

/** How long a body will be, as far as its sender says; 0 where it does not (chunked), and room is asked for as it comes. */
export function declaredBytes(request: Request, maxBytes: number): number {
  return Math.min(Number(request.headers.get("Content-Length") ?? 0), maxBytes);
}

/**
 * The body as it came, of at most `maxBytes`. A declared length is refused where it is too long, and otherwise kept to by
 * the parser of HTTP, so that the body can be taken in one piece; that spares the making of a web stream, which costs about
 * as much as decoding a small body. A body without one (chunked) is counted while it comes, against the ticket too, and
 * dropped at the byte too many. Throws IngestError (413, 503).
 */
export async function readBody(
  request: Request,
  maxBytes: number,
  ticket: Pick<Ticket, "reserve">,
): Promise<Uint8Array> {
  const declared = Number(request.headers.get("Content-Length") ?? 0);
  if (declared > maxBytes) throw tooLarge("compressed", declared, maxBytes);
  if (declared > 0) {
    const whole = new Uint8Array(await request.arrayBuffer());
    if (whole.byteLength > maxBytes) throw tooLarge("compressed", whole.byteLength, maxBytes);
    return whole;
  }
  if (request.body === null) return new Uint8Array();
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of request.body) {
    bytes += part.byteLength;
    if (bytes > maxBytes) throw tooLarge("compressed", null, maxBytes);
    ticket.reserve(part.byteLength);
    parts.push(part);
  }
  return Buffer.concat(parts, bytes);
}
