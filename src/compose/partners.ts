import type { Logger } from "pino";
import { publicUrlOf } from "../config.ts";
import type { Config } from "../config.ts";
import type { Inventory } from "../inventory/inventory.ts";
import { createCallback } from "../notify/callback.ts";
import { createPartnerDelivery } from "../notify/partner-delivery.ts";
import { createPartnerFeed } from "../report/partner-feed.ts";
import { createPartnerMessage } from "../report/partner-message.ts";
import { alarmBase } from "../report/tmf-alarm.ts";
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
  const follow = createPartnerFeed(state, inventory, now);
  const callback = createCallback({ networks: config.partners.callbackNetworks });
  const words = createWords("id", config.timeZone);
  const origin = publicUrlOf(config) ?? "";
  const delivery = createPartnerDelivery({
    state,
    follow,
    render: createPartnerMessage({ words, inventory, base: `${origin}${alarmBase}` }),
    post: callback.post,
    now,
    random,
    logger,
  });
  return {
    /** What the partners' routes are made of. */
    surface: { origin, checkCallback: callback.check, poke: delivery.poke },
    start: () => delivery.start(),
    stop: () => delivery.stop(),
  };
}
