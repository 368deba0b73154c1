import { z } from "@hono/zod-openapi";
import { kinds, phases, snmpFailures, unsentReasons } from "#wire/rounds-v1.ts";

/* Shapes of wire/ as /openapi.json describes them. What is checked is wire/batch-v1.ts. */

const ok = z.array(z.union([z.literal(0), z.literal(1)]));
const whole = z.array(z.int());
const ms = z.array(z.number().nullable());
const base = {
  target: z.string(),
  monoMs: whole.openapi({ description: "First absolute, then differences; ms of the machine's clock." }),
  merged: whole.optional().openapi({ description: "Rounds merged into each by a full spool. With spanMs." }),
  spanMs: whole
    .optional()
    .openapi({ description: "From the start of the first of the merged to that of the last, ms." }),
};

const roundColumns = z.discriminatedUnion("kind", [
  z.strictObject({
    ...base,
    kind: z.literal("icmp"),
    sent: whole,
    recv: whole,
    rttUs: whole.openapi({
      description:
        "Every reply, flat: recv[i] values for round i, ascending; µs. Of merged ones min, quartiles, max.",
    }),
    unsent: z
      .array(z.enum(unsentReasons).nullable())
      .optional()
      .openapi({ description: "Why echoes were not sent. Left out where all cells would be null." }),
    lossRun: z
      .array(z.int().nullable())
      .optional()
      .openapi({ description: "Longest run of lost echoes, where sent and recv leave it open." }),
  }),
  z.strictObject({
    ...base,
    kind: z.literal("snmp"),
    ok,
    values: z.record(z.string(), z.array(z.union([z.number(), z.string(), z.null()]))),
    why: z
      .array(z.enum(snmpFailures).nullable())
      .optional()
      .openapi({ description: "What kept the poll from being whole." }),
  }),
  z.strictObject({
    ...base,
    kind: z.literal("http"),
    ok,
    phase: z.array(z.enum(phases).nullable()),
    status: z.array(z.int().nullable()),
    dnsMs: ms,
    connectMs: ms,
    tlsMs: ms,
    ttfbMs: ms,
    totalMs: ms,
    certExpiresS: z.array(z.int().nullable()),
    tlsError: z
      .array(z.string().nullable())
      .optional()
      .openapi({ description: "What is wrong with the certificate chain." }),
  }),
  z.strictObject({
    ...base,
    kind: z.literal("dns"),
    ok,
    rcode: z.array(z.string().nullable()),
    totalMs: ms,
  }),
  z.strictObject({
    ...base,
    kind: z.literal("tcp"),
    ok,
    phase: z.array(z.enum(phases).nullable()),
    connectMs: ms,
  }),
]);

export const batchBody = z
  .strictObject({
    v: z.literal(1),
    agent: z.string(),
    boot: z.string(),
    start: z.int().optional().openapi({ description: "Number of this start of the agent: 1, 2, 3 …" }),
    host: z.strictObject({ bootId: z.string(), uptimeS: z.number() }),
    seq: z.int().openapi({ description: "1, 2, 3 … per agent for ever; stored once." }),
    clock: z.strictObject({
      wallMs: z.int(),
      monoMs: z.int(),
      synced: z.boolean(),
      fixes: z.array(z.array(z.number()).length(3)).optional().openapi({
        description:
          "Where the monotonic clock lies in the collector's time, from exchanges with it: [monoMs, serverMs, errorMs], ascending.",
      }),
    }),
    ledger: z.strictObject({
      produced: z.int(),
      thinned: z.int(),
      lost: z.int(),
      waiting: z.int().optional().openapi({ description: "Rounds that are still in the spool." }),
      oldestMs: z.int().optional().openapi({ description: "Age of the oldest of them, ms." }),
      sentBytes: z.int().optional().openapi({ description: "Bytes on the wire since enrolment." }),
    }),
    rounds: z.array(roundColumns),
    events: z.array(
      z.strictObject({
        monoMs: z.int(),
        type: z.string(),
        detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
      }),
    ),
  })
  .openapi("BatchV1");

export const ackBody = z
  .object({
    acked: z.int(),
    serverMs: z.int(),
    configEtag: z.string(),
    backlog: z.enum(["go", "slow"]).openapi({ description: "slow: live batches only, for now." }),
  })
  .openapi("AckV1");

export const enrolRequestBody = z
  .strictObject({
    token: z.string().regex(/^sbe_[0-9A-Za-z]{36}$/),
    nonce: z
      .string()
      .regex(/^[0-9a-f]{32}$/)
      .optional(),
    hardware: z.string().min(1).max(200),
    version: z.string().min(1).max(64),
  })
  .openapi("EnrolRequestV1");

export const enrolledBody = z
  .object({ agentId: z.string(), key: z.string(), site: z.string() })
  .openapi("EnrolledV1");

export const newKeyBody = z.object({ key: z.string() }).openapi("NewAgentKeyV1");

export const configBody = z
  .object({
    v: z.literal(1),
    agent: z.string(),
    site: z.string(),
    serverMs: z.int(),
    reportIntervalS: z.number(),
    dayBytes: z.int().nullable(),
    monthBytes: z.int().nullable(),
    traps: z
      .strictObject({
        address: z.string(),
        port: z.int(),
        communities: z.array(z.string()),
        users: z.array(z.looseObject({ version: z.literal("3"), user: z.string() })),
        sources: z.array(z.string()),
        perMinute: z.int(),
      })
      .nullable()
      .openapi({ description: "Where the agent hears SNMP traps and informs; null: it does not." }),
    rotateKey: z
      .boolean()
      .optional()
      .openapi({ description: "true: ask for a new key at /agent/key, and use it from then on." }),
    targets: z.array(
      z
        .looseObject({ id: z.string(), kind: z.enum(kinds), intervalS: z.number(), timeoutMs: z.int() })
        .openapi({ description: "With the fields of its kind." }),
    ),
  })
  .openapi("AgentConfigV1");
