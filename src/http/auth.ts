import type { Context, MiddlewareHandler } from "hono";
import { createMiddleware } from "hono/factory";
import { routePath } from "hono/route";
import type { Actor } from "../state/audit.ts";
import { hashKey, isWellFormedKey } from "../state/keys.ts";
import type { AgentRecord, ApiKeyRecord, Scope, StateStore } from "../state/state-store.ts";
import { createClientReader, partitionOf } from "./client.ts";
import type { Client } from "./client.ts";
import type { HttpEnv, HttpLogger } from "./env.ts";
import { HttpProblem, tooManyRequests } from "./problem.ts";
import type { ProblemOptions } from "./problem.ts";
import { createRateLimiter, rateLimitHeaders } from "./rate-limit.ts";
import type { RateLimiter } from "./rate-limit.ts";

/*
 * Who may come in, how often, and what is written down of those who may not. In order: the client's certificate where
 * one is asked for, the key, its rate, its scope. A good key is never held up by what others do from its address: many
 * villages share one.
 */

export interface AdmissionOptions {
  limits: {
    /** Requests a minute with one API key. */
    keyPerMinute: number;
    /** Requests a minute of one agent. */
    agentPerMinute: number;
    /** Requests a minute without a key, from one address. */
    addressPerMinute: number;
    /** Refused keys and tokens a minute, from one address. */
    refusedPerMinute: number;
  };
  /** Proxies whose X-Forwarded-For and -Proto are believed: addresses or CIDR ranges. */
  trustProxy: readonly string[];
  /** Whether agents have to show a certificate of the authority that the server was given. */
  agentsNeedCertificate: boolean;
}

export interface AdmissionDeps extends AdmissionOptions {
  state: Pick<StateStore, "apiKeyByHash" | "agentByKeyHash" | "addAudit">;
  authenticateAgent: (bearer: string, address: string | null) => Promise<AgentRecord | null>;
  nowMs: () => number;
  logger: HttpLogger;
}

export interface Admission {
  client(c: Context<HttpEnv>): Client;
  /** Lets only API keys with the scope pass. `admin` includes `read`. */
  scope(scope: Scope): MiddlewareHandler<HttpEnv>;
  /** Lets only keys with the scope `partner` pass: no other scope includes it. */
  partner: MiddlewareHandler<HttpEnv>;
  /** Lets only agents pass, before a byte of the body is read. */
  agent: MiddlewareHandler<HttpEnv>;
  /** The agent behind a request, for surfaces that take its key in their own way; throws HttpProblem. */
  agentOf(c: Context<HttpEnv>, bearer: string | null): Promise<AgentRecord>;
  /** Counts a body of so many bytes, as it came and expanded, for as many requests of the agent as it is worth. */
  spend(agent: AgentRecord, bytes: number): void;
  /** Lets an agent take new keys for itself now and then: each is a row of the audit log, which nobody can delete. */
  newAgentKey: MiddlewareHandler<HttpEnv>;
  /** For those who have no key yet: not too many wrong tokens from one address. */
  enrolment: MiddlewareHandler<HttpEnv>;
  /** Counts one refusal; throws the refusal, or that there were too many. */
  refuse(c: Context<HttpEnv>, problem: ProblemOptions): never;
  /** Counts a request without a key; throws when there were too many. */
  stranger(c: Context<HttpEnv>): void;
  /** Who does what this request asks for, in the audit log. */
  actor(c: Context<HttpEnv>): Actor;
  /** Writes down an attempt that was refused. */
  noteRefusal(c: Context<HttpEnv>, problem: ProblemOptions): Promise<void>;
}

/**
 * Refused attempts that are written down: strangers must not fill the disk, nor hide others' attempts behind theirs. The
 * rest is counted.
 */
const refusalsNoted = { perMinute: 60, perHourOfOne: 30 };
/**
 * A body counts as one request more for each 128 KiB: to parse 16 MiB takes the processor for some 300 ms, and twenty a second of
 * one box would leave nothing for the others. A full spool of 64 MB is through in a quarter of an hour all the same.
 */
const bytesPerRequest = 131_072;
/** New keys that an agent may take in an hour. It needs one, and another for each answer that is lost. */
const newKeysPerHour = 30;

