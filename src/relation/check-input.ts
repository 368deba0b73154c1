import type { Span } from "../inventory/spans.ts";
import type { AssociationInput } from "./association.ts";
import { dayMs } from "./minutes.ts";

/** An input that no answer can be made of: names field, value and what is allowed. */
export class RelationInputError extends Error {
  readonly field: string;
  constructor(field: string, value: unknown, allowed: string) {
    super(`${field} ${String(value)}: expected ${allowed}`);
    this.name = "RelationInputError";
    this.field = field;
  }
}

export function checkRange(field: string, value: number, isAllowed: boolean, allowed: string): void {
  if (!Number.isFinite(value) || !isAllowed) throw new RelationInputError(field, value, allowed);
}

export function checkAlpha(alpha: number): void {
  checkRange("alpha", alpha, alpha > 0 && alpha < 0.5, "more than 0 and less than 0.5");
}

const mostDays = 1_100;

export function checkAssociation({ window, sites, control, ...options }: AssociationInput): void {
  const { fromMs, days, offsetMs } = window;
  checkRange(
    "window.days",
    days,
    Number.isInteger(days) && days >= 1 && days <= mostDays,
    `a whole number from 1 to ${mostDays}`,
  );
  checkRange(
    "window.fromMs",
    fromMs,
    Number.isInteger(fromMs) && (fromMs + offsetMs) % dayMs === 0,
    "the start of a day at window.offsetMs",
  );
  checkAlpha(options.alpha ?? 0.05);
  for (const step of ["networkStepS", "serviceStepS"] as const)
    checkRange(step, options[step] ?? 60, (options[step] ?? 60) > 0, "more than 0");
  const inferred = options.inferredRatio ?? 0;
  checkRange("inferredRatio", inferred, inferred >= 0 && inferred <= 1, "0 to 1");
  const seen = new Set<string>();
  for (const { code, network, service } of sites) {
    if (seen.has(code)) throw new RelationInputError("sites", code, "each site once");
    seen.add(code);
    checkSpans(`sites ${code} network`, network);
    checkSpans(`sites ${code} service`, service);
  }
  if (control !== null) checkSpans("control", control);
  checkSpans("controlCut", options.controlCut ?? []);
}

/** Overlap would make a minute both failed and well. */
function checkSpans(field: string, spans: readonly Span[]): void {
  let lastMs = -Infinity;
  for (const { fromMs, toMs } of spans.toSorted((a, b) => a.fromMs - b.fromMs)) {
    checkRange(`${field} toMs`, toMs, toMs > fromMs, `more than fromMs ${fromMs}`);
    checkRange(
      `${field} fromMs`,
      fromMs,
      fromMs >= lastMs,
      `spans that do not overlap (one ends at ${lastMs})`,
    );
    lastMs = toMs;
  }
}
