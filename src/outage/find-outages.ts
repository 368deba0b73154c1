import type { Inventory } from "../inventory/inventory.ts";
import { createTree } from "../inventory/tree.ts";
import type { Tree } from "../inventory/tree.ts";
import { findBlips } from "./blips.ts";
import { bridgeHoles } from "./bridge.ts";
import { describeOutage, describeServiceOutage } from "./describe.ts";
import { isElsewhere } from "./elsewhere.ts";
import type { Evidence, TargetEvidence } from "./evidence.ts";
import { judgeSites } from "./judge.ts";
import type { Judgement, Judgements } from "./judgement.ts";
import { markDegraded } from "./degraded.ts";
import { linkOutages, linkSegments } from "./link-rows.ts";
import { judgeLinks } from "./links.ts";
import { inOrder as eventsInOrder } from "./own-word.ts";
import { applyMaintenance } from "./maintenance.ts";
import { judgeServices } from "./services.ts";
import type { ServiceView } from "./services.ts";
import { defaultDetectOptions } from "./signal.ts";
import type { DetectOptions } from "./signal.ts";
import { findSuspects } from "./suspects.ts";
import { canFade, createFadeTeller } from "./rain.ts";
import { readSignals } from "./site-path.ts";
import type { SiteSignals } from "./site-path.ts";
import { joinSteps } from "./steps.ts";
import type { Step } from "./steps.ts";
import { applySupply } from "./supply.ts";
import type { Outage, OutageTable, StateSegment } from "./table.ts";

/**
 * The outage table of the evidence: detect, then explain. Pure: the same evidence gives the same table, in whatever order
 * its targets and events are listed and however often it was delivered.
 */
export function findOutages(
  given: Evidence,
  inventory: Inventory,
  options: DetectOptions = defaultDetectOptions,
): OutageTable {
  const evidence = {
    ...given,
    nowMs: Math.floor(given.nowMs / 1000) * 1000,
    events: given.events.toSorted(eventsInOrder),
  };
  const tree = createTree(inventory);
  const signals = readSignals(evidence, tree, options);
  const judged = judgeSites(signals, tree, evidence, options);
  const links = judgeLinks(signals, judged, tree, evidence, options);
  const services = judgeServices(evidence, inventory.services.values(), signals, judged, tree, options);
  const events = Map.groupBy(evidence.events, ({ site }) => site);
  const devices = Map.groupBy(
    evidence.targets.filter(({ levels }) => levels !== undefined),
    ({ vantage }) => vantage,
  );
  const outages = [
    ...tree.order.flatMap(({ code }) =>
      siteOutages(
        code,
        signals,
        judged,
        tree,
        { nowMs: evidence.nowMs, events: events.get(code) ?? [], devices: devices.get(code) ?? [] },
        options,
      ),
    ),
    ...links.flatMap((view) => linkOutages(view, links, judged, tree, evidence)),
    ...services.flatMap((view) => serviceOutages(view, services, inventory, evidence)),
  ];
  const seen = {
    outages,
    suspects: findSuspects(evidence, inventory, tree, options, outages),
    states: [
      ...tree.order.flatMap(({ code }) =>
        siteSegments(signals.get(code)!, judged.get(code) ?? [], devices.get(code) ?? [], evidence, options),
      ),
      ...links.flatMap((view) => linkSegments(view, evidence, options)),
      ...services.flatMap((view) => serviceSegments(view, evidence.nowMs)),
    ],
    blips: findBlips(signals, judged, tree, evidence, options),
  };
  // A village that is expected to be off, or worked on, is no suspect either.
  const inLight = (table: OutageTable) =>
    applyMaintenance(
      applySupply(table, inventory, evidence.nowMs),
      evidence.maintenance ?? [],
      tree,
      evidence.nowMs,
    );
  const table = inLight(seen);
  const suspects = inLight({ ...seen, outages: seen.suspects, states: [], blips: [] }).outages;
  return { ...table, outages: table.outages.sort(inOrder), suspects };
}

