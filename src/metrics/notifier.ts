import type { Channel } from "../notify/channel.ts";
import type { StateStore } from "../state/state-store.ts";
import type { Meter } from "./meter.ts";

/** More messages than this are not counted: at that point the number no longer matters. */
const outboxCountLimit = 10_000;

interface Tries {
  delivered: number;
  failed: number;
}

/** Counts what channels made of the messages that they were given. */
export interface Deliveries {
  /** The channel, counted. */
  watch(channel: Channel): Channel;
  /** By channel id, of every channel that is watched. */
  counts(): ReadonlyMap<string, Readonly<Tries>>;
}

export function createDeliveries(): Deliveries {
  const tries = new Map<string, Tries>();
  return {
    watch(channel) {
      const own: Tries = { delivered: 0, failed: 0 };
      tries.set(channel.id, own);
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
      const waiting = await state.dueMessages(Number.MAX_SAFE_INTEGER, outboxCountLimit);
      // What waits for a channel that was taken out of the configuration is given up soon, and counted until then.
      for (const channel of new Set([
        ...deliveries.counts().keys(),
        ...waiting.map((each) => each.channel),
      ])) {
        const own = waiting.filter((message) => message.channel === channel);
        const firstMs = own.reduce((least, { createdMs }) => Math.min(least, createdMs), nowMs());
        pending.set({ channel }, own.length);
        oldest.set({ channel }, (nowMs() - firstMs) / 1000);
      }
      alerts.set({}, (await state.openAlerts()).length);
    };
  });
}
