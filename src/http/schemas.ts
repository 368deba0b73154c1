import { z } from "@hono/zod-openapi";
import { kinds } from "#wire/rounds-v1.ts";
import { auditActions } from "../state/audit.ts";
import { agentKinds, clockSources } from "../state/state-store.ts";
import { roles, siteKinds, technologies } from "../inventory/inventory.ts";
import { repeats } from "../inventory/maintenance.ts";
import { causes, siteStates } from "../outage/table.ts";
import { scopes } from "../state/state-store.ts";

/* The rows of the API, as /openapi.json describes them. Times are RFC 3339 in UTC; units are in the names. */

export const time = z.iso.datetime();
export const nullableTime = time.nullable();
const state = z.enum(siteStates);
const cause = z.enum(causes).nullable();

const standing = {
  state,
  stateText: z.string(),
  since: nullableTime,
  cause,
  causeText: z.string().nullable(),
};

export const siteRow = z
  .object({
    site: z.string(),
    name: z.string(),
    kind: z.enum(siteKinds),
    parent: z.string().nullable(),
    pathParent: z.string().nullable().openapi({ description: "The site through which its uplink runs." }),
    latitude: z.number(),
    longitude: z.number(),
    ...standing,
    confidence: z.string().nullable(),
    root: z.string().nullable().openapi({ description: "Where the fault lies: a site or service:<id>." }),
    outage: z.string().nullable(),
    suspected: z.object({ since: time, root: z.string() }).nullable().openapi({
      description:
        "Held for cut off by signs that are too weak for its state, which stays what was measured.",
    }),
    links: z.array(
      z.object({
        id: z.string(),
        provider: z.string(),
        technology: z.enum(technologies),
        circuitId: z.string().nullable(),
        ...z.object(standing).partial().shape,
      }),
    ),
    agent: z.object({ id: z.string(), lastSeen: nullableTime }).nullable(),
    sites: z.int().openapi({ description: "Sites below it." }),
    cut: z.int().openapi({ description: "Of these, down or unreachable." }),
    services: z.array(z.object({ service: z.string(), ...standing })),
  })
  .openapi("Site");

export const mapRow = z
  .object({
    site: z.string(),
    name: z.string(),
    kind: z.enum(siteKinds),
    parent: z.string().nullable(),
    latitude: z.number(),
    longitude: z.number(),
    ...standing,
    value: z.int().openapi({ description: "The state as a number, by severity; see /states." }),
    cut: z.int(),
    sites: z.int(),
    rtt_ms: z.number().nullable().openapi({ description: "Median of the last hour on the way up." }),
    loss_ratio: z.number().nullable(),
  })
  .openapi("MapSite");

export const targetRow = z
  .object({
    target: z.string(),
    site: z.string(),
    id: z.string(),
    name: z.string().openapi({ description: "Site and role in words, for menus." }),
    kind: z.enum(kinds),
    role: z.enum(roles),
    roleText: z.string(),
    intervalS: z.number(),
    service: z.string().nullable(),
    of: z.string().nullable(),
  })
  .openapi("Target");

export const seriesRow = z
  .object({ time, target: z.string(), site: z.string() })
  .catchall(z.number().nullable())
  .openapi("SeriesRow", { description: "One column for each metric that was asked for." });

export const smokeRow = z
  .object({
    time,
    target: z.string(),
    p0: z.number().nullable(),
    p10: z.number().nullable(),
    p25: z.number().nullable(),
    median: z.number().nullable(),
    p75: z.number().nullable(),
    p90: z.number().nullable(),
    p100: z.number().nullable(),
    loss_ratio: z.number().nullable(),
    sent: z.int(),
    received: z.int(),
  })
  .openapi("SmokeRow", { description: "Round-trip times in ms." });

export const stateRow = z
  .object({
    time,
    site: z.string(),
    link: z.string().optional().openapi({ description: "The link that was asked for." }),
    name: z.string(),
    state,
    stateText: z.string(),
    cause,
    causeText: z.string().nullable(),
    value: z.int().openapi({
      description: "up 0, degraded 1, maintenance 2, off 3, unknown 4, unreachable 5, down 6.",
    }),
  })
  .openapi("StateRow");

