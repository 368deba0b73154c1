import { expect, it } from "vitest";
import type { Contract } from "../../src/inventory/contract.ts";
import type { Inventory, Target } from "../../src/inventory/inventory.ts";
import type { ConditionKind } from "../../src/state/alert-store.ts";
import type { AgentRecord, StoredEvent } from "../../src/state/state-store.ts";
import { defaultConditionLimits } from "../../src/watch/condition-readings.ts";
import type { ConditionLimits } from "../../src/watch/condition-readings.ts";
import { readWatched } from "../../src/watch/watched-conditions.ts";
import { lapor, makeContract, makeDistrict, makeLink } from "../support/inventory.ts";

const nowMs = Date.UTC(2026, 2, 5, 4);
const village = "64.08.01.2001";
const district = makeDistrict();
const ups: Target = {
  ...[...district.targets.values()][0]!,
  key: `${village}/ups`,
  site: village,
  probe: { id: "ups", kind: "snmp", intervalS: 60 } as Target["probe"],
};
const withAll: Inventory = {
  ...district,
  targets: new Map([...district.targets, [ups.key, ups]]),
  links: new Map([["l", makeLink(district.sites.get(village)!, { id: "l", contract: "c" })]]),
  contracts: new Map([["c", makeContract({ id: "c", slaRatio: 0.99 })]]),
};
const agent = { id: "ag_1", site: village, revokedMs: null } as AgentRecord;

const trap = (type: string, detail = {}) =>
  ({ site: village, timeMs: nowMs - 1, type, detail }) as StoredEvent;

async function isWatched(
  kind: ConditionKind,
  subject: string,
  {
    inventory = withAll,
    agents = [agent],
    limits = {} as Partial<ConditionLimits>,
    events = [trap("power.onBattery")],
  } = {},
) {
  const state = { agents: async () => agents, events: async () => events };
  const by = { ...defaultConditionLimits, ...limits };
  return (await readWatched({ inventory: () => inventory, state }, by, nowMs))({ kind, subject });
}

const withContract = (given: Partial<Contract>): Inventory => ({
  ...withAll,
  contracts: new Map([["c", makeContract({ id: "c", slaRatio: 0.99, ...given })]]),
});
const without = (what: "targets" | "links" | "contracts" | "sites") => ({ ...withAll, [what]: new Map() });

it.each([
  ["battery", ups.key, { battery: false }, without("targets")],
  ["battery", `${village}/trap`, { battery: false }, without("sites")],
  ["lowBattery", ups.key, { chargePercent: null }, without("targets")],
  ["certificate", lapor.id, { certificateDays: null }, without("targets")],
  ["agentSilent", "ag_1", { silentMin: null }, without("sites")],
  ["backlog", "ag_1", { backlogH: null }, without("sites")],
  ["slaBudget", "l", { budgetPercent: null }, without("links")],
  ["partnerWebhook", "Telkom", { partnerWebhook: false }, without("links")],
  ["slaBudget", "l", { budgetPercent: null }, without("contracts")],
  ["slaBudget", "l", { budgetPercent: null }, withContract({ to: "2026-03-04" })],
  ["slaBudget", "l", { budgetPercent: null }, withContract({ slaRatio: null })],
] as const)(
  "looks for %s of %s, unless it is switched off or gone",
  async (kind, subject, limits, inventory) => {
    expect(await isWatched(kind, subject)).toBe(true);
    expect(await isWatched(kind, subject, { limits })).toBe(false);
    expect(await isWatched(kind, subject, { inventory })).toBe(false);
  },
);

it("waits for no agent that was taken away, and for many as one always", async () => {
  for (const kind of ["agentSilent", "backlog"] as const) {
    expect(await isWatched(kind, "ag_1", { agents: [{ ...agent, revokedMs: 1 }] })).toBe(false);
    expect(await isWatched(kind, "ag_2")).toBe(false);
  }
  expect(await isWatched("agentSilent", "many", { agents: [] })).toBe(true);
});

it("looks for what a UPS said by itself for as long as it says anything of it", async () => {
  const subject = `${village}/trap`;
  const watchedBy = async (events: StoredEvent[]) => [
    await isWatched("battery", subject, { events }),
    await isWatched("lowBattery", subject, { events }),
  ];
  expect(await watchedBy([])).toEqual([false, false]);
  expect(await watchedBy([trap("power.onBattery")])).toEqual([true, false]);
  expect(await watchedBy([trap("power.lowBattery")])).toEqual([false, true]);
  expect(await watchedBy([trap("power.onMains")])).toEqual([true, true]);
  // Of a UPS that is asked.
  expect(await watchedBy([trap("power.onMains", { polled: true })])).toEqual([false, false]);
});
