import { html, raw } from "hono/html";
import type { Html, PageContext } from "./page-context.ts";

/*
 * A day of one target as SVG, without a script. The plot is stretched to the width there is
 * (preserveAspectRatio="none", strokes that do not scale), while the texts lie outside of it, at percentages: so they keep
 * their size on a phone. What the axis says stands left of the plot, in the margin that the style sheet leaves: over the
 * plot it would lie on the curve. The shape, from above: plot 140 px · loss strip 14 px · hours.
 *
 *   median  a step line, broken where nothing answered
 *   band    p10 to p90, a rectangle per step
 *   loss    a bar per step that hangs from the axis, as long as the share that was lost
 *   gap     a shaded step: nobody measured
 */

export interface ChartPoint {
  timeMs: number;
  /** ms; null without a reply. */
  median: number | null;
  p10: number | null;
  p90: number | null;
  /** Share lost, or of checks that failed; null where nothing was sent. */
  lossRatio: number | null;
}

export interface ChartOptions {
  /** Unique on the page. */
  id: string;
  title: string;
  description: string;
  fromMs: number;
  toMs: number;
  stepMs: number;
  points: readonly ChartPoint[];
}

const plotTop = 16;
const plotPx = 140;
const lossPx = 14;
const hourMs = 3_600_000;

export function chart(page: PageContext, options: ChartOptions): Html {
  const { fromMs, toMs, stepMs, points } = options;
  const steps = Math.round((toMs - fromMs) / stepMs);
  const byStep = new Map(points.map((point) => [Math.floor((point.timeMs - fromMs) / stepMs), point]));
  const top = niceCeiling(Math.max(1, ...points.map((point) => point.p90 ?? point.median ?? 0)));
  const y = (ms: number) => round(plotPx * (1 - Math.min(ms, top) / top));
  const [median, band, loss, gaps] = [
    medianPath(steps, byStep, y),
    bandPath(byStep, y),
    lossPath(byStep),
    gapPath(steps, byStep),
  ];
  const bottom = plotTop + plotPx;
  const grid = [top, top / 2, 0].map(
    (ms) =>
      html`<line x2="100%" y1="${plotTop + y(ms)}" y2="${plotTop + y(ms)}" /><text
          x="-6"
          y="${plotTop + y(ms) + 4}"
          text-anchor="end"
          >${page.format.milliseconds(ms)}</text
        >`,
  );
  return html`<svg
    class="chart"
    width="100%"
    height="${bottom + lossPx + 20}"
    role="img"
    aria-labelledby="${options.id}-t ${options.id}-d"
  >
    <title id="${options.id}-t">${options.title}</title>
    <desc id="${options.id}-d">${options.description}</desc>
    <svg
      y="${plotTop}"
      width="100%"
      height="${plotPx + lossPx}"
      viewBox="0 0 ${steps} ${plotPx + lossPx}"
      preserveAspectRatio="none"
    >
      ${raw(`<path class="gap" d="${gaps}"/><path class="band" d="${band}"/><path class="median" d="${median}"/><path class="loss" d="${loss}"/>`)}
    </svg>
    <g class="grid">${grid}</g>
    <g class="hours">${hourMarks(page, fromMs, toMs, bottom)}</g>
  </svg>`;
}

/** 1, 2 or 5 times a power of ten, not below `value`: what an axis can end on and be halved. */
export function niceCeiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((factor) => factor * power >= value) ?? 10) * power;
}

function medianPath(
  steps: number,
  byStep: ReadonlyMap<number, ChartPoint>,
  y: (ms: number) => number,
): string {
  let path = "";
  let isDrawing = false;
  for (let step = 0; step < steps; step += 1) {
    const value = byStep.get(step)?.median ?? null;
    if (value !== null) path += isDrawing ? `V${y(value)}H${step + 1}` : `M${step} ${y(value)}H${step + 1}`;
    isDrawing = value !== null;
  }
  return path;
}

function bandPath(byStep: ReadonlyMap<number, ChartPoint>, y: (ms: number) => number): string {
  return [...byStep]
    .map(([step, { p10, p90 }]) => (p10 === null || p90 === null ? "" : `M${step} ${y(p90)}h1V${y(p10)}h-1z`))
    .join("");
}

function lossPath(byStep: ReadonlyMap<number, ChartPoint>): string {
  return (
    [...byStep]
      .filter(([, point]) => (point.lossRatio ?? 0) > 0)
      // At least 2 px, so that one lost packet of many can be seen.
      .map(
        ([step, point]) => `M${step} ${plotPx}h1v${round(Math.max(2, lossPx * (point.lossRatio ?? 0)))}h-1z`,
      )
      .join("")
  );
}

function gapPath(steps: number, byStep: ReadonlyMap<number, ChartPoint>): string {
  let path = "";
  for (let step = 0; step < steps; step += 1) {
    const point = byStep.get(step);
    if (point === undefined || (point.median === null && point.lossRatio === null))
      path += `M${step} 0h1v${plotPx}h-1z`;
  }
  return path;
}

/** Each sixth hour of the local day. */
function hourMarks(page: PageContext, fromMs: number, toMs: number, bottom: number): Html[] {
  const marks: Html[] = [];
  for (let at = Math.ceil(fromMs / hourMs) * hourMs; at < toMs; at += hourMs) {
    const clock = page.format.clock(at);
    if (Number(clock.slice(0, 2)) % 6 !== 0) continue;
    const x = `${(((at - fromMs) / (toMs - fromMs)) * 100).toFixed(2)}%`;
    const anchor = at - fromMs < 1.5 * hourMs ? "start" : toMs - at < 1.5 * hourMs ? "end" : "middle";
    marks.push(
      html`<line x1="${x}" x2="${x}" y1="${bottom}" y2="${bottom + 5}" /><text
          x="${x}"
          y="${bottom + lossPx + 15}"
          text-anchor="${anchor}"
          >${clock}</text
        >`,
    );
  }
  return marks;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
