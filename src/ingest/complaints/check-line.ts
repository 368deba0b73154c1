import type { ComplaintCell, ComplaintChannel, ComplaintStatus } from "../../state/complaint-store.ts";
import { ambiguous } from "./areas.ts";
import type { AreaFinder } from "./areas.ts";
import type { Columns, Field } from "./columns.ts";
import type { ReadDay } from "./days.ts";
import { readLineDays } from "./line-days.ts";
import type { DayField, LineDays } from "./line-days.ts";
import { createLineValues } from "./line-values.ts";
import type { LineValues } from "./line-values.ts";
import { looksPersonal } from "./personal.ts";
import type { Refusal } from "./refusal.ts";
import type { SheetRow } from "./xlsx.ts";

/** The words of an export, plain, and what they mean. */
export interface Words {
  channels: ReadonlyMap<string, ComplaintChannel>;
  statuses: ReadonlyMap<string, ComplaintStatus>;
  topics: ReadonlyMap<string, string>;
  yesNo: ReadonlyMap<string, boolean>;
}

export interface LineCheck {
  columns: Columns;
  areas: AreaFinder;
  words: Words;
  readDay: (cell: string | number) => ReadDay;
  /** Today in the district's zone: nothing was received later. */
  today: string;
  /** The days that the file was said to speak of, YYYY-MM-DD, both included: nothing was received on another. null: nobody said. */
  spokenOf: { first: string; last: string } | null;
}

/** A line that is good so far; whether its days are to be believed is seen when the whole column was read. */
export interface CheckedLine {
  line: number;
  cell: ComplaintCell;
  /** Without what people write around it; null: the line is a number. */
  trackingId: string | null;
  /** Anonymous or confidential: nobody may know the case. */
  isHidden: boolean;
  /** Of a line that is a number. */
  count: number;
  status: ComplaintStatus | null;
  days: LineDays["days"];
  /** Days that could also be month/day/year. */
  doubtful: readonly DayField[];
}

export interface LineResult {
  /** null: it was refused. */
  checked: CheckedLine | null;
  refusals: Refusal[];
  /** Columns of which this line says that they are month/day/year. */
  swapped: readonly DayField[];
}

const maxCount = 100_000;

/** Reads one line. Every value has to be in a list, a day, a number or an id; what is not is refused and never repeated. */
export function checkLine(row: SheetRow, check: LineCheck): LineResult {
  const { words } = check;
  const values = createLineValues(row, check.columns);
  const { refusals, wordOf } = values;
  const area = areaOf(values, check.areas);
  const { days, doubtful, swapped } = readLineDays(values, check);
  const channel = wordOf("channel", words.channels, "value.channel") ?? "other";
  const topic = wordOf("topic", words.topics, "value.topic") ?? "other";
  const status = wordOf("status", words.statuses, "value.status");
  const aboutConnectivity = wordOf("aboutConnectivity", words.yesNo, "value.yesno");
  const anonymous = wordOf("anonymous", words.yesNo, "value.yesno");
  const confidential = wordOf("confidential", words.yesNo, "value.yesno");
  const isHidden = anonymous === true || confidential === true;
  const trackingId = trackingIdOf(values);
  const count = countOf(values, trackingId, isHidden);
  if (refusals.length > 0 || area === null || days.received === null)
    return { checked: null, refusals, swapped };
  const cell = { area, day: days.received, channel, topic, aboutConnectivity };
  const checked = { line: row.line, cell, trackingId, isHidden, count, status, days, doubtful };
  return { checked, refusals, swapped };
}

function areaOf({ textOf, refuse, refuseValue }: LineValues, areas: AreaFinder): string | null {
  const found = (field: Field, find: (text: string) => string | null): string | null => {
    const text = textOf(field);
    if (text === null) return null;
    const code = find(text);
    if (code === null) refuseValue("value.area", field, text);
    if (code === ambiguous) refuse("value.area.ambiguous", field);
    return code;
  };
  const area = found("area", (text) => areas.any(text));
  const kecamatan = found("kecamatan", (text) => areas.kecamatan(text));
  const village = found("village", (text) => areas.village(text, kecamatan));
  const isGiven = (["area", "kecamatan", "village"] as const).some((field) => textOf(field) !== null);
  if (!isGiven) refuse("value.missing", "area");
  return village ?? kecamatan ?? area;
}

function trackingIdOf({ textOf, refuseValue }: LineValues): string | null {
  const text = textOf("trackingId");
  if (text === null) return null;
  const id = toTrackingId(text);
  const isId = /^[A-Z0-9][A-Z0-9/.-]{2,31}$/.test(id);
  const [digits, letters] = [id.replaceAll(/\D/g, "").length, id.replaceAll(/[^A-Z]/g, "").length];
  // An id is made of digits, with a few letters at most: a name has none.
  const isGood = isId && digits >= 4 && letters <= 8 && looksPersonal(id) === null;
  if (!isGood) refuseValue("value.id", "trackingId", text);
  return isGood ? id : null;
}

/** An id without what people write around it, so that it is the same however it is written. */
export function toTrackingId(text: string): string {
  return text.trim().replace(/^#\s*/, "").toUpperCase();
}

function countOf(
  { textOf, refuse, refuseValue }: LineValues,
  trackingId: string | null,
  isHidden: boolean,
): number {
  const text = textOf("count");
  if (text === null) {
    // A case that nobody may know needs no id; every other line is a case, or says how many it stands for.
    if (textOf("trackingId") === null && !isHidden) refuse("value.missing", "trackingId");
    return 1;
  }
  const count = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  const [least, most] = trackingId === null ? [0, maxCount] : [1, 1];
  if (!(count >= least && count <= most)) refuseValue("value.count", "count", text);
  return count;
}
