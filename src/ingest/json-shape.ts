/** Brackets that open an array or an object, and colons; 2,000 targets with 50 columns each have two thirds of it. */
const maxMarks = 300_000;
const [openList, openObject, colon] = [0x5b, 0x7b, 0x3a];

/**
 * Whether a JSON text has more arrays, objects and names than any batch. Looked at before it is parsed: they are the
 * cheapest thing to send and the dearest to keep, so that 16 MB of them took seconds of everybody's time and hundreds of MB
 * of memory. Those in texts count as well; to find out where texts end would cost as much as the parsing.
 */
export function isTooIntricate(text: Uint8Array): boolean {
  if (text.byteLength <= maxMarks) return false;
  let count = 0;
  for (const mark of [openList, openObject, colon]) {
    for (let at = text.indexOf(mark); at !== -1; at = text.indexOf(mark, at + 1))
      if (++count > maxMarks) return true;
  }
  return false;
}
