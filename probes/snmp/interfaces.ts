import type { SnmpFailure, SnmpValue } from "#wire/rounds-v1.ts";
import type { SnmpReader, Varbind } from "./reader.ts";
import { rareMs } from "./system.ts";
import { toSnmpValue } from "./value.ts";

/*
 * The interface table: ifXTable (RFC 2863) where the device has it, ifTable per column where not.
 *
 * Every round reads states and counters alone. The whole table, names and speeds included, is read at first, hourly,
 * after a reboot and when ifNumber or ifTableLastChange have changed or an interface is new. That round also shows which
 * columns there are and which octet counters count: on some devices those of 64 bits are there and stay 0.
 */

const ifTable = "1.3.6.1.2.1.2.2.1";
const ifXTable = "1.3.6.1.2.1.31.1.1.1";

/** Names on the wire, with the ifIndex behind them: `ifHCInOctets.2`. */
const countersAndStates = {
  ifAdminStatus: `${ifTable}.7`,
  ifOperStatus: `${ifTable}.8`,
  ifInDiscards: `${ifTable}.13`,
  ifInErrors: `${ifTable}.14`,
  ifOutDiscards: `${ifTable}.19`,
  ifOutErrors: `${ifTable}.20`,
  ifHCInOctets: `${ifXTable}.6`,
  ifHCOutOctets: `${ifXTable}.10`,
  ifInOctets: `${ifTable}.10`,
  ifOutOctets: `${ifTable}.16`,
} as const;

const descriptions = {
  ifName: `${ifXTable}.1`,
  ifDescr: `${ifTable}.2`,
  ifAlias: `${ifXTable}.18`,
  ifType: `${ifTable}.3`,
  ifSpeed: `${ifTable}.5`,
  ifHighSpeed: `${ifXTable}.15`,
} as const;

const allColumns = { ...countersAndStates, ...descriptions };
type ColumnName = keyof typeof allColumns;

const nameByRoot = new Map<string, ColumnName>(
  Object.entries(allColumns).map(([name, root]) => [root, name as ColumnName]),
);

/** The 64-bit column that goes before each 32-bit one, and the other way round. */
const wideOf: Partial<Record<ColumnName, ColumnName>> = {
  ifInOctets: "ifHCInOctets",
  ifOutOctets: "ifHCOutOctets",
};
const narrowOf: Partial<Record<ColumnName, ColumnName>> = {
  ifHCInOctets: "ifInOctets",
  ifHCOutOctets: "ifOutOctets",
};

export interface InterfaceWatch {
  /**
   * One round, its values written into `values`; the answer is what kept it from being whole. `tableMark`: see
   * SystemReading.
   */
  poll(reader: SnmpReader, round: InterfaceRound): Promise<SnmpFailure | null>;
  forget(): void;
}

export interface InterfaceRound {
  values: Record<string, SnmpValue>;
  tableMark: string;
  nowMs: number;
}

/** What the last whole reading showed. */
interface Layout {
  untilMs: number;
  tableMark: string;
  /** To be read every round. */
  roots: string[];
  /** OID → name on the wire, of what is told every round; null: of two widths of a counter the one that is not. */
  keys: Map<string, string | null>;
}

export function createInterfaceWatch(): InterfaceWatch {
  let layout: Layout | null = null;
  return {
    async poll(reader, { values, tableMark, nowMs }) {
      const isWhole = layout === null || nowMs >= layout.untilMs || tableMark !== layout.tableMark;
      const { varbinds, why } = await reader.walk(isWhole ? Object.values(allColumns) : layout!.roots);
      if (isWhole) {
        const cells = toCells(varbinds);
        layout = toLayout(cells, tableMark, nowMs);
        describe(cells, values);
      }
      const isKnown = takeValues(varbinds, layout!, values);
      // What broke off, or shows a row that was not there, is read whole again.
      if (why !== null || !isKnown) layout = null;
      return why;
    },
    forget: () => void (layout = null),
  };
}

interface Cell {
  oid: string;
  name: ColumnName;
  index: string;
  value: SnmpValue;
}

