import type { SnmpValue } from "#wire/rounds-v1.ts";
import type { SnmpSample } from "../../probes/probe.ts";
import type { Reading } from "../../probes/snmp/profiles/evaluate.ts";
import type { Unit } from "../../probes/snmp/profiles/profile.ts";
import type { Expected, ExpectedSensor } from "./snmp-recordings.ts";

/** What was expected of a device and not met. */
export interface Miss {
  what: string;
  expected: unknown;
  got: unknown;
}

export interface Check {
  expected: number;
  missed: Miss[];
}

function createCheck(): Check & {
  meet(what: string, expected: unknown, got: unknown, isMet?: boolean): void;
} {
  const missed: Miss[] = [];
  return {
    expected: 0,
    missed,
    meet(what, expected, got, isMet = expected === got) {
      this.expected++;
      if (!isMet) missed.push({ what, expected, got });
    },
  };
}

export function checkSystem({ system }: Expected, { values }: SnmpSample): Check {
  const check = createCheck();
  for (const name of ["sysDescr", "sysObjectID", "sysUpTime", "sysName"] as const) {
    const got = values[name] ?? null;
    // Texts that are none are expected with replacement characters; they travel in hexadecimal digits.
    check.meet(
      name,
      system[name],
      typeof got === "string" ? got.trimEnd() : got,
      sameText(system[name], got),
    );
  }
  return check;
}

function sameText(expected: unknown, got: SnmpValue): boolean {
  if (typeof expected !== "string" || typeof got !== "string") return expected === got;
  return expected.slice(0, 255) === got || expected.trimEnd() === got.trimEnd();
}

const sameName = [
  "ifAdminStatus",
  "ifOperStatus",
  "ifInDiscards",
  "ifInErrors",
  "ifOutDiscards",
  "ifOutErrors",
];
const texts = ["ifName", "ifDescr", "ifAlias"];

/** What an interface poll tells: of the two widths of octets the one that counts, and a speed in bit/s. */
export function checkInterfaces({ interfaces }: Expected, { values }: SnmpSample): Check {
  const check = createCheck();
  for (const row of interfaces) {
    const at = (name: string) => values[`${name}.${row.ifIndex}`] ?? null;
    for (const name of [...sameName, "ifType"]) {
      if (row[name] !== undefined) check.meet(`${name}.${row.ifIndex}`, row[name], at(name));
    }
    for (const name of texts) {
      const expected = row[`${name}Hex`] ?? row[name];
      if (expected === undefined || expected === "") continue;
      check.meet(`${name}.${row.ifIndex}`, expected, at(name), sameText(expected, at(name)));
    }
    for (const way of ["In", "Out"]) {
      const wide = row[`ifHC${way}Octets`];
      const narrow = row[`if${way}Octets`];
      const isWide = wide !== undefined && !(Number(wide) === 0 && Number(narrow ?? 0) !== 0);
      if (wide === undefined && narrow === undefined) continue;
      const name = isWide ? `ifHC${way}Octets` : `if${way}Octets`;
      check.meet(`${name}.${row.ifIndex}`, String(isWide ? wide : narrow), String(at(name)));
    }
    if (row.speedBps !== null) check.meet(`ifSpeedBps.${row.ifIndex}`, row.speedBps, at("ifSpeedBps"));
  }
  return check;
}

/** Units of the expectations: ours, and by how much theirs is to be multiplied. */
const toOurs: Record<string, [unit: Unit, factor: number]> = {
  "%": ["ratio", 0.01],
  km: ["m", 1000],
  MHz: ["Hz", 1e6],
  kHz: ["Hz", 1e3],
  Hz: ["Hz", 1],
  bps: ["bit/s", 1],
  min: ["s", 60],
  h: ["s", 3600],
  kWh: ["Wh", 1000],
  bytes: ["byte", 1],
  "dB-relative": ["count", 1],
  C: ["C", 1],
  V: ["V", 1],
  A: ["A", 1],
  W: ["W", 1],
  Ah: ["Ah", 1],
  dB: ["dB", 1],
  dBm: ["dBm", 1],
  rpm: ["rpm", 1],
};

