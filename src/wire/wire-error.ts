/** A message that does not have the agreed shape. Names the field, the value found and what is allowed there. */
export class WireError extends Error {
  readonly code = "wire.invalid";
  readonly field: string;
  readonly value: string;
  readonly allowed: string;

  constructor(field: string, value: unknown, allowed: string) {
    const shown = showValue(value);
    // Names of keys come from outside too, and one may be megabytes long.
    const place = clip(field, maxFieldLength);
    super(`${place || "(document)"}: ${shown} is not allowed; expected ${allowed}`);
    this.name = "WireError";
    this.field = place;
    this.value = shown;
    this.allowed = allowed;
  }
}

const maxFieldLength = 200;
const maxShownLength = 80;

/** A value of a decoded JSON document as an error message shows it: JSON, at most 80 characters. */
export function showValue(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  if (typeof value === "bigint") return value.toString();
  return clip(beginningOf(value, maxShownLength) ?? typeof value, maxShownLength);
}

/**
 * The value's JSON, of which only the first `length` characters count: a document may be nested deeper than JSON.stringify
 * can follow, or have megabytes. undefined: what JSON leaves out.
 */
function beginningOf(value: unknown, length: number): string | undefined {
  if (typeof value === "string") return JSON.stringify(value.slice(0, Math.max(0, length) + 1));
  if (typeof value !== "object" || value === null || value instanceof Date) return JSON.stringify(value);
  const isList = Array.isArray(value);
  let text = isList ? "[" : "{";
  for (const key in value) {
    if (!Object.hasOwn(value, key)) continue;
    if (text.length > length) return text;
    const rest = length - text.length;
    const cell = beginningOf((value as Record<string, unknown>)[key], rest);
    if (cell === undefined && !isList) continue;
    const name = isList ? "" : `${JSON.stringify(key.slice(0, length + 1))}:`;
    text += `${text.length > 1 ? "," : ""}${name}${cell ?? "null"}`;
  }
  return text + (isList ? "]" : "}");
}

const clip = (text: string, length: number) =>
  text.length > length ? `${text.slice(0, length - 3)}...` : text;
