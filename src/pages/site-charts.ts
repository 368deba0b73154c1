import { html } from "hono/html";
import type { Reader, SeriesRow, SmokeRow } from "../report/reader.ts";
import { chart } from "./chart.ts";
import type { ChartPoint } from "./chart.ts";
import type { Html, PageContext } from "./page-context.ts";

type ReaderTarget = ReturnType<Reader["targets"]>[number];

/** A day of one target, ready to draw. */
export interface TargetDay {
  target: ReaderTarget;
  fromMs: number;
  toMs: number;
  stepMs: number;
  points: ChartPoint[];
}

const stepMs = 900_000;
const stepsPerDay = 96;
const preferred = ["hub", "noc", "anchor", "gateway"];

/** The target that tells most of the site's own path: hub, else noc, anchor, gateway, else the first that is pinged. */
export function mainTarget(targets: readonly ReaderTarget[]): ReaderTarget | null {
  const pinged = targets.filter((target) => target.kind === "icmp");
  for (const role of preferred) {
    const found = pinged.find((target) => target.role === role);
    if (found !== undefined) return found;
  }
  return pinged[0] ?? null;
}

/** The last 24 h in whole steps, the running one included. */
function dayRange(nowMs: number): { fromMs: number; toMs: number; stepMs: number } {
  const toMs = (Math.floor(nowMs / stepMs) + 1) * stepMs;
  return { fromMs: toMs - stepsPerDay * stepMs, toMs, stepMs };
}

export async function readLatency(reader: Reader, target: ReaderTarget, nowMs: number): Promise<TargetDay> {
  const range = dayRange(nowMs);
  const { rows } = await reader.smoke({ ...range, targets: [target.key], maxRows: 2 * stepsPerDay });
  const points = rows.map(({ timeMs, median, p10, p90, lossRatio }: SmokeRow) => ({
    timeMs,
    median,
    p10,
    p90,
    lossRatio,
  }));
  return { target, ...range, points };
}

export async function readResponseTime(
  reader: Reader,
  target: ReaderTarget,
  nowMs: number,
): Promise<TargetDay> {
  const range = dayRange(nowMs);
  const metrics = ["total_ms", "up_ratio"];
  const { rows } = await reader.series({
    ...range,
    targets: [target.key],
    metrics,
    maxRows: 2 * stepsPerDay,
  });
  const points = rows.map(({ timeMs, values }: SeriesRow) => {
    const upRatio = values.up_ratio ?? null;
    const lossRatio = upRatio === null ? null : 1 - upRatio;
    return { timeMs, median: values.total_ms ?? null, p10: null, p90: null, lossRatio };
  });
  return { target, ...range, points };
}

export function latencySection(page: PageContext, day: TargetDay): Html {
  const t = page.t.chart;
  const to = t.to as Record<string, string>;
  const title = t.latency(to[day.target.role] ?? t.toOther);
  return section(page, day, {
    id: "latensi",
    title,
    describe: t.description,
    line: t.legend.median,
    band: true,
  });
}

export function responseSection(page: PageContext, day: TargetDay, index: number): Html {
  const t = page.t.chart;
  const title = t.toService(page.serviceName(day.target.service ?? ""));
  const line = t.legend.total;
  return section(page, day, { id: `jawab-${index}`, title, describe: t.descriptionTotal, line, band: false });
}

function section(
  page: PageContext,
  day: TargetDay,
  options: {
    id: string;
    title: string;
    describe: (median: string, highest: string, loss: string) => string;
    line: string;
    band: boolean;
  },
): Html {
  const t = page.t.chart;
  const medians = day.points.flatMap((point) => point.median ?? []).toSorted((a, b) => a - b);
  const losses = day.points.flatMap((point) => point.lossRatio ?? []);
  if (losses.length === 0 && medians.length === 0) {
    return html`<section>
      <h2>${options.title}</h2>
      <p class="calm">${t.empty}</p>
    </section>`;
  }
  const ms = (value: number | undefined) => (value === undefined ? "–" : page.format.milliseconds(value));
  const loss = losses.length === 0 ? 0 : losses.reduce((sum, each) => sum + each, 0) / losses.length;
  const description = options.describe(
    ms(medians[Math.floor(medians.length / 2)]),
    ms(medians.at(-1)),
    page.format.percent(loss),
  );
  return html`<section>
    <h2>${options.title}</h2>
    <p class="soft">${description}</p>
    ${chart(page, { ...day, id: options.id, title: options.title, description })}
    <ul class="legend">
      <li><i class="k median"></i> ${options.line}</li>
      ${options.band ? html`<li><i class="k band"></i> ${t.legend.band}</li>` : ""}
      <li><i class="k loss"></i> ${options.band ? t.legend.loss : t.legend.failed}</li>
      <li><i class="k gap"></i> ${t.legend.gap}</li>
    </ul>
    <p class="note">${t.unitNote}</p>
  </section>`;
}
