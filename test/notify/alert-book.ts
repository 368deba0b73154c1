import type { Inventory } from "../../src/inventory/inventory.ts";
import { defaultAlertOptions } from "../../src/notify/alert-options.ts";
import type { AlertOptions } from "../../src/notify/alert-options.ts";
import { decideAlerts } from "../../src/notify/decide.ts";
import type { Notice } from "../../src/notify/decide.ts";
import { surroundingsOf } from "../../src/notify/planner.ts";
import { revise } from "../../src/outage/revise.ts";
import type { Standings } from "../../src/outage/standing.ts";
import type { Outage } from "../../src/outage/table.ts";
import type { AlertRecord, OutageRecord } from "../../src/state/state-store.ts";

/**
 * What surrounds decideAlerts: the records as they were written down, and what is remembered of the alerts. Everything is
 * in memory, so that a thousand stories take a second; planner.test.ts does the same on the real store.
 */
export function createAlertBook(inventory: Inventory, given: Partial<AlertOptions> = {}) {
  const options = { ...defaultAlertOptions, ...given };
  const around = surroundingsOf(inventory);
  const records = new Map<string, OutageRecord>();
  const alerts = new Map<string, AlertRecord>();
  const notices: Notice[] = [];
  let open: AlertRecord[] = [];
  let nextLookMs = Infinity;

  /** One run over records as they are. Gives what is told. */
  function run(nowMs: number, outages: readonly OutageRecord[], standings: Standings = new Map()): Notice[] {
    const decision = decideAlerts(open, { outages, fromMs: 0, standings, ...around }, nowMs, options);
    ({ open, nextLookMs } = decision);
    for (const record of decision.changed) alerts.set(record.id, record);
    notices.push(...decision.notices);
    return decision.notices;
  }

  return {
    run,
    /** One run over a table: what changed in it is written down first, by the rules of the watch. */
    runTable(nowMs: number, table: readonly Outage[], standings?: Standings): Notice[] {
      const changes = revise({
        previous: [...records.values()].filter(({ withdrawn }) => !withdrawn),
        table,
        fromMs: 0,
        knownMs: nowMs,
        idOf: (text) => `out_${text}`,
      });
      for (const change of changes) records.set(change.id, change);
      return run(nowMs, [...records.values()], standings);
    },
    notices: () => notices,
    alerts: () => [...alerts.values()],
    open: () => open,
    nextLookMs: () => nextLookMs,
  };
}

/** `64.08.05 problem`, `64.08.05 recovery withdrawn`, `64.08.05 update area`, as a story reads. */
export function inShort(notices: readonly Notice[]): string[] {
  return notices.map(({ what, face, correction }) =>
    [face.root, what, face.kind === "outage" ? null : face.kind, correction]
      .filter((word) => word !== null)
      .join(" "),
  );
}
