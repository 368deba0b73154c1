/** What a value looks like that is no value of its column. */
export type PersonalKind = "nik" | "phone" | "email" | "coordinates";

/** An area code, or what was meant to be a day. */
const isCodeOrDay = /^(\d\d\.\d\d(\.\d\d(\.\d{4})?)?|\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}( .{0,12})?)$/;

/**
 * Whether a value looks like somebody's: a NIK is 16 digits, a phone number of Indonesia begins with 0, 62 or 8 (the zero that a
 * spreadsheet takes away), an e-mail address has an @, and a place on earth is a decimal of 4 digits or more. It errs on the side
 * of refusing.
 */
export function looksPersonal(value: string): PersonalKind | null {
  if (value.includes("@")) return "email";
  if (isCodeOrDay.test(value)) return null;
  if (/\d[.,]\d{4,}/.test(value)) return "coordinates";
  const digits = value.replaceAll(/[\s().+'’-]/g, "");
  if (/\d{15,}/.test(digits)) return "nik";
  if (/^(62|0)\d{8,13}$/.test(digits) || /^8\d{8,12}$/.test(digits)) return "phone";
  if (/(^|\D)(62|0)8\d{7,11}(\D|$)/.test(digits)) return "phone";
  return null;
}
