import { deflateSync } from "node:zlib";
import { widthOf } from "./pdf-fonts.ts";
import { codeOf, writable } from "./pdf-letters.ts";

/*
 * PDF 1.7 as far as a report needs it: pages of A4 with text in the two fonts that every reader has (Helvetica and its bold,
 * WinAnsi), lines and filled rectangles. Lengths are points, a 72th of an inch; y grows downwards from the top of the page.
 * The same content gives the same bytes.
 */

export const pageSize = { width: 595, height: 842 };

export interface TextStyle {
  /** Points. Default 9. */
  size?: number;
  bold?: boolean;
  /** Where x lies in the text. Default left. */
  align?: "left" | "right" | "centre";
  /** 0 black to 1 white. Default 0. */
  grey?: number;
}

export interface Page {
  text(x: number, y: number, text: string, style?: TextStyle): void;
  line(x1: number, y1: number, x2: number, y2: number, grey?: number): void;
  /** `colour`: red, green and blue, 0 to 1. */
  rect(x: number, y: number, width: number, height: number, colour: readonly [number, number, number]): void;
}

export interface Pdf {
  addPage(): Page;
  pages(): readonly Page[];
  /** `info`: of the document; `createdMs`: null where the moment says nothing. */
  toBytes(info: { title: string; author: string; createdMs: number | null }): Uint8Array<ArrayBuffer>;
}

export function createPdf(): Pdf {
  const contents: string[][] = [];
  const pages: Page[] = [];
  return {
    addPage() {
      const operators: string[] = [];
      contents.push(operators);
      const page = createPage(operators);
      pages.push(page);
      return page;
    },
    pages: () => pages,
    toBytes: (info) => write(contents, info),
  };
}

function createPage(operators: string[]): Page {
  const up = (y: number) => number(pageSize.height - y);
  return {
    text(x, y, text, { size = 9, bold = false, align = "left", grey = 0 } = {}) {
      const width = align === "left" ? 0 : widthOf(writable(text), size, bold);
      const left = x - (align === "right" ? width : width / 2);
      operators.push(
        `${number(grey)} g BT /F${bold ? 2 : 1} ${number(size)} Tf ${number(left)} ${up(y)} Td ${literal(text)} Tj ET`,
      );
    },
    line(x1, y1, x2, y2, grey = 0.6) {
      operators.push(`${number(grey)} G 0.5 w ${number(x1)} ${up(y1)} m ${number(x2)} ${up(y2)} l S`);
    },
    rect(x, y, width, height, colour) {
      const [red, green, blue] = colour.map(number);
      operators.push(
        `${red} ${green} ${blue} rg ${number(x)} ${up(y + height)} ${number(width)} ${number(height)} re f`,
      );
    },
  };
}

const number = (value: number) => String(Math.round(value * 100) / 100);

/** A string of PDF. */
function literal(text: string): string {
  const escaped = Array.from(writable(text), (each) => {
    const character = String.fromCharCode(codeOf(each)!);
    return "()\\".includes(character) ? `\\${character}` : character;
  });
  return `(${escaped.join("")})`;
}

function write(
  contents: readonly (readonly string[])[],
  { title, author, createdMs }: { title: string; author: string; createdMs: number | null },
): Uint8Array<ArrayBuffer> {
  const chunks: Buffer[] = [];
  const offsets: number[] = [];
  let length = 0;
  const add = (data: Buffer | string) => {
    const bytes = typeof data === "string" ? Buffer.from(data, "latin1") : data;
    chunks.push(bytes);
    length += bytes.length;
  };
  const object = (body: string, stream?: Buffer) => {
    offsets.push(length);
    add(`${offsets.length} 0 obj\n${body}\n`);
    if (stream !== undefined) {
      add("stream\n");
      add(stream);
      add("\nendstream\n");
    }
    add("endobj\n");
  };
  const first = 6;
  const kids = contents.map((_, index) => `${first + 2 * index} 0 R`).join(" ");
  const created =
    createdMs === null
      ? ""
      : ` /CreationDate (D:${new Date(createdMs).toISOString().replaceAll(/[-:T]/g, "").slice(0, 14)}Z)`;
  add("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n");
  object("<< /Type /Catalog /Pages 2 0 R /Lang (id-ID) /ViewerPreferences << /DisplayDocTitle true >> >>");
  object(`<< /Type /Pages /Count ${contents.length} /Kids [${kids}] >>`);
  object("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>");
  object("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>");
  object(`<< /Title ${literal(title)} /Author ${literal(author)} /Producer (Sambung)${created} >>`);
  const box = `/MediaBox [0 0 ${pageSize.width} ${pageSize.height}]`;
  for (const [index, operators] of contents.entries()) {
    object(
      `<< /Type /Page /Parent 2 0 R ${box} /Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> /Contents ${first + 2 * index + 1} 0 R >>`,
    );
    const stream = deflateSync(Buffer.from(operators.join("\n"), "latin1"));
    object(`<< /Length ${stream.length} /Filter /FlateDecode >>`, stream);
  }
  const xrefAt = length;
  const entries = offsets.map((offset) => `${String(offset).padStart(10, "0")} 00000 n \n`).join("");
  add(`xref\n0 ${offsets.length + 1}\n0000000000 65535 f \n${entries}`);
  add(`trailer\n<< /Size ${offsets.length + 1} /Root 1 0 R /Info 5 0 R >>\nstartxref\n${xrefAt}\n%%EOF\n`);
  return new Uint8Array(Buffer.concat(chunks));
}
