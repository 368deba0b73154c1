import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/*
 * Recordings of real devices and what is expected of each. They are the work of others under the GPL, used beside this
 * project and no part of it: where they are missing, the tests that need them are skipped by name.
 */

export interface Expected {
  name: string;
  system: {
    sysDescr: string | null;
    sysObjectID: string | null;
    sysUpTime: number | null;
    sysName: string | null;
  };
  interfaces: ExpectedInterface[];
  sensors: ExpectedSensor[];
  processors: ExpectedSensor[];
  memory: ExpectedMemory[];
}

export type ExpectedInterface = { ifIndex: number; speedBps: number | null } & Record<
  string,
  string | number | null | boolean | undefined
>;

export interface ExpectedSensor {
  oid: string;
  object: string;
  /** With `oids`: one per instance, whose sum the value is. */
  raw: number | string | (number | string)[];
  oids?: string[];
  value: number | string | null;
  unit: string | null;
  class?: string;
  mibText?: string;
  /** The scale is unproven: the raw value alone is to be met. */
  suspect?: boolean;
}

export type ExpectedMemory =
  | { usedOid: string; sizeOid: string; usedBytes: number; sizeBytes: number }
  | { oid: string; raw: number; bytes: number }
  | { oid: string; raw: number; precision: number; what: string; librenmsPercent: number };

/** The folder with `given/`: named by the environment, or beside the checkout; null where there is none. */
export function recordingsFolder(): string | null {
  const named = process.env.SAMBUNG_SNMP_RECORDINGS;
  const folder = named ?? join(import.meta.dirname, "../../../shared/data/snmp");
  return existsSync(join(folder, "given")) ? join(folder, "given") : null;
}

export function readExpected(folder: string): Expected[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".expected.json"))
    .sort((a, b) => (a < b ? -1 : 1))
    .map((file) => JSON.parse(readFileSync(join(folder, file), "utf8")) as Expected);
}
