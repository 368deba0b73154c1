import type { Inventory } from "../inventory/inventory.ts";
import { messageIdOf } from "../state/partner-store.ts";
import type {
  PartnerCause,
  PartnerChange,
  PartnerChangeType,
  PartnerComment,
  PartnerHook,
  PartnerRecord,
} from "../state/partner-store.ts";
import { partnerCauseText } from "./partner-rows.ts";
import type { Words } from "./words.ts";

/*
 * A provider's outages as alarms of TMF642 v4: conventions and mapping in docs/decisions/0046. An alarm always has the seven
 * attributes that are mandatory when one is made, with id, href and @type.
 */

export const alarmBase = "/tmf-api/alarmManagement/v4";

export const perceivedSeverities = [
  "critical",
  "major",
  "minor",
  "warning",
  "indeterminate",
  "cleared",
] as const;
type Severity = (typeof perceivedSeverities)[number];

interface AlarmKind {
  alarmType: "communicationsAlarm" | "environmentalAlarm";
  /** Among the probable causes of TMF642, which are those of X.733 and M.3100. */
  probableCause: "lossOfSignal" | "commercialPowerFailure" | "unavailable";
  /** While it lasts, for the link alone: whether its site has another one as well is nobody's business here. */
  severity: Severity;
}

const kinds: Record<PartnerCause, AlarmKind> = {
  link: { alarmType: "communicationsAlarm", probableCause: "lossOfSignal", severity: "critical" },
  rain: { alarmType: "communicationsAlarm", probableCause: "lossOfSignal", severity: "critical" },
  power: { alarmType: "environmentalAlarm", probableCause: "commercialPowerFailure", severity: "minor" },
  elsewhere: { alarmType: "communicationsAlarm", probableCause: "unavailable", severity: "minor" },
  maintenance: { alarmType: "communicationsAlarm", probableCause: "unavailable", severity: "warning" },
  unknown: { alarmType: "communicationsAlarm", probableCause: "unavailable", severity: "critical" },
};

export type TmfAlarm = ReturnType<typeof toAlarm>;

export interface AlarmContext {
  words: Words;
  inventory: Inventory;
  /** What hrefs begin with: address and base path. */
  base: string;
}

export function toAlarm(
  { words, inventory, base }: AlarmContext,
  record: PartnerRecord,
  comments: readonly PartnerComment[],
) {
  const { number, link, site, cause, endMs, withdrawn, acknowledged, firstKnownMs, changedMs } = record;
  const { alarmType, probableCause, severity } = kinds[cause];
  const isOver = endMs !== null || withdrawn;
  const facts = record.evidence.map(({ fact, detail }) => words.fact({ fact, detail, target: null }));
  return {
    id: String(number),
    href: `${base}/alarm/${number}`,
    externalAlarmId: record.id,
    alarmType,
    // X.733: what is over has the severity cleared, and keeps it.
    perceivedSeverity: isOver ? ("cleared" as const) : severity,
    probableCause,
    specificProblem: partnerCauseText(words, cause),
    state: isOver ? ("cleared" as const) : record.revision > 1 ? ("updated" as const) : ("raised" as const),
    ackState: acknowledged === null ? ("unacknowledged" as const) : ("acknowledged" as const),
    ...(acknowledged === null
      ? {}
      : {
          ackUserId: acknowledged.user ?? acknowledged.by,
          ackSystemId: acknowledged.system ?? acknowledged.by,
        }),
    alarmRaisedTime: iso(record.startMs),
    alarmReportingTime: iso(firstKnownMs),
    alarmChangedTime: iso(changedMs),
    ...(isOver ? { alarmClearedTime: iso(endMs ?? record.knownMs) } : {}),
    alarmDetails: facts.join("; "),
    alarmedObject: { id: link },
    alarmedObjectType: "Link",
    sourceSystemId: "sambung",
    reportingSystemId: "sambung",
    // What the provider sells is the link.
    serviceAffecting: true,
    isRootCause: record.atFault === "own",
    plannedOutageIndicator: cause === "maintenance" ? ("OutOfService" as const) : ("InService" as const),
    place: [{ id: site, name: inventory.sites.get(site)?.name ?? site, role: "site" }],
    comment: comments.map(({ atMs, by, user, system, text }) => ({
      comment: text,
      userId: user ?? by,
      systemId: system ?? by,
      time: iso(atMs),
    })),
    "@type": "Alarm" as const,
  };
}

export const alarmEvents = [
  "AlarmCreateEvent",
  "AlarmAttributeValueChangeEvent",
  "AlarmStateChangeEvent",
  "AlarmDeleteEvent",
] as const;
export type AlarmEvent = (typeof alarmEvents)[number];

const eventOf: Record<PartnerChangeType, AlarmEvent | null> = {
  "outage.opened": "AlarmCreateEvent",
  "outage.updated": "AlarmAttributeValueChangeEvent",
  "outage.ended": "AlarmStateChangeEvent",
  "outage.reopened": "AlarmStateChangeEvent",
  "outage.withdrawn": "AlarmDeleteEvent",
  "outage.acknowledged": "AlarmAttributeValueChangeEvent",
  "outage.unacknowledged": "AlarmAttributeValueChangeEvent",
  "outage.commented": "AlarmAttributeValueChangeEvent",
  // An alarm does not tell of tickets.
  "outage.ticket": null,
  "webhook.test": null,
};

/** The body of a notification; null: the hook does not want it, or it is none of alarms. */
export function toAlarmNotification(
  context: AlarmContext,
  hook: PartnerHook,
  { type, record, comment, atMs, seq }: PartnerChange,
): string | null {
  const eventType = eventOf[type];
  if (eventType === null || record === null) return null;
  if (hook.types.length > 0 && !hook.types.includes(eventType)) return null;
  const alarm = toAlarm(context, record, comment === null ? [] : [comment]);
  const title = `${alarm.place[0]!.name}: ${alarm.specificProblem}`;
  return JSON.stringify({
    eventId: messageIdOf(hook.id, seq),
    eventTime: iso(atMs),
    eventType,
    correlationId: record.id,
    domain: "network",
    title,
    description: alarm.alarmDetails,
    priority: alarm.perceivedSeverity,
    timeOcurred: iso(atMs),
    event: { alarm },
  });
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
