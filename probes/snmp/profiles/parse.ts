import { arrayAt, booleanAt, join, numberAt, objectAt, oneOfAt, stringAt } from "#wire/check.ts";
import type { Fields } from "#wire/check.ts";
import { WireError } from "#wire/wire-error.ts";
import { ProfileError } from "./profile-error.ts";
import { isScalarOid, sources, unitSuffixes } from "./profile.ts";
import type { Condition, Group, Metric, Profile, Scale, Unit } from "./profile.ts";

/*
 * Reads a profile; profile.ts has its shape and an example. Every key beside those named there is refused, so that a
 * misspelt one is never silently dropped.
 */

export const profileNamePattern = /^[a-z][a-z0-9-]{0,39}$/;
const oidPattern = /^1(\.\d{1,10}){2,60}$/;
const relativePattern = /^(\.1(\.\d{1,10}){2,60}|\d{1,10}(\.\d{1,10}){0,40})$/;
const metricNamePattern = /^[a-z][A-Za-z0-9]{0,39}(\.[A-Za-z0-9]{1,24}){0,3}$/;
const textPattern = /^[^\p{Cc}]{1,200}$/u;
const unitNames = Object.keys(unitSuffixes) as Unit[];
const indexKinds = ["plain", "hash", "text"] as const;
const safe = Number.MAX_SAFE_INTEGER;

/** Reads the text of a profile's file. Throws ProfileError. */
export function parseProfile(file: string, text: string): Profile {
  try {
    return readProfile(JSON.parse(text));
  } catch (cause) {
    if (cause instanceof WireError || cause instanceof SyntaxError)
      throw new ProfileError(file, cause.message, { cause });
    throw cause;
  }
}

function readProfile(input: unknown): Profile {
  const given = objectAt("", input, [
    "name",
    "title",
    "sysObjectIds",
    "sysDescr",
    "probes",
    "generic",
    "bulk",
    "groups",
  ]);
  const profile: Profile = {
    name: stringAt("name", given.name, profileNamePattern, "1 to 40 small letters, digits and '-'"),
    title: stringAt("title", given.title, textPattern, "1 to 200 characters"),
    sysObjectIds: oidList("sysObjectIds", given.sysObjectIds),
    sysDescr: optional(given.sysDescr, (value) => regexAt("sysDescr", value)),
    probes: optional(given.probes, (value) => oidList("probes", value)) ?? [],
    generic: optional(given.generic, (value) => booleanAt("generic", value)) ?? false,
    bulk: optional(given.bulk, (value) => booleanAt("bulk", value)) ?? true,
    groups: arrayAt("groups", given.groups, 100).map((group, index) => readGroup(`groups[${index}]`, group)),
  };
  if (profile.generic && profile.probes.length === 0)
    throw new WireError("probes", given.probes, "at least one subtree where generic is true");
  if (!profile.generic && profile.sysObjectIds.length === 0)
    throw new WireError("sysObjectIds", given.sysObjectIds, "at least one prefix, or generic: true");
  return profile;
}

function readGroup(field: string, input: unknown): Group {
  const given = objectAt(field, input, [
    "base",
    "mib",
    "source",
    "index",
    "blankWhenZero",
    "blankUnless",
    "metrics",
  ]);
  const base = stringAt(`${field}.base`, given.base, oidPattern, "a numeric OID");
  const mib = stringAt(`${field}.mib`, given.mib, textPattern, "the name of a MIB module");
  const index = optional(given.index, (value) => oneOfAt(`${field}.index`, value, indexKinds)) ?? "plain";
  return {
    mib,
    source: oneOfAt(`${field}.source`, given.source, sources),
    index,
    blankWhenZero: optional(given.blankWhenZero, (v) => refList(`${field}.blankWhenZero`, base, v)) ?? [],
    blankUnless: optional(given.blankUnless, (value) => {
      const unless = objectAt(`${field}.blankUnless`, value, ["column", "equals"]);
      return {
        column: refAt(`${field}.blankUnless.column`, base, unless.column),
        equals: numberList(`${field}.blankUnless.equals`, unless.equals),
      };
    }),
    metrics: arrayAt(`${field}.metrics`, given.metrics, 200).map((metric, at) =>
      readMetric(`${field}.metrics[${at}]`, base, index === "text", metric),
    ),
  };
}

