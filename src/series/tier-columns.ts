import type { ByteReader, ByteWriter } from "./bytes.ts";

/*
 * A column of a tier: 0 and the cells as differences, each 0 for null, else 1 + the zigzag of its difference to the cell before;
 * or 1 and, where any is not a whole number, each as 0 for null, else 1 and a float64.
 */

/** Whole numbers up to this are written as differences. */
const largestWhole = 2 ** 49;

export function writeColumn(out: ByteWriter, cells: readonly (number | null)[]): void {
  const isWhole = cells.every(
    (cell) => cell === null || (Number.isInteger(cell) && Math.abs(cell) < largestWhole),
  );
  out.byte(isWhole ? 0 : 1);
  let previous = 0;
  for (const cell of cells) {
    if (!isWhole) {
      out.byte(cell === null ? 0 : 1);
      if (cell !== null) out.float64(cell);
      continue;
    }
    if (cell === null) {
      out.unsigned(0);
      continue;
    }
    const difference = cell - previous;
    out.unsigned(1 + (difference >= 0 ? 2 * difference : -2 * difference - 1));
    previous = cell;
  }
}

export function readColumn(input: ByteReader, rows: number): (number | null)[] {
  const isWhole = input.byte() === 0;
  let previous = 0;
  return Array.from({ length: rows }, () => {
    if (!isWhole) return input.byte() === 0 ? null : input.float64();
    const code = input.unsigned();
    if (code === 0) return null;
    previous += code % 2 === 1 ? (code - 1) / 2 : -(code / 2);
    return previous;
  });
}
