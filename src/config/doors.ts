import { z } from "zod";
import { parseTraps } from "#wire/agent-config-v1.ts";
import type { TrapsV1 } from "#wire/agent-config-v1.ts";
import { WireError } from "#wire/wire-error.ts";
import { text } from "./fields.ts";

/** Files in PEM, relative to the configuration. They are read again when they change. */
export const tls = z
  .strictObject({
    cert: text,
    key: text,
    /** Certificates that signed `cert`, where they are not in it. */
    ca: text.optional(),
    /** Authorities whose certificates clients may show. */
    clientCa: text.optional(),
    /** Who has to show one. Default: agents where there is a clientCa, else none. */
    requireClientCert: z.enum(["agents", "all", "none"]).optional(),
  })
  .superRefine(({ clientCa, requireClientCert = "none" }, context) => {
    if (clientCa !== undefined || requireClientCert === "none") return;
    const message = `none, or a clientCa beside it`;
    context.addIssue({ code: "custom", path: ["requireClientCert"], message });
  })
  .transform((given) => ({
    ...given,
    requireClientCert: given.requireClientCert ?? (given.clientCa === undefined ? "none" : "agents"),
  }));

/** What is left out takes the defaults here; what is there is judged by the rules of the wire. */
export const traps = z
  .strictObject({
    /** UDP address and port on which every agent hears SNMP traps and informs. */
    address: z.unknown().default("0.0.0.0"),
    port: z.unknown().default(162),
    communities: z.unknown().default([]),
    users: z.unknown().default([]),
    /** Who is heard beside the agent's own SNMP targets. */
    sources: z.unknown().default([]),
    /** Most events a minute from one source. */
    perMinute: z.unknown().default(30),
  })
  .transform((given, context): TrapsV1 => {
    try {
      return parseTraps("", given);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      const path = error.field.split(/[.[\]]+/).filter((part) => part !== "");
      context.addIssue({
        code: "custom",
        path: path.map((part) => (/^\d+$/.test(part) ? Number(part) : part)),
        message: error.allowed,
      });
      return z.NEVER;
    }
  });
