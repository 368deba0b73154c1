import { z } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import { compress } from "hono/compress";
import { etag, RETAINED_304_HEADERS } from "hono/etag";
import { createMiddleware } from "hono/factory";
import { headers } from "./answer-headers.ts";
import type { Header } from "./answer-headers.ts";
import type { HttpEnv } from "./env.ts";
import { guarded } from "./open-api.ts";
import type { Api } from "./open-api.ts";

/** Of the answer that is spared, a 304 has what does not stand in its body (RFC 9110, 15.4.5). */
const keptAt304 = [
  ...RETAINED_304_HEADERS,
  "Link",
  "RateLimit",
  "RateLimit-Policy",
  "X-Request-Id",
  "X-Result-Count",
  "X-Total-Count",
];

/**
 * The room behind these guards; what it answers to GET has a tag, and is not sent again to who shows that tag. The document of the
 * room says so.
 */
export function revalidated(room: Api, ...guards: readonly MiddlewareHandler<HttpEnv>[]): Api {
  describeTags(room);
  return guarded(room, compress(), privately, etag({ retainedHeaders: keptAt304 }), ...guards);
}

/** No cache between hands one key's answer to another; it is always asked for again, by its tag. */
const privately = createMiddleware<HttpEnv>(async (c, next) => {
  await next();
  if (!c.res.headers.has("Cache-Control")) c.res.headers.set("Cache-Control", "private, no-cache");
  // Compression says so of a 200, and has nothing to compress in a 304.
  if (c.res.status === 304) c.res.headers.set("Vary", "Accept-Encoding");
});

export const tagParam = z.object({
  "if-none-match": z
    .string()
    .optional()
    .openapi({ param: { description: "ETag of an earlier answer: 304 in place of the same once more." } }),
});

function describeTags(room: Api): void {
  for (const definition of room.openAPIRegistry.definitions) {
    if (definition.type !== "route" || definition.route.method !== "get") continue;
    const { route } = definition;
    const good = route.responses[200];
    if (good === undefined || "$ref" in good) continue;
    const tagged = { ...(good.headers as Record<string, Header> | undefined), ...headers.tag };
    definition.route = {
      ...route,
      request: { ...route.request, headers: tagParam },
      responses: {
        ...route.responses,
        200: { ...good, headers: tagged },
        304: { description: "The same as under the tag of If-None-Match.", headers: tagged },
      },
    };
  }
}
