import { compress } from "hono/compress";
import { etag } from "hono/etag";
import { createMiddleware } from "hono/factory";
import type { Admission } from "./auth.ts";
import type { HttpEnv } from "./env.ts";
import { createAlertReadRoutes } from "./alerts.ts";
import { createMaintenanceReadRoutes } from "./read-maintenance.ts";
import { createApi, guarded } from "./open-api.ts";
import type { Api } from "./open-api.ts";
import { createAccountRoutes } from "./read-accounts.ts";
import { createAgentReadRoutes } from "./read-agents.ts";
import { createChangeRoutes } from "./read-changes.ts";
import { createComplaintReadRoutes } from "./read-complaints.ts";
import { createDeviceRoutes } from "./read-devices.ts";
import { createLinkRoutes } from "./read-links.ts";
import type { ReadDeps } from "./read-context.ts";
import { createMonthlyRoutes } from "./read-monthly.ts";
import { createHandlingRoutes } from "./read-handling.ts";
import { createOutageRoutes } from "./read-outages.ts";
import { createRelationRoutes } from "./read-relation.ts";
import { createSeriesRoutes } from "./read-series.ts";
import { createServiceRoutes } from "./read-services.ts";
import { createSiteRoutes } from "./read-sites.ts";
import { createSlaRoutes } from "./read-sla.ts";
import { createStateRoutes } from "./read-states.ts";
import { createTopologyRoutes } from "./read-topology.ts";

/** Everything that only reads, behind the scope `read`. */
export function createReadRoutes(deps: ReadDeps, admission: Admission): Api {
  const api = createApi();
  const rooms = [
    createSiteRoutes(deps),
    createLinkRoutes(deps),
    createSeriesRoutes(deps),
    createDeviceRoutes(deps),
    createStateRoutes(deps),
    createChangeRoutes(deps),
    createOutageRoutes(deps),
    createTopologyRoutes(deps),
    createServiceRoutes(deps),
    createRelationRoutes(deps),
    createAccountRoutes(deps),
    createSlaRoutes(deps),
    createMonthlyRoutes(deps),
    createMaintenanceReadRoutes(deps),
    createAgentReadRoutes(deps),
    createAlertReadRoutes(deps),
    createComplaintReadRoutes(deps),
    createHandlingRoutes(deps),
  ];
  const guards = [compress(), revalidate, etag(), admission.scope("read")];
  for (const room of rooms) api.route("/", guarded(room, ...guards));
  return api;
}

/** Private: a shared cache must not hand one key's answer to another; and always asked again, by its tag. */
const revalidate = createMiddleware<HttpEnv>(async (c, next) => {
  await next();
  if (!c.res.headers.has("Cache-Control")) c.res.headers.set("Cache-Control", "private, no-cache");
});
