/**
 * The value at a path of RFC 9535 that has names and indexes alone (`$.a.b[0]['c d']`), or undefined where the
 * document has none. The wire has checked the path.
 */
export function valueAt(document: unknown, path: string): unknown {
  let value = document;
  for (const [, name, index, quoted] of path.matchAll(/\.([\w-]+)|\[(\d+)\]|\['([^']+)'\]/g)) {
    if (typeof value !== "object" || value === null) return undefined;
    const isIndex = index !== undefined;
    // An index is for arrays and a name for objects: JSON has no array with a length to ask for.
    if (isIndex !== Array.isArray(value)) return undefined;
    const key = index === undefined ? (name ?? quoted ?? "") : String(Number(index));
    if (!Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}
