import type { AlertPart, AlertRecord, OutageRecord } from "../state/state-store.ts";
import { isLonely, joinMs, later } from "./faults.ts";
import type { Fault, FaultIndex } from "./faults.ts";

/*
 * Which faults an alert is about, now that the table may say something else than when it was opened. By root and time:
 *
 *   the root still has trouble in that time    it is that trouble, however its rows were cut or named
 *   the root is cut off by somebody else since  the alert lives on, for the place has not come back
 *   announced work explains it now, and it was told  the same alert, with an update, until the place is back
 *   nothing of the root is left, but its places had trouble in that time, of another root: the fault lies there
 *   nothing at all                             it never was
 */

export interface At {
  nowMs: number;
  /** Rows that ended before this may be missing from the table. */
  keptFromMs: number;
  /** A place that is cut off by another within this time of its own fault's end has not come back in between, ms. */
  settleMs: number;
}

export interface Followed {
  part: AlertPart;
  faults: Fault[];
}

/** What there is now of one part of an alert; null: nothing under this root. */
export function followPart(part: AlertPart, index: FaultIndex, at: At): Followed | null {
  const ofKey = index.faults.get(part.key) ?? [];
  const cuts = (index.cuts.get(part.root) ?? []).filter(
    ({ root, cause }) => isLonely(part.key) || root !== part.root || cause === "maintenance",
  );
  const faults = new Set<Fault>();
  const covers = new Set<OutageRecord>();
  let startMs = part.startMs;
  let endMs: number | null = part.endMs ?? at.nowMs;
  const touches = (one: { startMs: number; endMs: number | null }, withinMs: number) =>
    one.startMs <= (endMs ?? Infinity) + withinMs && (one.endMs ?? Infinity) >= startMs - withinMs;
  for (let grown = true; grown;) {
    grown = false;
    for (const fault of ofKey) {
      if (faults.has(fault) || !touches(fault, joinMs)) continue;
      faults.add(fault);
      startMs = Math.min(startMs, fault.startMs);
      endMs = later(endMs, fault.endMs);
      grown = true;
    }
    // What only begins to cut the place off while it is down already; what came before is another story.
    for (const cut of cuts) {
      if (covers.has(cut) || faults.size === 0 || !touches(cut, at.settleMs) || cut.startMs < startMs)
        continue;
      covers.add(cut);
      endMs = later(endMs, cut.endMs);
      grown = true;
    }
  }
  if (faults.size === 0) {
    // Rows that ended before the review are not shown any more; what was known of them stays.
    return part.endMs !== null && part.endMs < at.keptFromMs ? { part, faults: [] } : null;
  }
  const all = [...faults].sort((a, b) => a.startMs - b.startMs);
  const ends = [...all, ...covers].map((one) => one.endMs);
  return {
    part: { ...part, startMs: all[0]!.startMs, endMs: ends.reduce(later) },
    faults: all,
  };
}

/**
 * Under which faults the trouble of a part is found now that its own root has none: faults that began before people could
 * have been told of it, at the root's own place, else at the others that it cut off. They have to be about most of the
 * time that the part was about, and where nobody was told yet they have to last: what only touches it is another story.
 */
export function findElsewhere(
  part: AlertPart,
  alert: AlertRecord,
  index: FaultIndex,
  nowMs: number,
): Fault[] {
  const untilMs = alert.openedMs + joinMs;
  const endMs = part.endMs ?? nowMs;
  const isOfIt = (row: OutageRecord) => {
    const sharedMs = Math.min(row.endMs ?? nowMs, endMs) - Math.max(row.startMs, part.startMs);
    return sharedMs > 0 && sharedMs * 2 >= endMs - part.startMs;
  };
  const faultsAt = (sites: readonly string[]) =>
    sites
      .flatMap((site) => index.bySite.get(site) ?? [])
      .filter(({ row, fault }) => fault.key !== part.key && fault.startMs <= untilMs && isOfIt(row))
      .map(({ fault }) => fault)
      .filter((fault) => alert.toldMs !== null || fault.endMs === null);
  const atRoot = faultsAt([part.root]);
  return [...new Set(atRoot.length > 0 ? atRoot : faultsAt(alert.sites))];
}

/** Announced work or a silent agent is what is left of a part that is gone; null: nothing is. */
export function excuseOf(
  part: AlertPart,
  alert: AlertRecord,
  index: FaultIndex,
): "maintenance" | "agent" | null {
  const row = index.excused.find(
    ({ site, startMs, endMs }) =>
      (site === part.root || alert.sites.includes(site)) &&
      startMs <= alert.openedMs + joinMs &&
      (endMs ?? Infinity) > part.startMs - joinMs,
  );
  if (row === undefined) return null;
  return row.cause === "maintenance" ? "maintenance" : "agent";
}
