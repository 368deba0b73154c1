import { createRoute, z } from "@hono/zod-openapi";
import type { Inventory } from "../inventory/inventory.ts";
import { defaultTimeZone } from "../inventory/local-time.ts";
import { expandMaintenance, maintenanceScopes } from "../inventory/maintenance.ts";
import type { MaintenanceRecord } from "../state/maintenance-record.ts";
import { resolveAsOf } from "./as-of.ts";
import { createApi, json, refusedWith, rowsOf, withKey } from "./open-api.ts";
import type { Api } from "./open-api.ts";
import { asOfParam, fromParam, resolveRange, toParam } from "./params.ts";
import type { Range } from "./params.ts";
import { metaOf } from "./read-context.ts";
import type { ReadDeps } from "./read-context.ts";
import { iso } from "./rows.ts";
import { maintenanceRow } from "./schemas.ts";

const listRoute = createRoute({
  tags: ["maintenance"],
  security: withKey,
  method: "get",
  path: "/maintenance",
  summary: "Announced work with its windows in the range, the first written down first",
  request: { query: z.strictObject({ from: fromParam, to: toParam, asOf: asOfParam }) },
  responses: { 200: json("Plans.", rowsOf(maintenanceRow)), ...refusedWith(400, 401, 403) },
});

/** Work to come is what most people ask for: so far ahead, ms. */
export const defaultAheadMs = 30 * 86_400_000;

export function createMaintenanceReadRoutes({ state, inventory, nowMs }: ReadDeps): Api {
  const api = createApi();
  api.openapi(listRoute, async (c) => {
    const { asOf, ...query } = c.req.valid("query");
    const now = nowMs();
    const from = query.from ?? (query.to === undefined ? now : undefined);
    const range = resolveRange({ from, to: query.to ?? (from ?? now) + defaultAheadMs }, now);
    const plans = await state.maintenance({ asOfMs: await resolveAsOf(state, asOf, now) });
    const data = plans.map((plan) => toMaintenanceRow(plan, inventory(), range));
    return c.json({ data, meta: metaOf(data, { range }) }, 200);
  });
  return api;
}

/** A plan with its windows in the range. */
export function toMaintenanceRow(record: MaintenanceRecord, inventory: Inventory, range: Range) {
  const { id, fromMs, toMs, repeat, untilMs, reason, author, source, knownMs } = record;
  const windows = expandMaintenance([record], range, inventory.timeZone ?? defaultTimeZone);
  const target = Object.fromEntries(maintenanceScopes.map((scope) => [scope, record[scope] ?? null]));
  return {
    id,
    ...(target as Record<(typeof maintenanceScopes)[number], string | null>),
    from: iso(fromMs),
    to: iso(toMs),
    repeat,
    until: untilMs === null ? null : iso(untilMs),
    reason,
    author,
    source,
    knownAt: iso(knownMs),
    windows: windows.map((window) => ({ from: iso(window.fromMs), to: iso(window.toMs) })),
  };
}
