import { createRoute, z } from "@hono/zod-openapi";
import type { Metrics } from "../metrics.ts";
import { createFresh } from "../report/fresh.ts";
import type { SeriesStore } from "../series/series-store.ts";
import { createPulse } from "../state/pulse.ts";
import { storeTrouble } from "../state/store-trouble.ts";
import type { StateStore } from "../state/state-store.ts";
import { withDoorHeaders } from "./answer-headers.ts";
import type { Admission } from "./auth.ts";
import { createApi, guarded, json, refusedWith, withKey } from "./open-api.ts";
import type { Api } from "./open-api.ts";

export interface MetaDeps {
  state: StateStore;
  series: SeriesStore;
  /** What is the matter with this machine's own clock, and what to do; null: nothing is. */
  clockDoubt: () => string | null;
  /** What to know and to do where rounds that were acknowledged are gone; null: none are. Default: none are. */
  missingRounds?: () => string | null;
  metrics: Metrics;
  nowMs: () => number;
  /** Version of the program, for the API's document. */
  version: string;
  /** `read`: /metrics asks for a key with that scope; `open`: for nobody's. */
  metricsAccess: "read" | "open";
}

/** The check of the state writes to the disk; anybody may ask for it, so that it is done once a second at most. */
const readinessMaxAgeMs = 1_000;

interface Check {
  name: string;
  /** `degraded`: it works, and there is something to know and to do. */
  outcome: "ok" | "degraded" | "failed";
  /** What is the matter, and what to do; empty: nothing is. */
  why: string;
}

const marks: Record<Check["outcome"], string> = { ok: "+", degraded: "!", failed: "-" };

const text = (description: string) => ({
  description,
  content: { "text/plain": { schema: z.string() } },
});

const liveRoute = createRoute({
  method: "get",
  path: "/livez",
  tags: ["operation"],
  summary: "The process runs",
  responses: { 200: text("ok") },
});

const readyRoute = createRoute({
  method: "get",
  path: "/readyz",
  tags: ["operation"],
  summary: "The stores can be read and written, and the clock can be right",
  request: {
    query: z.object({
      verbose: z
        .string()
        .optional()
        .openapi({ param: { description: "One line for each check." } }),
    }),
  },
  responses: {
    200: text("No check failed; `degraded`: with something to know."),
    503: text("A check failed."),
  },
});

const metricsRoute = createRoute({
  method: "get",
  path: "/metrics",
  tags: ["operation"],
  summary: "Metrics in Prometheus' text format",
  security: withKey,
  responses: { 200: text("Metrics."), ...refusedWith(401, 403) },
});

const documentRoute = createRoute({
  method: "get",
  path: "/openapi.json",
  tags: ["operation"],
  summary: "This document",
  responses: { 200: json("OpenAPI 3.1.", z.looseObject({ openapi: z.string() })) },
});

/** `whole`: the app that all rooms are part of; its document is made when it is first asked for. */
export function createMetaRoutes(deps: MetaDeps, admission: Admission, whole: () => Api): Api {
  const { metrics, version } = deps;
  const api = createApi();
  api.openapi(liveRoute, (c) => c.text("ok\n", 200));
  const pulses = { state: createPulse(deps.state), series: createPulse(deps.series) };
  const readiness = createFresh(readinessMaxAgeMs, deps.nowMs, () =>
    runChecks(deps, { state: pulses.state.ask, series: pulses.series.ask }),
  );
  api.openapi(readyRoute, async (c) => {
    const checks = await readiness();
    const isReady = checks.every(({ outcome }) => outcome !== "failed");
    const isWell = checks.every(({ outcome }) => outcome === "ok");
    const lines = checks.map(
      ({ name, outcome, why }) => `[${marks[outcome]}] ${name} ${outcome}${why === "" ? "" : `: ${why}`}\n`,
    );
    const inShort = isWell ? "ok\n" : isReady ? "degraded\n" : "not ready\n";
    const told = c.req.valid("query").verbose === undefined ? inShort : lines.join("");
    return c.text(told, isReady ? 200 : 503, { "Cache-Control": "no-store" });
  });

  const measured = createApi();
  measured.openapi(metricsRoute, async (c) => {
    const { contentType, body } = await metrics.render();
    // The content type has parameters (version, charset) that the description's key has not.
    return c.body(body, 200, { "Content-Type": contentType }) as never;
  });
  const guards = deps.metricsAccess === "read" ? [admission.scope("read")] : [];
  api.route("/", guarded(measured, ...guards));

  let made: object | null = null;
  api.openapi(documentRoute, (c) => {
    made ??= makeDocument(whole(), version);
    return c.json(made as never, 200);
  });
  return api;
}

async function runChecks(
  { clockDoubt, missingRounds = () => null }: Pick<MetaDeps, "clockDoubt" | "missingRounds">,
  stores: Record<string, () => Promise<void>>,
): Promise<Check[]> {
  const checks = await Promise.all(
    Object.entries(stores).map(async ([name, check]): Promise<Check> => {
      try {
        await check();
        return { name, outcome: "ok", why: "" };
      } catch (error) {
        return { name, outcome: "failed", why: storeTrouble(error) ?? "see the log" };
      }
    }),
  );
  const doubt = clockDoubt();
  const missing = missingRounds();
  return [
    ...checks,
    { name: "clock", outcome: doubt === null ? "ok" : "failed", why: doubt ?? "" },
    ...(missing === null ? [] : [{ name: "rounds", outcome: "degraded" as const, why: missing }]),
  ];
}

function makeDocument(whole: Api, version: string): object {
  const document = whole.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Sambung",
      version,
      description: "Who is cut off, why, and could they still reach the complaint service?",
    },
    servers: [{ url: "/" }],
  });
  return withDoorHeaders(document);
}
