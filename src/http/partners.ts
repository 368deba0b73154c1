import { bodyLimit } from "hono/body-limit";
import { compress } from "hono/compress";
import { etag } from "hono/etag";
import { createMiddleware } from "hono/factory";
import type { Admission } from "./auth.ts";
import type { HttpEnv } from "./env.ts";
import { createOnce } from "./once.ts";
import { createApi, guarded } from "./open-api.ts";
import type { Api } from "./open-api.ts";
import { createPartnerActRoutes } from "./partner-acts.ts";
import type { PartnerDeps } from "./partner-context.ts";
import { createPartnerOutageRoutes } from "./partner-outages.ts";
import { createPartnerWebhookRoutes } from "./partner-webhooks.ts";

/** What a provider may see of its own links and do to their outages, behind keys of the scope `partner`. */
export function createPartnerRoutes(deps: PartnerDeps, admission: Admission): Api {
  const api = createApi();
  const once = createOnce(deps.state, deps.nowMs);
  const rooms = [
    createPartnerOutageRoutes(deps),
    createPartnerActRoutes(deps, admission, once),
    createPartnerWebhookRoutes(deps, admission, once),
  ];
  const guards = [compress(), privately, etag(), admission.partner, bodyLimit({ maxSize: 65_536 })];
  for (const room of rooms) api.route("/", guarded(room, ...guards));
  return api;
}

/** No cache between hands one key's answer to another; it is always asked for again, by its tag. */
const privately = createMiddleware<HttpEnv>(async (c, next) => {
  await next();
  if (!c.res.headers.has("Cache-Control")) c.res.headers.set("Cache-Control", "private, no-cache");
});
