import type { Outage } from "./table.ts";

/* What began together, of a district's outages in ascending order of their starts; audit.ts asks what that tells of its wiring. */

/** What the audit looks at of an outage. */
export type AuditedOutage = Pick<Outage, "site" | "root" | "service" | "startMs" | "endMs" | "cause">;

const dayMs = 86_400_000;

/** Of UTC. */
export const dayOf = (ms: number) => Math.floor(ms / dayMs);

/** The outages, ascending, without those that began among such of more sites than `mostSites`, all within `withinMs`. */
export function withoutDistrictEvents(
  own: readonly AuditedOutage[],
  withinMs: number,
  mostSites: number,
): AuditedOutage[] {
  const counts = new Map<string, number>();
  let first = 0;
  const isOut = new Uint8Array(own.length);
  let outUntil = 0;
  for (const [index, { site, startMs }] of own.entries()) {
    counts.set(site, (counts.get(site) ?? 0) + 1);
    for (; own[first]!.startMs < startMs - withinMs; first++) {
      const left = counts.get(own[first]!.site)! - 1;
      if (left === 0) counts.delete(own[first]!.site);
      else counts.set(own[first]!.site, left);
    }
    if (counts.size <= mostSites) continue;
    isOut.fill(1, Math.max(first, outUntil), index + 1);
    outUntil = index + 1;
  }
  return own.filter((_, index) => isOut[index] === 0);
}

/**
 * By pair of sites, the outages that began together and overlap, of pairs that did so on `leastDays` days or more. Most pairs of
 * a large district met once, so they are counted first, and only what is left of them is gathered.
 */
export function coincidences(
  own: readonly AuditedOutage[],
  withinMs: number,
  leastDays: number,
): Map<number, [AuditedOutage, AuditedOutage][]> {
  const places = new Map([...new Set(own.map(({ site }) => site))].map((site, index) => [site, index]));
  const pairOf = (a: AuditedOutage, b: AuditedOutage) => {
    const [x, y] = [places.get(a.site)!, places.get(b.site)!];
    return Math.min(x, y) * places.size + Math.max(x, y);
  };
  // Days by the start of the later one; that of the other may be the day before, so a day more is allowed for.
  const seen = new Map<number, { days: number; last: number }>();
  eachCoincidence(own, withinMs, (other, outage) => {
    const key = pairOf(other, outage);
    const day = dayOf(outage.startMs);
    const entry = seen.get(key);
    const crosses = dayOf(other.startMs) === day ? 0 : 1;
    if (entry === undefined) seen.set(key, { days: 1 + crosses, last: day });
    else {
      entry.days += (entry.last === day ? 0 : 1) + crosses;
      entry.last = day;
    }
  });
  const shared = new Map<number, [AuditedOutage, AuditedOutage][]>();
  eachCoincidence(own, withinMs, (other, outage) => {
    const key = pairOf(other, outage);
    if (seen.get(key)!.days < leastDays) return;
    const starts = shared.get(key);
    if (starts === undefined) shared.set(key, [[other, outage]]);
    else starts.push([other, outage]);
  });
  return shared;
}

/** One sweep over the starts, which are ascending. */
function eachCoincidence(
  own: readonly AuditedOutage[],
  withinMs: number,
  tell: (earlier: AuditedOutage, later: AuditedOutage) => void,
): void {
  let first = 0;
  for (const [index, outage] of own.entries()) {
    while (own[first]!.startMs < outage.startMs - withinMs) first += 1;
    for (let at = first; at < index; at++) {
      const other = own[at]!;
      if (other.site !== outage.site && (other.endMs ?? Infinity) > outage.startMs) tell(other, outage);
    }
  }
}
