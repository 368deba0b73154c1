import type { Inventory } from "../inventory/inventory.ts";
import type { Tree } from "../inventory/tree.ts";
import type { EvidenceItem, Outage } from "./table.ts";
import type { Hearing, TargetEvidence } from "./evidence.ts";
import { firstRoundMs } from "./evidence.ts";
import { createLiveJudge } from "./live.ts";
import type { LiveJudge } from "./live.ts";
import type { LiveVerdict } from "./live-rules.ts";
import { judgeLiveServices } from "./live-services.ts";
import type { LiveServiceVerdict } from "./live-services.ts";
import { wholeSecond } from "./signal.ts";
import type { DetectOptions } from "./signal.ts";

/*
 * What stands at a moment, sites and services, as provisional rows of an outage table: the one way from the ends of the
 * runs to what people are told of before the table knows. The collector lays the table's own rows over them (suspects.ts).
 */

export interface LiveTable extends Pick<LiveJudge, "touch" | "heard"> {
  /** Open rows of low confidence but for services, each site's and each service's of a site at most once. */
  at(nowMs: number): Outage[];
}

export interface LiveTableOptions {
  /** Sites and services are judged in it. */
  inventory: Pick<Inventory, "services">;
  tree: Tree;
  options: DetectOptions;
  hearing: Hearing;
  /** The UPS of a site said last that it runs on its battery. */
  isOnBattery: (site: string) => boolean;
}

/** `targets`: as in the evidence; their runs may grow between two questions. */
export function createLiveTable(
  targets: readonly TargetEvidence[],
  { inventory, tree, options, hearing, isOnBattery }: LiveTableOptions,
): LiveTable {
  const judge = createLiveJudge(targets, tree, options, hearing, isOnBattery);
  const checks = targets.filter(({ role }) => role === "service");
  const isMeasured = measuredSites(targets);
  return {
    touch: judge.touch,
    heard: judge.heard,
    at(nowMs) {
      const sites = judge.at(nowMs);
      const services = judgeLiveServices(checks, inventory.services.values(), sites, tree, nowMs, options);
      return [
        ...[...sites]
          .filter(([site]) => isMeasured(site))
          .map(([site, verdict]) => siteRow(site, verdict, tree, nowMs, isOnBattery(site))),
        ...services.map((verdict) => serviceRow(verdict, nowMs)),
      ];
    },
  };
}

/** Whether anyone has ever measured a site: of one that nobody knows it is not said that it fell with its parent. */
function measuredSites(targets: readonly TargetEvidence[]): (site: string) => boolean {
  const inForce = targets.filter(({ retired }) => retired !== true);
  const own = Map.groupBy(inForce, ({ vantage }) => vantage);
  const others = Map.groupBy(
    inForce.filter(({ role }) => role === "site"),
    ({ of }) => of!,
  );
  const known = new Set<string>();
  return (site) => {
    if (known.has(site)) return true;
    const all = [...(own.get(site) ?? []), ...(others.get(site) ?? [])];
    // What nobody ever had an answer from may be a wrong address.
    if (all.some((one) => one.answeredMs !== null && firstRoundMs(one) !== null)) known.add(site);
    return known.has(site);
  };
}

function siteRow(
  site: string,
  { state, sinceMs, root }: LiveVerdict,
  tree: Tree,
  nowMs: number,
  onBattery: boolean,
): Outage {
  const links = tree.linksOf(site);
  const say = (fact: string): EvidenceItem => ({ fact, target: null, detail: {} });
  return {
    site,
    link: links.length === 1 ? links[0]!.id : null,
    service: null,
    startMs: startOf(sinceMs, nowMs),
    endMs: null,
    cause: "unknown",
    confidence: "low",
    evidence: [
      say(state === "suspected" ? "silence.suspected" : "signs.weak"),
      ...(onBattery ? [say("power.onBattery")] : []),
    ],
    root,
  };
}

function serviceRow({ site, service, sinceMs, judgement }: LiveServiceVerdict, nowMs: number): Outage {
  const { cause, root, confidence } = judgement;
  return {
    site,
    link: null,
    service,
    startMs: startOf(sinceMs, nowMs),
    endMs: null,
    cause: cause!,
    confidence,
    evidence: [{ fact: "signs.weak", target: null, detail: {} }],
    root: root!,
  };
}

/** An outage that has just begun counts with its first second. */
const startOf = (sinceMs: number, nowMs: number) => Math.min(wholeSecond(sinceMs), nowMs - 1000);
