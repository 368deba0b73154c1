import { z } from "zod";
import { channels } from "./channel-config.ts";
import { weekdays } from "./hours.ts";
import { abouts } from "./routes.ts";
import { severities } from "./severity.ts";

/*
 * `alerts` of sambung.yaml beside its times: who is told of what, and when. Names of channels are checked against the
 * channels, so that `sambung check` sees a route that leads nowhere.
 */

const some = <T extends z.ZodType>(one: T, allowed: string) => z.array(one).min(1, allowed);
const text = z.string().min(1, "some text");
const channelIds = some(text, "at least one id of a channel");
const severity = z.enum(severities);

const clockAllowed = "a time such as 07:30";
const clock = z
  .string(clockAllowed)
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, clockAllowed)
  .transform((time) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3)));

const days = some(z.enum(weekdays), `at least one of ${weekdays.join(", ")}`);

const hours = z
  .strictObject({
    from: clock,
    to: clock,
    days: days.default([...weekdays]),
    holidays: z.enum(["as-usual", "never", "only"]).default("as-usual"),
  })
  .transform(({ from, to, ...rest }) => ({ fromMin: from, toMin: to, ...rest }));

const route = z.strictObject({
  to: channelIds,
  areas: some(text, "at least one code of a site").optional(),
  providers: some(text, "at least one provider").optional(),
  severity: severity.default("low"),
  about: some(z.enum(abouts), `at least one of ${abouts.join(", ")}`).optional(),
  hours: hours.optional(),
  quiet: z.boolean().default(true),
});

const quiet = z.strictObject({
  from: clock,
  to: clock,
  /** Days that are quiet from midnight to midnight. */
  wholeDays: z.array(z.enum([...weekdays, "holiday"])).default([]),
  passes: severity.default("critical"),
});

const minutes = (least: number, most: number) => {
  const allowed = `whole minutes from ${least} to ${most}`;
  return z.int(allowed).min(least, allowed).max(most, allowed);
};

const step = z.strictObject({
  afterMin: minutes(1, 10_080),
  to: channelIds,
  severity: severity.default("medium"),
});

const whole = (least: number, most: number) => {
  const allowed = `a whole number from ${least} to ${most}, or null`;
  return z.int(allowed).min(least, allowed).max(most, allowed).nullable();
};

const conditions = z.strictObject({
  battery: z.boolean().default(true),
  chargePercent: whole(1, 90).default(30),
  certificateDays: whole(1, 90).default(14),
  silentMin: whole(5, 10_080).default(30),
  backlogH: whole(1, 720).default(6),
  budgetPercent: whole(1, 90).default(20),
  partnerWebhook: z.boolean().default(true),
  corrections: z.boolean().default(true),
});

const budgetAllowed = "a whole number from 2 to 100";

/** What stands in `alerts` beside its times. */
export const routingShape = {
  channels: channels.default([]),
  /** Left out: everything to every channel. */
  routes: some(route, "at least one route").optional(),
  quiet: quiet.nullable().default(null),
  /** When what was kept back is told. Default: when quiet hours end, else 07:00. */
  digestAt: clock.optional(),
  /** Most messages of one incident on one channel, before the rest goes into the digest. */
  budget: z.int(budgetAllowed).min(2, budgetAllowed).max(100, budgetAllowed).default(6),
  escalation: z.array(step).max(10, "at most 10 steps").default([]),
  /** Which channel takes over from which. */
  fallbacks: z.record(z.string(), text).default({}),
  conditions: conditions.prefault({}),
  ack: z
    .strictObject({
      /** Whether messages have a link by which somebody says that they know. */
      links: z.boolean().default(true),
      linkHours: z
        .int("whole hours from 1 to 720")
        .min(1, "whole hours from 1 to 720")
        .max(720, "whole hours from 1 to 720")
        .default(72),
    })
    .prefault({}),
};

export type RoutingConfig = z.output<z.ZodObject<typeof routingShape>>;

/** Names that are no channel's, digests for machines, circles of fallbacks, and digests that nobody would get in time. */
export function checkRouting(alerts: RoutingConfig, context: z.RefinementCtx): void {
  checkNames(alerts, context);
  checkTimes(alerts, context);
}

/** Quiet hours without an end, and a digest in the middle of them: what is held back after it would wait for the next night's. */
function checkTimes({ quiet, digestAt }: RoutingConfig, context: z.RefinementCtx): void {
  if (quiet === null) return;
  const { from, to } = quiet;
  const refuse = (path: string[], message: string) => context.addIssue({ code: "custom", path, message });
  if (from === to) {
    refuse(["quiet", "to"], "another time than quiet.from: the whole day would be quiet");
    return;
  }
  if (digestAt === undefined) return;
  const isInside = from < to ? digestAt >= from && digestAt < to : digestAt >= from || digestAt < to;
  if (isInside)
    refuse(
      ["digestAt"],
      `a time outside of quiet hours, which last from ${sayClock(from)} to ${sayClock(to)}`,
    );
}

function sayClock(minutes: number): string {
  const two = (part: number) => String(part).padStart(2, "0");
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

function checkNames(alerts: RoutingConfig, context: z.RefinementCtx): void {
  const ids = alerts.channels.map(({ id }) => id);
  const allowed = ids.length === 0 ? "an id in alerts.channels, which is empty" : `one of ${ids.join(", ")}`;
  const check = (path: (string | number)[], name: string) => {
    if (!ids.includes(name)) context.addIssue({ code: "custom", path, message: allowed });
  };
  for (const key of ["routes", "escalation"] as const) {
    for (const [index, { to }] of (alerts[key] ?? []).entries())
      for (const [at, name] of to.entries()) check([key, index, "to", at], name);
  }
  const isMachine = (name: string) =>
    machineKinds.includes(alerts.channels.find(({ id }) => id === name)?.kind ?? "");
  for (const [from, to] of Object.entries(alerts.fallbacks)) {
    check(["fallbacks", from], from);
    check(["fallbacks", from], to);
    // A machine reads no digest, and people get theirs after quiet hours and within a budget.
    if (isMachine(from) !== isMachine(to))
      context.addIssue({
        code: "custom",
        path: ["fallbacks", from],
        message: `a channel for ${isMachine(from) ? `machines (${machineKinds.join(", ")})` : "people"}, as the first is`,
      });
    if (isCircle(from, alerts.fallbacks))
      context.addIssue({
        code: "custom",
        path: ["fallbacks", from],
        message: "a channel from which no fallback leads back to this one",
      });
  }
}

const machineKinds = ["webhook", "alertmanager"];

function isCircle(from: string, fallbacks: Readonly<Record<string, string>>): boolean {
  const seen = new Set<string>();
  for (let at = fallbacks[from]; at !== undefined; at = fallbacks[at]) {
    if (at === from) return true;
    if (seen.has(at)) return false;
    seen.add(at);
  }
  return false;
}
