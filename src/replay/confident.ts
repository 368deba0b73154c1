import type { Cause, Outage, OutageTable } from "../outage/table.ts";

/*
 * Causes that were said with high confidence while it happened, held against the final table.
 */

export interface LiveCause {
  knownMs: number;
  site: string;
  service: string | null;
  cause: Cause;
  root: string;
}

export function createConfident(): {
  hear(standing: readonly Outage[], nowMs: number): void;
  said(): LiveCause[];
} {
  const said: LiveCause[] = [];
  let standing = new Set<string>();
  return {
    hear(rows, nowMs) {
      const now = new Set<string>();
      for (const { site, service, cause, confidence, root, ofLink } of rows) {
        if (confidence !== "high" || cause === "unknown" || ofLink === true) continue;
        const key = `${site}|${service ?? ""}|${cause}|${root}`;
        now.add(key);
        if (!standing.has(key)) said.push({ knownMs: nowMs, site, service, cause, root });
      }
      standing = now;
    },
    said: () => said,
  };
}

/** A verdict is on what lies before it: outages that ended a little earlier are what it was about, ms. */
const justBeforeMs = 180_000;

/** Those of which the table has no outage of that cause at that time, with what it has instead; null: nothing. */
export function findContradicted(
  said: readonly LiveCause[],
  { outages }: Pick<OutageTable, "outages">,
): (LiveCause & { found: Cause | null })[] {
  const bySite = Map.groupBy(outages, ({ site }) => site);
  return said.flatMap((one) => {
    const about = (bySite.get(one.site) ?? []).filter(
      ({ startMs, endMs, ofLink }) =>
        ofLink !== true && startMs <= one.knownMs && (endMs ?? Infinity) > one.knownMs - justBeforeMs,
    );
    const same = about.filter(({ service }) => service === one.service);
    // What a service seemed to be at fault for may turn out to be what cut the site off.
    const found = same.find(({ cause }) => cause === one.cause) ?? same[0] ?? about[0];
    if (found?.service === one.service && found.cause === one.cause) return [];
    return [{ ...one, found: found?.cause ?? null }];
  });
}
