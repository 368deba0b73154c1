import { bodyLimit } from "hono/body-limit";
import { createMiddleware } from "hono/factory";
import type { Inventory } from "../inventory/inventory.ts";
import type { SlaBook } from "../report/sla/create-sla-book.ts";
import type { StateStore } from "../state/state-store.ts";
import { addAckRoute } from "./alerts.ts";
import { addAgentRoutes } from "./admin-agents.ts";
import { addAuditRoute } from "./admin-audit.ts";
import { addKeyRoutes } from "./admin-keys.ts";
import type { Admission } from "./auth.ts";
import type { HttpEnv } from "./env.ts";
import { addPartnerHookRoutes } from "./admin-partners.ts";
import { addMaintenanceRoutes } from "./admin-maintenance.ts";
import { addSlaIssueRoute } from "./admin-sla.ts";
import { createApi, guarded } from "./open-api.ts";
import type { Api } from "./open-api.ts";

export interface AdminDeps {
  state: StateStore;
  sla: SlaBook;
  inventory: () => Inventory;
  nowMs: () => number;
}

/** What only the scope `admin` may do. Whoever does it, or is refused, stands in the audit log. */
export function createAdminRoutes(deps: AdminDeps, admission: Admission): Api {
  const room = createApi();
  addAgentRoutes(room, deps, admission);
  addKeyRoutes(room, deps, admission);
  addPartnerHookRoutes(room, deps, admission);
  addMaintenanceRoutes(room, deps, admission);
  addAckRoute(room, deps, admission);
  addSlaIssueRoute(room, deps, admission);
  addAuditRoute(room, deps);
  return guarded(room, admission.scope("admin"), bodyLimit({ maxSize: 65_536 }), noStore);
}

const noStore = createMiddleware<HttpEnv>(async (c, next) => {
  await next();
  c.res.headers.set("Cache-Control", "no-store");
});
