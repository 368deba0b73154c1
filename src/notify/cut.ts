/** No longer than so many UTF-16 units; a pair of them that makes one character is not split. */
export function cutUnits(text: string, maxUnits: number): string {
  if (text.length <= maxUnits) return text;
  return `${text.slice(0, maxUnits - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}

const ellipsisBytes = 3;

/** No longer than so many bytes of UTF-8; no character is split. */
export function cutBytes(text: string, maxBytes: number): string {
  if (Buffer.byteLength(text) <= maxBytes) return text;
  const room = Buffer.alloc(maxBytes - ellipsisBytes);
  // write() stops before a character that does not fit.
  const bytes = room.write(text);
  return `${room.toString("utf8", 0, bytes)}…`;
}
