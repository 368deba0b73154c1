import { fit, wrap } from "./pdf-fonts.ts";
import { createPdf, pageSize } from "./pdf.ts";
import type { Page, Pdf } from "./pdf.ts";

/* Headings, paragraphs, tables and drawings one below the other, over as many pages as it takes. */

export const margin = 42;
export const contentWidth = pageSize.width - 2 * margin;
const bottom = pageSize.height - 56;
const rowHeight = 13;

export interface TableColumn {
  name: string;
  /** Part of the content's width; the columns together make 1. */
  share: number;
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
    let x = margin;
    for (const [at, { share, align = "left" }] of columns.entries()) {
      const width = share * contentWidth;
      const text = fit(cells[at] ?? "", width - 5, 8, bold);
      page.text(align === "right" ? x + width - 3 : x + 2, y + 9, text, { size: 8, bold, align });
      x += width;
    }
    y += rowHeight;
  }
  function head(columns: readonly TableColumn[]): void {
    page.rect(margin, y, contentWidth, rowHeight, [0.9, 0.92, 0.95]);
    row(
      columns,
      columns.map(({ name }) => name),
      true,
    );
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
      for (const line of wrap(text, contentWidth, 9)) {
        need(13);
        page.text(margin, y + 9, line, { bold, grey });
        y += 13;
      }
    },
    table(columns, rows, strong = false) {
      need(3 * rowHeight);
      head(columns);
      for (const [index, cells] of rows.entries()) {
        if (y + rowHeight > bottom) {
          need(2 * rowHeight);
          head(columns);
        }
        row(columns, cells, strong && index === rows.length - 1);
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
