import type { Group } from "./profile.ts";

/** What follows the name of a value: the index of its row as it may travel; null where the row is not meant. */
export function instanceOf(kind: Group["index"], rows: RegExp | null, index: string): string | null {
  if (kind === "plain") return index;
  if (kind === "hash") return hash(index);
  const found = rows?.exec(decodeText(index));
  if (found === null || found === undefined) return null;
  const parts = found.slice(1).filter((part) => part !== undefined);
  const instance = parts.flatMap((part) => part.split(/[^A-Za-z0-9]+/)).filter((part) => part !== "");
  return instance.join(".");
}

/** An index that spells a text: its length, and one number per octet (RFC 2578 §7.7). */
function decodeText(index: string): string {
  const numbers = index.split(".").map(Number);
  const [length, ...octets] = numbers;
  return String.fromCharCode(...(length === octets.length ? octets : numbers));
}

/**
 * FNV-1a of 32 bits. The physical address of a subscriber's radio is personal data (UU 27/2022) and does not travel;
 * its hash tells the rows of one device apart from round to round. It keeps the address out of sight and not secret: who
 * knows the maker of a radio has 2^24 addresses to try.
 */
function hash(text: string): string {
  let state = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) state = Math.imul(state ^ text.charCodeAt(at), 0x01000193);
  return (state >>> 0).toString(36);
}
