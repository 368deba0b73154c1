import type { Inventory } from "../inventory/inventory.ts";
import type { ConditionReading } from "../state/alert-store.ts";
import type { PartnerHook } from "../state/partner-store.ts";

/**
 * Whether each provider's webhooks are in use: one that was disabled, after its last try or by 410, is bad until it is
 * enabled again or removed. By provider: what waits for one of its addresses is its own affair, and one call settles all.
 */
export function partnerReadings(
  hooks: readonly PartnerHook[],
  { sites, links }: Inventory,
  nowMs: number,
): ConditionReading[] {
  const top = [...sites.values()].find(({ parent }) => parent === null);
  if (top === undefined) return [];
  const byProvider = Map.groupBy(hooks, ({ provider }) => provider);
  const providers = new Set([...links.values()].map(({ provider }) => provider));
  return [...providers.union(new Set(byProvider.keys()))].map((provider) => {
    const disabled = (byProvider.get(provider) ?? []).filter(({ disabledMs }) => disabledMs !== null);
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
