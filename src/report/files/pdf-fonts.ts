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

/** Most characters beyond these, the dash among them, are as wide as a digit; a letter with an accent is as wide as without. */
const usual = 556;
const wide = 1000;

/** Width of a text, points. */
export function widthOf(text: string, size: number, isBold: boolean): number {
  const table = isBold ? bold : plain;
  const unitsOf = (each: string) => {
    if ("…—™‰ŒœÆ".includes(each)) return wide;
    return table[each.normalize("NFD").codePointAt(0)! - 32] ?? usual;
  };
  return (Array.from(text).reduce((sum, each) => sum + unitsOf(each), 0) * size) / 1000;
}

/** A size, at most the given one, in which the text is no wider than `width` points. */
export function sizeFor(text: string, width: number, size: number, isBold: boolean): number {
  const needed = widthOf(text, size, isBold);
  return needed <= width ? size : (size * width) / needed;
}

/** The text in lines no wider than `width` points: broken at blanks, a long word after a sign or where it has to be. */
export function wrap(text: string, width: number, size: number, isBold = false): string[] {
  const lines: string[] = [];
  const fits = (line: string) => widthOf(line, size, isBold) <= width;
  for (const word of text.split(" ").flatMap((each) => (fits(each) ? [[each]] : [cut(each, fits)]))) {
    const [first, ...rest] = word as [string, ...string[]];
    const longer = lines.length === 0 ? first : `${lines.at(-1)} ${first}`;
    if (lines.length > 0 && fits(longer)) lines[lines.length - 1] = longer;
    else lines.push(first);
    lines.push(...rest);
  }
  return lines;
}

/** A word in pieces that fit, each as long as can be; after a sign where it has one in its latter half. */
function cut(word: string, fits: (piece: string) => boolean): string[] {
  const pieces: string[] = [];
  for (let left = word; left !== "";) {
    let length = left.length;
    while (length > 1 && !fits(left.slice(0, length))) length -= 1;
    if (length < left.length) {
      const sign = left.slice(0, length).search(/[-./_@,;:)][^-./_@,;:)]*$/) + 1;
      if (sign > length / 2) length = sign;
    }
    pieces.push(left.slice(0, length));
    left = left.slice(length);
  }
  return pieces;
}
