/** A message that does not have the agreed shape. Names the field, the value found and what is allowed there. */
export class WireError extends Error {
  readonly code = "wire.invalid";
  readonly field: string;
  readonly value: string;
  readonly allowed: string;

  constructor(field: string, value: unknown, allowed: string) {
    const shown = showValue(value);
    super(`${field || "(document)"}: ${shown} is not allowed; expected ${allowed}`);
    this.name = "WireError";
    this.field = field;
    this.value = shown;
    this.allowed = allowed;
  }
}

/** A value of a decoded JSON document as an error message shows it: JSON, at most 80 characters. */
export function showValue(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  if (typeof value === "bigint") return value.toString();
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