export const outageRow = z
  .object({
    id: z.string(),
    site: z.string(),
    name: z.string(),
    link: z.string().nullable().openapi({ description: "The link that was cut, where one can be named." }),
    ofLink: z.boolean().openapi({
      description: "The row tells of one link of a site that has several; the site itself may have been up.",
    }),
    service: z.string().nullable(),
    start: time,
    end: nullableTime,
    durationS: z.int().openapi({ description: "Until now while it lasts." }),
    cause: z.enum(causes),
    causeText: z.string(),
    confidence: z.string(),
    confidenceText: z.string(),
    evidence: z.array(
      z.object({
        fact: z.string(),
        target: z.string().nullable(),
        detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
        speaks: z
          .enum(["for", "against"])
          .nullable()
          .openapi({ description: "Of the cause; null: it goes with this one as with others." }),
        text: z.string(),
      }),
    ),
    evidenceText: z.string(),
    root: z.string(),
    rootName: z.string(),
    incident: z.string(),
    revision: z.int(),
    knownAt: time,
    withdrawn: z.boolean(),
    provisional: z.boolean().openapi({
      description:
        "Suspected at this moment, by weak signs or long silence: it is in no table, and asOf never shows it.",
    }),
  })
  .openapi("Outage");

export const incidentRow = z
  .object({
    id: z.string(),
    root: z.string(),
    rootName: z.string(),
    start: time,
    end: nullableTime,
    durationS: z.int(),
    cause: z.enum(causes),
    causeText: z.string(),
    sites: z.array(z.string()),
    siteCount: z.int(),
    outages: z.int(),
    provisional: z.boolean().openapi({ description: "All of its outages are." }),
  })
  .openapi("Incident");

export const serviceRow = z
  .object({
    id: z.string(),
    name: z.string(),
    url: z.string(),
    control: z.string(),
    controlName: z.string(),
    ...standing,
    sites: z.int().openapi({ description: "Sites that check it." }),
    cut: z.int().openapi({ description: "Of these, unable to reach it now." }),
  })
  .openapi("Service");

const ratio = z.number().nullable();

const byCauseS = z.partialRecord(z.enum(causes), z.int());

export const availabilityRow = z
  .object({
    time: time.openapi({ description: "Start of the window, or of the step." }),
    timeEnd: time,
    group: z.string(),
    name: z.string(),
    sites: z.int().openapi({ description: "Places that check the service." }),
    outages: z.string().nullable().openapi({
      description: "Where the outages behind these figures are; null for providers, which share sites.",
      example: "/api/v1/outages?site=64.08.05.2001&from=2026-09-30T16:00:00Z&to=2026-10-31T16:00:00Z",
    }),
    windowS: z.int(),
    availableS: z.int(),
    unavailableS: z.int(),
    notMeasuredS: z.int(),
    expectedOffS: z
      .int()
      .openapi({ description: "Without power outside of the hours of supply; not part of any ratio." }),
    observedS: z.int(),
    byCause: byCauseS.openapi({ description: "Seconds; they sum to unavailableS." }),
    networkOnlyS: z.int().openapi({
      description:
        "The way there was cut, and the service was not out; with serviceOnlyS, bothS and unexplainedS it is unavailableS.",
    }),
    serviceOnlyS: z.int(),
    bothS: z.int().openapi({
      description: "Both at once: it takes both to be spared these. byCause has them under service.",
    }),
    unexplainedS: z.int(),
    networkShareLowerRatio: ratio.openapi({ description: "networkOnlyS / unavailableS." }),
    networkShareUpperRatio: ratio.openapi({
      description: "The most that may have been the network's: all but serviceOnlyS.",
    }),
    availabilityRatio: ratio,
    worstRatio: ratio,
    bestRatio: ratio,
    networkUpRatio: ratio.openapi({
      description: "Had the network been up, if all that is not explained was the network's.",
    }),
    networkUpLowerRatio: ratio.openapi({ description: "The same if none of it was." }),
    serviceUpRatio: ratio.openapi({ description: "Had the service itself never been out." }),
    coverageRatio: ratio,
    meanRatio: ratio.openapi({ description: "Plain mean of the places' own availability." }),
    worstTenthRatio: ratio.openapi({ description: "The same of the tenth that fared worst." }),
    people: z
      .object({
        inhabitants: z.int(),
        villages: z.int(),
        unknownVillages: z.int().openapi({ description: "Left out: their inhabitants are not known." }),
        observedPersonS: z.int(),
        unavailablePersonS: z.int(),
        notMeasuredPersonS: z.int(),
        byCausePersonS: byCauseS.openapi({ description: "They sum to unavailablePersonS." }),
        networkOnlyPersonS: z.int(),
        availabilityRatio: ratio,
        worstRatio: ratio,
        bestRatio: ratio,
        networkUpRatio: ratio,
        networkUpLowerRatio: ratio,
      })
      .nullable()
      .openapi({ description: "By inhabitants, in person-seconds; null where nobody's number is known." }),
  })
  .openapi("Availability");

