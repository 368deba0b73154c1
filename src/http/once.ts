import { createHash } from "node:crypto";
import type { Context } from "hono";
import type { KeptAnswer, Once, PartnerStore } from "../state/partner-store.ts";
import type { HttpEnv } from "./env.ts";
import { badField, conflict, HttpProblem } from "./problem.ts";

/*
 * Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): a write that is sent again is answered again and done once.
 * The answer is kept in the transaction of the act, so that a crash leaves both or neither, and for 24 hours.
 */

const keyAllowed = 'a name of this request, "8e03978e-…", of 1 to 200 printable characters';

/** Makes what is kept of an answer. */
export type Keep = (status: number, body: object) => Once;

export interface DoOnce {
  /** The answer that is kept, or null where there is none; then `work` is to keep one. */
  (
    c: Context<HttpEnv>,
    provider: string,
    given: unknown,
    work: (keep: Keep) => Promise<KeptAnswer>,
  ): Promise<Response>;
}

export function createOnce(state: Pick<PartnerStore, "keptAnswer">, nowMs: () => number): DoOnce {
  const running = new Set<string>();
  return async (c, provider, given, work) => {
    const key = keyOf(c.req.header("Idempotency-Key"));
    const asked = `${c.req.method} ${c.req.path} ${JSON.stringify(given)}`;
    const fingerprint = createHash("sha256").update(asked).digest("hex");
    const name = `${provider}\n${key}`;
    if (running.has(name)) throw conflict("once.running", "a request with this Idempotency-Key is at work");
    running.add(name);
    try {
      const kept = await state.keptAnswer(provider, key, nowMs());
      if (kept !== null) return send(c, sameRequest(kept, fingerprint));
      const keep: Keep = (status, body) => ({
        provider,
        key,
        fingerprint,
        atMs: nowMs(),
        status,
        body: JSON.stringify(body),
      });
      return send(c, await work(keep));
    } finally {
      running.delete(name);
    }
  };
}

/** The same for writes that may come without a name: then they are done, and `keeps` is false. */
export type DoOnceIfNamed = (
  c: Context<HttpEnv>,
  provider: string,
  given: unknown,
  work: (keep: Keep, keeps: boolean) => Promise<KeptAnswer>,
) => Promise<Response>;

export function createOnceIfNamed(once: DoOnce, nowMs: () => number): DoOnceIfNamed {
  return async (c, provider, given, work) => {
    if (c.req.header("Idempotency-Key") !== undefined)
      return once(c, provider, given, (keep) => work(keep, true));
    const keep: Keep = (status, body) => ({
      provider,
      key: "",
      fingerprint: "",
      atMs: nowMs(),
      status,
      body: JSON.stringify(body),
    });
    return send(c, await work(keep, false));
  };
}

function sameRequest(kept: KeptAnswer, fingerprint: string): KeptAnswer {
  if (kept.fingerprint === fingerprint) return kept;
  throw new HttpProblem({
    status: 422,
    code: "once.other",
    title: "Key was used",
    detail: "this Idempotency-Key came with another request within the last 24 hours",
  });
}

function send(c: Context<HttpEnv>, { status, body }: KeptAnswer): Response {
  return c.body(body, status as 200, { "Content-Type": "application/json", "Cache-Control": "no-store" });
}

/** A quoted string of structured fields, or the same without quotes. */
function keyOf(header: string | undefined): string {
  const [, quoted, bare] =
    /^(?:"([\x20\x21\x23-\x7e]{1,200})"|([\x21\x23-\x7e]{1,200}))$/.exec(header ?? "") ?? [];
  const key = quoted ?? bare;
  if (key !== undefined) return key;
  throw badField(400, [{ field: "Idempotency-Key", value: header?.slice(0, 80), allowed: keyAllowed }]);
}
