import { startsOf } from "#wire/summary-v1.ts";
import type { Inventory, Target } from "../inventory/inventory.ts";
import type { ServiceSpan } from "../relation/association.ts";
import type { Outcomes, SeriesStore } from "../series/series-store.ts";

/*
 * What a service's own checks said at each site, in run-length form, a day of UTC at a time: the outcome of the association,
 * which nothing of the network may enter (methods.md §D1). A month of the district is seven million rounds and a few
 * thousand runs, so that the runs are kept once they were read, and dropped where rounds come late.
 */

/** A stretch of what a check said. */
export interface OutcomeSpan extends ServiceSpan {
  /** In place of a round that did not come: nobody measured it, and what the last one said is carried forward. */
  carried?: true;
}

export interface OutcomeDays {
  /** Ascending, of the sites that check the service. */
  read(service: string, fromMs: number, toMs: number): Promise<ReadonlyMap<string, OutcomeSpan[]>>;
  /** Rounds of these keys from `fromMs` on are new. */
  touched(keys: readonly string[], fromMs: number): void;
  /** Another number when rounds before `toMs` have come to what was read already. */
  stamp(toMs: number): number;
}

const dayMs = 86_400_000;
/** A check is good for as long as until the next, and this many intervals at most; then nothing was observed. */
const gapIntervals = 2.5;
/** Days of one key that are kept: a year with room. */
const mostDays = 400;

export function createOutcomeDays(
  series: Pick<SeriesStore, "outcomes">,
  inventory: () => Inventory,
): OutcomeDays {
  /** By key, then by day since 1970. */
  const kept = new Map<string, Map<number, OutcomeSpan[]>>();
  /** How often rounds came to what was kept, by the day of the first of them. */
  const comings = new Map<number, number>();
  let touches = 0;

  async function readKey({ key, probe }: Target, firstDay: number, lastDay: number): Promise<OutcomeSpan[]> {
    const days = kept.get(key) ?? new Map<number, OutcomeSpan[]>();
    kept.set(key, days);
    const intervalMs = probe.intervalS * 1000;
    const all = new Map<number, OutcomeSpan[]>();
    for (let day = firstDay; day <= lastDay; day++) {
      const known = days.get(day);
      if (known !== undefined) {
        all.set(day, known);
        continue;
      }
      // One read for the days in a row that are missing.
      let end = day;
      while (end < lastDay && !days.has(end + 1)) end += 1;
      // The round before midnight reaches beyond it.
      const before = touches;
      const found = await series.outcomes([key], day * dayMs - gapIntervals * intervalMs, (end + 1) * dayMs);
      const spans = toSpans(found, intervalMs);
      for (let at = day; at <= end; at++) {
        const ofDay = clip(spans, at * dayMs, (at + 1) * dayMs);
        all.set(at, ofDay);
        // What came while it was read may not be in it.
        if (touches === before) days.set(at, ofDay);
      }
      day = end;
    }
    for (const oldest of days.keys()) {
      if (days.size <= mostDays) break;
      days.delete(oldest);
    }
    return [...all].toSorted(([a], [b]) => a - b).flatMap(([, spans]) => spans);
  }

  return {
    async read(service, fromMs, toMs) {
      const bySite = new Map<string, OutcomeSpan[]>();
      for (const target of decidingChecks(inventory(), service)) {
        const spans = await readKey(target, Math.floor(fromMs / dayMs), Math.ceil(toMs / dayMs) - 1);
        const clipped = clip(spans, fromMs, toMs);
        const other = bySite.get(target.site);
        bySite.set(target.site, other === undefined ? clipped : eitherFailed(other, clipped));
        // Reading is synchronous below: let requests in between.
        await new Promise((resolve) => setImmediate(resolve));
      }
      return bySite;
    },
    touched(keys, fromMs) {
      // The round before may reach into the next one's place.
      const first = Math.floor((fromMs - dayMs / 24) / dayMs);
      for (const key of keys) {
        const days = kept.get(key);
        if (days === undefined) continue;
        touches += 1;
        comings.set(first, (comings.get(first) ?? 0) + 1);
        for (const day of days.keys()) if (day >= first) days.delete(day);
      }
    },
    stamp(toMs) {
      let sum = 0;
      for (const [day, count] of comings) if (day * dayMs < toMs) sum += count;
      return sum;
    },
  };
}

