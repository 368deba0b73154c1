import type { Channel } from "../notify/channel.ts";
import { groupOf } from "../notify/members.ts";
import type { StateStore } from "../state/state-store.ts";
import type { Meter } from "./meter.ts";

interface Tries {
  delivered: number;
  failed: number;
}

/** Counts what channels made of the messages that they were given. */
export interface Deliveries {
  /** The channel, counted. */
  watch(channel: Channel): Channel;
  /** By channel of the configuration, of every one of which any member is watched. */
  counts(): ReadonlyMap<string, Readonly<Tries>>;
}

export function createDeliveries(): Deliveries {
  const tries = new Map<string, Tries>();
  return {
    watch(channel) {
      // Addresses of people are nobody's business who reads figures.
      const own = tries.get(groupOf(channel.id)) ?? { delivered: 0, failed: 0 };
      tries.set(groupOf(channel.id), own);
      return {
        ...channel,
        async deliver(message, signal) {
          try {
            const outcome = await channel.deliver(message, signal);
            own[outcome.delivered ? "delivered" : "failed"] += 1;
            return outcome;
          } catch (error) {
            own.failed += 1;
            throw error;
          }
        },
      };
    },
    counts: () => tries,
  };
}

export function addNotifier(
  meter: Meter,
  { state, deliveries, nowMs }: { state: StateStore; deliveries: Deliveries; nowMs: () => number },
): void {
  const rows = (of: keyof Tries) =>
    [...deliveries.counts()].map(([channel, tries]) => ({ labels: { channel }, value: tries[of] }));
  meter.follow("sambung_notify_delivered_total", "Messages that the channel took.", ["channel"], () =>
    rows("delivered"),
  );
  meter.follow("sambung_notify_failed_total", "Tries to deliver that failed.", ["channel"], () =>
    rows("failed"),
  );
  meter.part("outbox", (gauge) => {
    const pending = gauge("sambung_outbox_pending", "Messages not sent yet and not given up.", ["channel"]);
    const oldest = gauge(
      "sambung_outbox_oldest_age_seconds",
      "Age of the oldest of them; 0: there is none.",
      ["channel"],
    );
    const alerts = gauge("sambung_alerts_open", "Alerts that people were told of and that are not over.");
    return async () => {
      // What waits for a channel that was taken out of the configuration is given up soon, and counted until then.
      const standings = new Map(
        [...deliveries.counts().keys()].map((channel) => [channel, { count: 0, ageS: 0 }]),
      );
      for (const { channel, count, oldestMs } of await state.pendingMessages()) {
        const before = standings.get(groupOf(channel)) ?? { count: 0, ageS: 0 };
        const ageS = Math.max(before.ageS, (nowMs() - oldestMs) / 1000);
        standings.set(groupOf(channel), { count: before.count + count, ageS });
      }
      for (const [channel, { count, ageS }] of standings) {
        pending.set({ channel }, count);
        oldest.set({ channel }, ageS);
      }
      alerts.set({}, (await state.openAlerts()).length);
    };
  });
  meter.part("partners", (gauge) => {
    const webhooks = gauge("sambung_partner_webhooks", "Webhooks and hubs that providers registered.", [
      "state",
    ]);
    return async () => {
      const hooks = await state.allHooks();
      const disabled = hooks.filter(({ disabledMs }) => disabledMs !== null).length;
      webhooks.set({ state: "enabled" }, hooks.length - disabled);
      webhooks.set({ state: "disabled" }, disabled);
    };
  });
}
