import type { Tree } from "../inventory/tree.ts";
import { binomialTail } from "./chance.ts";
import type { Cause, Outage } from "./table.ts";

/*
 * What the inventory may have wrong, by what fell together (methods.md §B1, end): a site whose own outages keep coinciding
 * with those of a hub that it does not hang from, and sites that keep falling together without a hub over them: a mast,
 * a switch, a power line that nobody wrote down. Pure: from the outage table and the tree.
 *
 * Only outages whose root is the site itself are looked at; what a known parent explains, it explains. Two of them coincide when
 * they begin within `withinMs` of each other and overlap. How often that would happen by chance: of the n outages of the one
 * with fewer, each falls next to one of the m of the other with probability 2 m withinMs / window; the chance of k or more of n
 * is binomial (the test of Padmanabhan et al., PAM 2019), times the pairs that were looked at. A storm cuts many sites on one
 * day for no reason of the wiring, so a coincidence counts once a day.
 */

export interface AuditOptions {
  /** Two begin together when no more than this lies between their starts, ms. Default 300,000 (methods.md §B2). */
  withinMs?: number;
  /** Days on which they fell together before it is proposed. Default 3 (methods.md §B1). */
  leastDays?: number;
  /** Share of the outages of the one with fewer that fell together with the other's, 0 to 1. Default 0.5. */
  leastShare?: number;
  /** Chance, over all pairs looked at, below which it is proposed. Default 0.01. */
  mostChance?: number;
}

const defaults: Required<AuditOptions> = {
  withinMs: 300_000,
  leastDays: 3,
  leastShare: 0.5,
  mostChance: 0.01,
};

export interface TopologyProposal {
  /** hub: `sites` seem to hang from `hub`, where the inventory has them elsewhere · group: they share something unnamed. */
  kind: "hub" | "group";
  hub: string | null;
  /** Ascending by code. */
  sites: string[];
  /** Days on which they fell together: of a group those of its closest pair. */
  days: number;
  /** Chance of that by accident, over all pairs looked at; of several pairs the least sure one's, 0 to 1. */
  chance: number;
  /** What most of the outages that fell together were put down to. */
  cause: Cause;
  /** First and last start that they shared, epoch ms. */
  firstMs: number;
  lastMs: number;
}

/** A pair of sites and the starts that they shared, those of `few`. */
interface Pair {
  few: string;
  many: string;
  shared: Outage[];
  chance: number;
  days: number;
}

const dayMs = 86_400_000;

/** `outages`: those that overlap the window, of any site and service, in any order. */
export function auditTopology(
  outages: readonly Outage[],
  tree: Tree,
  window: { fromMs: number; toMs: number },
  options: AuditOptions = {},
): TopologyProposal[] {
  const settings = { ...defaults, ...options };
  const known = new Set(tree.order.map(({ code }) => code));
  const own = outages
    .filter(
      ({ site, root, service, startMs }) =>
        service === null &&
        root === site &&
        known.has(site) &&
        startMs >= window.fromMs &&
        startMs < window.toMs,
    )
    .toSorted((a, b) => a.startMs - b.startMs || (a.site < b.site ? -1 : 1));
  const pairs = findPairs(own, window.toMs - window.fromMs, settings).filter(
    ({ few, many }) => !tree.ancestorsOf(few).includes(many) && !tree.ancestorsOf(many).includes(few),
  );
  const isHub = (code: string) => tree.childrenOf(code).length > 0;
  const underHub = pairs.filter(({ few, many }) => isHub(few) !== isHub(many));
  const alike = pairs.filter(({ few, many }) => isHub(few) === isHub(many));
  const proposals = [
    ...[...Map.groupBy(underHub, ({ few, many }) => (isHub(few) ? few : many))].map(([hub, its]) =>
      toProposal("hub", hub, its),
    ),
    ...components(alike).map((its) => toProposal("group", null, its)),
  ];
  return proposals.sort(
    (a, b) => b.days - a.days || a.chance - b.chance || compare(a.sites[0]!, b.sites[0]!),
  );
}