const scaleKeys = ["offset", "multiplier", "divisor", "convert"];
const metricKeys = [
  ...scaleKeys,
  "name",
  "object",
  "oid",
  "unit",
  "fixed",
  "cases",
  "signed32",
  "pattern",
  "sentinels",
  "skip",
  "valid",
  "states",
  "isOneOf",
  "times",
  "over",
  "complement",
  "sensorScale",
  "when",
  "rows",
  "note",
];

function readMetric(field: string, base: string, textIndex: boolean, input: unknown): Metric {
  const given = objectAt(field, input, metricKeys);
  const at = (key: string) => `${field}.${key}`;
  const unit = oneOfAt(at("unit"), given.unit, unitNames);
  const oid = refAt(at("oid"), base, given.oid);
  const scale = readScale(field, given);
  optional(given.note, (value) => stringAt(at("note"), value, /^[^\p{Cc}]{1,500}$/u, "1 to 500 characters"));
  const rows = optional(given.rows, (value) => regexAt(at("rows"), value));
  if (textIndex !== (rows !== null))
    throw new WireError(
      at("rows"),
      given.rows,
      "a regular expression in a group with index text, and only there",
    );
  const isOneOf = optional(given.isOneOf, (value) => numberList(at("isOneOf"), value));
  if ((unit === "flag") !== (isOneOf !== null))
    throw new WireError(at("isOneOf"), given.isOneOf, "codes for the unit flag, and only there");
  return {
    name: metricNameAt(at("name"), given.name, unit),
    object: stringAt(at("object"), given.object, /^[A-Za-z][A-Za-z0-9-]{0,79}$/, "the name of a MIB object"),
    oid,
    scalar: isScalarOid(oid),
    unit,
    fixed: optional(given.fixed, (value) => booleanAt(at("fixed"), value)) ?? false,
    scale,
    cases: optional(given.cases, (value) => readCases(at("cases"), base, value)) ?? [],
    signed32: optional(given.signed32, (value) => booleanAt(at("signed32"), value)) ?? false,
    pattern: optional(given.pattern, (value) => regexAt(at("pattern"), value)),
    sentinels: optional(given.sentinels, (value) => rawList(at("sentinels"), value)) ?? [],
    skip: optional(given.skip, (value) => rawList(at("skip"), value)) ?? [],
    valid: optional(given.valid, (value) => rangeAt(at("valid"), value)) ?? [null, null],
    states: optional(given.states, (value) => statesAt(at("states"), value)),
    isOneOf,
    times: optional(given.times, (value) => refAt(at("times"), base, value)),
    over: optional(given.over, (value) => refList(at("over"), base, value)) ?? [],
    complement: optional(given.complement, (value) => booleanAt(at("complement"), value)) ?? false,
    sensorScale: optional(given.sensorScale, (value) => {
      const columns = objectAt(at("sensorScale"), value, ["scale", "precision"]);
      return {
        scale: refAt(at("sensorScale.scale"), base, columns.scale),
        precision: refAt(at("sensorScale.precision"), base, columns.precision),
      };
    }),
    when: optional(given.when, (value) => conditionsAt(at("when"), base, value)) ?? [],
    rows,
  };
}

/** A name says its unit: `signalDbm`, with what tells several of one device apart behind a dot. */
function metricNameAt(field: string, value: unknown, unit: Unit): string {
  const name = stringAt(field, value, metricNamePattern, "a name such as temperatureC or temperatureC.board");
  const suffix = unitSuffixes[unit];
  if (suffix !== null && !name.split(".", 1)[0]!.endsWith(suffix))
    throw new WireError(field, name, `a name whose first part ends in ${suffix}, as its unit is ${unit}`);
  return name;
}

function readScale(field: string, given: Fields): Scale {
  const figure = (key: string, fallback: number) =>
    optional(given[key], (value) => numberAt(`${field}.${key}`, value, -safe, safe)) ?? fallback;
  const divisor = figure("divisor", 1);
  if (divisor === 0) throw new WireError(`${field}.divisor`, divisor, "a number other than 0");
  return {
    offset: figure("offset", 0),
    multiplier: figure("multiplier", 1),
    divisor,
    convert: optional(given.convert, (value) =>
      oneOfAt(`${field}.convert`, value, ["uwToDbm", "mwToDbm"] as const),
    ),
  };
}

