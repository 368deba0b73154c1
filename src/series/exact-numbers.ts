import type { FieldValue, Point, PointRow } from "./points.ts";

/*
 * Points for an engine that has nothing but numbers, and those as decimals of some 18 digits which it shares among neighbours:
 * whole numbers up to 2^53 and thousandths below 10^9 come back as they were, whatever lies beside them. What is not of that
 * kind is taken apart into whole numbers:
 *
 *   <name>_hi, <name>_lo   the upper and the lower half of a float64
 *   <name>_t0, _t1 …       six bytes each of a text in UTF-8, ended by a byte 1 and filled up with 0
 */

type Field = [name: string, value: number];

const isWhole = (value: number) => Number.isInteger(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER;
const inThousandths = (value: number) => Math.abs(value) < 1e9 && Math.round(value * 1000) / 1000 === value;
const textBytes = 6;
const textEnd = 1;

export function* numbersOf(fields: Point["fields"]): Generator<Field> {
  for (const [name, value] of fields) yield* numbersOfField(name, value);
}

function* numbersOfField(name: string, value: FieldValue): Generator<Field> {
  if ("text" in value) {
    const encoded = new TextEncoder().encode(value.text);
    const bytes = Buffer.alloc(textBytes * Math.ceil((encoded.length + 1) / textBytes));
    bytes.set(encoded);
    bytes[encoded.length] = textEnd;
    for (let at = 0; at < bytes.length; at += textBytes)
      yield [`${name}_t${at / textBytes}`, bytes.readUIntBE(at, textBytes)];
    return;
  }
  const number = "int" in value ? value.int : value.float;
  if (isWhole(number) || inThousandths(number)) {
    yield [name, number];
    return;
  }
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(number);
  yield [`${name}_hi`, bytes.readUInt32BE(0)];
  yield [`${name}_lo`, bytes.readUInt32BE(4)];
}

const partPattern = /^(?<name>.+)_(?<part>hi|lo|t\d+)$/;

/** The fields as they were before `numbersOf`. */
export function fieldsOf(numbers: ReadonlyMap<string, number>): PointRow["fields"] {
  const fields: Record<string, number | string> = {};
  const texts = new Map<string, number[]>();
  for (const [field, value] of numbers) {
    const { name, part } = partPattern.exec(field)?.groups ?? {};
    if (name === undefined || part === undefined) fields[field] = value;
    else if (part === "hi") fields[name] = doubleOf(value, numbers.get(`${name}_lo`) ?? 0);
    else if (part !== "lo") {
      const parts = texts.get(name) ?? [];
      parts[Number(part.slice(1))] = value;
      texts.set(name, parts);
    }
  }
  for (const [name, parts] of texts) fields[name] = textOf(parts);
  return fields;
}

function doubleOf(high: number, low: number): number {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32BE(high, 0);
  bytes.writeUInt32BE(low, 4);
  return bytes.readDoubleBE(0);
}

function textOf(parts: readonly number[]): string {
  const bytes = Buffer.alloc(textBytes * parts.length);
  for (const [at, part] of parts.entries()) bytes.writeUIntBE(part ?? 0, at * textBytes, textBytes);
  return bytes.subarray(0, Math.max(0, bytes.lastIndexOf(textEnd))).toString("utf8");
}
