/*
 * What the standard fonts of PDF can write: WinAnsi, which is Latin-1 and 27 characters more. What they cannot is written
 * plainly, so that a reason that somebody typed in Word is not full of question marks.
 */

/** Characters of WinAnsi that are not where Latin-1 has them; from code 128 to 159 (PDF 1.7, annex D). */
const others: Readonly<Record<string, number>> = Object.fromEntries(
  Array.from("€\0‚ƒ„…†‡ˆ‰Š‹Œ\0Ž\0\0‘’“”•–—˜™š›œ\0žŸ", (each, at) => [each, 128 + at] as const).filter(
    ([each]) => each !== "\0",
  ),
);

const plainly: Readonly<Record<string, string>> = {
  "≥": ">=",
  "≤": "<=",
  "≠": "<>",
  "≈": "~",
  "−": "-",
  "‐": "-",
  "‑": "-",
  "‒": "–",
  "―": "—",
  "→": "->",
  "←": "<-",
  "⇒": "=>",
  "′": "'",
  "″": '"',
  "‟": "“",
  "∙": "·",
  "⁄": "/",
  "\t": " ",
  "\n": " ",
  "\r": " ",
};
const blank = /^[\p{Zs}\p{Zl}\p{Zp}]$/u;
/** Joiners, marks of direction and accents that stand alone: nothing is to be seen of them. */
const unseen = /^[\p{Cf}\p{Mn}]$/u;

/** The text in letters that the fonts have; one of another script is a question mark. */
export function writable(text: string): string {
  return Array.from(text.normalize("NFC"), (each) => {
    if (codeOf(each) !== null) return each;
    const other = plainly[each] ?? (blank.test(each) ? " " : unseen.test(each) ? "" : null);
    if (other !== null) return other;
    // A letter with an accent that the fonts do not have is written without it, a ligature as its letters.
    const parts = Array.from(each.normalize("NFKD")).filter((part) => !unseen.test(part));
    return parts.length > 0 && parts.every((part) => codeOf(part) !== null) ? parts.join("") : "?";
  }).join("");
}

/** Code of the character in WinAnsi; null: it has none. */
export function codeOf(character: string): number | null {
  const code = others[character] ?? character.codePointAt(0)!;
  const isThere = code >= 0x20 && code <= 0xff && code !== 0x7f;
  return isThere && (code < 0x80 || code > 0x9f || others[character] !== undefined) ? code : null;
}
