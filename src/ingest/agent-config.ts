import { createHash } from "node:crypto";
import type { AgentConfigV1, TrapsV1 } from "#wire/agent-config-v1.ts";
import { configFor } from "../inventory/config-for.ts";
import type { Inventory } from "../inventory/inventory.ts";
import type { AgentRecord } from "../state/state-store.ts";

export interface AgentConfigOptions {
  /** Seconds between an agent's batches while nothing changes. Default 60; from 1 to 86,400. */
  reportIntervalS: number;
  /** Bytes on the wire that an agent may cause in a UTC day; null: no limit. Default null. */
  dayBytes: number | null;
  /** The same for a month of UTC. Default null. */
  monthBytes: number | null;
  /** Where agents hear SNMP traps and informs; null: they do not. Default null. */
  traps: TrapsV1 | null;
}

/** What an agent is told to measure, with the entity tag of it. The tag changes with the content alone, not with time. */
export function createAgentConfigs(
  inventory: () => Inventory,
  options: AgentConfigOptions,
  now: () => number,
) {
  // Made once per inventory: every acknowledgement names the tag.
  let made: {
    inventory: Inventory;
    bySite: Map<string, { etag: string; targets: AgentConfigV1["targets"] }>;
  } | null = null;

  function forSite(site: string) {
    const current = inventory();
    if (made === null || made.inventory !== current) made = { inventory: current, bySite: new Map() };
    const known = made.bySite.get(site);
    if (known !== undefined) return known;
    const targets = configFor(current, site);
    const digest = createHash("sha256")
      .update(JSON.stringify([options, targets]))
      .digest("hex");
    const fresh = { etag: `"${digest.slice(0, 32)}"`, targets };
    made.bySite.set(site, fresh);
    return fresh;
  }

  return (agent: AgentRecord): { etag: string; body: AgentConfigV1 } => {
    const { etag: tag, targets } = forSite(agent.site);
    const rotates = agent.rotateAskedMs !== null;
    // Another content has another tag, so that the next acknowledgement tells the agent to read it.
    const etag = rotates ? tag.replace(/"$/, `-${agent.rotateAskedMs}"`) : tag;
    const { reportIntervalS, dayBytes, monthBytes, traps } = options;
    return {
      etag,
      body: {
        v: 1,
        agent: agent.id,
        site: agent.site,
        serverMs: now(),
        reportIntervalS,
        dayBytes,
        monthBytes,
        traps,
        ...(rotates ? { rotateKey: true } : {}),
        targets,
      },
    };
  };
}
