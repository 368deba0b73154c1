import type { Tree } from "../inventory/tree.ts";
import type { Evidence } from "./evidence.ts";
import { createLiveJudge } from "./live.ts";
import type { LiveVerdict } from "./live.ts";
import { wholeSecond } from "./signal.ts";
import type { DetectOptions } from "./signal.ts";
import type { Outage } from "./table.ts";

/** What live.ts holds for cut off beside the sites in `open`, of which the table itself tells; ordered by site. */
export function findSuspects(
  { targets, nowMs, listeningSinceMs }: Evidence,
  tree: Tree,
  options: DetectOptions,
  open: ReadonlySet<string>,
): Outage[] {
  const verdicts = createLiveJudge(targets, tree, options, listeningSinceMs).at(nowMs);
  return [...verdicts]
    .filter(([site]) => !open.has(site))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([site, verdict]) => toRow(site, verdict, tree, nowMs));
}

function toRow(site: string, { state, sinceMs, root }: LiveVerdict, tree: Tree, nowMs: number): Outage {
  const links = tree.linksOf(site);
  return {
    site,
    link: links.length === 1 ? links[0]!.id : null,
    service: null,
    startMs: Math.min(wholeSecond(sinceMs), nowMs - 1000),
    endMs: null,
    cause: "unknown",
    confidence: "low",
    evidence: [
      { fact: state === "suspected" ? "silence.suspected" : "signs.weak", target: null, detail: {} },
    ],
    root,
  };
}
