import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What the agent keeps beside its rounds. Documents change rarely and have a file each; counts change all the time. */
export interface Store {
  /** A document's text, or null when there is none. */
  get(name: DocumentName): string | null;
  /** Whole or not at all, and on the disk when it returns. */
  set(name: DocumentName, text: string): void;
  /** 0 when it was never set. */
  count(name: CountName): number;
  /** On the disk with the next batch, or the next minute's rounds. */
  setCount(name: CountName, value: number): void;
}

export type DocumentName = "identity" | "config" | "version" | "reserve";
export type CountName =
  | "movedAside"
  | "sentBytes"
  | "spentDay"
  | "spentDayBytes"
  | "spentMonth"
  | "spentMonthBytes";

/** The folder in the agent's data that holds the spool. */
export const spoolFolder = "spool";

/** `folder`: the spool's own. Reading needs no lock. */
export function createDocuments(folder: string): Pick<Store, "get" | "set"> {
  const pathOf = (name: DocumentName) => join(folder, `${name}.json`);
  return {
    get(name) {
      try {
        return readFileSync(pathOf(name), "utf8");
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
        throw error;
      }
    },
    set(name, text) {
      const path = pathOf(name);
      const file = openSync(`${path}.new`, "w", 0o600);
      try {
        writeFileSync(file, text);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(`${path}.new`, path);
      const dir = openSync(folder, "r");
      fsyncSync(dir);
      closeSync(dir);
    },
  };
}