const account = z
  .object({
    windowS: z.int(),
    upS: z.int(),
    downS: z.int(),
    notMeasuredS: z.int(),
    expectedOffS: z.int().openapi({ description: "Outside the hours of supply." }),
    maintenanceS: z.int().openapi({ description: "Announced work that was taken out." }),
    byCause: z.partialRecord(z.enum(causes), z.int()).openapi({ description: "Seconds; they sum to downS." }),
    availabilityRatio: ratio,
    worstRatio: ratio,
    bestRatio: ratio,
    coverageRatio: ratio,
    outages: z.int().openapi({ description: "Those that begin in the window." }),
    repaired: z.int().openapi({ description: "Of these, those that have ended." }),
    repairS: z.int().openapi({ description: "How long these lasted together, also beyond the window." }),
    mttrS: z.number().nullable().openapi({ description: "repairS / repaired." }),
    mtbfS: z.number().nullable().openapi({ description: "upS / outages + mttrS." }),
  })
  .openapi("Account");

export const accountRow = z
  .object({
    group: z.string(),
    name: z.string(),
    withMaintenance: account.openapi({ description: "Announced work counts as what was measured in it." }),
    withoutMaintenance: account.openapi({ description: "Announced work is taken out." }),
  })
  .openapi("AccountRow");

const rounds = {
  producedRounds: z.int(),
  storedRounds: z.int(),
  thinnedRounds: z.int(),
  lostRounds: z.int(),
  openRounds: z.int(),
};
const ranges = z.array(z.object({ fromSeq: z.int(), toSeq: z.int() }));

/** What the agent says of itself beside its account. */
const sayings = {
  backlog: z.object({ rounds: z.int(), oldestMs: z.int().nullable(), time }).nullable().openapi({
    description:
      "What waited in the agent's spool when it last said so: rounds, the age of the oldest then, and when that was.",
  }),
  sentBytes: z.int().nullable().openapi({ description: "On the wire, since enrolment." }),
  clockUncertaintyMs: z
    .int()
    .nullable()
    .openapi({ description: "How wrong the times of its present boot may be, ms." }),
  monthBytes: z.int().nullable().openapi({ description: "Of these, in this month (UTC)." }),
};

export const agentRow = z
  .object({
    id: z.string(),
    site: z.string(),
    name: z.string(),
    kind: z.enum(agentKinds).openapi({
      description: "telegraf: numbers nothing, so that lastSeq is null and the rounds are not counted.",
    }),
    hardware: z.string(),
    version: z.string(),
    enrolled: time,
    revoked: nullableTime,
    rotateAsked: nullableTime.openapi({ description: "A new key was asked for, and not taken yet." }),
    lastSeen: nullableTime,
    lastSeq: z.int().nullable(),
    ...z.object(rounds).partial().shape,
    ...z.object(sayings).partial().shape,
    inconsistent: z.boolean().optional().openapi({
      description: "Whether numbers of the agent's could not be; its ledger says which.",
    }),
  })
  .openapi("Agent");

const declared = { time, from: nullableTime, to: nullableTime, rounds: z.int() };
const said = { producedRounds: z.int(), thinnedRounds: z.int(), lostRounds: z.int() };

