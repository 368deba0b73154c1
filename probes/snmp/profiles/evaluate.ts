import type { SnmpValue } from "#wire/rounds-v1.ts";
import type { Varbind } from "../reader.ts";
import type { Answered } from "./answered.ts";
import { instanceOf } from "./instance.ts";
import type { Condition, Group, Metric, Profile, Unit } from "./profile.ts";
import { exact, isListed, scaleFigure, toFigure, toRaw, toWire } from "./read-value.ts";
import type { Raw } from "./read-value.ts";

/** One value and where it comes from. */
export interface Reading {
  /** As it travels. */
  name: string;
  /** In base units; null where the device says that there is none. */
  value: SnmpValue;
  unit: Unit;
  /** Numeric, with the instance. */
  oid: string;
  raw: Raw;
  /** MIB and object. */
  object: string;
  profile: string;
  /** What the code of a state means; null where the profile does not know it. */
  state: string | null;
}

/**
 * What a device's answers mean by a profile: pure, in the order of the profile. `withFixed` says whether names, sizes
 * and the like are among what was just read.
 */
export function evaluateProfile(profile: Profile, answered: Answered, withFixed = true): Reading[] {
  const readings: Reading[] = [];
  const taken = new Set<string>();
  for (const group of profile.groups) {
    for (const metric of group.metrics) {
      if (metric.fixed && !withFixed) continue;
      for (const [index, varbind] of rowsOf(metric, answered)) {
        const reading = readOne(profile, group, metric, index, varbind, answered);
        if (reading === null || taken.has(reading.name)) continue;
        taken.add(reading.name);
        readings.push(reading);
      }
    }
  }
  return readings;
}

function* rowsOf(metric: Metric, answered: Answered): Iterable<[index: string, varbind: Varbind]> {
  if (!metric.scalar) {
    yield* answered.column(metric.oid);
    return;
  }
  const varbind = answered.scalar(metric.oid);
  if (varbind !== undefined) yield ["", varbind];
}

function readOne(
  profile: Profile,
  group: Group,
  metric: Metric,
  index: string,
  varbind: Varbind,
  answered: Answered,
): Reading | null {
  const raw = toRaw(varbind);
  if (raw === null || isListed(raw, metric.skip)) return null;
  const row: Row = { index, raw, answered };
  if (!metric.when.every((condition) => holds(condition, row))) return null;
  const instance = metric.scalar ? "" : instanceOf(group.index, metric.rows, index);
  if (instance === null) return null;
  const value = isBlank(group, row) || isListed(raw, metric.sentinels) ? null : valueOf(metric, row);
  return {
    name: instance === "" ? metric.name : `${metric.name}.${instance}`,
    value,
    unit: metric.unit,
    oid: varbind.oid,
    raw,
    object: `${group.mib}::${metric.object}`,
    profile: profile.name,
    state: metric.states?.[String(raw)] ?? null,
  };
}

interface Row {
  index: string;
  raw: Raw;
  answered: Answered;
}

function holds(condition: Condition, row: Row): boolean {
  const raw = condition.oid === null ? row.raw : rawAt(condition.oid, row);
  if (raw === null) return condition.missing;
  const { equals, above, below, matches } = condition;
  const figure = typeof raw === "string" ? Number(raw) : raw;
  return (
    (equals === null || isListed(raw, equals)) &&
    (above === null || figure > above) &&
    (below === null || figure < below) &&
    (matches === null || matches.test(String(raw)))
  );
}

function isBlank(group: Group, row: Row): boolean {
  const { blankWhenZero, blankUnless } = group;
  if (blankWhenZero.length > 0 && blankWhenZero.every((oid) => Number(rawAt(oid, row) ?? 0) === 0))
    return true;
  if (blankUnless === null) return false;
  const raw = rawAt(blankUnless.column, row);
  return raw !== null && !isListed(raw, blankUnless.equals);
}

function rawAt(oid: string, row: Row): Raw | null {
  const varbind = row.answered.at(oid, row.index);
  return varbind === undefined ? null : toRaw(varbind);
}

function valueOf(metric: Metric, row: Row): SnmpValue {
  if (metric.unit === "text") return toWire(row.raw);
  if (metric.unit === "state") return typeof row.raw === "string" && row.raw === "" ? null : toWire(row.raw);
  const figure = toFigure(row.raw, metric);
  if (figure === null) return null;
  if (metric.isOneOf !== null) return metric.isOneOf.includes(figure) ? 1 : 0;
  // A counter above 2^53 keeps all of its digits.
  if (typeof row.raw === "bigint" && metric.unit === "count") return toWire(row.raw);
  const measured = measure(metric, figure, row);
  if (measured === null) return null;
  const [least, greatest] = metric.valid;
  return (least !== null && measured < least) || (greatest !== null && measured > greatest) ? null : measured;
}

function measure(metric: Metric, figure: number, row: Row): number | null {
  const scale = metric.cases.find((entry) => entry.when.every((condition) => holds(condition, row)))?.scale;
  let value = scaleFigure(figure, scale ?? metric.scale);
  if (value === null) return null;
  if (metric.sensorScale !== null) {
    const exponent = sensorExponent(metric.sensorScale, row);
    if (exponent === null) return null;
    // Dividing by a whole power of ten keeps 5.6 from becoming 5.6000000000000005.
    value = exponent < 0 ? value / 10 ** -exponent : value * 10 ** exponent;
  }
  if (metric.times !== null) value *= figureAt(metric.times, row) ?? Number.NaN;
  if (metric.over.length > 0) {
    const parts = metric.over.map((oid) => figureAt(oid, row) ?? Number.NaN);
    value /= parts.reduce((sum, part) => sum + part, 0);
  }
  return exact(metric.complement ? 1 - value : value);
}

/** RFC 3433: scale 9 is units, each step a factor of 1000; the precision counts decimal digits of the raw value. */
function sensorExponent(columns: { scale: string; precision: string }, row: Row): number | null {
  const scale = figureAt(columns.scale, row);
  const precision = figureAt(columns.precision, row);
  return scale === null || precision === null ? null : 3 * (scale - 9) - precision;
}

function figureAt(oid: string, row: Row): number | null {
  const raw = rawAt(oid, row);
  return raw === null ? null : toFigure(raw, { pattern: null, signed32: false });
}
