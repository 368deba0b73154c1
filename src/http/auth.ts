import type { MiddlewareHandler } from "hono";
import { createMiddleware } from "hono/factory";
import { hashKey, isWellFormedKey } from "../state/keys.ts";
import type { AgentRecord, Scope, StateStore } from "../state/state-store.ts";
import type { HttpEnv } from "./env.ts";
import { HttpProblem } from "./problem.ts";

/** The token of `Authorization: Bearer …`; null where there is none. */
function bearerOf(header: string | undefined): string | null {
  return /^Bearer +([^\s]+) *$/i.exec(header ?? "")?.[1] ?? null;
}

/** Lets only keys with the scope pass. `admin` includes `read`. A revoked key is refused with the next request. */
export function requireScope(state: StateStore, scope: Scope): MiddlewareHandler<HttpEnv> {
  return createMiddleware<HttpEnv>(async (c, next) => {
    const token = bearerOf(c.req.header("Authorization"));
    if (token === null) throw unauthenticated("an API key is needed: Authorization: Bearer sbk_…", false);
    // The checksum spares the store from guesses and typing mistakes.
    const key = isWellFormedKey(token, "sbk") ? await state.apiKeyByHash(hashKey(token)) : null;
    if (key === null || key.revokedMs !== null) {
      throw unauthenticated("this API key is unknown or was revoked", true);
    }
    if (!key.scopes.includes(scope) && !key.scopes.includes("admin")) {
      throw new HttpProblem({
        status: 403,
        code: "auth.scope",
        title: "Not allowed with this key",
        detail: `the key "${key.name}" lacks the scope ${scope}`,
        headers: {
          "WWW-Authenticate": `Bearer realm="sambung", error="insufficient_scope", scope="${scope}"`,
        },
      });
    }
    c.set("key", key);
    await next();
  });
}

/** Lets only agents pass, before a byte of the body is read. */
export function requireAgent(
  authenticate: (bearer: string) => Promise<AgentRecord | null>,
): MiddlewareHandler<HttpEnv> {
  return createMiddleware<HttpEnv>(async (c, next) => {
    const token = bearerOf(c.req.header("Authorization"));
    if (token === null) throw unauthenticated("an agent's key is needed: Authorization: Bearer sba_…", false);
    const agent = isWellFormedKey(token, "sba") ? await authenticate(token) : null;
    if (agent === null) throw unauthenticated("this agent key is unknown or was revoked", true);
    c.set("agent", agent);
    await next();
  });
}

/** RFC 6750: a challenge names an error only where credentials were given. */
function unauthenticated(detail: string, given: boolean): HttpProblem {
  return new HttpProblem({
    status: 401,
    code: given ? "auth.unknown" : "auth.missing",
    title: "Not authenticated",
    detail,
    headers: { "WWW-Authenticate": `Bearer realm="sambung"${given ? ', error="invalid_token"' : ""}` },
  });
}