function readCases(field: string, base: string, value: unknown): Metric["cases"] {
  return arrayAt(field, value, 10).map((input, index) => {
    const at = `${field}[${index}]`;
    const given = objectAt(at, input, ["when", ...scaleKeys]);
    return { when: conditionsAt(`${at}.when`, base, given.when), scale: readScale(at, given) };
  });
}

function conditionsAt(field: string, base: string, value: unknown): Condition[] {
  return arrayAt(field, value, 10).map((input, index) => {
    const at = `${field}[${index}]`;
    const given = objectAt(at, input, ["column", "equals", "above", "below", "matches", "missing"]);
    const condition: Condition = {
      oid: optional(given.column, (column) => refAt(`${at}.column`, base, column)),
      equals: optional(given.equals, (list) => rawList(`${at}.equals`, list)),
      above: optional(given.above, (figure) => numberAt(`${at}.above`, figure, -safe, safe)),
      below: optional(given.below, (figure) => numberAt(`${at}.below`, figure, -safe, safe)),
      matches: optional(given.matches, (source) => regexAt(`${at}.matches`, source)),
      missing: optional(given.missing, (value) => booleanAt(`${at}.missing`, value)) ?? false,
    };
    if (
      [condition.equals, condition.above, condition.below, condition.matches].every((part) => part === null)
    )
      throw new WireError(at, input, "at least one of equals, above, below and matches");
    return condition;
  });
}

/** An absent key takes its default; null does not stand for absence. */
function optional<T>(value: unknown, read: (value: unknown) => T): T | null {
  return value === undefined ? null : read(value);
}

function refAt(field: string, base: string, value: unknown): string {
  const ref = stringAt(
    field,
    value,
    relativePattern,
    "an OID below the group's base, or one with a leading dot",
  );
  return ref.startsWith(".") ? ref.slice(1) : `${base}.${ref}`;
}

function refList(field: string, base: string, value: unknown): string[] {
  return arrayAt(field, value, 20).map((ref, index) => refAt(`${field}[${index}]`, base, ref));
}

function oidList(field: string, value: unknown): string[] {
  return arrayAt(field, value, 100).map((oid, index) =>
    stringAt(`${field}[${index}]`, oid, oidPattern, "a numeric OID such as 1.3.6.1.4.1.14988.1"),
  );
}

function numberList(field: string, value: unknown): number[] {
  return arrayAt(field, value, 100).map((entry, index) => numberAt(`${field}[${index}]`, entry, -safe, safe));
}

function rawList(field: string, value: unknown): (number | string)[] {
  return arrayAt(field, value, 100).map((entry, index) => {
    if (typeof entry === "string" || Number.isFinite(entry)) return entry as number | string;
    throw new WireError(`${field}[${index}]`, entry, "a number or a text");
  });
}

function rangeAt(field: string, value: unknown): [number | null, number | null] {
  const range = arrayAt(field, value, 2);
  if (range.length !== 2) throw new WireError(field, value, "least and greatest value, null for none");
  const [least, greatest] = range.map((end, index) =>
    end === null ? null : numberAt(`${field}[${index}]`, end, -safe, safe),
  );
  return [least ?? null, greatest ?? null];
}

function statesAt(field: string, value: unknown): Record<string, string> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new WireError(field, value, "an object of codes and their texts");
  for (const [code, text] of Object.entries(value)) {
    if (!/^-?\d{1,10}$/.test(code)) throw new WireError(join(field, code), code, "a whole number as code");
    stringAt(join(field, code), text, textPattern, "1 to 200 characters");
  }
  return value as Record<string, string>;
}

function regexAt(field: string, value: unknown): RegExp {
  const source = stringAt(field, value, textPattern, "a regular expression of at most 200 characters");
  try {
    return new RegExp(source, "iu");
  } catch (error) {
    throw new WireError(field, source, `a regular expression of JavaScript (${(error as Error).message})`);
  }
}