export function checkSensors({ sensors, processors }: Expected, readings: readonly Reading[]): Check {
  const check = createCheck();
  const byOid = Map.groupBy(readings, (reading) => reading.oid);
  for (const sensor of [...sensors, ...processors]) {
    const oids = sensor.oids ?? [sensor.oid];
    const raws = Array.isArray(sensor.raw) ? sensor.raw : [sensor.raw];
    const what = `${sensor.object} ${oids.join(" + ")}`;
    const found = oids.map((oid) => readingFor(sensor, byOid.get(oid) ?? []));
    const isRaw = found.every(
      (reading, index) => reading !== null && String(reading.raw) === String(raws[index]),
    );
    const got = sumOf(found.map((reading) => reading?.value ?? null));
    const shown = found.map(
      (reading) => reading && { name: reading.name, raw: reading.raw, value: reading.value },
    );
    check.meet(what, sensor.value, shown, isRaw && (sensor.suspect === true || isValue(sensor, got, found)));
  }
  return check;
}

/** Several values may come from one object, such as a state and the flag made of it; the unit tells which is meant. */
function readingFor(sensor: ExpectedSensor, found: readonly Reading[]): Reading | null {
  const unit = toOurs[sensor.unit ?? ""]?.[0];
  return (
    found.find((reading) => reading.unit === unit) ?? found.find((reading) => reading.unit !== "flag") ?? null
  );
}

function sumOf(values: readonly SnmpValue[]): SnmpValue {
  if (values.length === 1) return values[0]!;
  return values.reduce<number>((sum, value) => sum + Number(value), 0);
}

function isValue(sensor: ExpectedSensor, got: SnmpValue, found: readonly (Reading | null)[]): boolean {
  const { value, mibText } = sensor;
  const [reading] = found;
  const { unit } = reading!;
  if (
    sensor.class === "state" &&
    typeof reading!.state === "string" &&
    mibText !== undefined &&
    reading!.state !== mibText
  )
    return false;
  if (value === null || typeof value === "string") return got === value;
  const [expectedUnit, factor] = toOurs[sensor.unit ?? ""] ?? [unit, 1];
  if (expectedUnit !== unit || got === null || Number.isNaN(Number(got))) return false;
  // Expected values are rounded to six decimals.
  return Math.abs(Number(got) - value * factor) <= 1e-6 * Math.max(factor, Math.abs(value * factor));
}

export function checkMemory({ memory }: Expected, readings: readonly Reading[]): Check {
  const check = createCheck();
  const bytesAt = (oid: string) =>
    readings.find((reading) => reading.oid === oid && reading.unit === "byte")?.value ?? null;
  for (const entry of memory) {
    if ("usedOid" in entry) {
      check.meet(`used ${entry.usedOid}`, entry.usedBytes, bytesAt(entry.usedOid));
      check.meet(`size ${entry.sizeOid}`, entry.sizeBytes, bytesAt(entry.sizeOid));
      continue;
    }
    const found = readings.filter(({ oid }) => oid === entry.oid);
    const shown = found.map(({ name, raw, value }) => ({ name, raw, value }));
    const isRaw = found.length > 0 && found.every(({ raw }) => raw === entry.raw);
    const percents = found
      .filter(({ unit }) => unit === "ratio")
      .map(({ value }) => Math.round(Number(value) * 100));
    const bytes = found.filter(({ unit }) => unit === "byte").map(({ value }) => value);
    const isMet =
      "bytes" in entry
        ? bytes.includes(entry.bytes)
        : percents.includes(entry.librenmsPercent) &&
          (entry.what.includes("percent") || bytes.includes(entry.raw * entry.precision));
    check.meet(`memory ${entry.oid}`, entry, shown, isRaw && isMet);
  }
  return check;
}
