import type { MaintenanceWindow } from "../inventory/maintenance.ts";
import { joinSpans } from "../inventory/spans.ts";
import type { Span } from "../inventory/spans.ts";
import type { Tree } from "../inventory/tree.ts";
import type { Blip } from "./blips.ts";
import { repaint, viewOf } from "./repaint.ts";
import type { Stroke } from "./repaint.ts";
import type { EvidenceItem, Outage, OutageTable } from "./table.ts";
import { createWorks } from "./works.ts";
import type { Works } from "./works.ts";

/*
 * Announced work (methods.md §B3, last row). It is laid over the finished table: an outage that it explains is called
 * maintenance, and what it would be called without stands in its evidence, so that a window which is added or taken back
 * afterwards needs no evidence anew. Nothing that was measured changes.
 *
 * | the fault lies at what is worked on, and                      | cause           |
 * | it is a power cut                                             | stays           |
 * | it began more than half an hour before the work               | stays           |
 * | it has ended, and half of it or more lies within the work     | maintenance     |
 * | it lasts, and half of it so far lies within the work, which   |                 |
 * |   goes on or ended less than half an hour ago                 | maintenance     |
 * | anything else                                                 | stays           |
 */

/** Share of an outage that has to lie within the work (as in the trials of methods.md §B3). */
const leastShare = 0.5;
/** How long an outage may outlast the work before people are to hear of it, ms. A judgement: two rounds of a slow target. */
const overrunMs = 30 * 60_000;
/**
 * How long before the announced hour work may have begun, ms. A judgement: a crew that is there early. What broke before
 * that broke by itself, however much of it the work covers: most of all when the work is its repair.
 */
const earlyMs = 30 * 60_000;

const fact = "maintenance.announced";

export function applyMaintenance(
  table: OutageTable,
  windows: readonly MaintenanceWindow[],
  tree: Tree,
  nowMs: number,
): OutageTable {
  const outages = markOutages(table.outages, windows, tree, nowMs);
  const changed = outages.filter((outage, index) => outage !== table.outages[index]);
  return {
    ...table,
    outages,
    states: repaint(table.states, strokesOf(changed)),
    blips: markBlips(table.blips, windows, tree, nowMs),
  };
}

/** Blips that work explains, as it would explain an outage. Those that nothing changes for are the same objects. */
export function markBlips(
  blips: readonly Blip[],
  windows: readonly MaintenanceWindow[],
  tree: Tree,
  nowMs: number,
): Blip[] {
  if (windows.length === 0 && !blips.some(({ cause }) => cause === "maintenance")) return [...blips];
  const rows = blips.map(({ site, startMs, endMs, measured, root }): Outage => {
    const links = tree.linksOf(site);
    const link = links.length === 1 ? links[0]!.id : null;
    const row = { site, link, service: null, startMs, endMs, root };
    return { ...row, cause: measured, confidence: "low", evidence: [] };
  });
  return markOutages(rows, windows, tree, nowMs).map(({ cause }, index) => {
    const blip = blips[index]!;
    return blip.cause === cause ? blip : { ...blip, cause };
  });
}

/** Rows that nothing changes for are the same objects; those of earlier marks are judged anew. */
export function markOutages<T extends Outage>(
  outages: readonly T[],
  windows: readonly MaintenanceWindow[],
  tree: Tree,
  nowMs: number,
): T[] {
  if (windows.length === 0 && !outages.some(({ cause }) => cause === "maintenance")) return [...outages];
  const works = createWorks(windows, tree);
  const plain = outages.map(unmark);
  const powerCuts = Map.groupBy(
    plain.filter(
      ({ cause, service, root, site, ofLink }) =>
        cause === "power" && service === null && root === site && ofLink !== true,
    ),
    ({ site }) => site,
  );
  return plain.map((outage, index) => {
    const byPower = (powerCuts.get(outage.root) ?? []).some((cut) => overlaps(cut, outage, nowMs));
    const window = byPower || outage.cause === "power" ? null : findWindow(outage, works, tree, nowMs);
    const marked = window === null ? outage : mark(outage, window);
    const before = outages[index]!;
    return JSON.stringify(marked) === JSON.stringify(before) ? before : marked;
  });
}

/** What the segments of the rows' times say of their causes. */
export function strokesOf(outages: readonly Outage[]): Stroke[] {
  return outages.map((outage) => ({
    ...viewOf(outage),
    service: outage.service,
    startMs: outage.startMs,
    endMs: outage.endMs ?? Infinity,
    paint: { cause: outage.cause },
  }));
}

/** The work that explains the outage, of several the one that shares most time with it; null: none does. */
function findWindow(outage: Outage, works: Works, tree: Tree, nowMs: number): MaintenanceWindow | null {
  const touching = worksOn(outage, works, tree)
    .map((window) => ({ window, span: sharedSpan(outage, window, nowMs) }))
    .filter(({ span }) => span.fromMs < span.toMs)
    .sort((a, b) => b.span.toMs - b.span.fromMs - (a.span.toMs - a.span.fromMs));
  const [best] = touching;
  if (best === undefined) return null;
  const beganMs = touching.reduce((least, { window }) => Math.min(least, window.fromMs), Infinity);
  if (outage.startMs < beganMs - earlyMs) return null;
  const isOver = touching.every(({ window }) => nowMs >= window.toMs + overrunMs);
  if (outage.endMs === null && isOver) return null;
  // Pieces of work that follow each other explain it together.
  const explainedMs = joinSpans(touching.map(({ span }) => span)).reduce(
    (sum, { fromMs, toMs }) => sum + toMs - fromMs,
    0,
  );
  return explainedMs >= leastShare * (lastMs(outage, nowMs) - outage.startMs) ? best.window : null;
}

function worksOn({ site, link: id, root }: Outage, works: Works, tree: Tree): readonly MaintenanceWindow[] {
  if (root.startsWith("service:")) return works.onService(root.slice("service:".length));
  const link = root === site ? tree.linksOf(site).find((one) => one.id === id) : undefined;
  return link === undefined ? works.onSite(root) : works.onLink(link);
}

function sharedSpan(outage: Outage, { fromMs, toMs }: MaintenanceWindow, nowMs: number): Span {
  return { fromMs: Math.max(outage.startMs, fromMs), toMs: Math.min(lastMs(outage, nowMs), toMs) };
}

function overlaps(a: Outage, b: Outage, nowMs: number): boolean {
  return Math.min(lastMs(a, nowMs), lastMs(b, nowMs)) > Math.max(a.startMs, b.startMs);
}

/** An outage that has just begun has no length yet, and counts with its first second. */
function lastMs({ startMs, endMs }: Outage, nowMs: number): number {
  return endMs ?? Math.max(nowMs, startMs + 1000);
}

function mark<T extends Outage>(outage: T, { id, reason }: MaintenanceWindow): T {
  const { cause, confidence, evidence } = outage;
  const item: EvidenceItem = { fact, target: null, detail: { plan: id, reason, cause, confidence } };
  return { ...outage, cause: "maintenance", confidence: "high", evidence: [...evidence, item] };
}

function unmark<T extends Outage>(outage: T): T {
  const item = outage.evidence.find((each) => each.fact === fact);
  if (item === undefined) return outage;
  const { cause, confidence } = item.detail as unknown as Pick<Outage, "cause" | "confidence">;
  return { ...outage, cause, confidence, evidence: outage.evidence.filter((each) => each !== item) };
}
