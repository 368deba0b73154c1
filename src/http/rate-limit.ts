/*
 * Rate limits, as draft-ietf-httpapi-ratelimit-headers tells them:
 *
 *   RateLimit-Policy: "agent";q=1200;w=60      q requests in w seconds
 *   RateLimit: "agent";r=1188;t=1              r are left; all of them again in t seconds
 *
 * Each partition (a key, an agent, an address) has a bucket of q tokens that fills at q/w a second: a whole quota may come
 * at once, as thirty panels of a dashboard do, and after it the even flow.
 */

export interface Policy {
  name: string;
  /** Requests, at least 1. */
  quota: number;
  windowS: number;
}

export interface Taken {
  ok: boolean;
  policy: Policy;
  /** Whole requests that are left. */
  remaining: number;
  /** Until all are there again, s. */
  resetS: number;
  /** Until the next one is, s; at least 1. */
  retryAfterS: number;
}

export interface RateLimiter {
  /** Takes a token where there is one. */
  take(partition: string): Taken;
  /** Takes more, for what turned out to be large; there may be less than none left then, and the next one waits longer. */
  spend(partition: string, tokens: number): void;
  /** As `take` would answer, taking none. */
  look(partition: string): Taken;
}

/** Partitions that are remembered; above it the one that was quiet for longest starts anew. 10,000 take below 3 MB. */
const maxPartitions = 10_000;

/** In memory: a restart gives everybody a full bucket. A clock that is set back only delays the filling. */
export function createRateLimiter(policy: Policy, nowMs: () => number): RateLimiter {
  const { quota, windowS } = policy;
  const perMs = quota / (windowS * 1000);
  const buckets = new Map<string, { tokens: number; atMs: number }>();

  function fill(partition: string): { tokens: number; atMs: number } {
    const atMs = nowMs();
    const before = buckets.get(partition);
    if (before === undefined) return { tokens: quota, atMs };
    const gained = Math.max(0, atMs - before.atMs) * perMs;
    return { tokens: Math.min(quota, before.tokens + gained), atMs };
  }

  const toTaken = (ok: boolean, tokens: number): Taken => ({
    ok,
    policy,
    remaining: Math.max(0, Math.floor(tokens)),
    resetS: Math.ceil((quota - tokens) / perMs / 1000),
    retryAfterS: Math.max(1, Math.ceil((1 - tokens) / perMs / 1000)),
  });

  function keep(partition: string, bucket: { tokens: number; atMs: number }): void {
    // The order of a Map is that of insertion: the first is the one that was quiet for longest.
    buckets.delete(partition);
    buckets.set(partition, bucket);
    if (buckets.size > maxPartitions) buckets.delete(buckets.keys().next().value!);
  }

  return {
    spend(partition, tokens) {
      const bucket = fill(partition);
      keep(partition, { ...bucket, tokens: bucket.tokens - tokens });
    },
    look(partition) {
      const { tokens } = fill(partition);
      return toTaken(tokens >= 1, tokens);
    },
    take(partition) {
      const bucket = fill(partition);
      const ok = bucket.tokens >= 1;
      if (ok) bucket.tokens -= 1;
      keep(partition, bucket);
      return toTaken(ok, bucket.tokens);
    },
  };
}

/** The header fields of an answer under this limit. */
export function rateLimitHeaders({ ok, policy, remaining, resetS, retryAfterS }: Taken) {
  const { name, quota, windowS } = policy;
  return {
    "RateLimit-Policy": `"${name}";q=${quota};w=${windowS}`,
    RateLimit: `"${name}";r=${remaining};t=${resetS}`,
    ...(ok ? {} : { "Retry-After": String(retryAfterS) }),
  };
}
