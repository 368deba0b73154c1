import type { Entry } from "./yaml-entry.ts";

/*
 * Reads one field of an entry. A value that is not as it should be is noted as a mistake, and a stand-in of the right
 * type is returned, so that the rest of the file can still be checked.
 */

export const idPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
export const idAllowed = "1 to 64 letters, digits, '.', '_' or '-'";
/** Text that people read: no line breaks, no blanks at the ends. */
export const labelPattern = /^(?! )[^\p{Cc}]{1,200}(?<! )$/u;
export const labelAllowed = "1 to 200 characters on one line";

export function textOf(entry: Entry, key: string, pattern: RegExp, allowed: string): string {
  const value = entry.data[key];
  if (typeof value === "string" && pattern.test(value)) return value;
  entry.refuse(key, allowed);
  return "";
}

export function labelOf(entry: Entry, key: string): string {
  return textOf(entry, key, labelPattern, labelAllowed);
}

export function oneOf<T extends string>(entry: Entry, key: string, allowed: readonly [T, ...T[]]): T {
  const value = entry.data[key];
  if (allowed.includes(value as T)) return value as T;
  entry.refuse(key, `one of ${allowed.join(", ")}`);
  return allowed[0];
}

/** Null when the key is missing or says null. */
export function optional<T>(entry: Entry, key: string, read: (entry: Entry, key: string) => T): T | null {
  return (entry.data[key] ?? null) === null ? null : read(entry, key);
}

/** The entries as things by id. An entry without a good id is left out, and a second one of the same id is a mistake. */
export function byId<T extends { id: string }>(
  entries: readonly Entry[],
  read: (entry: Entry, id: string) => T,
): Map<string, T> {
  const things = new Map<string, T>();
  const lines = new Map<string, number>();
  for (const entry of entries) {
    const id = textOf(entry, "id", idPattern, idAllowed);
    const thing = read(entry, id);
    const line = lines.get(id);
    if (line !== undefined) entry.refuse("id", `another id: line ${line} has this one`);
    else if (id !== "") {
      things.set(id, thing);
      lines.set(id, entry.line);
    }
  }
  return things;
}
