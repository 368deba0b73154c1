import type { Admission } from "./auth.ts";
import { createAlertReadRoutes } from "./alerts.ts";
import { createMaintenanceReadRoutes } from "./read-maintenance.ts";
import { createApi } from "./open-api.ts";
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
import { revalidated } from "./revalidation.ts";

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
  for (const room of rooms) api.route("/", revalidated(room, admission.scope("read")));
  return api;
}
