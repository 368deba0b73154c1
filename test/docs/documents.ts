import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/* The documents as data: what they name is held against the program. */

export const root = fileURLToPath(new URL("../..", import.meta.url));

export interface Document {
  /** Path from the root. */
  path: string;
  text: string;
}

export interface Block {
  language: string;
  text: string;
}

export function readDocuments(): Document[] {
  return globSync(["*.md", "docs/**/*.md"], { cwd: root })
    .toSorted()
    .map((path) => readDocument(path));
}

export function readDocument(path: string): Document {
  return { path, text: readFileSync(join(root, path), "utf8") };
}

/** Fenced blocks, in order. */
export function blocksOf({ text }: Document): Block[] {
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map((match) => ({
    language: match[1]!,
    text: match[2]!,
  }));
}

/** Text between single backticks outside of blocks. */
export function spansOf({ text }: Document): string[] {
  const prose = text.replaceAll(/^```[\s\S]*?^```$/gm, "");
  return [...prose.matchAll(/`([^`\n]+)`/g)].map((match) => match[1]!);
}

/** Targets of links and images inside the repository, as paths from the root. */
export function linksOf({ path, text }: Document): string[] {
  return [...text.matchAll(/\]\(([^)#\s]+)/g)]
    .map((match) => match[1]!)
    .filter((target) => !/^\w+:/.test(target))
    .map((target) => join(dirname(path), target));
}

/** Lines of the shell in a document, without comments; what a backslash continues is one line. */
export function commandsOf(document: Document): string[] {
  return blocksOf(document)
    .filter(({ language }) => language === "sh")
    .flatMap(({ text }) => text.replaceAll(/\\\n\s*/g, "").split("\n"))
    .map((line) => line.replace(/(^|\s)#.*$/, "").trim())
    .filter((line) => line !== "");
}

/** Rows of every table of a document: cells without blanks around them, header and rule left out. */
export function rowsOf({ text }: Document): string[][] {
  const lines = text.split("\n");
  return lines
    .filter((line, at) => /^\|.*\|$/.test(line) && !isRule(line) && !isRule(lines[at + 1] ?? ""))
    .map((line) =>
      line
        .slice(1, -1)
        .split("|")
        .map((cell) => cell.trim()),
    );
}

const isRule = (line: string) => /^\|[-| ]+\|$/.test(line);

/** What stands in backticks in a cell. */
export function namesIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1]!);
}