export function createAdmission(deps: AdmissionDeps): Admission {
  const { state, nowMs, limits } = deps;
  const limiter = (name: string, quota: number) => createRateLimiter({ name, quota, windowS: 60 }, nowMs);
  const byKey = limiter("key", limits.keyPerMinute);
  const byAgent = limiter("agent", limits.agentPerMinute);
  const byAddress = limiter("address", limits.addressPerMinute);
  const refused = limiter("refused", limits.refusedPerMinute);
  const client = createClientReader(deps.trustProxy);
  const newKeys = createRateLimiter({ name: "agent-key", quota: newKeysPerHour, windowS: 3_600 }, nowMs);
  const noteRefusal = createRefusalLog(deps, actor);

  function limit(c: Context<HttpEnv>, by: RateLimiter, partition: string): void {
    const taken = by.take(partition);
    if (!taken.ok) throw tooManyRequests(taken);
    // An agent that is far from its limit is spared 75 bytes an answer on a metered link.
    if (by === byAgent && taken.remaining * 2 > limits.agentPerMinute) return;
    for (const [name, value] of Object.entries(rateLimitHeaders(taken))) c.header(name, value);
  }

  function refuse(c: Context<HttpEnv>, problem: ProblemOptions): never {
    const { address } = client(c);
    if (address !== null) {
      const taken = refused.take(partitionOf(address));
      if (!taken.ok) throw tooManyRequests(taken);
    }
    throw new HttpProblem(problem);
  }

  function actor(c: Context<HttpEnv>): Actor {
    const { address } = client(c);
    const key = c.get("key") as ApiKeyRecord | undefined;
    const agent = c.get("agent") as AgentRecord | undefined;
    if (key !== undefined) return { id: key.id, name: key.name, address };
    if (agent !== undefined) return { id: agent.id, name: agent.site, address };
    return { id: "nobody", name: "", address };
  }

  /** The key of a request that has one; throws otherwise. */
  async function keyOf(c: Context<HttpEnv>): Promise<ApiKeyRecord> {
    const token = bearerOf(c.req.header("Authorization"));
    if (token === null)
      return refuse(c, unauthenticated("an API key is needed: Authorization: Bearer sbk_…", false));
    // The checksum spares the store from guesses and typing mistakes.
    const key = isWellFormedKey(token, "sbk") ? await state.apiKeyByHash(hashKey(token)) : null;
    if (key !== null && !hasExpired(key, nowMs())) return key;
    const isAgent = isWellFormedKey(token, "sba") && (await state.agentByKeyHash(hashKey(token))) !== null;
    if (isAgent) return refuse(c, wrongKind("this is an agent's key; an API key is needed: sbk_…"));
    return refuse(c, unauthenticated("this API key is unknown, or was revoked, or has expired", true));
  }

  async function agentOf(c: Context<HttpEnv>, bearer: string | null): Promise<AgentRecord> {
    requireCertificate(c);
    if (bearer === null)
      return refuse(c, unauthenticated("an agent's key is needed: Authorization: Bearer sba_…", false));
    const agent = isWellFormedKey(bearer, "sba")
      ? await deps.authenticateAgent(bearer, client(c).address)
      : null;
    if (agent === null) {
      const key = isWellFormedKey(bearer, "sbk") ? await state.apiKeyByHash(hashKey(bearer)) : null;
      if (key !== null && !hasExpired(key, nowMs()))
        return refuse(c, wrongKind("this is an API key; an agent's key is needed: sba_…"));
      return refuse(c, unauthenticated("this agent key is unknown or was revoked", true));
    }
    c.set("agent", agent);
    limit(c, byAgent, agent.id);
    return agent;
  }

  function requireCertificate(c: Context<HttpEnv>): void {
    if (!deps.agentsNeedCertificate || client(c).certified) return;
    const detail = "agents have to show a certificate that this collector's clientCa signed";
    refuse(c, { status: 403, code: "auth.certificate", title: "Certificate needed", detail });
  }

  return {
    client,
    actor,
    refuse,
    noteRefusal,
    agentOf,
    scope: (scope) =>
      createMiddleware<HttpEnv>(async (c, next) => {
        try {
          const key = await keyOf(c);
          c.set("key", key);
          limit(c, byKey, key.id);
          if (!key.scopes.includes(scope) && !key.scopes.includes("admin")) refuse(c, lacks(key, scope));
        } catch (error) {
          if (scope !== "read" && error instanceof HttpProblem) await noteRefusal(c, error.options);
          throw error;
        }
        await next();
      }),
    partner: createMiddleware<HttpEnv>(async (c, next) => {
      try {
        const key = await keyOf(c);
        c.set("key", key);
        limit(c, byKey, key.id);
        if (!key.scopes.includes("partner") || key.provider === null) refuse(c, lacks(key, "partner"));
      } catch (error) {
        if (error instanceof HttpProblem) await noteRefusal(c, error.options);
        throw error;
      }
      await next();
    }),
    agent: createMiddleware<HttpEnv>(async (c, next) => {
      await agentOf(c, bearerOf(c.req.header("Authorization")));
      await next();
    }),
    spend: (agent, bytes) => byAgent.spend(agent.id, Math.floor(bytes / bytesPerRequest)),
    newAgentKey: createMiddleware<HttpEnv>(async (c, next) => {
      const taken = newKeys.take(c.get("agent").id);
      if (!taken.ok) throw tooManyRequests(taken);
      await next();
    }),
    enrolment: createMiddleware<HttpEnv>(async (c, next) => {
      requireCertificate(c);
      const { address } = client(c);
      if (address !== null) {
        const left = refused.look(partitionOf(address));
        if (!left.ok) throw tooManyRequests(left);
      }
      await next();
    }),
    stranger(c) {
      const { address } = client(c);
      if (address !== null) limit(c, byAddress, partitionOf(address));
    },
  };
}

