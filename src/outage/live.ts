import type { Tree } from "../inventory/tree.ts";
import type { Hearing, TargetEvidence } from "./evidence.ts";
import { holeMs, lastRoundMs, placesOf, spokenSinceMs } from "./live-places.ts";
import type { Place } from "./live-places.ts";
import { judgeLive } from "./live-rules.ts";
import type { LiveVerdict, Sight } from "./live-rules.ts";
import { othersSight, ownSight } from "./live-sight.ts";
import { heardWithinMs } from "./live-silence.ts";
import type { DetectOptions } from "./signal.ts";

/*
 * Which sites are held for cut off at a moment, asked again and again while the runs grow; the rules are in live-rules.ts.
 *
 * While the centre is silent and most agents with it, it is the collector that does not hear: the moment before stands.
 */

export interface LiveJudge {
  /** The runs of what this site's agent measures have grown since the last question. */
  touch(vantage: string): void;
  /** They have, by a round that says what the one before said, of a site that looks at no other. */
  heard(vantage: string, roundMs: number): void;
  /** By site; those that are not held for cut off are not in it. */
  at(nowMs: number): Map<string, LiveVerdict>;
}

/** Share of agents that are silent at once when the collector itself is deaf. */
const deafRatio = 0.5;

/**
 * `targets`: as in the evidence; their runs may grow between two questions, as may what is known of the hearing.
 */
export function createLiveJudge(
  targets: readonly TargetEvidence[],
  tree: Tree,
  options: DetectOptions,
  hearing: Hearing = {},
  isOnBattery: (site: string) => boolean = () => false,
): LiveJudge {
  const places = placesOf(targets, tree, hearing.rhythms ?? new Map());
  const agents = places.filter(({ own }) => own.length > 0);
  const centre = agents.find(({ parent }) => parent === null);

  /** The moment of which there is something to say: before it when the collector went deaf. */
  function hearingMs(nowMs: number): number {
    const centreMs = centre === undefined ? null : lastRoundMs(centre.own);
    // As soon as it is overdue: whoever was to speak just before it has missed as many rounds by the next one's grace.
    if (centreMs === null || nowMs - centreMs < heardWithinMs(centre!, options)) return nowMs;
    const lost = agents.filter((agent) => {
      const { own, intervalMs } = agent;
      const heardMs = lastRoundMs(own) ?? -Infinity;
      if (nowMs - heardMs >= heardWithinMs(agent, options)) return true;
      // Heard again: the centre will be, too.
      return holeMs(own[0]!, options.gapFactor) > centreMs - 2 * intervalMs;
    });
    return lost.length >= deafRatio * agents.length ? centreMs + heardWithinMs(centre!, options) : nowMs;
  }

  const sights = new Map(places.map((place) => [place.code, toSight(place)]));
  /** Agents of which something is new. */
  const touched = new Set(places.map(({ code }) => code));
  const seenFrom = new Map(
    places.map(({ code, own }) => [
      code,
      new Set(own.flatMap(({ role, of }) => (role === "site" ? [of!] : []))),
    ]),
  );
  let sinceMs = -Infinity;

  function see(): void {
    const others = new Set<string>();
    for (const code of touched) {
      const sight = sights.get(code)!;
      sight.own = ownSight(sight.place);
      for (const of of seenFrom.get(code)!) others.add(of);
      if (code === centre?.code) sinceMs = spokenSinceMs(centre, options.gapFactor);
    }
    touched.clear();
    for (const code of others) {
      const sight = sights.get(code);
      if (sight !== undefined) sight.others = othersSight(sight.place.witnesses);
    }
  }

  return {
    touch: (vantage) => void touched.add(vantage),
    heard(vantage, roundMs) {
      const { own } = sights.get(vantage)!;
      if (own.isPoor) touched.add(vantage);
      else own.heardMs = roundMs;
    },
    at(nowMs) {
      see();
      const atMs = hearingMs(nowMs);
      const listenedMs = Math.max(sinceMs, hearing.listeningSinceMs ?? -Infinity);
      for (const sight of sights.values()) {
        const { own, others, place } = sight;
        sight.silentMs = own.heardMs === null ? 0 : atMs - Math.max(own.heardMs, listenedMs);
        sight.isWatched =
          others.lastMs !== null && others.lastMs >= atMs - options.gapFactor * place.witnessIntervalMs;
      }
      const verdicts = new Map<string, LiveVerdict>();
      const context = { sights, verdicts, options, centre: centre?.code ?? null, isOnBattery };
      for (const { code } of places) {
        const verdict = judgeLive(sights.get(code)!, context);
        if (verdict !== null) verdicts.set(code, verdict);
      }
      return verdicts;
    },
  };
}

function toSight(place: Place): Sight {
  return {
    place,
    own: ownSight({ own: [], outside: [], proofs: [], parent: null }),
    others: othersSight([]),
    silentMs: 0,
    isWatched: false,
  };
}
