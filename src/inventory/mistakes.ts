/** One thing in the inventory that an operator has to put right. */
export interface InventoryMistake {
  /** Name of the file inside the inventory folder. */
  file: string;
  /** Line in the file, from 1. */
  line: number;
  /** Dotted path inside the entry, such as `auth.authKey`, or a part of the file in brackets, such as `(document)`. */
  field: string;
  /** What stands there, as JSON; never the value of a secret. */
  value: string;
  /** What may stand there, completing "expected …". */
  allowed: string;
}

export function describeMistake({ file, line, field, value, allowed }: InventoryMistake): string {
  return `${file}:${line} ${field}: ${value} is not allowed; expected ${allowed}`;
}

/** An inventory that was refused. Carries every mistake found, by file and line; the message has one a line. */
export class InventoryError extends Error {
  readonly code = "inventory.invalid";
  readonly mistakes: readonly InventoryMistake[];

  constructor(mistakes: readonly InventoryMistake[]) {
    super(mistakes.map(describeMistake).join("\n"));
    this.name = "InventoryError";
    this.mistakes = mistakes;
  }
}

export interface Mistakes {
  /** Notes a mistake; the same one twice, as a template for many sites would make it, counts once. */
  add(mistake: InventoryMistake): void;
  count(): number;
  /** All that was noted, by file and line. */
  toError(): InventoryError;
}

/**
 * Collects mistakes, so that one run shows the operator all of them.
 *
 * The readers go on after a mistake with a stand-in for the bad value. That is safe because nothing made beside a
 * mistake leaves readInventory.
 */
export function createMistakes(): Mistakes {
  const found = new Map<string, InventoryMistake>();
  return {
    add: (mistake) => void found.set(describeMistake(mistake), mistake),
    count: () => found.size,
    toError: () => new InventoryError([...found.values()].toSorted(byFileAndLine)),
  };
}

function byFileAndLine(a: InventoryMistake, b: InventoryMistake): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line;
}
