import { z } from "@hono/zod-openapi";
import { alarmEvents, perceivedSeverities } from "../report/tmf-alarm.ts";
import { partnerChangeTypes } from "../state/partner-store.ts";
import type { Api } from "./open-api.ts";
import { commentRow, hookTypes, partnerOutageRow } from "./partner-schemas.ts";
import { tmfAlarm } from "./tmf-schemas.ts";

/* What the collector sends by itself, as `webhooks` of /openapi.json describe it: to webhooks, and to callbacks of TM Forum's hub. */

const time = z.iso.datetime();

const outageMessage = z
  .object({
    type: z.enum(hookTypes),
    timestamp: time.openapi({ description: "When it changed." }),
    data: partnerOutageRow.extend({
      comment: commentRow.optional().openapi({ description: "With outage.commented." }),
    }),
  })
  .openapi("PartnerOutageMessage");

const testMessage = z
  .object({
    type: z.literal("webhook.test"),
    timestamp: time,
    data: z.object({ message: z.literal("test") }),
  })
  .openapi("PartnerTestMessage");

/** Header fields of Standard Webhooks 1.0.0. */
const signed = z.object({
  "webhook-id": z
    .string()
    .openapi({ param: { description: "The same in each try of a message: drop what you have." } }),
  "webhook-timestamp": z
    .string()
    .openapi({ param: { description: "When this try was signed, seconds since 1970." } }),
  "webhook-signature": z.string().openapi({
    param: {
      description:
        "`v1,` and base64 of HMAC-SHA256 over `webhook-id.webhook-timestamp.body`; two, with a blank between, while a secret is being replaced.",
    },
  }),
});

const alarmMessage = z
  .object({
    eventId: z.string().openapi({ description: "The same in each try of a message: drop what you have." }),
    eventTime: time,
    eventType: z.enum(alarmEvents),
    correlationId: z.string().openapi({ description: "The outage's id under /api/v1/partner." }),
    domain: z.literal("network"),
    title: z.string(),
    description: z.string(),
    priority: z.enum(perceivedSeverities),
    timeOcurred: time.openapi({ description: "Spelt as v4 spells it." }),
    event: z.object({ alarm: tmfAlarm }),
  })
  .openapi("TmfAlarmNotification");

const responses = {
  "2XX": { description: "Taken. It has to come within 15 s." },
  410: { description: "Nothing more is sent to this address." },
  default: { description: "Tried again, by the waits of Standard Webhooks; Retry-After is obeyed." },
};

const summaries: Record<(typeof partnerChangeTypes)[number], string> = {
  "outage.opened": "An outage was found, also one that is over already",
  "outage.updated": "What was measured of an outage was corrected",
  "outage.ended": "An outage is over",
  "outage.reopened": "An outage that was over lasts on",
  "outage.withdrawn": "It turned out to be no outage of this link",
  "outage.acknowledged": "You acknowledged it",
  "outage.unacknowledged": "You took the acknowledgement back",
  "outage.commented": "You commented on it",
  "outage.ticket": "You wrote a ticket on it",
  "webhook.test": "You asked for a test",
};

export function describeMessages({ openAPIRegistry: registry }: Api): void {
  for (const type of partnerChangeTypes)
    registry.registerWebhook({
      method: "post",
      path: type,
      tags: ["partners"],
      summary: summaries[type],
      request: {
        headers: signed,
        body: {
          required: true,
          content: {
            "application/json": { schema: type === "webhook.test" ? testMessage : outageMessage },
          },
        },
      },
      responses,
    });
  for (const type of alarmEvents)
    registry.registerWebhook({
      method: "post",
      path: type,
      tags: ["TMF642"],
      summary: "To callbacks of /hub",
      request: { body: { required: true, content: { "application/json": { schema: alarmMessage } } } },
      responses,
    });
}
