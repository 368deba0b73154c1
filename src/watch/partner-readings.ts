import type { Inventory } from "../inventory/inventory.ts";
import type { ConditionReading } from "../state/alert-store.ts";
import type { PartnerHook } from "../state/partner-store.ts";

/**
 * Whether the webhooks of each provider that has links are in use: one that was disabled is bad until it is enabled again or
 * removed. By provider: one call settles all of its addresses.
 */
export function partnerReadings(
  hooks: readonly PartnerHook[],
  { sites, links }: Inventory,
  nowMs: number,
): ConditionReading[] {
  const top = [...sites.values()].find(({ parent }) => parent === null);
  if (top === undefined) return [];
  const providers = new Set([...links.values()].map(({ provider }) => provider));
  return [...providers].map((provider) => {
    const disabled = hooks.filter((hook) => hook.provider === provider && hook.disabledMs !== null);
    return {
      kind: "partnerWebhook",
      subject: provider,
      level: disabled.length === 0 ? "good" : "bad",
      sinceMs: disabled.reduce((ms, { disabledMs }) => Math.min(ms, disabledMs!), nowMs),
      site: top.code,
      what: [provider],
      count: disabled.length,
      value: null,
    };
  });
}
