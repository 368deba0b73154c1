import { isIP } from "node:net";
import { WireError } from "./wire-error.ts";

export type Fields = Record<string, unknown>;

/** An object with exactly the named keys: an unknown key is refused, so that a misspelt one is never silently dropped. */
export function objectAt(field: string, value: unknown, known: readonly string[]): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new WireError(field, value, "an object");
  }
  for (const key of Object.keys(value)) {
    if (!known.includes(key))
      throw new WireError(join(field, key), key, `one of the keys ${known.join(", ")}`);
  }
  return value as Fields;
}

export function join(field: string, key: string): string {
  return field === "" ? key : `${field}.${key}`;
}

export function stringAt(field: string, value: unknown, pattern: RegExp, allowed: string): string {
  if (typeof value !== "string" || !pattern.test(value)) throw new WireError(field, value, allowed);
  return value;
}

export function integerAt(field: string, value: unknown, min: number, max: number): number {
  if (!Number.isInteger(value) || (value as number) < min || (value as number) > max) {
    throw new WireError(field, value, `a whole number from ${min} to ${max}`);
  }
  return value as number;
}

export function numberAt(field: string, value: unknown, min: number, max: number): number {
  if (typeof value !== "number" || !(value >= min && value <= max)) {
    throw new WireError(field, value, `a number from ${min} to ${max}`);
  }
  return value;
}

export function booleanAt(field: string, value: unknown): boolean {
  if (typeof value !== "boolean") throw new WireError(field, value, "true or false");
  return value;
}

export function oneOfAt<T extends string>(field: string, value: unknown, allowed: readonly T[]): T {
  if (!allowed.includes(value as T)) throw new WireError(field, value, `one of ${allowed.join(", ")}`);
  return value as T;
}

export function arrayAt(field: string, value: unknown, maxLength: number): unknown[] {
  if (!Array.isArray(value)) throw new WireError(field, value, "an array");
  if (value.length > maxLength)
    throw new WireError(field, `${value.length} entries`, `at most ${maxLength} entries`);
  return value;
}

/** An address, or a range as CIDR writes it, such as `10.8.0.0/16`. */
export function rangeAt(field: string, value: unknown): string {
  const [address, bits, more] = typeof value === "string" ? value.split("/") : [];
  const family = isIP(address ?? "");
  const most = family === 4 ? 32 : 128;
  const isGood = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most);
  if (family === 0 || !isGood || more !== undefined) {
    throw new WireError(field, value, "an address, or a range such as 10.8.0.0/16");
  }
  return value as string;
}
