/*
 * How wide the characters are, in thousandths of the size: Adobe's metrics of the standard fonts, which every PDF reader has
 * (Core 14 AFM files). From the blank, code 32, to the tilde, 126.
 */
const plain = widths(
  "278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 556*10 278 278 584 584 584 556 1015 667 667 722 722 667 611 778 722 278 500 667 556 833 722 778 667 778 722 667 611 722 667 944 667 667 611 278 278 278 469 556 333 556 556 500 556 556 278 556 556 222 222 500 222 833 556 556 556 556 333 500 278 556 500 722 500 500 500 334 260 334 584",
);
const bold = widths(
  "278 333 474 556 556 889 722 238 333 333 389 584 278 333 278 278 556*10 333 333 584 584 584 611 975 722 722 722 722 667 611 778 722 278 556 722 611 833 722 778 667 778 722 667 611 722 667 944 667 667 611 333 278 333 584 556 333 556 611 556 611 556 333 611 611 278 278 556 278 889 611 611 611 611 389 556 333 611 556 778 556 556 500 389 280 389 584",
);

function widths(list: string): number[] {
  return list.split(" ").flatMap((item) => {
    const [width, times = "1"] = item.split("*");
    return Array.from({ length: Number(times) }, () => Number(width));
  });
}

/** Most characters beyond these, the dash among them, are as wide as a digit. */
const usual = 556;

/** Width of a text, points. */
export function widthOf(text: string, size: number, isBold: boolean): number {
  const table = isBold ? bold : plain;
  const units = Array.from(text).reduce((sum, each) => sum + (table[each.codePointAt(0)! - 32] ?? usual), 0);
  return (units * size) / 1000;
}

/** The text cut with an ellipsis so that it is no wider than `width` points. */
export function fit(text: string, width: number, size: number, isBold: boolean): string {
  if (widthOf(text, size, isBold) <= width) return text;
  let kept = text;
  while (kept !== "" && widthOf(`${kept}…`, size, isBold) > width) kept = kept.slice(0, -1);
  return `${kept.trimEnd()}…`;
}

/** The text in lines no wider than `width` points, broken at blanks. */
export function wrap(text: string, width: number, size: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const longer = lines.length === 0 ? word : `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && widthOf(longer, size, false) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
