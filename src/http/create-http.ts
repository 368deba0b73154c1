import { randomUUID } from "node:crypto";
import type { Hono } from "hono";
import { createMiddleware } from "hono/factory";
import { methodNotAllowed } from "hono/method-not-allowed";
import { secureHeaders } from "hono/secure-headers";
import { hideKeys } from "#wire/hide-keys.ts";
import type { Language } from "../report/language.ts";
import type { OpenData } from "../report/open-data.ts";
import { createWords } from "../report/words.ts";
import { createAckPage } from "./ack-page.ts";
import type { AckPageDeps } from "./ack-page.ts";
import { createAdminRoutes } from "./admin.ts";
import type { AdminDeps } from "./admin.ts";
import { createAgentRoutes } from "./agents.ts";
import type { AgentRouteDeps } from "./agents.ts";
import { createAdmission } from "./auth.ts";
import type { Admission, AdmissionOptions } from "./auth.ts";
import { createComplaintRoutes } from "./complaints.ts";
import type { ComplaintRouteDeps } from "./complaints.ts";
import type { HttpEnv, HttpLogger } from "./env.ts";
import { createInfluxRoutes } from "./influx-write.ts";
import type { InfluxDeps } from "./influx-write.ts";
import { createMetaRoutes } from "./meta.ts";
import type { MetaDeps } from "./meta.ts";
import { createOpenDataRoutes } from "./open-data.ts";
import { createApi } from "./open-api.ts";
import type { Api } from "./open-api.ts";
import type { PartnerDeps } from "./partner-context.ts";
import { describeMessages } from "./partner-messages.ts";
import { createPartnerRoutes, createTmfRoutes } from "./partners.ts";
import { createErrorMapper, sendProblem } from "./problem.ts";
import type { ReadDeps } from "./read-context.ts";
import { isTmfPath } from "./tmf-error.ts";
import { createReadRoutes } from "./read.ts";

