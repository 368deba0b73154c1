import type { Blip } from "../outage/blips.ts";
import type { OutageTable } from "../outage/table.ts";
import type { WatchWrite } from "../state/state-store.ts";

/** What is written, but for when it was learned. */
export type BlipChange = Omit<NonNullable<WatchWrite["blips"]>, "knownMs">;

/**
 * What to write so that the store has from `fromMs` on the blips that the table has. Left alone are, as for states, sites that
 * the table does not know, and what lies before the first moment that it speaks of a site.
 */
export function diffBlips(
  stored: readonly Blip[],
  { states, blips }: Pick<OutageTable, "states" | "blips">,
  fromMs: number,
): BlipChange {
  if (stored.length === 0 && blips.length === 0) return { gone: [], found: [] };
  const sinceMs = new Map<string, number>();
  for (const { site, link, service, startMs } of states)
    if (service === "" && link === undefined && !sinceMs.has(site))
      sinceMs.set(site, Math.max(fromMs, startMs));
  const isJudged = ({ site, startMs }: Blip) => startMs >= (sinceMs.get(site) ?? Infinity);
  return missing(stored.filter(isJudged), blips.filter(isJudged));
}

/** Of two lists, what either has and the other has not. */
export function missing(stored: readonly Blip[], wanted: readonly Blip[]): BlipChange {
  const [have, want] = [new Set(stored.map(contentOf)), new Set(wanted.map(contentOf))];
  return {
    gone: stored.filter((blip) => !want.has(contentOf(blip))),
    found: wanted.filter((blip) => !have.has(contentOf(blip))),
  };
}

function contentOf({ site, startMs, endMs, cause, measured, root }: Blip): string {
  return `${site}|${startMs}|${endMs}|${cause}|${measured}|${root}`;
}
