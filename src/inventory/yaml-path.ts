import { isAlias, isMap, isScalar, isSeq } from "yaml";
import type { Document, Node } from "yaml";
import { showValue } from "#wire/wire-error.ts";

/** The node itself, or the one that an alias stands for. */
export function resolve(node: Node | null | undefined, document: Document): Node | null {
  return isAlias(node) ? (node.resolve(document) ?? null) : (node ?? null);
}

/** A key as it is written: `64.10` stays so. */
export function keyText(key: unknown): string {
  return isScalar(key) ? (key.source ?? String(key.value)) : String(key);
}

/** A node as a message shows it. What a list or a mapping holds is left out, since it may be a secret. */
export function describeNode(node: Node | null): string {
  if (isMap(node)) return "a mapping";
  if (isSeq(node)) return "a list";
  if (!isScalar(node)) return showValue(null);
  return typeof node.value === "number" ? (node.source ?? String(node.value)) : showValue(node.value);
}

/**
 * The node at a path such as `oids.ifHCInOctets.2` or `sites[3]`, as far as it exists. Keys may hold dots, so the
 * longest key that fits is taken.
 */
export function find(root: Node, path: string, document: Document): { value?: Node | null; offset?: number } {
  let node: Node | null = root;
  let offset: number | undefined;
  let rest = path;
  while (rest !== "") {
    if (isMap(node)) {
      const fits = node.items
        .map((pair) => ({ pair, key: keyText(pair.key) }))
        .filter(({ key }) => rest === key || rest.startsWith(`${key}.`) || rest.startsWith(`${key}[`))
        .toSorted((a, b) => b.key.length - a.key.length)[0];
      if (fits === undefined) break;
      offset = (fits.pair.key as Node).range![0];
      node = resolve(fits.pair.value as Node | null, document);
      rest = rest.slice(fits.key.length).replace(/^\./, "");
    } else {
      const index = /^\[(\d+)\]\.?/.exec(rest);
      const item = isSeq(node) && index !== null ? node.items[Number(index[1])] : undefined;
      if (item === undefined) break;
      offset = (item as Node).range![0];
      node = resolve(item as Node, document);
      rest = rest.slice(index![0].length);
    }
  }
  return { ...(rest === "" ? { value: node } : {}), ...(offset === undefined ? {} : { offset }) };
}