export interface HttpDeps
  extends
    Omit<ReadDeps, "words">,
    Omit<PartnerDeps, "words">,
    AdminDeps,
    AgentRouteDeps,
    ComplaintRouteDeps,
    MetaDeps {
  /** What Telegraf writes. */
  lineProtocol: InfluxDeps["lineProtocol"];
  /** What anybody may fetch without a key. */
  openData: OpenData;
  /** IANA name of the zone in which texts tell moments, such as Asia/Makassar. */
  timeZone: string;
  admission: AdmissionOptions;
  /** Whether this program itself speaks TLS to those who come. */
  servesTls: boolean;
  /** Of the links by which people say that they know of an alert. Left out: there is no page for them. */
  ackTokens?: AckPageDeps["ackTokens"];
  logger: HttpLogger;
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
  const admission = createAdmission({
    ...deps.admission,
    state: deps.state,
    nowMs,
    logger,
    authenticateAgent: (bearer, address) => deps.ingest.authenticateAgent(bearer, address),
  });
  app.onError(createErrorMapper(logger));
  app.use(nameRequest);
  app.use(accessLog(deps, admission));
  app.use(browserHeaders(deps.servesTls));
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
  app.use(countStrangers(admission, deps.metricsAccess));
  describeKeys(app);
  describeMessages(app);
  app.route("/api/v1", createAgentRoutes(deps, admission));
  app.route("/api/v1", createAdminRoutes(deps, admission));
  app.route("/api/v1", createComplaintRoutes(deps, admission));
  app.route("/api/v1", createReadRoutes({ ...deps, words }, admission));
  app.route("/api/v1/partner", createPartnerRoutes({ ...deps, words }, admission));
  app.route("/", createTmfRoutes({ ...deps, words }, admission));
  app.route("/", createInfluxRoutes(deps, admission));
  app.route(
    "/",
    createMetaRoutes(deps, admission, () => app),
  );
  app.route("/", createOpenDataRoutes(deps.openData));
  const { ackTokens } = deps;
  if (ackTokens !== undefined) app.route("/", createAckPage({ ...deps, ackTokens }, admission));
  if (deps.pages !== undefined) app.route("/", deps.pages);
  app.notFound((c) => {
    const isPerson =
      (c.req.header("Accept") ?? "").includes("text/html") &&
      !c.req.path.startsWith("/api/") &&
      !isTmfPath(c.req.path);
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
    bearer("sbk_…, with the scope read, complaints or admin"),
  );
  app.openAPIRegistry.registerComponent(
    "securitySchemes",
    "partnerKey",
    bearer("sbk_…, with the scope partner, of one provider"),
  );
  app.openAPIRegistry.registerComponent("securitySchemes", "agentKey", bearer("sba_…, from enrolment"));
}

/** What agents alone ask for, with a key in a header that no browser sends by itself. */
const agentPath = /^\/api\/v1\/(batches|agent\/|agents\/enrol)/;

/**
 * Finds a request in the log. Made here: a name that came with the request might be anything, a key too. What an agent was
 * granted bears none: nobody looks for it, and by 52 bytes an answer it pays for them.
 */
const nameRequest = createMiddleware<HttpEnv>(async (c, next) => {
  const id = randomUUID();
  c.set("requestId", id);
  if (!agentPath.test(c.req.path)) c.header("X-Request-Id", id);
  await next();
  if (c.res.status >= 400) c.res.headers.set("X-Request-Id", id);
});

/**
 * Says to browsers what they must not do; data that one was tricked into opening must not run anything. Agents are spared:
 * an acknowledgement a minute would carry 18 MB a month of it down a metered link.
 */
function browserHeaders(servesTls: boolean) {
  // Whether a name is only ever reached by TLS is for the one who terminates it to say.
  const secure = secureHeaders({ strictTransportSecurity: servesTls ? "max-age=31536000" : false });
  return createMiddleware<HttpEnv>(async (c, next) => {
    if (agentPath.test(c.req.path)) return next();
    await secure(c, next);
    if (c.req.path.startsWith("/api/") || isTmfPath(c.req.path))
      c.res.headers.set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  });
}

/**
 * What nobody needs a key for is counted by address; everywhere else it is for the guards to count, by key or by refusal.
 */
function countStrangers(admission: Admission, metricsAccess: MetaDeps["metricsAccess"]) {
  return createMiddleware<HttpEnv>(async (c, next) => {
    const { path } = c.req;
    const isGuarded =
      path.startsWith("/api/") || isTmfPath(path) || (path === "/metrics" && metricsAccess === "read");
    if (!isGuarded) admission.stranger(c);
    await next();
  });
}

const healthPaths = ["/livez", "/readyz"];

/** Of these the address is logged; of everybody else it is nobody's business. */
const toldAddresses = [401, 403, 429];

/** One line a request. Headers are never logged, since they hold keys; nor is the query. */
function accessLog({ logger, metrics, nowMs }: HttpDeps, admission: Admission) {
  return createMiddleware<HttpEnv>(async (c, next) => {
    const startMs = nowMs();
    await next();
    const durationMs = nowMs() - startMs;
    // The wall clock may have been set meanwhile.
    metrics.answered({
      path: c.req.path,
      status: c.res.status,
      durationS: Math.max(0, durationMs) / 1000,
    });
    const key = c.get("key") as HttpEnv["Variables"]["key"] | undefined;
    const agent = c.get("agent") as HttpEnv["Variables"]["agent"] | undefined;
    const line = {
      requestId: c.get("requestId"),
      method: c.req.method,
      scheme: admission.client(c).scheme,
      path: hideKeys(c.req.path),
      status: c.res.status,
      durationMs,
      ...(toldAddresses.includes(c.res.status) ? { address: admission.client(c).address } : {}),
      ...(key === undefined ? {} : { key: key.id }),
      ...(agent === undefined ? {} : { agent: agent.id }),
    };
    // Health checks come every few seconds and say nothing while they pass.
    if (healthPaths.includes(c.req.path) && c.res.status === 200) logger.debug(line, "request");
    else logger.info(line, "request");
  });
}
