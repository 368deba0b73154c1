import { complaintChannels } from "../../state/complaint-store.ts";
import type { ComplaintCell, ComplaintChannel, ComplaintStatus } from "../../state/complaint-store.ts";
import { ambiguous } from "./areas.ts";
import type { AreaFinder } from "./areas.ts";
import type { Columns, Field } from "./columns.ts";
import type { ReadDay } from "./days.ts";
import { looksPersonal } from "./personal.ts";
import type { Refusal, RefusalCode } from "./refusal.ts";
import { plain } from "./words.ts";
import type { Cell, SheetRow } from "./xlsx.ts";

export const dayFields = ["received", "verified", "followedUp", "closed"] as const;
export type DayField = (typeof dayFields)[number];

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
  days: Readonly<Record<DayField, string | null>>;
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

/** What people write where there is nothing. */
const blank = /^(-+|null|n\/a|tidak ada)?$/i;
const maxCount = 100_000;

/** Reads one line. Every value has to be in a list, a day, a number or an id; what is not is refused and never repeated. */
export function checkLine({ line, cells }: SheetRow, check: LineCheck): LineResult {
  const { columns, words } = check;
  const refusals: Refusal[] = [];
  const swapped: DayField[] = [];
  const doubtful: DayField[] = [];
  const refuse = (code: RefusalCode, field: Field | null) => {
    const index = field === null ? undefined : columns.get(field);
    refusals.push({ code, line, column: index === undefined ? null : index + 1, name: field });
  };
  const cellOf = (field: Field): Cell => {
    const index = columns.get(field);
    const cell = index === undefined || index >= cells.length ? "" : cells[index]!;
    return typeof cell === "string" ? cell.trim().replace(/^'/, "") : cell;
  };
  for (const field of columns.keys()) if (cellOf(field) === null) refuse("value.unreadable", field);
  /** The text of a field; null: there is none. */
  const textOf = (field: Field): string | null => {
    const cell = cellOf(field);
    return cell === null || (typeof cell === "string" && blank.test(cell)) ? null : String(cell);
  };
  const refuseValue = (code: RefusalCode, field: Field, text: string) => {
    const kind = looksPersonal(text);
    refuse(kind === null ? code : `value.personal.${kind}`, field);
  };
  const wordOf = <T>(field: Field, known: ReadonlyMap<string, T>, code: RefusalCode): T | null => {
    const text = textOf(field);
    if (text === null) return null;
    const meaning = known.get(plain(text));
    if (meaning === undefined) refuseValue(code, field, text);
    return meaning ?? null;
  };
  const dayOf = (field: DayField): string | null => {
    const text = textOf(field);
    if (text === null) return null;
    const cell = cellOf(field);
    const read = check.readDay(typeof cell === "number" ? cell : text);
    if ("code" in read) {
      if (read.code === "value.day.swapped") swapped.push(field);
      refuseValue(read.code, field, text);
      return null;
    }
    if (read.as === "dayFirst") doubtful.push(field);
    if (read.day > check.today) refuse("value.day.future", field);
    return read.day;
  };

  if (cells.slice(widthOf(columns)).some((cell) => cell !== "" && cell !== null)) refuse("line.fields", null);
  const area = areaOf(textOf, check.areas, refuse, refuseValue);
  const days = Object.fromEntries(dayFields.map((field) => [field, dayOf(field)])) as CheckedLine["days"];
  if (days.received === null && !refusals.some(({ name }) => name === "received"))
    refuse("value.missing", "received");
  for (const field of dayFields.slice(1)) {
    if (days.received !== null && days[field] !== null && days[field] < days.received)
      refuse("value.day.order", field);
  }
  const channel = wordOf("channel", words.channels, "value.channel") ?? complaintChannels.at(-1)!;
  const topic = wordOf("topic", words.topics, "value.topic") ?? "other";
  const status = wordOf("status", words.statuses, "value.status");
  const aboutConnectivity = wordOf("aboutConnectivity", words.yesNo, "value.yesno");
  const isHidden = [
    wordOf("anonymous", words.yesNo, "value.yesno"),
    wordOf("confidential", words.yesNo, "value.yesno"),
  ].includes(true);
  const trackingId = trackingIdOf(textOf, refuseValue);
  const count = countOf(textOf, refuse, refuseValue, { trackingId, isHidden });
  if (refusals.length > 0 || area === null || days.received === null)
    return { checked: null, refusals, swapped };
  const cell = { area, day: days.received, channel, topic, aboutConnectivity };
  const checked = { line, cell, trackingId, isHidden, count, status, days, doubtful };
  return { checked, refusals, swapped };
}

function widthOf(columns: Columns): number {
  return Math.max(...columns.values()) + 1;
}

type TextOf = (field: Field) => string | null;
type Refuse = (code: RefusalCode, field: Field) => void;
type RefuseValue = (code: RefusalCode, field: Field, text: string) => void;

function areaOf(textOf: TextOf, areas: AreaFinder, refuse: Refuse, refuseValue: RefuseValue): string | null {
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
  const code = village ?? kecamatan ?? area;
  const isGiven = (["area", "kecamatan", "village"] as const).some((field) => textOf(field) !== null);
  if (!isGiven) refuse("value.missing", "area");
  return code === ambiguous ? null : code;
}

function trackingIdOf(textOf: TextOf, refuseValue: RefuseValue): string | null {
  const text = textOf("trackingId");
  if (text === null) return null;
  const id = text.replace(/^#\s*/, "").toUpperCase();
  const isId = /^[A-Z0-9][A-Z0-9/.-]{2,31}$/.test(id);
  const [digits, letters] = [id.replaceAll(/\D/g, "").length, id.replaceAll(/[^A-Z]/g, "").length];
  // An id is made of digits, with a few letters at most: a name has none.
  const isGood = isId && digits >= 4 && letters <= 8 && looksPersonal(id) === null;
  if (!isGood) refuseValue("value.id", "trackingId", text);
  return isGood ? id : null;
}

function countOf(
  textOf: TextOf,
  refuse: Refuse,
  refuseValue: RefuseValue,
  { trackingId, isHidden }: { trackingId: string | null; isHidden: boolean },
): number {
  const text = textOf("count");
  if (text === null) {
    // A case that nobody may know needs no id; every other line is a case, or says how many it stands for.
    if (textOf("trackingId") === null && !isHidden) refuse("value.missing", "trackingId");
    return 1;
  }
  const count = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  const most = trackingId === null ? maxCount : 1;
  if (!(count >= (trackingId === null ? 0 : 1) && count <= most)) refuseValue("value.count", "count", text);
  return count;
}
