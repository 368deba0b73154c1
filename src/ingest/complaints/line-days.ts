import type { LineCheck } from "./check-line.ts";
import type { LineValues } from "./line-values.ts";

export const dayFields = ["received", "verified", "followedUp", "closed"] as const;
export type DayField = (typeof dayFields)[number];

export interface LineDays {
  days: Readonly<Record<DayField, string | null>>;
  /** Days that could also be month/day/year. */
  doubtful: DayField[];
  /** Days that can only be month/day/year, and were refused: they cast doubt on their columns. */
  swapped: DayField[];
}

/** The days of a line. Nothing was received after today or on a day that the file does not speak of, and nothing done before. */
export function readLineDays(
  values: LineValues,
  { readDay, today, spokenOf }: Pick<LineCheck, "readDay" | "today" | "spokenOf">,
): LineDays {
  const { refuse, refuseValue, textOf, cellOf } = values;
  const doubtful: DayField[] = [];
  const swapped: DayField[] = [];
  const dayOf = (field: DayField): string | null => {
    const text = textOf(field);
    if (text === null) return null;
    const cell = cellOf(field);
    const read = readDay(typeof cell === "number" ? cell : text);
    if ("code" in read) {
      if (read.code === "value.day.swapped") swapped.push(field);
      refuseValue(read.code, field, text);
      return null;
    }
    if (read.as === "dayFirst") doubtful.push(field);
    if (read.day > today) refuse("value.day.future", field);
    return read.day;
  };
  const entries = dayFields.map((field) => [field, dayOf(field)] as const);
  const days = Object.fromEntries(entries) as LineDays["days"];
  const { received, ...steps } = days;
  if (textOf("received") === null) refuse("value.missing", "received");
  // Last month's days beside this month's file would make zeros of a month of which nobody delivered anything.
  const isOutside =
    spokenOf !== null && received !== null && (received < spokenOf.first || received > spokenOf.last);
  if (isOutside) refuse("value.day.outside", "received");
  for (const [field, day] of Object.entries(steps))
    if (received !== null && day !== null && day < received) refuse("value.day.order", field as DayField);
  return { days, doubtful, swapped };
}
