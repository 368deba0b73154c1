import type { LiveServiceVerdict } from "../outage/live-services.ts";
import type { LiveVerdict } from "../outage/live.ts";
import type { Cause, EvidenceItem } from "../outage/table.ts";
import type { OutageRecord } from "../state/state-store.ts";
import type { Scenario } from "./scenario.ts";

/*
 * Live verdicts as rows of an outage table, as they stand at a moment: what alerts are decided from.
 */

export interface LiveRows {
  /** True: something changed. */
  update(
    verdicts: ReadonlyMap<string, LiveVerdict>,
    services: readonly LiveServiceVerdict[],
    nowMs: number,
  ): boolean;
  /** Open ones, and those that ended after `fromMs`; earlier ones are forgotten. */
  since(fromMs: number): OutageRecord[];
}

/** `onBattery`: whether the UPS of a site said last that it runs on its battery. */
export function createLiveRows(scenario: Scenario, onBattery: (site: string) => boolean): LiveRows {
  const open = new Map<string, OutageRecord>();
  let ended: OutageRecord[] = [];
  let names = 0;

  function causeOf(root: string, cause: Cause, nowMs: number): Cause {
    const isAnnounced = scenario.maintenance.some(
      ({ site, fromMs, toMs }) => site === root && fromMs <= nowMs && nowMs < toMs,
    );
    return isAnnounced ? "maintenance" : cause;
  }

  function put(
    key: string,
    row: Pick<OutageRecord, "site" | "service" | "startMs" | "root" | "cause" | "confidence">,
    nowMs: number,
  ): boolean {
    const known = open.get(key);
    if (known !== undefined && known.root === row.root && known.cause === row.cause) return false;
    const id = known?.id ?? `live_${(names += 1)}`;
    const evidence: EvidenceItem[] =
      row.service === null && onBattery(row.site)
        ? [{ fact: "trap.onBattery", target: null, detail: {} }]
        : [];
    open.set(key, {
      ...row,
      id,
      incident: `inc_${row.root}_${known?.startMs ?? row.startMs}`,
      link: null,
      startMs: known?.startMs ?? row.startMs,
      endMs: null,
      evidence,
      revision: (known?.revision ?? 0) + 1,
      knownMs: nowMs,
      withdrawn: false,
    });
    return true;
  }

  return {
    update(verdicts, services, nowMs) {
      const standing = new Set<string>();
      let isChanged = false;
      for (const [site, { root, sinceMs }] of verdicts) {
        standing.add(site);
        const cause = causeOf(root, root === site ? "unknown" : "backhaul", nowMs);
        const row = {
          site,
          service: null,
          startMs: Math.round(sinceMs),
          root,
          cause,
          confidence: "low",
        } as const;
        isChanged = put(site, row, nowMs) || isChanged;
      }
      for (const { site, service, sinceMs, judgement } of services) {
        const key = `${site}|${service}`;
        standing.add(key);
        const { cause, root, confidence } = judgement;
        const row = { site, service, startMs: Math.round(sinceMs), root: root!, cause: cause!, confidence };
        isChanged = put(key, row, nowMs) || isChanged;
      }
      for (const [key, row] of open) {
        if (standing.has(key)) continue;
        open.delete(key);
        ended.push({ ...row, endMs: Math.max(nowMs, row.startMs + 1000), knownMs: nowMs });
        isChanged = true;
      }
      return isChanged;
    },
    since(fromMs) {
      ended = ended.filter(({ endMs }) => endMs! > fromMs);
      return [...ended, ...open.values()];
    },
  };
}
