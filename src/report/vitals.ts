import type { Inventory, Role, Target } from "../inventory/inventory.ts";
import { figuresOf } from "../series/figures.ts";
import { joinFigures } from "../series/join-figures.ts";
import { keptReplies } from "../series/join.ts";
import type { Rounds, SeriesStore } from "../series/series-store.ts";
import { quantileMs } from "./steps.ts";
import type { TargetStatus } from "./reader.ts";
import { lossRatioOf } from "./series-query.ts";

export interface Vitals {
  rttMs: number | null;
  lossRatio: number | null;
}

/** What tells most of the way to the NOC, first. */
const uplinkRoles: readonly Role[] = ["hub", "noc", "anchor"];
const windowMs = 3_600_000;

/** Round-trip time and loss of the last hour on each site's way up: one read of one target a site. */
export async function readVitals(
  series: SeriesStore,
  inventory: Inventory,
  nowMs: number,
): Promise<Map<string, Vitals>> {
  const chosen = new Map<string, Target>();
  for (const target of inventory.targets.values()) {
    const rank = rankOf(target);
    if (rank >= 0 && rank < rankOf(chosen.get(target.site))) chosen.set(target.site, target);
  }
  const siteByKey = new Map([...chosen.values()].map((target) => [target.key, target.site]));
  const vitals = new Map<string, Vitals>();
  const range = { fromMs: nowMs - windowMs, toMs: nowMs + 1 };
  for (const found of await series.read([...siteByKey.keys()], range.fromMs, range.toMs)) {
    if (found.kind !== "icmp") continue;
    const steps = [...figuresOf(found, { ...range, stepMs: windowMs })];
    if (steps.length === 0) continue;
    const { times, sent, received } = joinFigures(steps.map(({ figures }) => figures));
    vitals.set(siteByKey.get(found.key)!, {
      rttMs: quantileMs(times["rtt"]!, 0.5),
      lossRatio: lossRatioOf(sent, received),
    });
  }
  return vitals;
}

/** Place in uplinkRoles; −1: does not tell of the way up. Nothing chosen yet ranks last. */
function rankOf(target: Target | undefined): number {
  if (target === undefined) return uplinkRoles.length;
  return target.probe.kind === "icmp" ? uplinkRoles.indexOf(target.role) : -1;
}

/**
 * The last round of every target in which anything was measured; a target without one has no status. Rounds come with
 * their agent's reports: `silenceMs` is how long a healthy agent may leave us without any. Slow targets get three of
 * their own intervals. Targets of one such window are read together.
 */
export async function readTargetStatus(
  series: SeriesStore,
  inventory: Inventory,
  nowMs: number,
  silenceMs: number,
): Promise<TargetStatus[]> {
  const status: TargetStatus[] = [];
  const groups = Map.groupBy(inventory.targets.values(), ({ probe }) =>
    Math.max(3 * probe.intervalS * 1000, silenceMs),
  );
  for (const [windowMs, targets] of groups) {
    const byKey = new Map(targets.map((target) => [target.key, target]));
    for (const rounds of await series.read([...byKey.keys()], nowMs - windowMs, nowMs + 1)) {
      const target = byKey.get(rounds.key)!;
      // A target that is measured another way since a reload has rounds of both kinds for a while.
      if (rounds.kind !== target.probe.kind) continue;
      const last = lastMeasured(rounds);
      if (last < 0) continue;
      status.push({
        key: target.key,
        site: target.site,
        id: target.probe.id,
        kind: rounds.kind,
        timeMs: rounds.timeMs[last]! + (rounds.spanMs?.[last] ?? 0),
        ...outcomeOf(rounds, last),
      });
    }
  }
  return status;
}

/**
 * Place of the last round that says anything; −1: none. Without a request that left there is no answer to miss, unless it
 * did not leave because there was no route.
 */
function lastMeasured(rounds: Rounds): number {
  if (rounds.kind !== "icmp") return rounds.timeMs.length - 1;
  return rounds.sent.findLastIndex((sent, at) => sent > 0 || rounds.unsent?.[at] === "route");
}

type Outcome = Pick<TargetStatus, "ok" | "durationS" | "lossRatio" | "certExpiresMs">;

function outcomeOf(rounds: Rounds, at: number): Outcome {
  if (rounds.kind !== "icmp") {
    const totalMs = durationMs(rounds, at);
    return {
      ok: rounds.ok[at] === 1,
      durationS: totalMs === null ? null : totalMs / 1000,
      lossRatio: null,
      certExpiresMs: certExpiresMs(rounds, at),
    };
  }
  const received = rounds.recv[at]!;
  const sent = rounds.sent[at]!;
  const kept = keptReplies(rounds);
  const later = kept.slice(at + 1).reduce((sum, count) => sum + count, 0);
  const end = rounds.rttUs.length - later;
  const ms = quantileMs({ us: rounds.rttUs.slice(end - kept[at]!, end) }, 0.5);
  return {
    ok: received > 0,
    durationS: ms === null ? null : ms / 1000,
    lossRatio: lossRatioOf(sent, received),
    certExpiresMs: null,
  };
}

function certExpiresMs(rounds: Rounds, at: number): number | null {
  const expiresS = rounds.kind === "http" ? (rounds.certExpiresS[at] ?? null) : null;
  return expiresS === null ? null : rounds.timeMs[at]! + expiresS * 1000;
}

/** How long a check took, ms; null: it has no duration. */
function durationMs(rounds: Exclude<Rounds, { kind: "icmp" }>, at: number): number | null {
  switch (rounds.kind) {
    case "snmp":
      return null;
    case "tcp":
      return rounds.connectMs[at] ?? null;
    case "http":
    case "dns":
      return rounds.totalMs[at] ?? null;
  }
}
