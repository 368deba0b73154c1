import { z } from "@hono/zod-openapi";
import { perceivedSeverities } from "../report/tmf-alarm.ts";
import { ticketStatuses } from "../state/partner-store.ts";
import { attributesOf, timeAllowed } from "./tmf-filter.ts";

/* What TMF642 and TMF621 v4 say, as far as it is spoken here. */

const time = z.iso.datetime();

export const tmfAlarm = z
  .object({
    id: z.string().regex(/^\d+$/).openapi({ description: "Digits." }),
    href: z.string(),
    externalAlarmId: z.string().openapi({ description: "The outage's id under /api/v1/partner." }),
    alarmType: z.enum(["communicationsAlarm", "environmentalAlarm"]),
    perceivedSeverity: z.enum(perceivedSeverities),
    probableCause: z.enum(["lossOfSignal", "commercialPowerFailure", "unavailable"]),
    specificProblem: z.string(),
    state: z.enum(["raised", "updated", "cleared"]),
    ackState: z.enum(["acknowledged", "unacknowledged"]),
    ackUserId: z.string().optional(),
    ackSystemId: z.string().optional(),
    alarmRaisedTime: time,
    alarmReportingTime: time,
    alarmChangedTime: time,
    alarmClearedTime: time.optional(),
    alarmDetails: z.string(),
    alarmedObject: z.object({ id: z.string().openapi({ description: "Id of the link." }) }),
    alarmedObjectType: z.string(),
    sourceSystemId: z.string(),
    reportingSystemId: z.string(),
    serviceAffecting: z.boolean(),
    isRootCause: z.boolean(),
    plannedOutageIndicator: z.enum(["InService", "OutOfService"]),
    place: z.array(z.object({ id: z.string(), name: z.string(), role: z.string() })),
    comment: z.array(z.object({ comment: z.string(), userId: z.string(), systemId: z.string(), time })),
    "@type": z.literal("Alarm"),
  })
  .openapi("TmfAlarm");

export const alarmAttributes = attributesOf(tmfAlarm);

const patterns = z
  .array(z.record(z.string(), z.unknown()), { error: "a list of patterns" })
  .min(1, { error: "at least one pattern" })
  .max(100, { error: "at most 100 patterns" })
  .openapi({
    description: "An alarm is meant when all attributes of any of these are equal to its own.",
    example: [{ id: "12" }],
  });
const nameAllowed = "1 to 100 characters";
const name = z
  .string({ error: nameAllowed })
  .trim()
  .min(1, { error: nameAllowed })
  .max(100, { error: nameAllowed });
const commentAllowed = "1 to 2000 characters";

/** Members that say what a document is, as generated clients send them. */
const markers = {
  "@type": z.string().optional(),
  "@baseType": z.string().optional(),
  "@schemaLocation": z.string().optional(),
};
const unread = {
  description: "TM Forum's; taken, and not read: the moment and the state of the request count.",
};

export const ackTask = z
  .strictObject({
    ackSystemId: name,
    ackUserId: name,
    ackTime: z.string().optional().openapi(unread),
    state: z.string().optional().openapi(unread),
    alarmPattern: patterns,
    ...markers,
  })
  .openapi("TmfAckAlarms");
export const commentTask = z
  .strictObject({
    comment: z.strictObject({
      comment: z
        .string({ error: commentAllowed })
        .trim()
        .min(1, { error: commentAllowed })
        .max(2_000, { error: commentAllowed }),
      systemId: name.optional(),
      userId: name.optional(),
      time: z.string().optional().openapi(unread),
      ...markers,
    }),
    state: z.string().optional().openapi(unread),
    alarmPattern: patterns,
    ...markers,
  })
  .openapi("TmfCommentAlarms");

const reference = z.object({ id: z.string(), href: z.string(), "@type": z.literal("Alarm") });
export const taskDone = (alarms: string) =>
  z.object({ id: z.string(), state: z.literal("done"), [alarms]: z.array(reference) });

export const hubInput = z
  .strictObject({
    callback: z.string({ error: "an address" }).openapi({ description: "Where notifications go: https." }),
    query: z.string().optional().openapi({
      description: "Which: eventType=…, several with &. Default: all.",
      example: "eventType=AlarmCreateEvent&eventType=AlarmStateChangeEvent",
    }),
    ...markers,
  })
  .openapi("TmfEventSubscriptionInput");
export const hubRow = z
  .object({
    id: z.string(),
    callback: z.string(),
    query: z.string(),
    disabled: time
      .optional()
      .openapi({ description: "Since when nothing is delivered. Registered again, it goes on." }),
    disabledReason: z.string().optional(),
  })
  .openapi("TmfEventSubscription");

export const tmfTicket = z
  .object({
    id: z.string().regex(/^\d+$/).openapi({ description: "That of its alarm." }),
    href: z.string(),
    externalId: z.string().openapi({ description: "Your own number." }),
    description: z.string(),
    severity: z.string(),
    ticketType: z.string(),
    status: z.enum(ticketStatuses),
    creationDate: time,
    lastUpdate: time,
    resolutionDate: time.optional(),
    relatedEntity: z.array(
      z.object({ id: z.string(), href: z.string(), role: z.string(), "@referredType": z.string() }),
    ),
    "@type": z.literal("TroubleTicket"),
  })
  .openapi("TmfTroubleTicket");

const ticketFields = {
  externalId: name,
  description: z
    .string({ error: commentAllowed })
    .trim()
    .min(1, { error: commentAllowed })
    .max(2_000, { error: commentAllowed }),
  severity: name,
  ticketType: name,
  status: z.enum(ticketStatuses, { error: `one of ${ticketStatuses.join(", ")}` }),
  resolutionDate: z
    .string({ error: `${timeAllowed}, or null` })
    .nullable()
    .openapi({
      format: "date-time",
      description:
        "When it ended by your account: not to come, and at most 31 days before it was measured. RFC 3339.",
    }),
};
const relatedAllowed = 'one alarm: {"id": "12", "@referredType": "Alarm"}';

/** What a ticket of ours has no place for (note, priority …) is refused and not lost without a word. */
export const ticketInput = z
  .strictObject({
    ...ticketFields,
    status: ticketFields.status.default("acknowledged"),
    resolutionDate: ticketFields.resolutionDate.optional(),
    relatedEntity: z
      .array(
        z.strictObject({
          id: z.string({ error: relatedAllowed }).openapi({ description: "Id of the alarm.", example: "12" }),
          "@referredType": z.literal("Alarm", { error: relatedAllowed }).optional(),
          href: z.string().optional(),
          role: z.string().optional(),
          name: z.string().optional(),
          ...markers,
        }),
        { error: relatedAllowed },
      )
      .length(1, { error: relatedAllowed }),
    ...markers,
  })
  .openapi("TmfTroubleTicketCreate");

export const ticketChange = z
  .strictObject({ ...ticketFields, ...markers })
  .partial()
  .openapi("TmfTroubleTicketUpdate");

export const tmfError = z
  .object({
    code: z.string(),
    reason: z.string(),
    message: z.string(),
    status: z.string(),
    "@type": z.literal("Error"),
  })
  .openapi("TmfError", { description: "TMF630, in place of a problem document." });