/**
 * Share of what was observed that was carried forward. The network's probes are carried as far, and by the same agent: where it
 * was silent both were.
 */
export function carriedRatio(bySite: Iterable<readonly OutcomeSpan[]>): number {
  let [carriedMs, allMs] = [0, 0];
  for (const spans of bySite) {
    for (const { fromMs, toMs, carried } of spans) {
      allMs += toMs - fromMs;
      if (carried) carriedMs += toMs - fromMs;
    }
  }
  return allMs === 0 ? 0 : carriedMs / allMs;
}

/** As in outage/services.ts: the HTTP checks of a site, or the name look-ups where it has none. */
function decidingChecks(inventory: Inventory, service: string): Target[] {
  const bySite = Map.groupBy(
    [...inventory.targets.values()].filter(
      (target) => target.role === "service" && target.service === service,
    ),
    (target) => target.site,
  );
  return [...bySite.values()].flatMap((targets) => {
    const http = targets.filter(({ probe }) => probe.kind === "http");
    return http.length > 0 ? http : targets;
  });
}

/** Each round holds until the next; those that say the same and follow one another are one span. */
export function toSpans(pieces: readonly Outcomes[], intervalMs: number): OutcomeSpan[] {
  const spans: OutcomeSpan[] = [];
  const add = (startMs: number, failed: boolean) => {
    const last = spans.at(-1);
    if (last !== undefined && startMs < last.toMs) last.toMs = Math.max(last.fromMs, startMs);
    const toMs = startMs + intervalMs;
    const gapMs = last === undefined ? Infinity : startMs - last.toMs;
    if (last !== undefined && gapMs <= (gapIntervals - 1) * intervalMs) {
      // A round that came a little late leaves no hole; one that did not come is carried forward to the next.
      if (gapMs <= intervalMs / 2) last.toMs = startMs;
      else spans.push({ fromMs: last.toMs, toMs: startMs, failed: last.failed, carried: true });
      if (spans.at(-1) === last && last.failed === failed) {
        last.toMs = toMs;
        return;
      }
    }
    spans.push({ fromMs: startMs, toMs, failed });
  };
  for (const { timeMs, ok, merged, spanMs } of pieces) {
    for (let row = 0; row < timeMs.length; row++) {
      const failed = ok[row] !== 1;
      const rounds = merged?.[row] ?? 1;
      if (rounds === 1) add(timeMs[row]!, failed);
      else for (const startMs of startsOf(timeMs[row]!, rounds, spanMs![row]!)) add(startMs, failed);
    }
  }
  return spans.filter((span) => span.fromMs < span.toMs);
}

function clip(spans: readonly OutcomeSpan[], fromMs: number, toMs: number): OutcomeSpan[] {
  return spans
    .filter((span) => span.fromMs < toMs && span.toMs > fromMs)
    .map((span) => ({ ...span, fromMs: Math.max(span.fromMs, fromMs), toMs: Math.min(span.toMs, toMs) }));
}

/** Of two checks of one service at a site: failed while either did, observed while either was. */
function eitherFailed(a: readonly OutcomeSpan[], b: readonly OutcomeSpan[]): OutcomeSpan[] {
  const edges = [...new Set([...a, ...b].flatMap(({ fromMs, toMs }) => [fromMs, toMs]))].sort(
    (x, y) => x - y,
  );
  const spans: OutcomeSpan[] = [];
  let [atA, atB] = [0, 0];
  for (const [index, fromMs] of edges.slice(0, -1).entries()) {
    const toMs = edges[index + 1]!;
    while (atA < a.length && a[atA]!.toMs <= fromMs) atA += 1;
    while (atB < b.length && b[atB]!.toMs <= fromMs) atB += 1;
    const here = [a[atA], b[atB]].filter((span) => span !== undefined && span.fromMs <= fromMs);
    if (here.length === 0) continue;
    const failed = here.some((span) => span!.failed);
    const carried = here.every((span) => span!.carried === true);
    const last = spans.at(-1);
    if (last?.failed === failed && (last.carried ?? false) === carried && last.toMs === fromMs)
      last.toMs = toMs;
    else spans.push({ fromMs, toMs, failed, ...(carried ? { carried } : {}) });
  }
  return spans;
}
