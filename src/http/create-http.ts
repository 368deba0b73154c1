import type { Hono } from "hono";
import { createMiddleware } from "hono/factory";
import { methodNotAllowed } from "hono/method-not-allowed";
import { requestId } from "hono/request-id";
import { secureHeaders } from "hono/secure-headers";
import type { Language } from "../report/language.ts";
import { createWords } from "../report/words.ts";
import { createAdminRoutes } from "./admin.ts";
import type { AdminDeps } from "./admin.ts";
import { createAgentRoutes } from "./agents.ts";
import type { AgentRouteDeps } from "./agents.ts";
import type { HttpEnv, HttpLogger } from "./env.ts";
import { createInfluxRoutes } from "./influx-write.ts";
import type { InfluxDeps } from "./influx-write.ts";
import { createMetaRoutes } from "./meta.ts";
import type { MetaDeps } from "./meta.ts";
import { createApi } from "./open-api.ts";
import type { Api } from "./open-api.ts";
import { createErrorMapper, sendProblem } from "./problem.ts";
import type { ReadDeps } from "./read-context.ts";
import { createReadRoutes } from "./read.ts";

export interface HttpDeps extends Omit<ReadDeps, "words">, AdminDeps, AgentRouteDeps, MetaDeps {
  /** What Telegraf writes. */
  lineProtocol: InfluxDeps["lineProtocol"];
  /** IANA name of the zone in which texts tell moments, such as Asia/Makassar. */
  timeZone: string;
  /** Server-rendered pages, after everything else: a path that they share with the API is the API's. */
  pages?: Hono;
  /** What a person sees at an address that nobody knows. Programs, and everyone below /api, get problem+json. */
  notFoundPage?: (request: Request) => Response | Promise<Response>;
}

/** Every surface behind one door. Building it opens no port and reads nothing. */
export function createHttp(deps: HttpDeps): Api {
  const { logger, nowMs, timeZone } = deps;
  const spoken = { id: createWords("id", timeZone), en: createWords("en", timeZone) };
  const words = (language: Language) => spoken[language];
  const app = createApi();
  app.onError(createErrorMapper(logger));
  app.use(requestId());
  app.use(accessLog(logger, nowMs));
  app.use(browserHeaders);
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (c, methods) =>
        sendProblem(c, {
          status: 405,
          code: "method",
          title: "Method not allowed",
          detail: `${c.req.method} is not possible here; ${methods.join(", ")} are`,
          headers: { Allow: methods.join(", ") },
        }),
    }),
  );
  describeKeys(app);
  app.route("/api/v1", createAgentRoutes(deps));
  app.route("/api/v1", createAdminRoutes(deps));
  app.route("/api/v1", createReadRoutes({ ...deps, words }));
  app.route("/", createInfluxRoutes(deps));
  app.route(
    "/",
    createMetaRoutes(deps, () => app),
  );
  if (deps.pages !== undefined) app.route("/", deps.pages);
  app.notFound((c) => {
    const isPerson = (c.req.header("Accept") ?? "").includes("text/html") && !c.req.path.startsWith("/api/");
    if (isPerson && deps.notFoundPage !== undefined) return deps.notFoundPage(c.req.raw);
    const detail = "there is nothing at this path";
    return sendProblem(c, { status: 404, code: "not-found", title: "Not found", detail });
  });
  return app;
}

function describeKeys(app: Api): void {
  const bearer = (description: string) => ({ type: "http", scheme: "bearer", description }) as const;
  app.openAPIRegistry.registerComponent(
    "securitySchemes",
    "apiKey",
    bearer("sbk_…, with the scope read or admin"),
  );
  app.openAPIRegistry.registerComponent("securitySchemes", "agentKey", bearer("sba_…, from enrolment"));
}

/** What agents alone ask for, with a key in a header that no browser sends by itself. */
const agentPath = /^\/api\/v1\/(batches|agent\/|agents\/enrol)/;
// Whether a name is only ever reached by TLS is for the one who terminates it to say.
const secure = secureHeaders({ strictTransportSecurity: false });

/**
 * Says to browsers what they must not do; data that one was tricked into opening must not run anything. Agents are spared:
 * an acknowledgement a minute would carry 18 MB a month of it down a metered link.
 */
const browserHeaders = createMiddleware<HttpEnv>(async (c, next) => {
  if (agentPath.test(c.req.path)) return next();
  await secure(c, next);
  if (c.req.path.startsWith("/api/"))
    c.res.headers.set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
});

/** One line a request. Headers are never logged, since they hold keys; nor is the query. */
function accessLog(logger: HttpLogger, nowMs: () => number) {
  return createMiddleware<HttpEnv>(async (c, next) => {
    const startMs = nowMs();
    await next();
    const key = c.get("key") as HttpEnv["Variables"]["key"] | undefined;
    const agent = c.get("agent") as HttpEnv["Variables"]["agent"] | undefined;
    const line = {
      requestId: c.get("requestId"),
      method: c.req.method,
      path: c.req.path,
      status: c.res.status,
      durationMs: nowMs() - startMs,
      ...(key === undefined ? {} : { key: key.id }),
      ...(agent === undefined ? {} : { agent: agent.id }),
    };
    // Health checks come every few seconds and say nothing while they pass.
    if (c.req.path.endsWith("z") && c.res.status === 200) logger.debug(line, "request");
    else logger.info(line, "request");
  });
}
