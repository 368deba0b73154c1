import type { SnmpValue } from "#wire/rounds-v1.ts";
import type { Varbind } from "../reader.ts";
import type { Metric, Scale } from "./profile.ts";

/** A raw value as profiles compare it: octets as text, whole numbers as numbers where they are exact. */
export type Raw = number | bigint | string;

/** Longest text that a batch carries for one object. */
const maxTextLength = 255;
/** A number at the start of a text, as most makers write it: "-84", "43.0 C", "27.84 .C". */
const leadingNumber = /^\s*([-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?)/i;

/** Null for an object without a value, such as NULL. */
export function toRaw(varbind: Varbind): Raw | null {
  const { value } = varbind;
  if (value === null) return null;
  if (Buffer.isBuffer(value)) return trimText(value.toString("utf8"));
  if (typeof value === "bigint" && value <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(value);
  return value;
}

/** Texts often end in NUL or blanks. */
function trimText(text: string): string {
  return text.replaceAll("\0", "").trim();
}

/** Whether a raw value is one of those listed; texts are compared without regard to case. */
export function isListed(raw: Raw, list: readonly (number | string)[]): boolean {
  if (list.length === 0) return false;
  const text = String(raw).toLowerCase();
  const figure = typeof raw === "string" && raw !== "" ? Number(raw) : raw;
  return list.some((entry) => (typeof entry === "string" ? entry.toLowerCase() === text : entry === figure));
}

/** The number that a raw value is or holds; null where it holds none. */
export function toFigure(raw: Raw, metric: Pick<Metric, "pattern" | "signed32">): number | null {
  if (typeof raw === "string") {
    const found = (metric.pattern ?? leadingNumber).exec(raw)?.[1];
    return found === undefined ? null : Number(found);
  }
  const figure = Number(raw);
  return metric.signed32 && figure > 0x7fffffff ? figure - 0x100000000 : figure;
}

/** The figure in base units; null where it has no place on their scale, as 0 W has none in dBm. */
export function scaleFigure(figure: number, scale: Scale): number | null {
  const scaled = ((figure + scale.offset) * scale.multiplier) / scale.divisor;
  if (scale.convert === null) return exact(scaled);
  const milliwatts = scale.convert === "uwToDbm" ? scaled / 1000 : scaled;
  return milliwatts > 0 ? exact(10 * Math.log10(milliwatts)) : null;
}

/** Without the dust of binary fractions: 12 digits are more than any sensor has. */
export function exact(value: number): number | null {
  return Number.isFinite(value) ? Number(value.toPrecision(12)) : null;
}

/** A raw value as it travels where it is no measure: a text, a code, a count. */
export function toWire(raw: Raw): SnmpValue {
  if (typeof raw === "bigint") return raw.toString();
  if (typeof raw === "string") return raw.replaceAll(/\p{Cc}/gu, " ").slice(0, maxTextLength);
  return raw;
}
