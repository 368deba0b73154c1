import { objectAt, stringAt } from "./check.ts";

/*
 * Who an agent is, version 1: what it leaves beside its spool for whoever starts it, in `agent.json`.
 *
 *   { "agentId": "ag_…", "site": "64.08" }
 *
 * Its key stays in the spool.
 */
export interface AgentIdentityV1 {
  agentId: string;
  site: string;
}

export const agentIdentityFile = "agent.json";

/** Reads the text of the file. Throws WireError, or SyntaxError where it is not JSON. */
export function parseAgentIdentity(text: string): AgentIdentityV1 {
  const identity = objectAt("", JSON.parse(text), ["agentId", "site"]);
  return {
    agentId: stringAt("agentId", identity.agentId, /^ag_[0-9a-z]{6,40}$/, "an agent id, ag_…"),
    site: stringAt("site", identity.site, /^[0-9.]{5,13}$/, "a site code"),
  };
}
