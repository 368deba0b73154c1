import { monthAt, monthSpan } from "../inventory/local-time.ts";
import { causes } from "../outage/table.ts";
import type { Cause } from "../outage/table.ts";
import { reachPath } from "./paths.ts";

/** What a visitor of the page "layanan aduan" looks at. */
export interface ReachView {
  service: string;
  /** Such as `2026-10`. */
  month: string;
  fromMs: number;
  /** The end of the month, or the last five minutes that are whole while it lasts. */
  toMs: number;
  isOver: boolean;
}

export const reachListPath = `${reachPath}/gangguan`;

/** While a month lasts, everybody sees the same five minutes: its answer is made once for all of them. */
const wholeMs = 300_000;

/** How far a month that lasts is told. */
export function runningUntil(fromMs: number, nowMs: number): number {
  return Math.max(fromMs, Math.floor(nowMs / wholeMs) * wholeMs);
}

/** null: no such month or service, or one that has not begun. Left out: this month, and the first service. */
export function readView(
  asked: { bulan?: string | undefined; layanan?: string | undefined },
  services: readonly string[],
  nowMs: number,
  timeZone: string,
): ReachView | null {
  const month = asked.bulan ?? monthAt(nowMs, timeZone);
  const span = monthSpan(month, timeZone);
  const service = asked.layanan ?? services[0];
  if (span === null || span.fromMs > nowMs || service === undefined || !services.includes(service))
    return null;
  const isOver = span.toMs <= nowMs;
  const toMs = isOver ? span.toMs : runningUntil(span.fromMs, nowMs);
  return { service, month, fromMs: span.fromMs, toMs, isOver };
}

export function reachHref(view: Pick<ReachView, "month" | "service">): string {
  return `${reachPath}?${new URLSearchParams({ bulan: view.month, layanan: view.service }).toString()}`;
}

/** The same page with a row for each place that lost anything. */
export function allSitesHref(view: Pick<ReachView, "month" | "service">): string {
  return `${reachHref(view)}&semua=1#lokasi`;
}

export const reachSides = ["network", "service", "both", "unexplained"] as const;
/** Whose the time was, as relation/rollup.ts has it. */
export type ReachSide = (typeof reachSides)[number];

/** Which of the month's outages: of one site, of one cause, of one side. Left out: of all. */
export interface OutageChoice {
  site?: string | undefined;
  cause?: Cause | undefined;
  side?: ReachSide | undefined;
}

const sideWords: Record<ReachSide, string> = {
  network: "jaringan",
  service: "layanan",
  both: "keduanya",
  unexplained: "tidak-diketahui",
};

/** The outages behind a figure. */
export function outagesHref(view: Pick<ReachView, "month" | "service">, of: OutageChoice = {}): string {
  const query = new URLSearchParams({ bulan: view.month, layanan: view.service });
  if (of.site !== undefined) query.set("lokasi", of.site);
  if (of.cause !== undefined) query.set("penyebab", of.cause);
  if (of.side !== undefined) query.set("karena", sideWords[of.side]);
  return `${reachListPath}?${query.toString()}`;
}

/** null: a cause or a side that there is not. */
export function readChoice(asked: {
  lokasi?: string | undefined;
  penyebab?: string | undefined;
  karena?: string | undefined;
}): OutageChoice | null {
  const cause = causes.find((each) => each === asked.penyebab);
  const side = reachSides.find((each) => sideWords[each] === asked.karena);
  const isKnown =
    (cause === undefined) === (asked.penyebab === undefined) &&
    (side === undefined) === (asked.karena === undefined);
  return isKnown ? { site: asked.lokasi, cause, side } : null;
}

/** The causes of a side; of both at once there are none of its own. */
export function causesOf(side: Exclude<ReachSide, "both">): readonly Cause[] {
  if (side === "service") return ["service"];
  if (side === "unexplained") return ["unknown"];
  return causes.filter((cause) => cause !== "service" && cause !== "unknown");
}

/** The months before this one that the page offers, the newest first. */
export function monthsBack(nowMs: number, count: number, timeZone: string): string[] {
  const [year = 0, month = 0] = monthAt(nowMs, timeZone).split("-").map(Number);
  return Array.from({ length: count }, (_, back) =>
    new Date(Date.UTC(year, month - 1 - back, 1)).toISOString().slice(0, 7),
  );
}
