import { bodyLimit } from "hono/body-limit";
import { compress } from "hono/compress";
import { etag } from "hono/etag";
import { createMiddleware } from "hono/factory";
import { alarmBase } from "../report/tmf-alarm.ts";
import { ticketBase } from "../report/tmf-ticket.ts";
import type { Admission } from "./auth.ts";
import type { HttpEnv } from "./env.ts";
import { createOnce, createOnceIfNamed } from "./once.ts";
import { createApi, guarded } from "./open-api.ts";
import type { Api } from "./open-api.ts";
import { createPartnerActRoutes } from "./partner-acts.ts";
import type { PartnerDeps } from "./partner-context.ts";
import { createPartnerOutageRoutes } from "./partner-outages.ts";
import { createPartnerWebhookRoutes } from "./partner-webhooks.ts";
import { createTmfAlarmRoutes } from "./tmf-alarms.ts";
import { createTmfTicketRoutes } from "./tmf-tickets.ts";

const guards = (admission: Admission) => [
  compress(),
  privately,
  etag(),
  admission.partner,
  bodyLimit({ maxSize: 65_536 }),
];

/** The same as TM Forum's APIs have it; TMF642 under both of the addresses that its versions of v4 name. */
export function createTmfRoutes(deps: PartnerDeps, admission: Admission): Api {
  const api = createApi();
  const { origin } = deps.partners;
  const once = createOnceIfNamed(createOnce(deps.state, deps.nowMs), deps.nowMs);
  for (const path of [alarmBase, "/tmf-api/alarm/v4"])
    api.route(
      path,
      guarded(createTmfAlarmRoutes(deps, admission, once, `${origin}${path}`), ...guards(admission)),
    );
  const bases = { base: `${origin}${ticketBase}`, alarmBase: `${origin}${alarmBase}` };
  api.route(ticketBase, guarded(createTmfTicketRoutes(deps, admission, once, bases), ...guards(admission)));
  return api;
}

/** What a provider may see of its own links and do to their outages, behind keys of the scope `partner`. */
export function createPartnerRoutes(deps: PartnerDeps, admission: Admission): Api {
  const api = createApi();
  const once = createOnce(deps.state, deps.nowMs);
  const rooms = [
    createPartnerOutageRoutes(deps),
    createPartnerActRoutes(deps, admission, once),
    createPartnerWebhookRoutes(deps, admission, once),
  ];
  for (const room of rooms) api.route("/", guarded(room, ...guards(admission)));
  return api;
}

/** No cache between hands one key's answer to another; it is always asked for again, by its tag. */
const privately = createMiddleware<HttpEnv>(async (c, next) => {
  await next();
  if (!c.res.headers.has("Cache-Control")) c.res.headers.set("Cache-Control", "private, no-cache");
});
