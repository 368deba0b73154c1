import type { Service } from "../inventory/inventory.ts";
import type { Tree } from "../inventory/tree.ts";
import type { Run, TargetEvidence } from "./evidence.ts";
import type { Judgement } from "./judgement.ts";
import type { LiveVerdict } from "./live-rules.ts";
import { resolverOf } from "./resolvers.ts";
import { judgeServiceMoment } from "./services.ts";
import type { ServiceJudgement } from "./services.ts";
import type { DetectOptions, Signal } from "./signal.ts";

/*
 * Services that fail at a moment, by the rule of services.ts, from the ends of the runs alone.
 */

export interface LiveServiceVerdict {
  site: string;
  service: string;
  sinceMs: number;
  judgement: ServiceJudgement;
}

/** Of services and sites that a failure is the service's or the way's to it; what a site's own outage took is left out. */
export function judgeLiveServices(
  targets: readonly TargetEvidence[],
  services: Iterable<Service>,
  sites: ReadonlyMap<string, LiveVerdict>,
  tree: Tree,
  nowMs: number,
  options: DetectOptions,
): LiveServiceVerdict[] {
  const failing = new Set(
    targets.flatMap(({ service, runs }) => (hasFailed(runs, options) ? [service] : [])),
  );
  if (failing.size === 0) return [];
  const found: LiveServiceVerdict[] = [];
  for (const service of services) {
    if (!failing.has(service.id)) continue;
    const checks = targets.filter((target) => target.service === service.id && isTelling(target));
    const seen = new Map(
      [...Map.groupBy(checks, ({ vantage }) => vantage)].map(([site, own]) => [
        site,
        seenBy(own, nowMs, options),
      ]),
    );
    if (![...seen.values()].some((one) => one?.signal.good === false)) continue;
    const able = [...seen].filter(
      ([site, one]) => site !== service.control && one !== null && !sites.has(site),
    );
    const others = {
      able: able.length,
      // Beside two of the control's, one failed round of another is enough: it may check a little later.
      failing: able.filter(([, one]) => one!.failsNow).length,
    };
    const connected = [...seen].filter(([site, one]) => one !== null && !sites.has(site));
    // Here as well: what failed once elsewhere may be the zone, and nobody's resolver.
    const nameless = new Map(connected.map(([site, one]) => [site, one!.namelessNow]));
    for (const [site, one] of seen) {
      if (one === null || one.signal.good) continue;
      const judgement = judgeServiceMoment(
        {
          own: one.signal,
          site: toJudgement(sites.get(site)),
          control: seen.get(service.control)?.signal,
          controlSite: toJudgement(sites.get(service.control)),
          others,
          resolver: resolverOf(site, nameless, tree),
          servicesAlone: false,
        },
        service,
        site,
      );
      if (judgement.state === "down" && !judgement.bySite)
        found.push({ site, service: service.id, sinceMs: one.sinceMs, judgement });
    }
  }
  return found;
}

/** What was taken out tells of the past alone, and what never answered of nothing. */
const isTelling = ({ retired, answeredMs }: TargetEvidence) => retired !== true && answeredMs !== null;

interface Seen {
  signal: Signal;
  sinceMs: number;
  /** Its last round failed. */
  failsNow: boolean;
  /** It did for want of names. */
  namelessNow: boolean;
}

/** One place's checks of a service: HTTP decides where it is there, and one good check is enough. */
function seenBy(own: readonly TargetEvidence[], nowMs: number, options: DetectOptions): Seen | null {
  const http = own.filter(({ kind }) => kind === "http");
  const seen = (http.length > 0 ? http : own).flatMap((target) => lastSignal(target, nowMs, options) ?? []);
  const good = seen.find(({ signal }) => signal.good);
  return (
    good ??
    seen.reduce<Seen | null>((last, one) => (last === null || one.sinceMs > last.sinceMs ? one : last), null)
  );
}

/** What the last rounds say, once as many of them failed as make a failure; null: nobody checks any more. */
function lastSignal(
  { runs, intervalMs }: TargetEvidence,
  nowMs: number,
  options: DetectOptions,
): Seen | null {
  const last = runs.at(-1);
  if (last === undefined || nowMs - last.lastMs > options.gapFactor * intervalMs) return null;
  const { sinceMs, rounds } = trailingFailed(runs);
  const good = !hasFailed(runs, options);
  const phase = good ? null : last.phase;
  const signal = { good, phase, carried: false, rounds: last.rounds };
  const failsNow = rounds > 0;
  return { signal, sinceMs, failsNow, namelessNow: failsNow && last.phase === "dns" };
}

/** As many of its last rounds failed as make a failure. */
function hasFailed(runs: readonly Run[], { badRounds }: DetectOptions): boolean {
  return trailingFailed(runs).rounds >= badRounds;
}

function trailingFailed(runs: readonly Run[]): { rounds: number; sinceMs: number } {
  let rounds = 0;
  let sinceMs = Infinity;
  for (let index = runs.length - 1; index >= 0 && runs[index]!.verdict !== "ok"; index--) {
    rounds += runs[index]!.rounds;
    sinceMs = runs[index]!.firstMs;
  }
  return { rounds, sinceMs };
}

function toJudgement(verdict: LiveVerdict | undefined): Judgement {
  if (verdict === undefined) return { state: "up", cause: null, confidence: "high", root: null };
  return { state: "down", cause: "unknown", confidence: "low", root: verdict.root };
}