function toCells(varbinds: readonly Varbind[]): Cell[] {
  const cells: Cell[] = [];
  for (const varbind of varbinds) {
    const { oid } = varbind;
    const at = oid.lastIndexOf(".");
    const name = nameByRoot.get(oid.slice(0, at));
    // A row with an index of more than one number is none of this table.
    if (name !== undefined) cells.push({ oid, name, index: oid.slice(at + 1), value: toSnmpValue(varbind) });
  }
  return cells;
}

function toLayout(cells: readonly Cell[], tableMark: string, nowMs: number): Layout {
  const byKey = new Map(cells.map(({ name, index, value }) => [`${name}.${index}`, value]));
  const keys = new Map<string, string | null>();
  const used = new Set<string>();
  for (const { oid, name, index } of cells) {
    if (!(name in countersAndStates)) {
      keys.set(oid, null);
      continue;
    }
    const isTold = counts(name, index, byKey);
    keys.set(oid, isTold ? `${name}.${index}` : null);
    if (isTold) used.add(name);
  }
  const roots = Object.entries(countersAndStates).filter(([name]) => used.has(name));
  return {
    untilMs: nowMs + rareMs,
    tableMark,
    // A device without interfaces is asked for their states, so that new ones are seen.
    roots: roots.length > 0 ? roots.map(([, root]) => root) : [allColumns.ifOperStatus],
    keys,
  };
}

/**
 * Of the two widths of one counter only one is told: that of 64 bits, unless it is missing or stands at 0 while the
 * other counts.
 */
function counts(name: ColumnName, index: string, byKey: ReadonlyMap<string, SnmpValue>): boolean {
  const of = (column: ColumnName) => byKey.get(`${column}.${index}`) ?? null;
  const wide = wideOf[name] ?? name;
  const narrow = narrowOf[wide];
  if (narrow === undefined) return true;
  const stuck = of(wide) === null || (of(wide) === 0 && (of(narrow) ?? 0) !== 0);
  return stuck ? name === narrow : name === wide;
}

/** False when there is an object that the layout does not know. */
function takeValues(
  varbinds: readonly Varbind[],
  { keys }: Layout,
  values: Record<string, SnmpValue>,
): boolean {
  let isKnown = true;
  for (const varbind of varbinds) {
    // Keys are made once, and not in every round: with 52 interfaces that was a third of its cost.
    const key = keys.get(varbind.oid);
    if (key === undefined) isKnown = false;
    else if (key !== null) values[key] = toSnmpValue(varbind);
  }
  return isKnown;
}

/** Names, types and speeds of the interfaces, in the rounds in which they were read. */
function describe(cells: readonly Cell[], values: Record<string, SnmpValue>): void {
  const speeds = new Map<string, { ifSpeed: SnmpValue; ifHighSpeed: SnmpValue }>();
  for (const { name, index, value } of cells) {
    if (name === "ifSpeed" || name === "ifHighSpeed") {
      const speed = speeds.get(index) ?? { ifSpeed: null, ifHighSpeed: null };
      speeds.set(index, { ...speed, [name]: value });
    } else if (name in descriptions && !(name === "ifAlias" && value === "")) {
      values[`${name}.${index}`] = value;
    }
  }
  for (const [index, { ifSpeed, ifHighSpeed }] of speeds) {
    const speedBps = toSpeedBps(ifSpeed, ifHighSpeed);
    if (speedBps !== null) values[`ifSpeedBps.${index}`] = speedBps;
  }
}

/** ifSpeed at its largest means: see ifHighSpeed (RFC 2863). */
const maxIfSpeed = 4_294_967_295;

function toSpeedBps(ifSpeed: SnmpValue, ifHighSpeed: SnmpValue): number | null {
  if (typeof ifHighSpeed === "number" && ifHighSpeed > 0) return ifHighSpeed * 1_000_000;
  return typeof ifSpeed === "number" && ifSpeed > 0 && ifSpeed < maxIfSpeed ? ifSpeed : null;
}
