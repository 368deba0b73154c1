import { sizeFor } from "../files/pdf-fonts.ts";
import { contentWidth } from "../files/pdf-flow.ts";
import type { Page } from "../files/pdf.ts";

/* Drawings of the monthly report. Every bar has its figure beside it, so that none has to be read off an axis. */

export interface AvailabilityBar {
  name: string;
  worst: number | null;
  measured: number | null;
  best: number | null;
  label: string;
}

const rowHeight = 17;
const nameWidth = 120;
const labelWidth = 128;
const axisHeight = 18;
const blue = [0.16, 0.4, 0.66] as const;
const pale = [0.74, 0.83, 0.92] as const;
const ground = [0.95, 0.95, 0.95] as const;

export const availabilityHeight = (bars: number) => bars * rowHeight + axisHeight;

/** Measured availability as a tick, and from worst to best as a bar: how far unmeasured time leaves it open. */
export function drawAvailability(
  page: Page,
  x: number,
  y: number,
  bars: readonly AvailabilityBar[],
  percent: (ratio: number) => string,
): void {
  const left = x + nameWidth;
  const width = contentWidth - nameWidth - labelWidth;
  const lowest = bars.reduce((low, { worst }) => Math.min(low, worst ?? 1), 0.95);
  const from = Math.max(0, Math.floor(lowest * 20) / 20);
  const at = (ratio: number) => left + ((ratio - from) / (1 - from)) * width;
  for (const [index, { name, worst, measured, best, label }] of bars.entries()) {
    const top = y + index * rowHeight;
    page.text(x, top + 11, name, { size: sizeFor(name, nameWidth - 6, 8.5, false) });
    page.rect(left, top + 3, width, 11, ground);
    if (worst !== null && best !== null)
      page.rect(at(worst), top + 3, Math.max(0.6, at(best) - at(worst)), 11, pale);
    if (measured !== null) page.rect(at(measured) - 1.2, top + 1, 2.4, 15, blue);
    page.text(x + contentWidth, top + 11, label, { size: 8, align: "right" });
  }
  const foot = y + bars.length * rowHeight;
  for (const part of [0, 0.5, 1]) {
    const ratio = from + part * (1 - from);
    page.line(at(ratio), foot, at(ratio), foot + 3);
    page.text(at(ratio), foot + 12, percent(ratio), { size: 7, align: "centre", grey: 0.35 });
  }
}

export interface LengthBar {
  name: string;
  value: number;
  label: string;
}

export const lengthHeight = (bars: number) => bars * rowHeight + 4;

/** Bars from zero. */
export function drawLengths(page: Page, x: number, y: number, bars: readonly LengthBar[]): void {
  const left = x + nameWidth + 30;
  const width = contentWidth - nameWidth - 30 - 90;
  const most = bars.reduce((max, { value }) => Math.max(max, value), 0);
  for (const [index, { name, value, label }] of bars.entries()) {
    const top = y + index * rowHeight;
    const length = most === 0 ? 0 : (value / most) * width;
    page.text(x, top + 11, name, { size: 8.5 });
    page.rect(left, top + 3, Math.max(0.6, length), 11, blue);
    page.text(left + length + 5, top + 11, label, { size: 8 });
  }
}
