import type { Logger } from "pino";
import { publicUrlOf } from "../config.ts";
import type { Config } from "../config.ts";
import type { Inventory } from "../inventory/inventory.ts";
import { createCallback } from "../notify/callback.ts";
import { createPartnerDelivery } from "../notify/partner-delivery.ts";
import { createPartnerFeed } from "../report/partner-feed.ts";
import { toWebhookBody } from "../report/partner-rows.ts";
import { alarmBase, toAlarmNotification } from "../report/tmf-alarm.ts";
import { createWords } from "../report/words.ts";
import type { StateStore } from "../state/state-store.ts";

export interface PartnersDeps {
  state: StateStore;
  inventory: () => Inventory;
  now: () => number;
  random: () => number;
  logger: Logger;
}

/** What providers see of their own links, and what is sent to them. */
export function composePartners(config: Config, { state, inventory, now, random, logger }: PartnersDeps) {
  const follow = createPartnerFeed(state, inventory);
  const callback = createCallback({ networks: config.partners.callbackNetworks });
  const words = createWords("id", config.timeZone);
  const origin = publicUrlOf(config) ?? "";
  const base = `${origin}${alarmBase}`;
  const delivery = createPartnerDelivery({
    state,
    follow,
    render(hook, change) {
      if (hook.kind === "tmf")
        return toAlarmNotification({ words, inventory: inventory(), base }, hook, change);
      const isWanted = hook.types.length === 0 || change.record === null || hook.types.includes(change.type);
      return isWanted ? toWebhookBody(words, inventory(), change) : null;
    },
    post: callback.post,
    now,
    random,
    logger,
  });
  return {
    /** What the partners' routes are made of. */
    surface: { follow, origin, checkCallback: callback.check, poke: () => delivery.poke() },
    start: () => delivery.start(),
    stop: () => delivery.stop(),
  };
}
