import type { Inventory } from "../inventory/inventory.ts";
import type { PartnerChange, PartnerHook } from "../state/partner-store.ts";
import { toWebhookBody } from "./partner-rows.ts";
import { hiddenFrom } from "./partner-view.ts";
import { toAlarmNotification } from "./tmf-alarm.ts";
import type { AlarmContext } from "./tmf-alarm.ts";

export interface PartnerMessageDeps extends Omit<AlarmContext, "inventory"> {
  inventory: () => Inventory;
}

/** What a hook is told of a change; null: it does not want it, or the link is another's by now. */
export function createPartnerMessage({ words, inventory, base }: PartnerMessageDeps) {
  return (hook: PartnerHook, change: PartnerChange): string | null => {
    const of = inventory();
    if (change.record !== null && hiddenFrom(of, hook.provider)(change.record.link)) return null;
    if (hook.kind === "tmf") return toAlarmNotification({ words, inventory: of, base }, hook, change);
    const isWanted = hook.types.length === 0 || change.record === null || hook.types.includes(change.type);
    return isWanted ? toWebhookBody(words, of, change) : null;
  };
}
