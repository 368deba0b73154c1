import type { Target } from "../../inventory/inventory.ts";
import type { Span } from "../../inventory/spans.ts";
import type { Standing } from "../../relation/account.ts";
import type { PlainRounds } from "./plain-rounds.ts";

/*
 * What rounds say of an outage: which of them tell of the link, and between which moments it began and ended by them.
 * docs/sla.md has the rules in words, docs/verify-evidence.py applies them again.
 *
 * From elsewhere tells what looks at the site. From the site tell the NOC and public anchors; without them the hub, without
 * that the services (outage/outside.ts). A layer that never answered around the outage is none: its addresses may be
 * filtered. Of a link that is tested by itself only what is bound to it tells.
 */

export interface Seen {
  rounds: PlainRounds;
  target: Pick<Target, "role" | "link" | "of">;
}

export interface Asked {
  site: string;
  /** The link whose own targets tell; null: the outage is the site's. */
  ownLink: string | null;
  /** The link hangs from the district's centre: its hub is the NOC itself. */
  hubIsNoc: boolean;
}

export function tellingOf<T extends Seen>(all: readonly T[], { site, ownLink, hubIsNoc }: Asked): T[] {
  const meant = all.filter(({ target }) => ownLink === null || target.link === ownLink);
  const ofRoles = (...roles: Target["role"][]) => meant.filter(({ target }) => roles.includes(target.role));
  const beyond = hubIsNoc ? ofRoles("noc", "anchor", "hub") : ofRoles("noc", "anchor");
  const layers = [beyond, hubIsNoc ? [] : ofRoles("hub"), ofRoles("service")];
  const layer =
    layers.find((each) => each.some(({ rounds }) => stretchesOf(rounds, true).length > 0)) ??
    layers.find((each) => each.length > 0) ??
    [];
  return [...ofRoles("site").filter(({ target }) => target.of === site), ...layer];
}

/** Between which moments something began or ended, epoch ms; null: nobody measured on that side of it. */
export type Between = readonly [earliestMs: number | null, latestMs: number | null];

/** What lies next to an outage: `up` was measured; at `off` the hours of supply end it, and no round. */
export interface Beside {
  before: "up" | "off" | "unknown";
  after: "up" | "off" | "unknown";
}

/** Of segments in the order of time; what is down on that side is another outage. */
export function besideOf(
  segments: readonly { fromMs: number; toMs: number | null; standing: Standing }[],
  { fromMs, toMs }: Span,
): Beside {
  const said = (standing: Standing = "unknown") => (standing === "down" ? "unknown" : standing);
  return {
    before: said(segments.find((each) => each.toMs === fromMs)?.standing),
    after: said(segments.find((each) => each.fromMs === toMs)?.standing),
  };
}

/**
 * From the last answer before the middle of the outage to the first round that was lost after it, and likewise at its end. A round that
 * was lost tells where its target answers on that side of the outage: it is known to answer then.
 */
export function edgesOf(
  telling: readonly Seen[],
  { fromMs, toMs }: Span,
  { before, after }: Beside,
): { start: Between; end: Between } {
  const middleMs = (fromMs + toMs) / 2;
  const all = telling.map(({ rounds }) => ({
    good: stretchesOf(rounds, true),
    lost: stretchesOf(rounds, false),
  }));
  const good = all.flatMap((each) => each.good);
  const lastMs = most(good.map(({ toMs: ms }) => ms).filter((ms) => ms <= middleMs));
  const nextMs = least(good.map(({ fromMs: ms }) => ms).filter((ms) => ms > middleMs));
  const lostAfter = all
    .filter((each) => each.good.some(({ toMs: ms }) => ms <= middleMs))
    .flatMap(({ lost }) => lost.map(({ fromMs: ms }) => ms))
    .filter((ms) => ms > (lastMs ?? -Infinity) && ms <= toMs);
  const lostBefore = all
    .filter((each) => each.good.some(({ fromMs: ms }) => ms > middleMs))
    .flatMap(({ lost }) => lost.map(({ toMs: ms }) => ms))
    .filter((ms) => ms < (nextMs ?? Infinity) && ms >= fromMs);
  return {
    start: before === "off" ? [fromMs, fromMs] : [before === "up" ? lastMs : null, least(lostAfter)],
    end: after === "off" ? [toMs, toMs] : [most(lostBefore), after === "up" ? nextMs : null],
  };
}

/** Of each round, or of the rounds that were merged into one: begin of the first and of the last. */
function stretchesOf({ timeMs, recv, ok, spanMs }: PlainRounds, isGood: boolean): Span[] {
  const good = recv ?? ok ?? [];
  return timeMs.flatMap((ms, at) =>
    good[at]! > 0 === isGood ? [{ fromMs: ms, toMs: ms + (spanMs?.[at] ?? 0) }] : [],
  );
}

const least = (list: readonly number[]) => list.reduce<number | null>((a, b) => Math.min(a ?? b, b), null);
const most = (list: readonly number[]) => list.reduce<number | null>((a, b) => Math.max(a ?? b, b), null);
