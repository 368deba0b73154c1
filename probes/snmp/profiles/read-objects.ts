import type { SnmpFailure } from "#wire/rounds-v1.ts";
import type { Answers, SnmpReader } from "../reader.ts";
import { createAnswered } from "./answered.ts";
import type { AnsweredStore } from "./answered.ts";
import type { ProfileMemory } from "./memory.ts";
import { tableOf } from "./plan.ts";
import type { ObjectList } from "./plan.ts";

export interface ObjectsRead {
  answered: AnsweredStore;
  /** The first thing that went wrong. */
  why: SnmpFailure | null;
  /** The device does not answer any more: to ask it for something else is of no use in this round. */
  fatal: boolean;
}

/** Rows of all tables together. The OLTs with the most subscribers stay below it. */
const maxVarbinds = 20_000;
/** What one table does wrong says nothing of the others. */
const ofOneTable: readonly SnmpFailure[] = ["loop", "error", "garbage"];

/**
 * Reads scalars with one request and all tables with one walk, as few round trips as they need: half a second each over
 * a satellite. What the device turns out not to have is remembered in `memory.absent`. A walk that one table spoils is
 * done again table by table, in this round and the later ones.
 */
export async function readObjects(
  reader: SnmpReader,
  list: ObjectList,
  memory: Pick<ProfileMemory, "absent" | "oneByOne">,
): Promise<ObjectsRead> {
  const answered = createAnswered();
  let why: SnmpFailure | null = null;
  const scalars = list.scalars.filter((oid) => !memory.absent.has(oid));
  if (scalars.length > 0) {
    const answers = await reader.get(scalars);
    answered.addScalars(answers.varbinds);
    noteAbsent(memory.absent, scalars, answers, (oid) => answered.scalar(oid) !== undefined);
    if (isFatal(answers)) return { answered, why: answers.why, fatal: true };
    why = answers.why;
  }
  const columns = list.columns.filter((oid) => !memory.absent.has(oid));
  if (columns.length === 0) return { answered, why, fatal: false };
  let open = memory.oneByOne ? tablesOf(columns) : [columns];
  for (let table = open.shift(); table !== undefined; table = open.shift()) {
    const answers = await walk(reader, table, answered, memory);
    if (isFatal(answers)) return { answered, why: why ?? answers.why, fatal: true };
    if (answers.why !== null && !memory.oneByOne) {
      memory.oneByOne = true;
      open = tablesOf(columns);
    } else {
      why ??= answers.why;
    }
  }
  return { answered, why, fatal: false };
}

async function walk(
  reader: SnmpReader,
  columns: string[],
  answered: AnsweredStore,
  memory: Pick<ProfileMemory, "absent">,
): Promise<Answers> {
  const answers = await reader.walk(columns, maxVarbinds);
  answered.addRows(columns, answers.varbinds);
  noteAbsent(memory.absent, columns, answers, (oid) => answered.column(oid).size > 0);
  return answers;
}

/** Only a whole answer tells what a device does not have. */
function noteAbsent(
  absent: Set<string>,
  asked: readonly string[],
  answers: Answers,
  has: (oid: string) => boolean,
): void {
  if (answers.why !== null) return;
  for (const oid of asked) if (!has(oid)) absent.add(oid);
}

/** `truncated` is a device that stopped half-way, unless it is one with more rows than are read. */
function isFatal({ why, varbinds }: Answers): boolean {
  if (why === null || ofOneTable.includes(why)) return false;
  return why !== "truncated" || varbinds.length < maxVarbinds;
}

function tablesOf(columns: readonly string[]): string[][] {
  return Object.values(Object.groupBy(columns, tableOf)).map((table) => table ?? []);
}
