import type { ReplayRecord } from "./read-records.ts";
import { sayings } from "./sayings.ts";
import type { Told } from "./sayings.ts";

/*
 * Everything that one agent said, each record once, in columns: a month of a district is 1.8 million records, which as
 * objects would be most of a machine's memory.
 */

export interface AgentLog {
  /** False: it was there already. */
  add(record: ReplayRecord): boolean;
  readonly length: number;
  /** Columns with a value for each record, in the order of their arrival. */
  readonly columns: Readonly<Columns>;
  /** What each record says of each target: place in `sayings`, record by record. */
  readonly said: Uint8Array;
}

interface Columns {
  boot: Float64Array;
  process: Float64Array;
  seq: Float64Array;
  monoS: Float64Array;
  arrivedS: Float64Array;
  wallS: Float64Array;
  /** 1: the wall clock was synchronised. */
  synced: Float64Array;
  /** NaN: not told. */
  routerS: Float64Array;
  ups: Float64Array;
  signalDbm: Float64Array;
}

const names = [
  "boot",
  "process",
  "seq",
  "monoS",
  "arrivedS",
  "wallS",
  "synced",
  "routerS",
  "ups",
  "signalDbm",
] as const satisfies readonly (keyof Columns)[];

/** More than any machine starts its agent in one boot. */
const mostProcesses = 65_536;

export function createAgentLog(told: readonly Told[]): AgentLog {
  let room = 1_024;
  let length = 0;
  const columns = Object.fromEntries(
    names.map((name) => [name, new Float64Array(room)]),
  ) as unknown as Columns;
  let said = new Uint8Array(room * told.length);
  /** By start of the process: one byte for each of its records, 1: it was here. */
  const seen = new Map<number, Uint8Array<ArrayBuffer>>();

  function isNew(start: number, seq: number): boolean {
    let marks = seen.get(start);
    if (marks === undefined || seq >= marks.length) {
      const wider = new Uint8Array(Math.max(1_024, 2 * seq));
      if (marks !== undefined) wider.set(marks);
      seen.set(start, (marks = wider));
    }
    if (marks[seq] === 1) return false;
    marks[seq] = 1;
    return true;
  }

  function grow(): void {
    room *= 2;
    for (const name of names) columns[name] = extended(columns[name], new Float64Array(room));
    said = extended(said, new Uint8Array(room * told.length));
  }

  return {
    get length() {
      return length;
    },
    columns,
    get said() {
      return said;
    },
    add(record) {
      const { b, p, q } = record;
      if (!isNew(b * mostProcesses + p, q)) return false;
      if (length === room) grow();
      columns.boot[length] = b;
      columns.process[length] = p;
      columns.seq[length] = q;
      columns.monoS[length] = record.m;
      columns.arrivedS[length] = record.arr;
      columns.wallS[length] = record.t;
      columns.synced[length] = record.y;
      const device = record.k === "r" ? record : null;
      columns.routerS[length] = device?.rt ?? NaN;
      columns.ups[length] = device?.ups ?? -1;
      columns.signalDbm[length] = device?.sig ?? NaN;
      const first = length * told.length;
      for (let place = 0; place < told.length; place++) said[first + place] = told[place]!.say(record);
      length += 1;
      return true;
    },
  };
}

function extended<A extends Float64Array | Uint8Array>(from: A, to: A): A {
  to.set(from);
  return to;
}

/** What a record says of a target; null: nothing. */
export function saidOf({ said }: AgentLog, row: number, place: number, targets: number) {
  return sayings[said[row * targets + place]!]!;
}
