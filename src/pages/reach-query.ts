import { monthAt, monthSpan } from "../inventory/local-time.ts";
import { causes } from "../outage/table.ts";
import type { Cause } from "../outage/table.ts";

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

export const reachPath = "/layanan-aduan";
export const reachListPath = `${reachPath}/gangguan`;

/** While a month lasts, everybody sees the same five minutes: its answer is made once for all of them. */
const wholeMs = 300_000;

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
  const toMs = isOver ? span.toMs : Math.max(span.fromMs, Math.floor(nowMs / wholeMs) * wholeMs);
  return { service, month, fromMs: span.fromMs, toMs, isOver };
}

export function reachHref(view: Pick<ReachView, "month" | "service">): string {
  return `${reachPath}?${new URLSearchParams({ bulan: view.month, layanan: view.service }).toString()}`;
}

/** The outages behind a figure: of the month, of a site (or all below it), of a cause. */
export function outagesHref(
  view: Pick<ReachView, "month" | "service">,
  of: { site?: string; cause?: Cause } = {},
): string {
  const query = new URLSearchParams({ bulan: view.month, layanan: view.service });
  if (of.site !== undefined) query.set("lokasi", of.site);
  if (of.cause !== undefined) query.set("penyebab", of.cause);
  return `${reachListPath}?${query.toString()}`;
}

export function isCause(text: string): text is Cause {
  return causes.includes(text as Cause);
}

/** The months before this one that the page offers, the newest first. */
export function monthsBack(nowMs: number, count: number, timeZone: string): string[] {
  const [year = 0, month = 0] = monthAt(nowMs, timeZone).split("-").map(Number);
  return Array.from({ length: count }, (_, back) =>
    new Date(Date.UTC(year, month - 1 - back, 1)).toISOString().slice(0, 7),
  );
}