/** Writes refused attempts into the audit log, so many at most, and with the next one how many were left out. */
function createRefusalLog(
  { state, nowMs, logger }: AdmissionDeps,
  actor: (c: Context<HttpEnv>) => Actor,
): Admission["noteRefusal"] {
  const { perMinute, perHourOfOne } = refusalsNoted;
  const ofAll = createRateLimiter({ name: "audit", quota: perMinute, windowS: 60 }, nowMs);
  const ofOne = createRateLimiter({ name: "audit-one", quota: perHourOfOne, windowS: 3_600 }, nowMs);
  let leftOut = 0;
  return async (c, { status, code }) => {
    const by = actor(c);
    const one = by.id === "nobody" && by.address !== null ? partitionOf(by.address) : by.id;
    // First whether this one has a share left: only who has it takes of everybody's.
    if (!ofOne.take(one).ok || !ofAll.take("all").ok) {
      leftOut += 1;
      return;
    }
    const detail = { status, code, ...(leftOut === 0 ? {} : { leftOut }) };
    // The route and not the path, into which somebody may have written a key.
    const subject = `${c.req.method} ${routePath(c)}`;
    const entry = { action: "access.refused", subject, result: "refused", detail } as const;
    try {
      await state.addAudit({ timeMs: nowMs(), by, ...entry });
      leftOut = 0;
    } catch (error) {
      // A full disk does not make of a refusal a fault of ours.
      leftOut += 1;
      logger.error({ err: error, requestId: c.get("requestId") }, "a refusal could not be written down");
    }
  };
}

/** The token of `Authorization: Bearer …`; null where there is none. */
function bearerOf(header: string | undefined): string | null {
  return /^Bearer +([^\s]+) *$/i.exec(header ?? "")?.[1] ?? null;
}

function hasExpired({ expiresMs }: ApiKeyRecord, nowMs: number): boolean {
  return expiresMs !== null && expiresMs <= nowMs;
}

/** RFC 6750: a challenge names an error only where credentials were given. */
function unauthenticated(detail: string, given: boolean): ProblemOptions {
  return {
    status: 401,
    code: given ? "auth.unknown" : "auth.missing",
    title: "Not authenticated",
    detail,
    headers: { "WWW-Authenticate": `Bearer realm="sambung"${given ? ', error="invalid_token"' : ""}` },
  };
}

function wrongKind(detail: string): ProblemOptions {
  return forbidden("auth.kind", detail, "");
}

function lacks({ name }: ApiKeyRecord, scope: Scope): ProblemOptions {
  return forbidden("auth.scope", `the key "${name}" lacks the scope ${scope}`, `, scope="${scope}"`);
}

function forbidden(code: string, detail: string, scope: string): ProblemOptions {
  return {
    status: 403,
    code,
    title: "Not allowed with this key",
    detail,
    headers: { "WWW-Authenticate": `Bearer realm="sambung", error="insufficient_scope"${scope}` },
  };
}
