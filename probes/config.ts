import { parseAgentConfig } from "#wire/agent-config-v1.ts";
import type { AgentConfigV1 } from "#wire/agent-config-v1.ts";
import { hideSecrets, readFailure } from "./outcome.ts";
import type { Failure } from "./outcome.ts";
import type { Store } from "./spool/store.ts";
import type { TransportResponse } from "./transport.ts";

export type ConfigAnswer =
  | { kind: "same" }
  | { kind: "new"; config: AgentConfigV1; etag: string; text: string }
  /** The collector sent something that cannot be followed; the configuration in force stays. */
  | { kind: "bad"; etag: string; reason: string }
  | Failure;

/** Reads the answer to GET /api/v1/agent/config. */
export function readConfigAnswer(response: TransportResponse, agentId: string): ConfigAnswer {
  if (response.status === 304) return { kind: "same" };
  if (response.status !== 200) return readFailure(response);
  const etag = response.headers.etag ?? "";
  let input: unknown;
  try {
    input = JSON.parse(response.body);
  } catch {
    return { kind: "unreachable", reason: "answered 200 without a configuration" };
  }
  try {
    const config = parseAgentConfig(input);
    if (config.agent !== agentId) throw new Error(`it is for agent ${config.agent}, this one is ${agentId}`);
    return { kind: "new", config, etag, text: response.body };
  } catch (error) {
    return { kind: "bad", etag, reason: hideSecrets((error as Error).message) };
  }
}

/** The configuration of the last exchange, so that an agent behind a dead uplink measures at once. */
export function readCachedConfig(store: Pick<Store, "get">): { config: AgentConfigV1 | null; etag: string } {
  try {
    const text = store.get("config");
    if (text === null) return { config: null, etag: "" };
    const cached = JSON.parse(text) as { etag: string; text: string };
    return { config: parseAgentConfig(JSON.parse(cached.text)), etag: cached.etag };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EACCES") throw error;
    // Damaged, or written by another version of this program. Without its tag the collector sends a whole one.
    return { config: null, etag: "" };
  }
}

export function cacheConfig(store: Store, text: string, etag: string): void {
  store.set("config", JSON.stringify({ etag, text }));
}
