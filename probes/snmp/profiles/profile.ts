/*
 * What a profile is: which devices it fits, and how their objects become values in base units.
 *
 * An operator adds one by putting a file NAME.json beside this one; parse.ts says what it may hold and reads it, and
 * names file, field, value and what is allowed where it does not fit. An example:
 *
 * { "name": "acme-radio", "title": "ACME point-to-point radio",
 *   "sysObjectIds": ["1.3.6.1.4.1.99999.1"],        prefixes; the longest that fits a device wins
 *   "sysDescr": "Release [23]\\.",                   optional, a regular expression that sysDescr has to match too
 *   "probes": ["1.3.6.1.4.1.99999.1.7"],             optional: it applies only to a device with an object below one
 *   "generic": false,                                true: tried on every device, beside the maker's; needs probes
 *   "bulk": true,                                    false: the device's GETBULK cannot be relied on
 *   "groups": [
 *     { "base": "1.3.6.1.4.1.99999.1.7.2.1", "mib": "ACME-RADIO-MIB", "source": "mib",
 *       "metrics": [
 *         { "name": "signalDbm.radio", "object": "acmeRxLevel", "oid": "4", "unit": "dBm", "divisor": 10,
 *           "sentinels": [-999], "valid": [-120, 20] },
 *         { "name": "linkState.radio", "object": "acmeLink", "oid": "9.0", "unit": "state",
 *           "states": { "1": "up", "2": "down" } } ] } ] }
 *
 * An oid is relative to the base of its group, or absolute where it begins with a dot. One that ends in ".0" is a
 * scalar and is asked for as it is; any other is a column, whose rows are walked: no index stands in a profile. The name on the
 * wire is `name` for a scalar and `name.<index>` for a row. A name begins with the quantity and its unit (signalDbm,
 * temperatureC, rateBps), whoever made the device; what follows the first dot tells sensors of one device apart.
 *
 * value = (raw + offset) × multiplier ÷ divisor, the first of `cases` that holds giving other figures. Several metrics
 * of one profile may bear one name: the first that the device has stands, so that the finer object is named first.
 */

/** Where the facts come from: seen on a device and in its MIB, in a MIB alone, or only in others' code. */
export const sources = ["recording", "mib", "code"] as const;

/** Each unit of a profile, and how the names of its values end. A null suffix: any name. */
export const unitSuffixes = {
  dBm: "Dbm",
  dB: "Db",
  C: "C",
  V: "V",
  A: "A",
  W: "W",
  Hz: "Hz",
  "bit/s": "Bps",
  m: "M",
  s: "S",
  ratio: "Ratio",
  rpm: "Rpm",
  byte: "Bytes",
  Ah: "Ah",
  Wh: "Wh",
  count: null,
  flag: null,
  state: null,
  text: null,
} as const;
export type Unit = keyof typeof unitSuffixes;

export interface Profile extends ProfileKey {
  title: string;
  /** Whether the device's GETBULK can be relied on. */
  bulk: boolean;
  groups: Group[];
}

/** What tells whether a profile fits a device; small enough to be kept for all profiles. */
export interface ProfileKey {
  name: string;
  /** Prefixes of sysObjectID, numeric. */
  sysObjectIds: string[];
  sysDescr: RegExp | null;
  /** Subtrees, one of which the device must have; empty: sysObjectID is enough. */
  probes: string[];
  generic: boolean;
}

export interface Group {
  mib: string;
  source: (typeof sources)[number];
  /**
   * How the index of a row becomes part of a name: `plain` as it is; `hash` where it holds the physical address of a
   * subscriber, which must not travel; `text` where it spells a name that `rows` takes the instance from.
   */
  index: "plain" | "hash" | "text";
  /** A row of which all of these columns are zero holds nothing: an empty transceiver cage. */
  blankWhenZero: string[];
  /** A row counts only where this column, if there is one, has one of these values. */
  blankUnless: { column: string; equals: number[] } | null;
  metrics: Metric[];
}

export interface Metric {
  name: string;
  object: string;
  /** Absolute. */
  oid: string;
  scalar: boolean;
  unit: Unit;
  /** Read only when the device is looked at anew: names, sizes. Its value travels in that round alone. */
  fixed: boolean;
  scale: Scale;
  /** Other scales, the first of which applies whose conditions hold. */
  cases: { when: Condition[]; scale: Scale }[];
  /** A Gauge32 that carries negative numbers. */
  signed32: boolean;
  /** Where in a text the number stands: the first group of this. Null: the text begins with it. */
  pattern: RegExp | null;
  /** Raw values that mean that there is none: they give null. */
  sentinels: (number | string)[];
  /** Raw values that mean that there is no such sensor: they give nothing at all. */
  skip: (number | string)[];
  /** Least and greatest value in base units; outside of them it gives null. */
  valid: [number | null, number | null];
  /** Text of each code of a state. */
  states: Record<string, string> | null;
  /** Codes that give 1, all others 0; for a `flag`. */
  isOneOf: number[] | null;
  /** Column by which the value is multiplied. */
  times: string | null;
  /** Columns by whose sum the value is divided. */
  over: string[];
  /** The value is 1 less what it would be: a free share becomes a used one. */
  complement: boolean;
  /** Columns with the scale and precision of RFC 3433. */
  sensorScale: { scale: string; precision: string } | null;
  /** The row counts only where all of these hold. */
  when: Condition[];
  /** With the index `text`: which index texts are meant, and in their first groups what tells them apart. */
  rows: RegExp | null;
}

export interface Scale {
  offset: number;
  multiplier: number;
  divisor: number;
  /** Microwatts, or milliwatts, become dBm after the scale. */
  convert: "uwToDbm" | "mwToDbm" | null;
}

export interface Condition {
  /** Column of the same row, or a scalar; null: the raw value itself. */
  oid: string | null;
  equals: (number | string)[] | null;
  above: number | null;
  below: number | null;
  matches: RegExp | null;
  /** Whether it holds where the device does not have the object. */
  missing: boolean;
}

/** True for an object identifier that names an instance of a scalar. */
export function isScalarOid(oid: string): boolean {
  return oid.endsWith(".0");
}
