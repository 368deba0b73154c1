import { bodyLimit } from "hono/body-limit";
import { alarmBase } from "../report/tmf-alarm.ts";
import { ticketBase } from "../report/tmf-ticket.ts";
import type { Admission } from "./auth.ts";
import { createOnce, createOnceIfNamed } from "./once.ts";
import { createApi } from "./open-api.ts";
import type { Api } from "./open-api.ts";
import { createPartnerActRoutes } from "./partner-acts.ts";
import type { PartnerDeps } from "./partner-context.ts";
import { createPartnerOutageRoutes } from "./partner-outages.ts";
import { createPartnerSlaRoutes } from "./partner-sla.ts";
import { createPartnerWebhookRoutes } from "./partner-webhooks.ts";
import { revalidated } from "./revalidation.ts";
import { createTmfAlarmRoutes } from "./tmf-alarms.ts";
import { createTmfTicketRoutes } from "./tmf-tickets.ts";

const guards = (admission: Admission) => [admission.partner, bodyLimit({ maxSize: 65_536 })];

/** The same as TM Forum's APIs have it; TMF642 under both of the addresses that its versions of v4 name. */
export function createTmfRoutes(deps: PartnerDeps, admission: Admission): Api {
  const api = createApi();
  const { origin } = deps.partners;
  const once = createOnceIfNamed(createOnce(deps.state, deps.nowMs), deps.nowMs);
  for (const path of [alarmBase, "/tmf-api/alarm/v4"])
    api.route(
      path,
      revalidated(createTmfAlarmRoutes(deps, admission, once, `${origin}${path}`), ...guards(admission)),
    );
  const bases = { base: `${origin}${ticketBase}`, alarmBase: `${origin}${alarmBase}` };
  api.route(
    ticketBase,
    revalidated(createTmfTicketRoutes(deps, admission, once, bases), ...guards(admission)),
  );
  return api;
}

/** What a provider may see of its own links and do to their outages, behind keys of the scope `partner`. */
export function createPartnerRoutes(deps: PartnerDeps, admission: Admission): Api {
  const api = createApi();
  const once = createOnce(deps.state, deps.nowMs);
  const rooms = [
    createPartnerOutageRoutes(deps),
    createPartnerSlaRoutes(deps),
    createPartnerActRoutes(deps, admission, once),
    createPartnerWebhookRoutes(deps, admission, once),
  ];
  for (const room of rooms) api.route("/", revalidated(room, ...guards(admission)));
  return api;
}
