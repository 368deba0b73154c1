import type { Rhythm } from "../outage/evidence.ts";

/*
 * How agents usually report, as the collector hears it: some send each round as it is taken, some collect them for a
 * minute, one whose budget is spent gives a sign of life an hour. From when on a silence tells something hangs on that.
 */

export interface Rhythms {
  /** A report of the site's agent has come, whose newest round began at `roundMs`. One that brings nothing newer says nothing. */
  heard(site: string, roundMs: number, nowMs: number): void;
  /** Grows with what is heard; agents that were heard a few times alone are not in it. */
  readonly bySite: ReadonlyMap<string, Rhythm>;
  /**
   * Since when reports have come without a pause in which most agents should have been heard, epoch ms: in such a pause the
   * collector was deaf, and whoever was not heard again since has had no time for it. −Infinity: there was none.
   */
  readonly hearingSinceMs: number;
}

/** Reports that are remembered of an agent. */
const kept = 16;
/** Reports between two readings of what is usual. */
const readEvery = 8;
/**
 * Share of an agent's reports that come no later than is usual. A change is reported at once, which makes some come early;
 * what an outage or a lost report takes makes some come late.
 */
const usualShare = 0.75;

interface Heard {
  lastMs: number;
  reports: number;
  silencesMs: Float64Array;
  stepsMs: Float64Array;
}

/** A pause of all is one of the collector when it is so much longer than the silences of half of the agents. */
const deafFactor = 1.25;

export function createRhythms(): Rhythms {
  const bySite = new Map<string, Rhythm>();
  const agents = new Map<string, Heard>();
  let lastMs = Infinity;
  let hearingSinceMs = -Infinity;
  let deafMs = Infinity;
  return {
    bySite,
    get hearingSinceMs() {
      return hearingSinceMs;
    },
    heard(site, roundMs, nowMs) {
      if (nowMs - lastMs > deafMs) hearingSinceMs = nowMs;
      lastMs = nowMs;
      const agent = agents.get(site);
      if (agent === undefined) {
        const silencesMs = new Float64Array(kept);
        agents.set(site, { lastMs: roundMs, reports: 0, silencesMs, stepsMs: new Float64Array(kept) });
        return;
      }
      if (roundMs <= agent.lastMs) return;
      const place = agent.reports % kept;
      agent.silencesMs[place] = nowMs - agent.lastMs;
      agent.stepsMs[place] = roundMs - agent.lastMs;
      agent.lastMs = roundMs;
      agent.reports += 1;
      if (agent.reports % readEvery !== 0) return;
      const count = Math.min(agent.reports, kept);
      const silencesMs = agent.silencesMs.subarray(0, count).toSorted();
      const silenceMs = at(usualShare, silencesMs);
      bySite.set(site, {
        silenceMs,
        spreadMs: silenceMs - at(1 - usualShare, silencesMs),
        stepMs: at(usualShare, agent.stepsMs.subarray(0, count).toSorted()),
      });
      deafMs = deafFactor * medianOf([...bySite.values()].map(({ silenceMs }) => silenceMs));
    },
  };
}

const at = (share: number, sorted: Float64Array) => sorted[Math.ceil(share * sorted.length) - 1]!;

function medianOf(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1]!;
}
