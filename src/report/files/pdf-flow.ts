import { sizeFor, wrap } from "./pdf-fonts.ts";
import { writable } from "./pdf-letters.ts";
import { createPdf, pageSize } from "./pdf.ts";
import type { Page, Pdf } from "./pdf.ts";

/* Headings, paragraphs, tables and drawings one below the other, over as many pages as it takes. */

export const margin = 42;
export const contentWidth = pageSize.width - 2 * margin;
const bottom = pageSize.height - 56;
const rowHeight = 13;
/** Of each further line of a row. */
const lineHeight = 9.5;
const cellSize = 8;
/** Within a cell, points: beside a figure of the column before it a text needs some room. */
const leftPad = 4;
const rightPad = 3;

export interface TableColumn {
  name: string;
  /** Part of the content's width; the columns together make 1. */
  share: number;
  /** On the right stand figures: they are never cut or broken, and made smaller where they would not fit. */
  align?: "left" | "right";
}

export interface Flow {
  pdf: Pdf;
  title(text: string): void;
  /** Begins a new page where its first lines would not fit. */
  heading(text: string): void;
  paragraph(text: string, style?: { bold?: boolean; grey?: number }): void;
  /** `strong`: the last row is a sum. */
  table(columns: readonly TableColumn[], rows: readonly (readonly string[])[], strong?: boolean): void;
  /** A drawing of this height, whole on one page. */
  block(height: number, draw: (page: Page, x: number, y: number) => void): void;
  space(height: number): void;
  /** What follows begins on a new page where so much would not fit on this one. */
  keep(height: number): void;
  /** Writes the foot of every page. */
  close(foot: (page: number, pages: number) => string): void;
}

export function createFlow(): Flow {
  const pdf = createPdf();
  let page = pdf.addPage();
  let y = margin;

  function need(height: number): void {
    if (y + height <= bottom) return;
    page = pdf.addPage();
    y = margin;
  }
  function row(columns: readonly TableColumn[], cells: readonly string[], bold: boolean): void {
    const texts = columns.map(({ share, align = "left" }, at) => {
      const text = writable(cells[at] ?? "");
      return align === "right" ? [text] : linesOf(cells[at] ?? "", share, bold);
    });
    const count = texts.reduce((most, lines) => Math.max(most, lines.length), 1);
    for (let line = 0; line < count; line += 1) {
      // A row that is longer than a page goes on over it.
      if (line > 0 && y + rowHeight > bottom) {
        need(rowHeight);
        head(columns);
      }
      let x = margin;
      for (const [at, { share, align = "left" }] of columns.entries()) {
        const width = share * contentWidth;
        const text = texts[at]![line] ?? "";
        const size = sizeFor(text, width - leftPad - rightPad, cellSize, bold);
        page.text(align === "right" ? x + width - rightPad : x + leftPad, y + 9, text, { size, bold, align });
        x += width;
      }
      y += line === count - 1 ? rowHeight : lineHeight;
    }
  }
  /** Of a cell, what it breaks itself and what is too long for it. */
  const linesOf = (cell: string, share: number, bold: boolean) =>
    cell
      .split("\n")
      .flatMap((line) => wrap(writable(line), share * contentWidth - leftPad - rightPad, cellSize, bold));
  const heightOf = (columns: readonly TableColumn[], cells: readonly string[], bold: boolean) =>
    columns.reduce((most, { share, align = "left" }, at) => {
      if (align === "right") return most;
      const lines = linesOf(cells[at] ?? "", share, bold).length;
      return Math.max(most, rowHeight + (lines - 1) * lineHeight);
    }, rowHeight);
  function head(columns: readonly TableColumn[]): void {
    const names = columns.map(({ name }) => name);
    const texts = columns.map(({ share }, at) =>
      wrap(writable(names[at]!), share * contentWidth - leftPad - rightPad, cellSize, true),
    );
    const lines = texts.reduce((most, each) => Math.max(most, each.length), 1);
    page.rect(margin, y, contentWidth, rowHeight + (lines - 1) * lineHeight, [0.9, 0.92, 0.95]);
    let x = margin;
    for (const [at, { share, align = "left" }] of columns.entries()) {
      const width = share * contentWidth;
      for (const [line, text] of texts[at]!.entries()) {
        const top = y + 9 + line * lineHeight;
        page.text(align === "right" ? x + width - rightPad : x + leftPad, top, text, {
          size: cellSize,
          bold: true,
          align,
        });
      }
      x += width;
    }
    y += rowHeight + (lines - 1) * lineHeight;
  }

  return {
    pdf,
    title(text) {
      page.text(margin, y + 16, text, { size: 17, bold: true });
      y += 26;
    },
    heading(text) {
      need(70);
      y += 10;
      page.text(margin, y + 11, text, { size: 12, bold: true });
      page.line(margin, y + 16, margin + contentWidth, y + 16);
      y += 23;
    },
    paragraph(text, { bold = false, grey = 0 } = {}) {
      for (const line of wrap(writable(text), contentWidth, 9, bold)) {
        need(13);
        page.text(margin, y + 9, line, { bold, grey });
        y += 13;
      }
    },
    table(columns, rows, strong = false) {
      need(3 * rowHeight);
      head(columns);
      for (const [index, cells] of rows.entries()) {
        const isStrong = strong && index === rows.length - 1;
        // Whole on one page, as far as it is no longer than one.
        if (y + Math.min(heightOf(columns, cells, isStrong), bottom / 2) > bottom) {
          need(bottom);
          head(columns);
        }
        row(columns, cells, isStrong);
        page.line(margin, y, margin + contentWidth, y, 0.85);
      }
      y += 6;
    },
    block(height, draw) {
      need(height);
      draw(page, margin, y);
      y += height;
    },
    space(height) {
      y += height;
    },
    keep: need,
    close(foot) {
      const pages = pdf.pages();
      for (const [index, each] of pages.entries()) {
        each.line(margin, pageSize.height - 44, margin + contentWidth, pageSize.height - 44);
        each.text(margin, pageSize.height - 32, foot(index + 1, pages.length), { size: 8, grey: 0.35 });
      }
    },
  };
}