export const ledgerBody = z
  .object({
    agent: z.string(),
    lastSeq: z.int(),
    stored: ranges.openapi({ description: "Seqs of batches, the newest 1,000 ranges." }),
    holes: ranges.openapi({ description: "Seqs between them that have not arrived." }),
    ...rounds,
    thinned: z
      .array(z.object({ ...declared, summaries: z.int(), stepS: z.int().nullable() }))
      .openapi({ description: "Rounds that the spool merged into summaries, as declared." }),
    lost: z
      .array(z.object({ ...declared, reason: z.string().nullable() }))
      .openapi({ description: "Rounds that the spool gave up, as declared." }),
    ...sayings,
    months: z.array(z.object({ month: z.string(), bytes: z.int() })),
    clocks: z
      .array(
        z.object({
          hostBoot: z.string(),
          source: z.enum(clockSources),
          uncertaintyMs: z.int(),
          booted: time,
          bootUncertaintyMs: z.int(),
          last: time,
        }),
      )
      .openapi({
        description:
          "The machine's boots, the latest last: how their clocks were placed in time, and how wrong that may be. exchange and synced: by the batches themselves; anchor, arrival: by what else is known of the boot; between: never connected.",
      }),
    inconsistent: z
      .object({
        time,
        seq: z.int(),
        what: z.enum(["sum", "produced", "thinned", "lost"]),
        said: z.object(said),
        known: z.object({ ...said, lastSeq: z.int(), storedRounds: z.int() }),
      })
      .nullable()
      .openapi({
        description:
          "The last numbers of the agent that could not be. sum: fewer produced than stored, thinned and lost; else the count that went backwards.",
      }),
  })
  .openapi("Ledger", { description: "producedRounds = stored + thinned + lost + open." });

export const ledgerLists = ledgerBody
  .pick({ agent: true, holes: true, thinned: true, lost: true, months: true, clocks: true })
  .openapi("LedgerLists");

export const keyRow = z
  .object({
    id: z.string(),
    name: z.string(),
    prefix: z.string(),
    scopes: z.array(z.enum(scopes)),
    provider: z
      .string()
      .nullable()
      .openapi({ description: "Whose links a key with the scope partner is for." }),
    created: time,
    expires: nullableTime.openapi({ description: "From then on it is refused." }),
    replacedBy: z.string().nullable().openapi({ description: "Id of the key that took its place." }),
    revoked: nullableTime,
  })
  .openapi("ApiKey");

export const maintenanceRow = z
  .object({
    id: z.string(),
    site: z.string().nullable(),
    link: z.string().nullable(),
    provider: z.string().nullable(),
    subtree: z.string().nullable(),
    service: z.string().nullable(),
    from: time,
    to: time,
    repeat: z.enum(repeats).nullable(),
    until: nullableTime.openapi({ description: "Nothing of it lies at or after this." }),
    reason: z.string(),
    author: z.string(),
    source: z.enum(["file", "api"]).openapi({ description: "file: maintenance.yaml of the inventory." }),
    knownAt: time,
    windows: z
      .array(z.object({ from: time, to: time }))
      .openapi({ description: "Those that touch the range." }),
  })
  .openapi("Maintenance");

export const tokenRow = z
  .object({
    id: z.string(),
    prefix: z.string(),
    site: z.string(),
    kind: z.enum(agentKinds),
    expires: time,
    used: nullableTime,
    usedBy: z.string().nullable().openapi({ description: "The agent that it became." }),
    revoked: nullableTime,
  })
  .openapi("EnrolToken");

export const auditRow = z
  .object({
    id: z.int(),
    time,
    actor: z.string().openapi({
      description: "Id of a key or agent; `command`: the command line; `nobody`: a stranger.",
    }),
    actorName: z.string(),
    address: z.string().nullable().openapi({ description: "null: on the collector's own machine." }),
    action: z.enum(auditActions),
    subject: z.string(),
    result: z.enum(["done", "refused"]),
    detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  })
  .openapi("AuditEntry");

export const messageRow = z
  .object({
    id: z.string(),
    time,
    channel: z.string(),
    type: z.string(),
    alert: z.string(),
    incident: z.string(),
    payload: z.unknown(),
    attempts: z.int(),
    sent: nullableTime,
    failed: nullableTime,
    nextTry: nullableTime,
    digest: nullableTime.openapi({ description: "It is told in the digest of then." }),
    lastError: z.string().nullable(),
  })
  .openapi("Message");