function siteOutages(
  code: string,
  signals: ReadonlyMap<string, SiteSignals>,
  judged: Judgements,
  tree: Tree,
  evidence: Pick<Evidence, "nowMs" | "events"> & { devices: readonly TargetEvidence[] },
  options: DetectOptions,
): Outage[] {
  const links = tree.linksOf(code);
  const site = signals.get(code)!;
  const tellFade = createFadeTeller({ outside: site.outsideTargets, own: evidence.devices });
  const down = bridgeHoles(judged.get(code) ?? [], site.shortestIntervalMs, options);
  return down.map(({ startMs, endMs, value, unseenMs }) => {
    const open = endMs >= evidence.nowMs;
    const isOwnLink = (value.cause === "link" || value.cause === "rain") && value.root === code;
    return {
      site: code,
      link: links.length === 1 ? links[0]!.id : null,
      service: null,
      startMs,
      endMs: open ? null : endMs,
      cause: value.cause!,
      confidence: value.confidence,
      evidence: [
        ...describeOutage(site, startMs, endMs, open, judged, tree, evidence.events),
        ...(isOwnLink && canFade(links) ? tellFade(startMs, endMs) : []),
        ...(isElsewhere(value.root!, code, tree)
          ? [{ fact: "falls.with", target: null, detail: { site: value.root! } }]
          : []),
        ...(unseenMs === 0 ? [] : [{ fact: "hole.inferred", target: null, detail: { unseenMs } }]),
      ],
      root: value.root!,
    };
  });
}

/** Rows for what the service or the way to it did while the site itself was connected. */
function serviceOutages(
  view: ServiceView,
  all: readonly ServiceView[],
  inventory: Inventory,
  evidence: Evidence,
): Outage[] {
  const alike = (a: ServiceView["steps"][number]["value"], b: ServiceView["steps"][number]["value"]) =>
    a.cause === b.cause && a.root === b.root && a.state === b.state && a.bySite === b.bySite;
  const down = joinSteps(view.steps, alike).filter(({ value }) => value.state === "down" && !value.bySite);
  return down.map(({ startMs, endMs, value }) => {
    const open = endMs >= evidence.nowMs;
    return {
      site: view.site,
      link: null,
      service: view.service,
      startMs,
      endMs: open ? null : endMs,
      cause: value.cause!,
      confidence: value.confidence,
      evidence: describeServiceOutage(view, startMs, endMs, open, all, inventory.services.get(view.service)!),
      root: value.root!,
    };
  });
}

function siteSegments(
  { code, outsideTargets, hub }: SiteSignals,
  steps: readonly Step<Judgement>[],
  devices: readonly TargetEvidence[],
  evidence: Evidence,
  options: DetectOptions,
): StateSegment[] {
  const segments = steps.map(({ startMs, endMs, value }) => {
    const state = value.state === "down" && value.root !== code ? ("unreachable" as const) : value.state;
    return { startMs, endMs, value: { state, cause: value.cause } };
  });
  // What tests whichever link is in use says how the site fares; where nothing does, it fares as well as its best link.
  const inUse = outsideTargets.filter(({ target }) => target.link === null);
  const sight = { outside: inUse.length > 0 ? inUse : outsideTargets, hub, devices };
  return toSegments(code, "", markDegraded(segments, sight, evidence, options), evidence.nowMs);
}

function serviceSegments({ site, service, steps }: ServiceView, nowMs: number): StateSegment[] {
  const segments = steps.map(({ startMs, endMs, value }) => {
    const state = value.state === "down" && value.bySite ? ("unreachable" as const) : value.state;
    return { startMs, endMs, value: { state, cause: value.cause } };
  });
  return toSegments(site, service, segments, nowMs);
}

/** Judgements that differ in root or confidence alone are one segment. */
function toSegments(
  site: string,
  service: string,
  steps: readonly Step<Pick<StateSegment, "state" | "cause">>[],
  nowMs: number,
): StateSegment[] {
  const joined = joinSteps(steps, (a, b) => a.state === b.state && a.cause === b.cause);
  return joined.map(({ startMs, endMs, value }) => ({
    site,
    service,
    startMs,
    endMs: endMs >= nowMs ? null : endMs,
    ...value,
  }));
}

/** By start, then site, link, service, the site's own row first: an order that no arrival can change. */
function inOrder(a: Outage, b: Outage): number {
  return (
    a.startMs - b.startMs ||
    compare(a.site, b.site) ||
    compare(a.link ?? "", b.link ?? "") ||
    compare(a.service ?? "", b.service ?? "") ||
    Number(a.ofLink ?? false) - Number(b.ofLink ?? false)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
