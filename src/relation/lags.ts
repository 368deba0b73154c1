import type { Span } from "../inventory/spans.ts";
import { joinSpans } from "../inventory/spans.ts";
import type { AssociationInput, AssociationSite, Lag } from "./association.ts";
import { blockError } from "./day-blocks.ts";
import { episodeNumbers } from "./enough-data.ts";
import { minuteMs } from "./minutes.ts";
import { tQuantile } from "./quantiles.ts";

/*
 * How long after the network the service went, and came back. Each edge lies somewhere between two rounds, so that a single lag
 * is known to √((Δn² + Δs²)/12): 24 s with rounds of a minute each. An episode counts where both of its edges were seen (the
 * agent was alive) and the centre could reach the service meanwhile; those that begin together are one.
 */

/** An edge of the service further than this from the network's is another matter. */
const farthestMs = 15 * minuteMs;
/** An outage shorter than so many steps of the slower probe may be missed by the check: counting it would choose short lags. */
const leastSteps = 3;
/** An interval of fewer covers too seldom (methods: 0.875 at ten). */
const leastEpisodes = 10;

interface Pair {
  onsetMs: number;
  lagMs: number;
}

export interface Lags {
  onsetLag: Lag;
  recoveryLag: Lag;
}

export function findLags(input: AssociationInput, alpha: number): Lags {
  const { networkStepS = 60, serviceStepS = 60 } = input;
  const leastMs = leastSteps * Math.max(networkStepS, serviceStepS) * 1000;
  const notReached = joinSpans((input.control ?? []).filter(({ failed }) => failed));
  const onsets: Pair[] = [];
  const recoveries: Pair[] = [];
  for (const site of input.sites) {
    const { outages, failures, ...edges } = edgesOf(site);
    for (const outage of outages) {
      if (outage.toMs - outage.fromMs < leastMs || touches(notReached, outage)) continue;
      const inside = failures.filter((failure) => overlap(failure, outage));
      const first = inside[0];
      const last = inside.at(-1);
      if (first === undefined || last === undefined) continue;
      const onsetMs = outage.fromMs;
      if (edges.up.has(outage.fromMs) && edges.well.has(first.fromMs))
        onsets.push({ onsetMs, lagMs: first.fromMs - outage.fromMs });
      if (edges.upAgain.has(outage.toMs) && edges.wellAgain.has(last.toMs))
        recoveries.push({ onsetMs, lagMs: last.toMs - outage.toMs });
    }
  }
  const edgeSdS = Math.sqrt((networkStepS ** 2 + serviceStepS ** 2) / 12);
  return { onsetLag: lagOf(onsets, edgeSdS, alpha), recoveryLag: lagOf(recoveries, edgeSdS, alpha) };
}

/** Outages and failures as wholes, and where a good span ends or begins: an edge beside one was seen. */
function edgesOf({ network, service }: AssociationSite) {
  const up = network.filter(({ out }) => !out);
  const well = service.filter(({ failed }) => !failed);
  return {
    outages: joinSpans(network.filter(({ out }) => out)),
    failures: joinSpans(service.filter(({ failed }) => failed)),
    up: new Set(up.map(({ toMs }) => toMs)),
    upAgain: new Set(up.map(({ fromMs }) => fromMs)),
    well: new Set(well.map(({ toMs }) => toMs)),
    wellAgain: new Set(well.map(({ fromMs }) => fromMs)),
  };
}

const overlap = (a: Span, b: Span) => a.fromMs < b.toMs && b.fromMs < a.toMs;

const touches = (spans: readonly Span[], { fromMs, toMs }: Span) =>
  spans.some((span) => overlap(span, { fromMs: fromMs - farthestMs, toMs: toMs + farthestMs }));

/** Mean over episodes with a t interval of them; those that begin together count as their mean. */
function lagOf(pairs: readonly Pair[], edgeSdS: number, alpha: number): Lag {
  const near = pairs.filter(({ lagMs }) => Math.abs(lagMs) <= farthestMs);
  const { numberOf, count } = episodeNumbers(near.map(({ onsetMs }) => onsetMs / minuteMs));
  const sums = Array.from({ length: count }, () => ({ lagMs: 0, pairs: 0 }));
  for (const [place, { lagMs }] of near.entries()) {
    const episode = sums[numberOf[place]!]!;
    episode.lagMs += lagMs;
    episode.pairs += 1;
  }
  const lags = sums.map((episode) => episode.lagMs / episode.pairs / 1000);
  if (count === 0) return { meanS: null, interval: { low: null, high: null }, episodes: 0, edgeSdS };
  const meanS = lags.reduce((sum, lag) => sum + lag, 0) / count;
  const error = blockError(
    lags.map((lag) => (lag - meanS) / count),
    alpha,
  );
  if (count < leastEpisodes) return { meanS, interval: { low: null, high: null }, episodes: count, edgeSdS };
  // Lags that happen to agree are not known better than their edges.
  const se = Math.max(error?.se ?? 0, edgeSdS / Math.sqrt(count));
  const halfWidth = tQuantile(1 - alpha / 2, count - 1) * se;
  return { meanS, interval: { low: meanS - halfWidth, high: meanS + halfWidth }, episodes: count, edgeSdS };
}
