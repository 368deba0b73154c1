/*
 * Object identifiers as dotted numbers, without a leading dot.
 */

const dot = 46;
const zero = 48;

/**
 * Order of the tree (RFC 3416 §2): negative when a comes before b, 0 when they are the same. The first `from` characters
 * are known to be the same.
 */
export function compareOids(a: string, b: string, from = 0): number {
  const shorter = Math.min(a.length, b.length);
  let at = from;
  while (at < shorter && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  if (at === a.length && at === b.length) return 0;
  // Back to the start of the number in which they part: 1.20 comes after 1.3.
  let start = at;
  while (start > 0 && a.charCodeAt(start - 1) !== dot) start--;
  if (at === a.length && b.charCodeAt(at) === dot) return -1;
  if (at === b.length && a.charCodeAt(at) === dot) return 1;
  return arcAt(a, start) - arcAt(b, start);
}

function arcAt(oid: string, from: number): number {
  let arc = 0;
  for (let at = from; at < oid.length; at++) {
    const code = oid.charCodeAt(at);
    if (code === dot) break;
    arc = arc * 10 + (code - zero);
  }
  return arc;
}

/** Whether the object lies below the root, the root itself not included. */
export function isBelow(root: string, oid: string): boolean {
  return oid.length > root.length && oid.charCodeAt(root.length) === dot && oid.startsWith(root);
}
