import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** What every line of `records.ndjson` has, as the evaluation's README names the fields. */
interface AnyRecord {
  a: string;
  b: number;
  p: number;
  /** 0 and more. */
  q: number;
  t: number;
  y: 0 | 1;
  m: number;
  arr: number;
}

export interface SiteRecord extends AnyRecord {
  k: "r";
  gw: number;
  hub: number;
  noc: number;
  anc: number;
  svc: string;
  rt: number | null;
  ups: -1 | 0 | 1;
  sig: number | null;
}

export interface CentreRecord extends AnyRecord {
  k: "n";
  hubs: string;
  sites: string;
  anc: number;
  svc: string;
}

export type ReplayRecord = SiteRecord | CentreRecord;

const chunkBytes = 4_194_304;
/** Boots of a machine, starts of its agent, rounds of one of those: ten years of a round a minute stay below. */
const mostNumbered = 2 ** 24;
const numbers = {
  r: ["b", "p", "q", "t", "y", "m", "gw", "hub", "noc", "anc", "ups", "arr"],
  n: ["b", "p", "q", "t", "y", "m", "anc", "arr"],
} as const;
const texts = { r: ["a", "svc"], n: ["a", "svc", "hubs", "sites"] } as const;

/**
 * The records of a file in its order, each checked by `refuse`, which answers what is wrong with one, null: nothing.
 * Throws an Error that names the line that cannot be read and why. `onRead`: told the share of the file that was read.
 */
export function* readRecords(
  file: string,
  refuse: (record: ReplayRecord) => string | null,
  onRead: (share: number) => void = () => undefined,
): Generator<ReplayRecord> {
  const descriptor = openSync(file, "r");
  const buffer = Buffer.allocUnsafe(chunkBytes);
  let rest = "";
  let line = 0;
  let done = 0;
  const parse = (text: string): ReplayRecord => {
    line += 1;
    let record: ReplayRecord;
    try {
      record = JSON.parse(text) as ReplayRecord;
    } catch (error) {
      throw new Error(`${file}: line ${line}: ${(error as Error).message}`, { cause: error });
    }
    const wrong = shapeFault(record) ?? refuse(record);
    if (wrong !== null) throw new Error(`${file}: line ${line}: ${wrong}`);
    return record;
  };
  try {
    const { size } = fstatSync(descriptor);
    for (;;) {
      const read = readSync(descriptor, buffer, 0, chunkBytes, null);
      if (read === 0) break;
      // The records are ASCII.
      const text = rest + buffer.toString("latin1", 0, read);
      let from = 0;
      for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", from)) {
        yield parse(text.slice(from, end));
        from = end + 1;
      }
      rest = text.slice(from);
      onRead((done += read) / size);
    }
    if (rest !== "") yield parse(rest);
  } finally {
    closeSync(descriptor);
  }
}

/** What keeps a line from being a record: the field, its value and what is allowed; null: nothing. */
function shapeFault(record: ReplayRecord): string | null {
  const kind: unknown = (record as ReplayRecord | null)?.k;
  if (kind !== "r" && kind !== "n") return `k: ${JSON.stringify(kind)} is not allowed; expected "r" or "n"`;
  const fields = record as unknown as Record<string, unknown>;
  for (const name of numbers[kind])
    if (typeof fields[name] !== "number") return fault(name, fields[name], "a number");
  for (const name of texts[kind])
    if (typeof fields[name] !== "string") return fault(name, fields[name], "a text");
  for (const name of ["b", "p", "q"] as const)
    if (!Number.isInteger(record[name]) || record[name] < 0 || record[name] >= mostNumbered)
      return fault(name, record[name], `a whole number from 0 to ${mostNumbered - 1}`);
  if (record.k === "n") return null;
  for (const name of ["rt", "sig"] as const)
    if (record[name] !== null && typeof record[name] !== "number")
      return fault(name, record[name], "a number or null");
  return null;
}

function fault(name: string, value: unknown, allowed: string): string {
  return `${name}: ${JSON.stringify(value) ?? "(missing)"} is not allowed; expected ${allowed}`;
}
