import type { StateStore } from "../state/state-store.ts";
import type { News } from "./dispatch.ts";
import type { Escalation } from "./payload.ts";

/**
 * Makes the function that finds which providers have acknowledged, through their own API, outages of their links that an alert
 * is about. It is said in an escalation and does not end it: what a provider's system acknowledges, perhaps by itself, is no
 * word that somebody in the district knows (docs/decisions/0057).
 */
export function createProviderAcks(state: Pick<StateStore, "outages" | "partnerRecordsOf">) {
  return async (payload: News["payload"]): Promise<NonNullable<Escalation["providers"]>> => {
    // Conditions are no outages, and providers are not shown them.
    if ("condition" in payload) return [];
    const { sites, startMs } = payload;
    const firstMs = new Map<string, number>();
    for (const { id } of await state.outages({ fromMs: startMs, sites, open: true })) {
      for (const { provider, acknowledged } of await state.partnerRecordsOf(id)) {
        // Whoever only suffers from another's fault cannot know of it.
        if (acknowledged === null || !payload.providers.includes(provider)) continue;
        firstMs.set(provider, Math.min(firstMs.get(provider) ?? Infinity, acknowledged.atMs));
      }
    }
    return [...firstMs].map(([name, atMs]) => ({ name, atMs })).sort((a, b) => a.atMs - b.atMs);
  };
}
