import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { isDiskFull } from "./spool-error.ts";
import { documentNames } from "./store.ts";
import type { DocumentName, Store } from "./store.ts";

/*
 * The small files beside the log. A card turns bits and loses files, and these are few bytes that everything hangs on:
 * without its key an agent is nobody, and a wrong digit in an address measures another machine. So each has a sum,
 *
 *   { "crc32": 1234567890, "text": "…" }       of the text, UTF-8
 *
 * and a copy, `identity.copy.json` beside `identity.json`. What is damaged is put right from the other at the next start.
 */

/** Neither the document nor its copy is as it was written. */
export class DocumentError extends Error {
  readonly code = "document.damaged";
  constructor(path: string) {
    super(`${path} is damaged, and so is its copy`);
    this.name = "DocumentError";
  }
}

export interface Documents extends Pick<Store, "get" | "set"> {
  /** Puts right from each other what is damaged, missing or older of a document and its copy. */
  mend(): void;
}

/** `folder`: the spool's own. Reading needs no lock. */
export function createDocuments(folder: string): Documents {
  const pathOf = (name: DocumentName) => join(folder, `${name}.json`);
  const copyOf = (name: DocumentName) => join(folder, `${name}.copy.json`);

  /** Whole or not at all, and on the disk when it returns. */
  function write(path: string, text: string): void {
    const file = openSync(`${path}.new`, "w", 0o600);
    try {
      writeFileSync(file, JSON.stringify({ crc32: crc32(text), text }));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(`${path}.new`, path);
    const dir = openSync(folder, "r");
    fsyncSync(dir);
    closeSync(dir);
  }

  function writeIfRoom(path: string, text: string): void {
    try {
      write(path, text);
    } catch (error) {
      // One of the two is there; the next start makes the other.
      if (!isDiskFull(error)) throw error;
    }
  }

  return {
    get(name) {
      const [path, copy] = [pathOf(name), copyOf(name)];
      const text = read(path) ?? read(copy);
      if (text === null && (existsSync(path) || existsSync(copy))) throw new DocumentError(path);
      return text;
    },
    set(name, text) {
      write(pathOf(name), text);
      writeIfRoom(copyOf(name), text);
    },
    mend() {
      for (const name of documentNames) {
        const [text, copy] = [read(pathOf(name)), read(copyOf(name))];
        if (text === copy) continue;
        // The document is written first: where both are whole and differ, the copy is the older one.
        if (text === null) writeIfRoom(pathOf(name), copy!);
        else writeIfRoom(copyOf(name), text);
      }
    },
  };
}

/** The text in the file; null: there is no such file, or it is not as it was written. */
function read(path: string): string | null {
  let bytes: string;
  try {
    bytes = readFileSync(path, "utf8");
  } catch (error) {
    // EIO: the card does not give it back.
    if (["ENOENT", "EIO"].includes((error as NodeJS.ErrnoException).code ?? "")) return null;
    throw error;
  }
  try {
    const { crc32: sum, text } = JSON.parse(bytes) as { crc32?: unknown; text?: unknown };
    return typeof text === "string" && crc32(text) === sum ? text : null;
  } catch {
    return null;
  }
}
