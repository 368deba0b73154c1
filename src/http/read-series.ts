import { createRoute, z } from "@hono/zod-openapi";
import { seriesMetrics } from "../report/reader.ts";
import type { SeriesMetric, SeriesRow, SmokeRow } from "../report/reader.ts";
import { formatStep } from "./duration.ts";
import { createApi, json, refusedWith, rowsOf, withKey } from "./open-api.ts";
import type { Api } from "./open-api.ts";
import { fromParam, resolveRange, resolveStepMs, stepParam, targetsParam, toParam } from "./params.ts";
import { answer, chooseTargets, maxRows, metaOf } from "./read-context.ts";
import type { ReadDeps } from "./read-context.ts";
import { iso } from "./rows.ts";
import { seriesRow, smokeRow } from "./schemas.ts";

const metricAllowed = `${seriesMetrics.join(", ")}, snmp.<object> or snmp.<object>:rate, several with commas, or * for all but snmp`;
const defaultMetrics: readonly SeriesMetric[] = ["rtt_ms", "loss_ratio", "up_ratio", "total_ms"];

function parseMetrics(text: string): readonly string[] | null {
  const names = [...new Set(text.split(",").map((name) => name.trim()))];
  if (names.includes("*")) return seriesMetrics;
  const isMetric = (name: string) =>
    seriesMetrics.includes(name as SeriesMetric) || /^snmp\.[A-Za-z][A-Za-z0-9.]*(:rate)?$/.test(name);
  return names.every(isMetric) ? names : null;
}

const metricsParam = z
  .string({ error: `${metricAllowed}, once` })
  .transform((text, context): readonly string[] => {
    const names = parseMetrics(text);
    if (names !== null) return names;
    context.addIssue({ code: "custom", message: metricAllowed });
    return z.NEVER;
  })
  .optional()
  .openapi({
    param: { description: `${metricAllowed}. Default: ${defaultMetrics.join(",")}.` },
    example: "rtt_ms,loss_ratio",
  });

const seriesRoute = createRoute({
  method: "get",
  path: "/series",
  tags: ["series"],
  summary: "Metrics of targets by step; a step without rounds has nulls",
  security: withKey,
  request: {
    query: z.strictObject({
      target: targetsParam,
      metric: metricsParam,
      step: stepParam,
      from: fromParam,
      to: toParam,
    }),
  },
  responses: { 200: json("Rows, ascending in time.", rowsOf(seriesRow)), ...refusedWith(400, 401, 403) },
});

const smokeRoute = createRoute({
  method: "get",
  path: "/smoke",
  tags: ["series"],
  summary: "Percentiles of round-trip time and loss by step",
  security: withKey,
  request: {
    query: z.strictObject({ target: targetsParam, step: stepParam, from: fromParam, to: toParam }),
  },
  responses: { 200: json("Rows, ascending in time.", rowsOf(smokeRow)), ...refusedWith(400, 401, 403) },
});

export function createSeriesRoutes({ reader, inventory, nowMs }: ReadDeps): Api {
  const api = createApi();
  api.openapi(seriesRoute, async (c) => {
    const query = c.req.valid("query");
    const range = resolveRange(query, nowMs());
    const stepMs = resolveStepMs(query.step, range);
    const { targets, unknown } = chooseTargets(inventory(), query.target);
    const metrics = query.metric ?? defaultMetrics;
    const {
      rows,
      truncated,
      stepMs: keptMs,
    } = await reader.series({ ...range, targets, metrics, stepMs, maxRows });
    const data = rows.map(toSeriesRow);
    const meta = metaOf(data, { truncated, range, step: formatStep(keptMs), unknown });
    return answer(c, { data, meta });
  });
  api.openapi(smokeRoute, async (c) => {
    const query = c.req.valid("query");
    const range = resolveRange(query, nowMs());
    const stepMs = resolveStepMs(query.step, range);
    const { targets, unknown } = chooseTargets(inventory(), query.target);
    const { rows, truncated, stepMs: keptMs } = await reader.smoke({ ...range, targets, stepMs, maxRows });
    const data = rows.map(toSmokeRow);
    const meta = metaOf(data, { truncated, range, step: formatStep(keptMs), unknown });
    return answer(c, { data, meta });
  });
  return api;
}

function toSeriesRow({ timeMs, target, site, values }: SeriesRow) {
  return { time: iso(timeMs), target, site, ...values };
}

function toSmokeRow({ timeMs, target, lossRatio, sent, received, ...percentiles }: SmokeRow) {
  return { time: iso(timeMs), target, ...percentiles, loss_ratio: lossRatio, sent, received };
}
