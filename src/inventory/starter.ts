import {
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isCollection, isScalar, isSeq, LineCounter, parseDocument, YAMLSeq } from "yaml";
import type { Document } from "yaml";
import type { Kind } from "#wire/rounds-v1.ts";
import type { Role, SiteKind } from "./inventory.ts";
import { InventoryError } from "./mistakes.ts";
import { inventoryFiles } from "./read-inventory.ts";

/** The inventory that comes with the program: Kabupaten Kutai Timur. */
export const shippedInventory = fileURLToPath(new URL("./kutai-timur", import.meta.url));

const starterFiles = [...inventoryFiles, "SOURCES.md"];

/** A folder that holds an inventory already; nothing was written. */
export class InventoryExistsError extends Error {
  readonly code = "inventory.exists";
  readonly path: string;

  constructor(path: string) {
    super(`${path} exists already; nothing was written`);
    this.name = "InventoryExistsError";
    this.path = path;
  }
}

/**
 * Copies the shipped inventory to a folder, which is made if it is missing. Answers the paths written.
 * Throws InventoryExistsError, before anything is written, when one of the files is there.
 */
export function writeStarterInventory(folder: string): string[] {
  const copies = starterFiles.map((file) => ({ from: join(shippedInventory, file), to: join(folder, file) }));
  for (const { to } of copies) if (existsSync(to)) throw new InventoryExistsError(to);
  mkdirSync(folder, { recursive: true });
  for (const { from, to } of copies) copyFileSync(from, to, constants.COPYFILE_EXCL);
  return copies.map(({ to }) => to);
}

/** An entry of targets.yaml; templates.ts lists the fields. */
export interface TargetEntry {
  id: string;
  role: Role;
  kind: Kind;
  site?: string;
  sites?: string[];
  kinds?: SiteKind[];
  [field: string]: unknown;
}

/**
 * Appends entries to targets.yaml of a folder and keeps the comments there. The entries are not judged here:
 * readInventory does that, with the whole inventory before it. The file is replaced in one step, so that a crash
 * leaves the old one. Throws InventoryError when the file is not a YAML list.
 */
export function addTargets(folder: string, entries: readonly TargetEntry[]): void {
  const path = join(folder, "targets.yaml");
  const lineCounter = new LineCounter();
  const document: Document = parseDocument(existsSync(path) ? readFileSync(path, "utf8") : "", {
    lineCounter,
    prettyErrors: false,
  });
  const fault = document.errors[0];
  const top = document.contents;
  const isEmpty = top === null || (isScalar(top) && top.value === null);
  if (fault !== undefined || !(isEmpty || isSeq(top))) {
    const { line } = lineCounter.linePos(fault?.pos[0] ?? top?.range?.[0] ?? 0);
    const allowed = fault === undefined ? "a list of entries" : `valid YAML (${fault.message})`;
    const value = "what stands there";
    throw new InventoryError([{ file: "targets.yaml", line, field: "(document)", value, allowed }]);
  }
  const list = isSeq(top) ? top : new YAMLSeq(document.schema);
  if (isEmpty) document.contents = list;
  // An empty list may be written `[]`; its entries are easier to edit one below the other.
  if (list.items.length === 0) list.flow = false;
  for (const entry of entries) {
    const node = document.createNode(entry);
    if (isCollection(node) && list.items.length > 0) node.spaceBefore = true;
    list.items.push(node);
  }
  const draft = `${path}.new`;
  writeFileSync(draft, document.toString({ lineWidth: 0 }));
  renameSync(draft, path);
}
