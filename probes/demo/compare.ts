import type { DemoInventory } from "./inventory.ts";
import { expectedOutages } from "./expect.ts";
import type { ExpectedOutage } from "./expect.ts";
import type { Fault, World } from "./world.ts";

/** The fields of a row of /api/v1/outages that are compared. */
export interface ToldOutage {
  site: string;
  service: string | null;
  start: string;
  /** null while it lasts. */
  end: string | null;
  cause: string;
  root: string;
}

/** A row of /api/v1/states. */
export interface ToldState {
  time: string;
  site: string;
  state: string;
  cause: string | null;
}

export interface Told {
  outages: readonly ToldOutage[];
  states: readonly ToldState[];
}

/**
 * `right` as scripted · `unsettled` the collector says that it does not know · `wrong` it says something else ·
 * `none` nothing was to be said, and nothing was.
 */
export type Judged = "right" | "unsettled" | "wrong" | "none";

export interface ComparedFault {
  fault: Fault;
  /** Whether it still lasts at the end of the comparison. */
  open: boolean;
  expected: number;
  found: number;
  causes: Judged;
  roots: Judged;
  /** What was said instead, each once. */
  saidCauses: string[];
  /** Largest distance of a told start or end from the scripted one, seconds; null when nothing was found. */
  edgeErrorS: number | null;
}

export interface Comparison {
  faults: ComparedFault[];
  /** Outages told that no fault explains. */
  unscripted: ToldOutage[];
}

/** Holds what the collector says until `nowMs` against what was scripted. */
export function compare(
  faults: readonly Fault[],
  told: Told,
  inventory: DemoInventory,
  world: World,
  nowMs: number,
): Comparison {
  const explained = new Set<ToldOutage>();
  const compared = faults
    .filter(({ startMs }) => startMs < nowMs)
    .map((fault) => {
      const wanted = expectedOutages(fault, inventory, world);
      const pairs = wanted.map((expected) => {
        const rows = told.outages.filter((row) => covers(row, expected, nowMs));
        for (const row of rows) explained.add(row);
        return {
          expected,
          row: rows.toSorted((a, b) => shared(b, expected, nowMs) - shared(a, expected, nowMs))[0],
        };
      });
      if (wanted.length === 0) return compareQuiet(fault, told, nowMs);
      return comparePairs(fault, pairs, nowMs);
    });
  return { faults: compared, unscripted: told.outages.filter((row) => !explained.has(row)) };
}

interface Pair {
  expected: ExpectedOutage;
  row: ToldOutage | undefined;
}

function comparePairs(fault: Fault, pairs: readonly Pair[], nowMs: number): ComparedFault {
  const found = pairs.filter((pair): pair is Required<Pair> & { row: ToldOutage } => {
    return (
      pair.row !== undefined && 2 * shared(pair.row, pair.expected, nowMs) >= lengthOf(pair.expected, nowMs)
    );
  });
  const edgesS = found.flatMap(({ expected, row }) => [
    Math.abs(Date.parse(row.start) - expected.startMs) / 1000,
    ...(row.end === null || expected.endMs > nowMs
      ? []
      : [Math.abs(Date.parse(row.end) - expected.endMs) / 1000]),
  ]);
  return {
    fault,
    open: fault.endMs > nowMs,
    expected: pairs.length,
    found: found.length,
    causes: judge(found.map(({ expected, row }) => [row.cause, expected.cause])),
    roots: judge(found.map(({ expected, row }) => [row.root, expected.root])),
    saidCauses: [...new Set(found.map(({ row }) => row.cause))],
    edgeErrorS: edgesS.length === 0 ? null : Math.max(...edgesS),
  };
}

/** A crash shows as the state of a silent agent, a link that is merely far away as nothing at all. */
function compareQuiet(fault: Fault, told: Told, nowMs: number): ComparedFault {
  const own = told.states.filter(({ site }) => site === fault.site);
  const silent = own.some(
    ({ time, cause }) =>
      cause === "agent" && Date.parse(time) >= fault.startMs - 120_000 && Date.parse(time) < fault.endMs,
  );
  const expected = fault.kind === "crash" ? 1 : 0;
  return {
    fault,
    open: fault.endMs > nowMs,
    expected,
    found: expected === 1 && silent ? 1 : 0,
    causes: expected === 0 ? "none" : silent ? "right" : "wrong",
    roots: "none",
    saidCauses: silent ? ["agent"] : [],
    edgeErrorS: null,
  };
}

function judge(pairs: readonly (readonly [said: string, scripted: string])[]): Judged {
  if (pairs.length === 0) return "wrong";
  if (pairs.every(([said, scripted]) => said === scripted)) return "right";
  return pairs.every(([said, scripted]) => said === scripted || said === "unknown") ? "unsettled" : "wrong";
}

function covers(row: ToldOutage, expected: ExpectedOutage, nowMs: number): boolean {
  return row.site === expected.site && row.service === expected.service && shared(row, expected, nowMs) > 0;
}

function shared(row: ToldOutage, expected: ExpectedOutage, nowMs: number): number {
  const endMs = row.end === null ? nowMs : Date.parse(row.end);
  return Math.min(endMs, expected.endMs, nowMs) - Math.max(Date.parse(row.start), expected.startMs);
}

const lengthOf = ({ startMs, endMs }: ExpectedOutage, nowMs: number) => Math.min(endMs, nowMs) - startMs;
