import type { Judgement } from "./judge.ts";
import { joinSteps } from "./steps.ts";
import type { Step } from "./steps.ts";

/*
 * Announced work. It takes what broke at the site itself, or at the site whose hub it hangs on, while the work was
 * announced for; a power cut stays one, and so does what a village that relays lost. Row of methods.md §B3.
 */

/** A time in which work on a site, or on what it carries, was announced; epoch ms, half-open. */
export interface MaintenanceWindow {
  id: string;
  site?: string;
  fromMs: number;
  toMs: number;
}

/** Share of an outage that has to lie within the window. */
const leastShare = 0.5;

export function markMaintenance(
  steps: readonly Step<Judgement>[],
  code: string,
  windows: readonly MaintenanceWindow[],
  alike: (a: Judgement, b: Judgement) => boolean,
): Step<Judgement>[] {
  if (windows.length === 0) return [...steps];
  const marked = steps.map((step) => {
    const isMeant = windows.some(
      (window) =>
        isWorkOn(window.site, code, step.value) &&
        sharedMs(window, step) >= leastShare * (step.endMs - step.startMs),
    );
    return isMeant
      ? { ...step, value: { ...step.value, cause: "maintenance" as const, confidence: "high" as const } }
      : step;
  });
  return joinSteps(marked, alike);
}

function isWorkOn(site: string | undefined, code: string, { state, cause, root }: Judgement): boolean {
  if (state !== "down" || cause === "power" || cause === "relay") return false;
  return root === site && (site === code || cause === "hub" || cause === "backhaul");
}

function sharedMs({ fromMs, toMs }: MaintenanceWindow, step: Step<unknown>): number {
  return Math.min(toMs, step.endMs) - Math.max(fromMs, step.startMs);
}
