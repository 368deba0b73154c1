import { groupIncidents } from "../../src/notify/incidents.ts";
import type { AlertMessage } from "../../src/notify/payload.ts";
import { planAlerts } from "../../src/notify/plan.ts";
import type { AlertRecord, OutageRecord } from "../../src/state/state-store.ts";
import { anAlert } from "./factories.ts";

/**
 * What surrounds planAlerts: the records as people were told, the alerts, and an outbox that takes each key once.
 * Everything is in memory, so that a thousand stories take a second; planner.test.ts does the same on the real store.
 */
export function createAlertBook(options: { holdMs: number; channels?: string[] }) {
  const channels = (options.channels ?? ["telegram"]).map((id) => ({ id }));
  const alerts = new Map<string, AlertRecord>();
  const toldRecords = new Map<string, readonly OutageRecord[]>();
  const messages = new Map<string, AlertMessage>();

  /** One run: the current records, withdrawn ones left out as the store does. Gives the new messages. */
  function run(nowMs: number, records: readonly OutageRecord[]): AlertMessage[] {
    const open = [...alerts.values()].filter((alert) => alert.closedMs === null);
    const told = open.flatMap(({ incident }) => toldRecords.get(incident) ?? []);
    const plan = planAlerts({
      nowMs,
      holdMs: options.holdMs,
      channels,
      incidents: groupIncidents(records, told),
      open,
      describe: (incident) =>
        anAlert({ incident: incident.id, root: incident.root, partOf: incident.mergedInto?.root ?? null }),
    });
    for (const alert of plan.alerts) {
      if (alert.downSentMs === nowMs) {
        const mine = records.filter(({ incident }) => incident === alert.incident);
        toldRecords.set(alert.incident, mine);
      }
      alerts.set(alert.incident, alert);
    }
    const fresh = plan.messages.filter(({ dedupeKey }) => !messages.has(dedupeKey));
    for (const message of fresh) messages.set(message.dedupeKey, message);
    return fresh;
  }

  return {
    run,
    messages: () => [...messages.values()],
    open: () => [...alerts.values()].filter((alert) => alert.closedMs === null),
  };
}

/** `in_p site.up corrected`, as a story reads. */
export function inShort(messages: readonly AlertMessage[]): string[] {
  return messages.map(
    ({ incident, type, payload }) =>
      `${incident} ${type}${payload.correction === null ? "" : ` ${payload.correction}`}`,
  );
}
