import { isAlias, isMap, isScalar, isSeq } from "yaml";
import type { Document, Node, YAMLMap } from "yaml";
import { showValue } from "#wire/wire-error.ts";
import type { Mistakes } from "./mistakes.ts";
import { createSecrets } from "./secrets.ts";
import type { Environment } from "./secrets.ts";
import { describeNode, find, keyText, resolve } from "./yaml-path.ts";

/** What the entries of a file look like. */
export interface ListShape {
  file: string;
  /** Keys that an entry may have. */
  keys: readonly string[];
  /**
   * Keys whose plain numbers are numbers. Everywhere else the text counts as it is written, because `64.10` without
   * quotes is a site code and not the number 64.1.
   */
  numbers: readonly string[];
}

/** One entry of a YAML list: plain data that still knows where each value stands in the file. */
export interface Entry {
  readonly line: number;
  /** The entry as plain data, with `${NAME}` replaced from the environment. */
  readonly data: Readonly<Record<string, unknown>>;
  /** Notes a mistake at a field. `shown` is the value as the message has it, unless that would show a secret. */
  refuse(path: string, allowed: string, shown?: string): void;
}

export interface EntryPlace {
  document: Document;
  shape: ListShape;
  lineAt: (offset: number) => number;
  env: Environment;
  mistakes: Mistakes;
}

export function createEntry(root: YAMLMap, { document, shape, lineAt, env, mistakes }: EntryPlace): Entry {
  const { file, keys, numbers } = shape;
  const start = root.range![0];
  const note = (path: string, value: string, allowed: string): void => {
    const line = lineAt(find(root, path, document).offset ?? start);
    mistakes.add({ file, line, field: path, value, allowed });
  };
  const secrets = createSecrets(env, note);
  const data: Record<string, unknown> = {};
  for (const pair of root.items) {
    const key = keyText(pair.key);
    const fill = (path: string, node: Node): unknown =>
      isScalar(node) && typeof node.value === "number" && !numbers.includes(key)
        ? (node.source ?? String(node.value))
        : secrets.fill(path, isScalar(node) ? node.value : null);
    data[key] = toData(pair.value as Node | null, key, [], { document, fill, refuse: note });
    if (!keys.includes(key)) note(key, showValue(key), `one of the keys ${keys.join(", ")}`);
  }
  return {
    line: lineAt(start),
    data,
    refuse(path, allowed, shown) {
      const { value: node } = find(root, path, document);
      const hasParts = isMap(node) || isSeq(node);
      const value = hasParts
        ? describeNode(node)
        : secrets.show(path, node === undefined ? undefined : describeNode(node), shown);
      note(path, value, allowed);
    },
  };
}

interface Conversion {
  document: Document;
  fill(path: string, node: Node): unknown;
  refuse: (path: string, value: string, allowed: string) => void;
}

/** A node as plain data. `above` are the nodes that it is part of: an alias may not lead back to one of them. */
function toData(written: Node | null, path: string, above: readonly Node[], to: Conversion): unknown {
  const node = resolve(written, to.document);
  if (node === null) {
    if (isAlias(written)) to.refuse(path, `*${written.source}`, "an alias of an anchor above it");
    return null;
  }
  if (above.includes(node)) {
    to.refuse(path, "a value inside itself", "a value that ends");
    return null;
  }
  const inside = [...above, node];
  if (isMap(node)) {
    const members = node.items.map((pair): [string, unknown] => {
      const key = keyText(pair.key);
      return [key, toData(pair.value as Node | null, `${path}.${key}`, inside, to)];
    });
    return Object.fromEntries(members);
  }
  if (isSeq(node)) {
    return node.items.map((item, index) => toData(item as Node, `${path}[${index}]`, inside, to));
  }
  return to.fill(path, node);
}
