import type { Meter } from "./meter.ts";

/** Who a request is of: agents that deliver, what else agents ask, the API, watchers of this program, people. */
export const surfaces = ["batches", "write", "agent", "api", "operation", "pages"] as const;
export type Surface = (typeof surfaces)[number];

export interface RequestTold {
  path: string;
  status: number;
  durationS: number;
}

/** From a health check to a body of 1 MiB over a thin link, s. */
const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** By surface and class of status, and not by path, which whoever asks may choose. */
export function addRequests(meter: Meter): (told: RequestTold) => void {
  const count = meter.counter("sambung_http_requests_total", "Requests answered since the start.", [
    "surface",
    "code",
  ]);
  const observe = meter.histogram(
    "sambung_http_request_duration_seconds",
    "Time from the request's headers to the answer's.",
    ["surface"],
    buckets,
  );
  return ({ path, status, durationS }) => {
    const surface = surfaceOf(path);
    count({ surface, code: `${Math.floor(status / 100)}xx` });
    observe({ surface }, durationS);
  };
}

const operationPaths = new Set(["/metrics", "/livez", "/readyz", "/health", "/ping", "/ready"]);

export function surfaceOf(path: string): Surface {
  if (path === "/api/v1/batches") return "batches";
  if (path === "/api/v2/write") return "write";
  if (/^\/api\/v1\/(agent\/|agents\/enrol)/.test(path)) return "agent";
  if (path.startsWith("/api/")) return "api";
  return operationPaths.has(path) ? "operation" : "pages";
}
