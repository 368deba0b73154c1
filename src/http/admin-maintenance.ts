import { randomBytes } from "node:crypto";
import { createRoute, z } from "@hono/zod-openapi";
import type { Inventory } from "../inventory/inventory.ts";
import { defaultTimeZone } from "../inventory/local-time.ts";
import { findOverlap, maintenanceScopes, repeats } from "../inventory/maintenance.ts";
import type { MaintenancePlan } from "../inventory/maintenance.ts";
import { describeOverlap, readPlan } from "../inventory/read-maintenance.ts";
import type { MaintenanceRecord } from "../state/maintenance-record.ts";
import { endAt } from "../watch/sync-maintenance.ts";
import type { AdminDeps } from "./admin.ts";
import type { Admission } from "./auth.ts";
import { json, jsonBody, refusedWith, withAdminKey } from "./open-api.ts";
import type { Api } from "./open-api.ts";
import { badField, conflict, notFound } from "./problem.ts";
import type { FieldError } from "./problem.ts";
import { defaultAheadMs, toMaintenanceRow } from "./read-maintenance.ts";
import { iso } from "./rows.ts";
import { maintenanceRow } from "./schemas.ts";

const common = { tags: ["maintenance"], security: withAdminKey };
const idParams = z.object({ id: z.string() });
const one = z.object({ data: maintenanceRow });

const text = (description: string, example?: string) =>
  z
    .string({ error: "text" })
    .optional()
    .openapi({ description, ...(example === undefined ? {} : { example }) });

const newPlan = z.strictObject({
  site: text("What breaks at this site, and what hangs on it loses.", "64.08.06"),
  subtree: text("A site and all that hangs below it."),
  link: text("One uplink, by its id."),
  provider: text("All uplinks of a provider."),
  service: text("A service that citizens use."),
  from: text(
    "Beginning of the window, or of the first one; may lie in the past.",
    "2026-11-24T22:00:00+08:00",
  ),
  to: text("Its end.", "2026-11-25T02:00:00+08:00"),
  repeat: z
    .enum(repeats, { error: `one of ${repeats.join(", ")}` })
    .nullable()
    .optional()
    .openapi({ description: "How it comes again, by the wall clock. Default: it does not." }),
  until: z
    .string({ error: "a time" })
    .nullable()
    .optional()
    .openapi({ description: "When it stops coming again." }),
  reason: text("Why.", "Penggantian antena radio"),
  author: text("Who says so. Default: the name of the key."),
});

const addRoute = createRoute({
  ...common,
  method: "post",
  path: "/maintenance",
  summary: "Announce work, or write down work that was done",
  description: `Exactly one of ${maintenanceScopes.join(", ")}. What was measured does not change: outages within the work are called maintenance, and keep their evidence.`,
  request: jsonBody(newPlan),
  responses: { 201: json("The plan.", one), ...refusedWith(400, 401, 403, 413, 415, 422) },
});

const endRoute = createRoute({
  ...common,
  method: "post",
  path: "/maintenance/{id}/end",
  summary: "End work now: what has passed of it stays",
  request: { params: idParams },
  responses: { 200: json("The plan.", one), ...refusedWith(401, 403, 404, 409) },
});

const withdrawRoute = createRoute({
  ...common,
  method: "delete",
  path: "/maintenance/{id}",
  summary:
    "Take work back, its past included, as if it had never been announced; the record keeps that it was",
  request: { params: idParams },
  responses: { 204: { description: "Taken back." }, ...refusedWith(401, 403, 404, 409) },
});

/** Writing, behind the scope `admin`. */
export function addMaintenanceRoutes(room: Api, deps: AdminDeps, { actor }: Admission): void {
  const { state, inventory, nowMs } = deps;
  const show = async (id: string) => {
    const plan = (await state.maintenance()).find((each) => each.id === id)!;
    return toMaintenanceRow(plan, inventory(), { fromMs: nowMs(), toMs: nowMs() + defaultAheadMs });
  };
  room.openapi(addRoute, async (c) => {
    const by = actor(c);
    const id = `mnt_${randomBytes(8).toString("hex")}`;
    const plan = planOf(id, { author: by.name, ...c.req.valid("json") }, inventory());
    await state.changeMaintenance(
      (current) => {
        refuseOverlap(plan, current, inventory());
        return [{ act: "made", plan, source: "api" }];
      },
      nowMs(),
      by,
    );
    return c.json({ data: await show(id) }, 201);
  });
  room.openapi(endRoute, async (c) => {
    const { id } = c.req.valid("param");
    await state.changeMaintenance(
      (current) => {
        const change = endAt(find(current, id, inventory()), nowMs());
        if (change === null) throw conflict("maintenance.over", `${id} is over already`);
        if (change.act === "withdrawn")
          throw conflict("maintenance.ahead", `${id} has not begun: take it back by DELETE`);
        return [change];
      },
      nowMs(),
      actor(c),
    );
    return c.json({ data: await show(id) }, 200);
  });
  room.openapi(withdrawRoute, async (c) => {
    const { id } = c.req.valid("param");
    await state.changeMaintenance(
      (current) => {
        const { source, knownMs: _known, ...plan } = find(current, id, inventory());
        return [{ act: "withdrawn", plan, source }];
      },
      nowMs(),
      actor(c),
    );
    return c.body(null, 204);
  });
}

function find(current: readonly MaintenanceRecord[], id: string, inventory: Inventory): MaintenanceRecord {
  const plan = current.find((each) => each.id === id);
  if (plan === undefined) throw notFound(`there is no announced work ${id}`);
  if (inventory.maintenance?.has(id) === true)
    throw conflict("maintenance.file", `${id} is in maintenance.yaml: change it there, and reload`);
  return plan;
}

/** The same checks as those of maintenance.yaml. */
function planOf(id: string, body: Record<string, unknown>, inventory: Inventory): MaintenancePlan {
  const errors: FieldError[] = [];
  const refuse = (field: string, allowed: string) => {
    const value = body[field];
    errors.push({ field, value: typeof value === "string" ? value.slice(0, 80) : "nothing", allowed });
  };
  const plan = readPlan({ line: 0, data: body, refuse }, id, inventory);
  if (errors.length > 0) throw badField(422, errors);
  return plan;
}

function refuseOverlap(
  plan: MaintenancePlan,
  current: readonly MaintenanceRecord[],
  inventory: Inventory,
): void {
  const overlap = findOverlap(plan, current, inventory.timeZone ?? defaultTimeZone);
  if (overlap === null) return;
  const allowed = describeOverlap(overlap.other, overlap.atMs);
  throw badField(422, [{ field: "from", value: iso(plan.fromMs), allowed }]);
}