/** Pairs that fell together often enough, and more often than chance would have it. */
function findPairs(own: readonly Outage[], windowMs: number, settings: Required<AuditOptions>): Pair[] {
  const { withinMs, leastDays, leastShare, mostChance } = settings;
  const counts = new Map<string, number>();
  for (const { site } of own) counts.set(site, (counts.get(site) ?? 0) + 1);
  const shared = coincidences(own, withinMs);
  const candidates = (counts.size * (counts.size - 1)) / 2;
  const found: Pair[] = [];
  for (const { sites, starts } of shared.values()) {
    const [few, many] = sites.toSorted((a, b) => counts.get(a)! - counts.get(b)! || compare(a, b)) as [
      string,
      string,
    ];
    const ofFew = [...new Set(starts.map((pair) => pair.find(({ site }) => site === few)!))];
    const byDay = Map.groupBy(ofFew, ({ startMs }) => Math.floor(startMs / dayMs));
    if (byDay.size < leastDays || ofFew.length < leastShare * counts.get(few)!) continue;
    const chanceOfOne = Math.min(1, (2 * counts.get(many)! * withinMs) / windowMs);
    const chance = Math.min(1, candidates * binomialTail(counts.get(few)!, chanceOfOne, byDay.size));
    if (chance <= mostChance) found.push({ few, many, shared: ofFew, chance, days: byDay.size });
  }
  return found;
}

/** By pair of sites, the outages that began together and overlap: one sweep over the starts, which are ascending. */
function coincidences(own: readonly Outage[], withinMs: number) {
  const shared = new Map<string, { sites: [string, string]; starts: [Outage, Outage][] }>();
  let first = 0;
  for (const [index, outage] of own.entries()) {
    while (own[first]!.startMs < outage.startMs - withinMs) first += 1;
    for (let at = first; at < index; at++) {
      const other = own[at]!;
      if (other.site === outage.site || (other.endMs ?? Infinity) <= outage.startMs) continue;
      const sites: [string, string] =
        other.site < outage.site ? [other.site, outage.site] : [outage.site, other.site];
      const key = sites.join(" ");
      const entry = shared.get(key);
      if (entry === undefined) shared.set(key, { sites, starts: [[other, outage]] });
      else entry.starts.push([other, outage]);
    }
  }
  return shared;
}

/** Pairs that hang together over common sites. */
function components(pairs: readonly Pair[]): Pair[][] {
  const groups: { sites: Set<string>; pairs: Pair[] }[] = [];
  for (const pair of pairs) {
    const touched = groups.filter(({ sites }) => sites.has(pair.few) || sites.has(pair.many));
    const merged = {
      sites: new Set([pair.few, pair.many, ...touched.flatMap(({ sites }) => [...sites])]),
      pairs: [...touched.flatMap((group) => group.pairs), pair],
    };
    for (const group of touched) groups.splice(groups.indexOf(group), 1);
    groups.push(merged);
  }
  return groups.map((group) => group.pairs);
}

function toProposal(kind: "hub" | "group", hub: string | null, pairs: readonly Pair[]): TopologyProposal {
  const sites = [...new Set(pairs.flatMap(({ few, many }) => [few, many]))].filter((code) => code !== hub);
  const shared = pairs.flatMap((pair) => pair.shared);
  const starts = shared.map(({ startMs }) => startMs);
  return {
    kind,
    hub,
    sites: sites.sort(compare),
    days: pairs.reduce((most, { days }) => Math.max(most, days), 0),
    chance: pairs.reduce((most, { chance }) => Math.max(most, chance), 0),
    cause: commonest(shared.map(({ cause }) => cause)),
    firstMs: starts.reduce((a, b) => Math.min(a, b)),
    lastMs: starts.reduce((a, b) => Math.max(a, b)),
  };
}

/** The earlier one by name when equal. */
function commonest(causes: readonly Cause[]): Cause {
  const counted = [...Map.groupBy(causes, (cause) => cause)].map(([cause, all]) => ({
    cause,
    count: all.length,
  }));
  return counted.sort((a, b) => b.count - a.count || compare(a.cause, b.cause))[0]!.cause;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
