import type { Span } from "../inventory/spans.ts";
import type { AssociationInput, DayWindow } from "./association.ts";
import { dayMs } from "./minutes.ts";

/**
 * The days of the window between the first and the last on which network and checks were observed at all. Days before a record
 * begins are no days without trouble: a rotation that brings the network there meets nothing, and would rank with the others.
 * The whole window where nothing was observed.
 */
export function observedDays({ window, sites }: Pick<AssociationInput, "window" | "sites">): DayWindow {
  const network = hull(sites.flatMap((site) => site.network));
  const checks = hull(sites.flatMap((site) => site.service));
  const day = (ms: number) => (ms - window.fromMs) / dayMs;
  const first = Math.max(0, Math.floor(day(Math.max(network.fromMs, checks.fromMs))));
  const end = Math.min(window.days, Math.ceil(day(Math.min(network.toMs, checks.toMs))));
  return end > first ? { ...window, fromMs: window.fromMs + first * dayMs, days: end - first } : window;
}

function hull(spans: readonly Span[]): Span {
  let [fromMs, toMs] = [Infinity, -Infinity];
  for (const span of spans) {
    fromMs = Math.min(fromMs, span.fromMs);
    toMs = Math.max(toMs, span.toMs);
  }
  return { fromMs, toMs };
}
