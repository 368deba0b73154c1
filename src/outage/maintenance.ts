import type { Maintenance } from "./evidence.ts";
import type { Judgement } from "./judge.ts";
import { joinSteps } from "./steps.ts";
import type { Step } from "./steps.ts";

/*
 * Announced work. It takes what broke at the site itself, or at the site whose hub it hangs on, while the work was
 * announced for; a power cut stays one, and so does what a village that relays lost. Row of methods.md §B3.
 */

/** Share of an outage that has to lie within the window. */
const leastShare = 0.5;

export function markMaintenance(
  steps: readonly Step<Judgement>[],
  code: string,
  windows: readonly Maintenance[],
  alike: (a: Judgement, b: Judgement) => boolean,
): Step<Judgement>[] {
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

function isWorkOn(site: string, code: string, { state, cause, root }: Judgement): boolean {
  if (state !== "down" || cause === "power" || cause === "relay") return false;
  return root === site && (site === code || cause === "hub" || cause === "backhaul");
}

function sharedMs(a: { startMs: number; endMs: number }, b: { startMs: number; endMs: number }): number {
  return Math.min(a.endMs, b.endMs) - Math.max(a.startMs, b.startMs);
}
