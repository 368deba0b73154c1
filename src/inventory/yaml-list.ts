import { isMap, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import type { Node } from "yaml";
import { showValue } from "#wire/wire-error.ts";
import type { Mistakes } from "./mistakes.ts";
import { hiddenFields } from "./secrets.ts";
import type { Environment } from "./secrets.ts";
import { createEntry } from "./yaml-entry.ts";
import type { Entry, ListShape } from "./yaml-entry.ts";
import { describeNode, resolve } from "./yaml-path.ts";

/**
 * Reads a YAML file whose top is a list of mappings. Anchors and aliases may be used inside it.
 *
 * Null when the text is not such a list: the mistake is noted, and nothing that refers to this file can be judged.
 */
export function readYamlList(
  text: string,
  shape: ListShape,
  env: Environment,
  mistakes: Mistakes,
): Entry[] | null {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const lineAt = (offset: number) => Math.max(1, lines.linePos(offset).line);
  const refuseDocument = (offset: number, allowed: string): void => {
    const line = lineAt(offset);
    const written = (text.split("\n")[line - 1] ?? "").trim();
    // Where the parser lost its way, any line may be a part of a secret; the line number has to do.
    const value = hiddenFields.test(text) ? "(hidden)" : showValue(written);
    mistakes.add({ file: shape.file, line, field: "(document)", value, allowed });
  };
  const faults = [...document.errors, ...document.warnings];
  for (const fault of faults) {
    // Some messages end in the text that they stumbled over, which may be a part of a secret.
    const why = fault.message.replace(/: ".*"$/s, "");
    refuseDocument(fault.pos[0], `valid YAML (${why})`);
  }
  if (faults.length > 0) return null;
  const top = document.contents;
  if (top === null || (isScalar(top) && top.value === null)) return [];
  if (!isSeq(top)) {
    refuseDocument(top.range![0], "a list of entries");
    return null;
  }
  return top.items.flatMap((item) => {
    const node = resolve(item as Node, document);
    if (isMap(node)) return [createEntry(node, { document, shape, lineAt, env, mistakes })];
    const line = lineAt((item as Node).range![0]);
    const value = describeNode(node);
    mistakes.add({ file: shape.file, line, field: "(entry)", value, allowed: "a mapping" });
    return [];
  });
}
