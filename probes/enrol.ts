import { renameSync, writeFileSync } from "node:fs";
import { arch, cpus, hostname } from "node:os";
import { join } from "node:path";
import { parseEnrolled } from "#wire/ack-v1.ts";
import type { EnrolledV1, EnrolRequestV1 } from "#wire/ack-v1.ts";
import { agentIdentityFile } from "#wire/agent-identity-v1.ts";
import type { Backoff } from "./backoff.ts";
import type { Log } from "./log.ts";
import { readFailure } from "./outcome.ts";
import type { Store } from "./spool/store.ts";
import type { Transport } from "./transport.ts";
import { pause } from "./waker.ts";

/** The collector knows the token not, or no longer; or there is none. Trying again would change nothing. */
export class EnrolError extends Error {
  readonly code = "enrol.refused";
  constructor(message: string) {
    super(message);
    this.name = "EnrolError";
  }
}

/** Says beside the spool who this agent is, for whoever starts it; never the key. */
export function leaveIdentity(folder: string, { agentId, site }: EnrolledV1): void {
  const path = join(folder, agentIdentityFile);
  // Whole or not at all: a power cut must not leave half of it.
  writeFileSync(`${path}.new`, `${JSON.stringify({ agentId, site })}\n`);
  renameSync(`${path}.new`, path);
}

export interface EnrolDeps {
  store: Store;
  transport: Transport;
  backoff: Backoff;
  log: Log;
  signal: AbortSignal;
}

/** Trades the token for an identity and keeps it. Goes on until the collector can be reached; throws EnrolError when it refuses. */
export async function enrol(request: EnrolRequestV1, deps: EnrolDeps): Promise<EnrolledV1> {
  const { store, transport, backoff, log, signal } = deps;
  for (;;) {
    const result = await tryOnce(request, transport, signal);
    if (typeof result !== "string") {
      const { agentId, key, site } = result;
      store.set("identity", JSON.stringify({ agentId, key, site }));
      log.info({ agent: result.agentId, site: result.site }, "enrolled");
      return result;
    }
    signal.throwIfAborted();
    const waitMs = backoff.nextMs();
    log.warn({ reason: result, waitMs }, "enrolment did not succeed yet");
    await pause(waitMs, signal);
    signal.throwIfAborted();
  }
}

/** The identity, or why there is none yet. */
async function tryOnce(
  request: EnrolRequestV1,
  transport: Transport,
  signal: AbortSignal,
): Promise<EnrolledV1 | string> {
  try {
    const response = await transport.send({
      method: "POST",
      path: "/api/v1/agents/enrol",
      headers: { "content-type": "application/json" },
      body: Buffer.from(JSON.stringify(request)),
      timeoutMs: 30_000,
      signal,
      // The token is good once: a repetition would find it used.
      fresh: true,
    });
    if (response.status === 200) return readEnrolled(response.body);
    const failure = readFailure(response);
    if (failure.kind === "denied" || failure.kind === "refused") {
      throw new EnrolError(`the collector refused the enrolment: ${failure.reason}`);
    }
    return failure.reason;
  } catch (error) {
    if (error instanceof EnrolError) throw error;
    return (error as Error).message;
  }
}

/** The answer has the key in it: what is wrong with it is said without repeating any of it. */
function readEnrolled(body: string): EnrolledV1 {
  try {
    return parseEnrolled(JSON.parse(body));
  } catch {
    throw new Error("answered 200 without an agent's id, key and site");
  }
}

/** What the collector shows about the machine: name, architecture, processor. */
export function describeHardware(): string {
  return `${hostname()} ${arch()} ${cpus()[0]?.model ?? ""}`.trim().slice(0, 200);
}
