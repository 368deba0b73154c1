import { momentOf, timeAllowed } from "./tmf-filter.ts";
import { badField } from "./problem.ts";

/*
 * A provider's own times of an outage stand beside what was measured, and in a dispute somebody reads them: what cannot have been
 * is refused.
 */

/** A clock at the provider may be ahead of ours by so much, ms. */
const clockAheadMs = 300_000;
/** So long before the outage was first measured it may have begun by the provider's account, ms: 31 days. */
const earlierMs = 31 * 86_400_000;

/** What the times are held against: when the outage began as it was measured, and now; epoch ms. */
export interface Bounds {
  outageStartMs: number;
  nowMs: number;
}

/** Epoch ms of a time that can have been; `field` names it in the refusal. */
export function providerTime(field: string, text: string, { outageStartMs, nowMs }: Bounds): number {
  const ms = momentOf(text);
  const refuse = (allowed: string) => badField(422, [{ field, value: text.slice(0, 80), allowed }]);
  if (ms === null) throw refuse(timeAllowed);
  if (ms > nowMs + clockAheadMs) throw refuse("a time that is not to come");
  if (ms >= outageStartMs - earlierMs) return ms;
  const start = new Date(outageStartMs).toISOString();
  throw refuse(`a time that is not over 31 days before the outage as it was measured, ${start}`);
}
