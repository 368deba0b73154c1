import type { NewMessage, ToldMessage } from "../state/state-store.ts";
import { dispatch } from "./dispatch.ts";
import type { At, DispatchPlan, News } from "./dispatch.ts";
import { isAtLeast } from "./severity.ts";
import type { Severity } from "./severity.ts";

/** One step of an escalation: who is told when nobody has said that they know of it. */
export interface EscalationStep {
  afterMin: number;
  /** Ids of channels. */
  to: readonly string[];
  /** Least severity. */
  severity: Severity;
}

const minuteMs = 60_000;

/**
 * Pure: messages of the steps that have come. Time counts from when people could have read of it: what waits for a digest is
 * nobody's to answer before, and what no route took was told to nobody. What quiet hours hold back comes after them, if it is
 * still to be said then, and what is beyond the budget not at all: the alert itself was told. `open`: what was said last of
 * alerts that last and were not answered.
 */
export function escalate(
  open: readonly News["payload"][],
  steps: readonly EscalationStep[],
  told: readonly ToldMessage[],
  plan: DispatchPlan,
  at: At,
): NewMessage[] {
  const made: NewMessage[] = [];
  for (const payload of open) {
    const firstMs = readMs(payload.alert, told, plan);
    for (const [index, step] of steps.entries()) {
      const waitedMs = at.nowMs - firstMs;
      if (waitedMs < step.afterMin * minuteMs || !isAtLeast(payload.severity, step.severity)) continue;
      const what = `escalate${index + 1}`;
      const escalation = { step: index + 1, waitedMin: Math.floor(waitedMs / minuteMs) };
      const routes = [{ to: step.to, severity: step.severity, quiet: true }];
      const news = {
        payload: { ...payload, type: problemType(payload), escalation } as News["payload"],
        what,
      };
      const messages = dispatch([news], told, { ...plan, routes }, at);
      made.push(...messages.filter(({ digestMs }) => digestMs === null));
    }
  }
  return made;
}

function problemType({ type }: News["payload"]): News["payload"]["type"] {
  return `${type.slice(0, type.indexOf("."))}.down` as News["payload"]["type"];
}

/**
 * When anybody could have read of it: the earliest message that was not kept, or the first digest; Infinity: never. What a machine got
 * counts where nobody else is told: whoever looks after that machine reads it there.
 */
function readMs(alert: string, told: readonly ToldMessage[], { machines }: DispatchPlan): number {
  const own = told.filter((one) => one.alert === alert && !one.dedupeKey.includes(":escalate"));
  const people = own.filter(({ channel }) => !machines.has(channel));
  return (people.length > 0 ? people : own).reduce(
    (ms, { createdMs, digestMs }) => Math.min(ms, digestMs ?? createdMs),
    Infinity,
  );
}
