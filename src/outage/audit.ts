import type { Tree } from "../inventory/tree.ts";
import { binomialTail } from "./chance.ts";
import { coincidences, dayOf, withoutDistrictEvents } from "./coincidence.ts";
import type { AuditedOutage } from "./coincidence.ts";
import type { Cause } from "./table.ts";

/*
 * What the inventory may have wrong, by what fell together (methods.md §B1, end): a site whose own outages keep coinciding
 * with those of a hub that it does not hang from, and sites that keep falling together without a hub over them: a mast,
 * a switch, a power line that nobody wrote down. Pure: from the outage table and the tree.
 *
 * Only outages whose root is the site itself are looked at; what a known parent explains, it explains. Two of them coincide when
 * they begin within `withinMs` of each other and overlap. How often that would happen by chance: of the n outages of the one
 * with fewer, each falls next to one of the m of the other with probability 2 m withinMs / window; the chance of k or more of n
 * is binomial (the test of Padmanabhan et al., PAM 2019), times the pairs that were looked at. A storm cuts many sites on one
 * day for no reason of the wiring, so a coincidence counts once a day of UTC: in Indonesia days end in the morning, and no
 * storm of an evening is two. What cuts off the better part of the district at once, such as its power, is nobody's wiring
 * either: those outages are left out, and so is a group that would be as large.
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
  /**
   * Share of the district's sites beyond which what falls together is an event of the district, 0 to 1. A judgement: default
   * a third. In small districts four sites are none yet.
   */
  mostOfDistrict?: number;
}

const defaults: Required<AuditOptions> = {
  withinMs: 300_000,
  leastDays: 3,
  leastShare: 0.5,
  mostChance: 0.01,
  mostOfDistrict: 1 / 3,
};

/** So many sites may always share something. */
const smallGroup = 4;

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
  shared: AuditedOutage[];
  chance: number;
  days: number;
}

/** `outages`: those that overlap the window, of any site and service, in any order. */
export function auditTopology(
  outages: readonly AuditedOutage[],
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
  const mostSites = Math.max(smallGroup, Math.floor(settings.mostOfDistrict * known.size));
  const apart = withoutDistrictEvents(own, settings.withinMs, mostSites);
  const pairs = findPairs(apart, window.toMs - window.fromMs, settings).filter(
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
  const told = proposals.filter(({ sites }) => sites.length <= mostSites);
  return told.sort((a, b) => b.days - a.days || a.chance - b.chance || compare(a.sites[0]!, b.sites[0]!));
}

/** Pairs that fell together often enough, and more often than chance would have it. */
function findPairs(
  own: readonly AuditedOutage[],
  windowMs: number,
  settings: Required<AuditOptions>,
): Pair[] {
  const { withinMs, leastDays, leastShare, mostChance } = settings;
  const counts = new Map<string, number>();
  for (const { site } of own) counts.set(site, (counts.get(site) ?? 0) + 1);
  const candidates = (counts.size * (counts.size - 1)) / 2;
  const found: Pair[] = [];
  for (const starts of coincidences(own, withinMs, leastDays).values()) {
    const [few, many] = starts[0]!
      .map(({ site }) => site)
      .toSorted((a, b) => counts.get(a)! - counts.get(b)! || compare(a, b)) as [string, string];
    const ofFew = [...new Set(starts.map((pair) => pair.find(({ site }) => site === few)!))];
    const days = new Set(ofFew.map(({ startMs }) => dayOf(startMs))).size;
    if (days < leastDays || ofFew.length < leastShare * counts.get(few)!) continue;
    const chanceOfOne = Math.min(1, (2 * counts.get(many)! * withinMs) / windowMs);
    const chance = Math.min(1, candidates * binomialTail(counts.get(few)!, chanceOfOne, days));
    if (chance <= mostChance) found.push({ few, many, shared: ofFew, chance, days });
  }
  return found;
}

/** Pairs that hang together over common sites. */
function components(pairs: readonly Pair[]): Pair[][] {
  const above = new Map<string, string>();
  const headOf = (site: string) => {
    let head = site;
    for (let next = above.get(head); next !== undefined; next = above.get(head)) head = next;
    // The next look-up is a short one.
    if (head !== site) above.set(site, head);
    return head;
  };
  for (const { few, many } of pairs) {
    const [a, b] = [headOf(few), headOf(many)];
    if (a !== b) above.set(a, b);
  }
  return [...Map.groupBy(pairs, ({ few }) => headOf(few)).values()];
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
