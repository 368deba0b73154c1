import { joinRounds } from "../../src/series/join.ts";
import type { Rounds } from "../../src/series/series-store.ts";
import type { EventEvidence, Evidence } from "../../src/outage/evidence.ts";
import { targetFacts } from "../../src/watch/run-cache.ts";
import { addRounds } from "../../src/watch/runs.ts";
import { epochMs } from "./evidence.ts";
import { centre, intervalS } from "./random-district.ts";
import type { Fault, RandomDistrict, Way } from "./random-district.ts";

/* What the agents of a random district measure, and how things truly stood there. Seconds are those of the world. */

/** One agent's rounds and events of a stretch of time. */
export interface Piece {
  site: string;
  fromS: number;
  toS: number;
  rounds: Rounds[];
  events: EventEvidence[];
}

export type Span = readonly [fromS: number, toS: number];

/** How the district truly stands: by the faults alone, whoever measured it. */
export function createTruth({ pathOf }: RandomDistrict, faults: readonly Fault[]) {
  const is = (kind: Fault["kind"], site: string, atS: number) =>
    faults.some(
      (fault) => fault.kind === kind && fault.site === site && atS >= fault.fromS && atS < fault.toS,
    );
  const hasPower = (site: string, atS: number) => !is("power", site, atS);
  const passes = ({ links, routers }: Pick<Way, "links" | "routers">, atS: number) =>
    links.every((site) => !is("cut", site, atS)) && routers.every((site) => hasPower(site, atS));
  const serves = (atS: number) =>
    !faults.some(({ kind, fromS, toS }) => kind === "service" && atS >= fromS && atS < toS);
  return {
    measures: (site: string, atS: number) => hasPower(site, atS) && !is("silent", site, atS),
    passes,
    serves,
    /** Whether the site reaches the centre; the centre itself, the world. */
    isConnected: (site: string, atS: number) =>
      hasPower(site, atS) && passes(site === centre ? { links: [centre], routers: [] } : pathOf(site), atS),
    reachesService: (site: string, atS: number) =>
      hasPower(site, atS) &&
      passes({ links: [...pathOf(site).links, centre], routers: pathOf(site).routers }, atS) &&
      serves(atS),
  };
}

/**
 * All that is measured in [0, toS), in pieces of `pieceS` of one agent each. Every target has a second of its own in the
 * interval, so that no two see an edge at the same moment.
 */
export function measureDistrict(
  district: RandomDistrict,
  faults: readonly Fault[],
  { toS, pieceS }: { toS: number; pieceS: number },
): Piece[] {
  const truth = createTruth(district, faults);
  const pieces: Piece[] = [];
  for (let fromS = 0; fromS < toS; fromS += pieceS) {
    const endS = Math.min(fromS + pieceS, toS);
    for (const site of district.sites) {
      const rounds: Rounds[] = [];
      for (const [index, way] of district.ways.entries()) {
        if (way.site !== site) continue;
        const phaseS = (index * 7) % intervalS;
        const seconds: number[] = [];
        for (
          let atS = Math.ceil((fromS - phaseS) / intervalS) * intervalS + phaseS;
          atS < endS;
          atS += intervalS
        )
          if (truth.measures(site, atS)) seconds.push(atS);
        if (seconds.length > 0)
          rounds.push(
            toRounds(
              way,
              seconds,
              seconds.map((atS) => truth.passes(way, atS) && (way.role !== "service" || truth.serves(atS))),
            ),
          );
      }
      const events = faults.flatMap(({ kind, site: at, toS: backS }): EventEvidence[] =>
        kind === "power" && at === site && backS >= fromS && backS < endS && truth.measures(site, backS)
          ? [started(site, backS)]
          : [],
      );
      if (rounds.length + events.length > 0) pieces.push({ site, fromS, toS: endS, rounds, events });
    }
  }
  return pieces;
}

const started = (site: string, atS: number): EventEvidence => ({
  site,
  timeMs: epochMs + atS * 1000,
  type: "agent.start",
  detail: { hostBootChanged: true, cleanStop: false },
});

function toRounds({ key, role }: Way, seconds: readonly number[], good: readonly boolean[]): Rounds {
  const timeMs = seconds.map((second) => epochMs + second * 1000);
  const ok = good.map((is) => (is ? (1 as const) : (0 as const)));
  if (role === "service")
    return {
      key,
      kind: "tcp",
      timeMs,
      ok,
      phase: good.map((is) => (is ? null : "connect")),
      connectMs: good.map((is) => (is ? 12 : null)),
    };
  return {
    key,
    kind: "icmp",
    timeMs,
    sent: ok.map(() => 1),
    recv: [...ok],
    rttUs: ok.flatMap((is) => (is === 1 ? [900] : [])),
  };
}

/** The evidence of what was delivered, as the store would have it: each target's rounds joined, in the order given. */
export function evidenceOfPieces(
  { inventory }: RandomDistrict,
  pieces: readonly Piece[],
  { fromMs, nowMs, gapFactor }: { fromMs: number; nowMs: number; gapFactor: number },
): Evidence {
  const byKey = Map.groupBy(
    pieces.flatMap(({ rounds }) => rounds),
    ({ key }) => key,
  );
  return {
    fromMs,
    nowMs,
    events: pieces.flatMap(({ events }) => events),
    targets: [...inventory.targets.values()].map((target) => {
      const intervalMs = target.probe.intervalS * 1000;
      const all = joinRounds(byKey.get(target.key) ?? []);
      return {
        ...targetFacts(target),
        intervalMs,
        runs: all === null ? [] : addRounds([], all, intervalMs, gapFactor),
      };
    }),
  };
}
