import type { Inventory } from "../inventory/inventory.ts";
import { contractAt } from "../inventory/validity.ts";
import type { ConditionKind, ConditionRecord } from "../state/alert-store.ts";
import type { AgentRecord, StateStore } from "../state/state-store.ts";
import { isControl, readTrapped } from "./condition-readings.ts";
import type { ConditionLimits } from "./condition-readings.ts";

/** What an open condition is of. */
type Subject = Pick<ConditionRecord, "kind" | "subject">;

/**
 * Whether a condition is looked for at all: its threshold is set, and what it is of is in the inventory. What is looked for and not
 * measured stays what it was; of what is looked for no more nobody will ever know that it is over, as of a UPS of which nothing is
 * known but what it said by itself, and that has said nothing for a day.
 */
export async function readWatched(
  { inventory, state }: { inventory: () => Inventory; state: Pick<StateStore, "agents" | "events"> },
  limits: ConditionLimits,
  nowMs: number,
): Promise<(of: Subject) => boolean> {
  const inForce = inventory();
  const agents = new Map((await state.agents()).map((agent) => [agent.id, agent]));
  const isOn = isOnBy(limits);
  const speaks = await readTrapped(state, nowMs);
  return ({ kind, subject }) => isOn[kind] && isThere(kind, subject, inForce, { agents, speaks }, nowMs);
}

function isOnBy(limits: ConditionLimits): Record<ConditionKind, boolean> {
  return {
    battery: limits.battery,
    lowBattery: limits.chargePercent !== null,
    certificate: limits.certificateDays !== null,
    agentSilent: limits.silentMin !== null,
    backlog: limits.backlogH !== null,
    slaBudget: limits.budgetPercent !== null,
    partnerWebhook: limits.partnerWebhook,
    slaIssue: limits.corrections,
  };
}

interface Present {
  agents: ReadonlyMap<string, AgentRecord>;
  speaks: Awaited<ReturnType<typeof readTrapped>>;
}

/** `subject`: as condition-readings.ts names what it reads. */
function isThere(
  kind: ConditionKind,
  subject: string,
  inventory: Inventory,
  { agents, speaks }: Present,
  nowMs: number,
): boolean {
  const { sites, links, targets } = inventory;
  switch (kind) {
    case "battery":
    case "lowBattery": {
      const site = /^(.*)\/trap$/.exec(subject)?.[1];
      if (site !== undefined) return sites.has(site) && speaks(kind, site);
      return [...targets.values()].some(({ key, probe }) => key === subject && probe.kind === "snmp");
    }
    case "certificate":
      return [...targets.values()].some(
        (target) => target.service === subject && isControl(target, inventory),
      );
    case "agentSilent":
    case "backlog": {
      if (subject === "many") return true;
      const agent = agents.get(subject);
      return agent !== undefined && agent.revokedMs === null && sites.has(agent.site);
    }
    case "slaIssue":
      // What was signed is there for ever.
      return true;
    case "slaBudget": {
      const link = links.get(subject);
      if (link === undefined || !sites.has(link.site)) return false;
      return (contractAt(inventory, link, nowMs)?.slaRatio ?? null) !== null;
    }
    case "partnerWebhook":
      return [...links.values()].some(({ provider }) => provider === subject);
  }
}
