import { randomBytes } from "node:crypto";
import { renameSync, writeFileSync } from "node:fs";
import { arch, cpus, hostname } from "node:os";
import { join } from "node:path";
import { parseEnrolled } from "#wire/ack-v1.ts";
import type { EnrolledV1, EnrolRequestV1 } from "#wire/ack-v1.ts";
import { agentIdentityFile } from "#wire/agent-identity-v1.ts";
import type { Backoff } from "./backoff.ts";
import type { Log } from "./log.ts";
import { readFailure } from "./outcome.ts";
import { DocumentError } from "./spool/documents.ts";
import { isDiskFull } from "./spool/spool-error.ts";
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

/**
 * Trades the token for an identity and keeps it. Goes on until the collector can be reached and the disk takes what it
 * says; throws EnrolError when it refuses. The token is good once, and the answer may be lost on the way, or with the
 * power before it is on the disk: the nonce, which is on the disk before anything is sent, lets the collector tell this
 * agent that asks again from another one.
 */
export async function enrol(request: Omit<EnrolRequestV1, "nonce">, deps: EnrolDeps): Promise<EnrolledV1> {
  const { store, transport, backoff, log, signal } = deps;
  for (;;) {
    const result = await unlessFull(async () => {
      const answer = await tryOnce({ ...request, nonce: nonceOf(store) }, transport, signal);
      if (typeof answer !== "string") store.set("identity", JSON.stringify(answer));
      return answer;
    });
    if (typeof result !== "string") {
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

function nonceOf(store: Store): string {
  const known = knownNonce(store);
  if (known !== null) return known;
  const nonce = randomBytes(16).toString("hex");
  store.set("enrolment", nonce);
  return nonce;
}

/** Null also where it is damaged: then the token may be spent, and the collector says so. */
function knownNonce(store: Store): string | null {
  try {
    return store.get("enrolment");
  } catch (error) {
    if (error instanceof DocumentError) return null;
    throw error;
  }
}

async function unlessFull<T>(work: () => Promise<T>): Promise<T | string> {
  try {
    return await work();
  } catch (error) {
    if (!isDiskFull(error)) throw error;
    return `the disk is full: ${(error as Error).message}`;
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
      // Not on a connection that may be dead: saying it twice makes a key that nobody uses.
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
