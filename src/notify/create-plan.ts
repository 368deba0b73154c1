import type { Channel } from "./channel.ts";
import type { DispatchPlan } from "./dispatch.ts";
import { weekdays } from "./hours.ts";
import type { Hours } from "./hours.ts";
import { createMembers } from "./members.ts";
import type { EscalationStep } from "./escalate.ts";
import type { RoutingConfig } from "./route-config.ts";

/** When what was kept back is told where there are no quiet hours, minutes after midnight: before offices open. */
const usualDigestMin = 7 * 60;

/** The rules by which news find those who are to hear of it. */
export function createPlan(alerts: RoutingConfig, channels: readonly Channel[]): DispatchPlan {
  const { quiet } = alerts;
  const members = createMembers(alerts.channels);
  return {
    routes: alerts.routes?.map((route) => ({ ...route, to: members(route.to) })) ?? [
      { to: channels.map(({ id }) => id), severity: "low", quiet: true },
    ],
    machines: new Set(channels.flatMap(({ id, isMachine }) => (isMachine === true ? [id] : []))),
    quiet: quiet === null ? null : { hours: quietHours(quiet), passes: quiet.passes },
    budget: alerts.budget,
    digestMin: alerts.digestAt ?? quiet?.to ?? usualDigestMin,
  };
}

export function createSteps({ escalation, channels }: RoutingConfig): EscalationStep[] {
  const members = createMembers(channels);
  return escalation.map((step) => ({ ...step, to: members(step.to) }));
}

/** Who takes over from whom: from each member of a channel all members of the next, and from a channel its own members. */
export function createFallbacks({ fallbacks, channels }: RoutingConfig): Map<string, string[]> {
  const members = createMembers(channels);
  const own = channels.flatMap(({ id }): [string, string[]][] =>
    members([id]).includes(id) ? [] : [[id, members([id])]],
  );
  const next = Object.entries(fallbacks).flatMap(([from, to]) =>
    members([from]).map((id): [string, string[]] => [id, members([to])]),
  );
  return new Map([...own, ...next]);
}

function quietHours({ from, to, wholeDays }: NonNullable<RoutingConfig["quiet"]>): Hours[] {
  const wholeDay = { fromMin: 0, toMin: 0 };
  const days = wholeDays.filter((day) => day !== "holiday");
  return [
    { fromMin: from, toMin: to, days: [...weekdays], holidays: "as-usual" },
    ...(days.length === 0 ? [] : [{ ...wholeDay, days, holidays: "as-usual" as const }]),
    ...(wholeDays.includes("holiday")
      ? [{ ...wholeDay, days: [...weekdays], holidays: "only" as const }]
      : []),
  ];
}
