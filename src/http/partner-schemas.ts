import { z } from "@hono/zod-openapi";
import { technologies } from "../inventory/inventory.ts";
import { siteStates } from "../outage/table.ts";
import { partnerCauses, partnerFaults, partnerChangeTypes, ticketStatuses } from "../state/partner-store.ts";

/* Rows of the partner surface, as /openapi.json describes them. */

const time = z.iso.datetime();
const nullableTime = time.nullable();

const monthRow = z.object({
  from: time,
  to: time,
  availabilityRatio: z.number().nullable().openapi({ description: "Of the measured time." }),
  worstRatio: z.number().nullable(),
  bestRatio: z.number().nullable(),
  coverageRatio: z.number().nullable(),
  upS: z.int(),
  downS: z.int(),
  notMeasuredS: z.int(),
  expectedOffS: z.int(),
  maintenanceS: z.int(),
  outages: z.int(),
  mttrS: z.number().nullable(),
  mtbfS: z.number().nullable(),
});

export const partnerLinkRow = z
  .object({
    link: z.string(),
    circuitId: z.string().nullable(),
    technology: z.enum(technologies),
    site: z.string(),
    name: z.string().openapi({ description: "Of the site." }),
    state: z.enum(siteStates),
    stateText: z.string(),
    since: nullableTime,
    month: monthRow.nullable().openapi({
      description:
        "This month so far, by the regency's wall clock, without announced work; of a link that was another's in it, since it is yours. null: nothing tests this link by itself.",
    }),
  })
  .openapi("PartnerLink");

const evidenceRow = z.object({
  fact: z.string(),
  detail: z.record(z.string(), z.number()),
  text: z.string(),
});

const revisionFields = {
  start: time,
  end: nullableTime,
  durationS: z.int().nullable().openapi({ description: "null while it lasts." }),
  atFault: z.enum(partnerFaults).openapi({
    description:
      "own: the link itself · elsewhere: something that it hangs from · power: the supply of its site · maintenance: announced work on it · unknown.",
  }),
  cause: z.enum(partnerCauses),
  causeText: z.string(),
  evidence: z.array(evidenceRow).openapi({ description: "Of the link and its site alone." }),
  revision: z.int(),
  knownAt: time.openapi({ description: "When the collector learned what this revision says." }),
  withdrawn: z.boolean().openapi({ description: "It turned out to be no outage of this link." }),
};

export const partnerRevisionRow = z.object(revisionFields).openapi("PartnerRevision");

export const ticketRow = z
  .object({
    number: z.string(),
    status: z.enum(ticketStatuses),
    description: z.string().nullable(),
    severity: z.string().nullable().openapi({ description: "In your own words, as under TMF621." }),
    type: z.string().nullable(),
    start: nullableTime.openapi({ description: "By the provider's own account." }),
    end: nullableTime,
    made: time,
    changed: time,
    by: z.string(),
  })
  .openapi("PartnerTicket");

const author = {
  by: z.string().openapi({ description: "Name of the key." }),
  user: z.string().nullable().openapi({ description: "Your own person, as you said." }),
  system: z.string().nullable(),
};

export const ackRow = z
  .object({
    at: time,
    ...author,
    note: z.string().nullable(),
  })
  .openapi("PartnerAcknowledgement");

export const partnerOutageRow = z
  .object({
    id: z.string(),
    alarm: z.string().openapi({ description: "Its id under /tmf-api." }),
    link: z.string(),
    circuitId: z.string().nullable(),
    site: z.string(),
    name: z.string(),
    ...revisionFields,
    firstKnownAt: time,
    changedAt: time.openapi({ description: "When anything of it changed last, your own acts included." }),
    acknowledgement: ackRow.nullable(),
    ticket: ticketRow.nullable(),
  })
  .openapi("PartnerOutage");

export const commentRow = z.object({ at: time, ...author, text: z.string() }).openapi("PartnerComment");

export const partnerActsRow = z
  .object({
    provider: z.string(),
    link: z.string(),
    acknowledgement: ackRow.nullable(),
    comments: z.array(commentRow),
    ticket: ticketRow.nullable(),
  })
  .openapi("PartnerActs");

export const partnerDetail = z.object({
  data: partnerOutageRow.extend({ comments: z.array(commentRow), revisions: z.array(partnerRevisionRow) }),
});

export const hookTypes = partnerChangeTypes.filter((type) => type !== "webhook.test");

export const hookRow = z
  .object({
    id: z.string(),
    url: z.string(),
    types: z.array(z.enum(hookTypes)).openapi({ description: "Empty: all." }),
    made: time,
    secrets: z.int().openapi({ description: "How many sign: two while one is being replaced." }),
    disabled: nullableTime,
    disabledReason: z.string().nullable(),
    waiting: z.int().openapi({ description: "Changes that were not delivered yet." }),
    dropped: z.int().openapi({
      description:
        "Changes that waited for more than 30 days while it was disabled, and are not delivered any more.",
    }),
    lastSent: nullableTime,
    lastError: z.string().nullable(),
  })
  .openapi("PartnerWebhook");
