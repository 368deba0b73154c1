import { firstThere } from "./seek.ts";
import type { Outage } from "./table.ts";

/** An outage as it was written down: with its name, its place among revisions and when it was learned. */
export interface RevisedOutage extends Outage {
  id: string;
  incident: string;
  revision: number;
  knownMs: number;
  withdrawn: boolean;
}

export interface ReviseInput {
  /** Newest revisions of what was known, withdrawn ones left out, of everything that touches [fromMs, …). */
  previous: readonly RevisedOutage[];
  table: readonly Outage[];
  /** Start of the evidence that the table was made from: nothing earlier is judged anew. */
  fromMs: number;
  /**
   * Outages that began before this are known better from earlier evidence: they are carried on, and only their end is
   * taken from the table. Default: fromMs.
   */
  carriedBeforeMs?: number;
  /** Whether the site, link or service is still watched; what is known of others stays, and ends with the watching. Default: all are. */
  isWatched?: (outage: Pick<Outage, "site" | "service" | "link" | "ofLink">) => boolean;
  knownMs: number;
  /** A name that no other text gets, from this text. */
  idOf: (text: string) => string;
}

/**
 * What has to be written so that the record says what the table says. An outage keeps its id as long as something of it
 * remains; one of which nothing remains is withdrawn. Nothing changed: nothing returned.
 */
export function revise(input: ReviseInput): RevisedOutage[] {
  const { previous, table, fromMs, knownMs, carriedBeforeMs = fromMs, isWatched = () => true } = input;
  const reviewed = previous.filter((outage) => outage.endMs === null || outage.endMs > fromMs);
  const judgedAnew = reviewed.filter(isWatched);
  const partners = match(judgedAnew, table, carriedBeforeMs);
  const matched = new Set([...partners.values()].map((outage) => outage.id));
  const changes = reviewed
    .filter((old) => !matched.has(old.id))
    .flatMap((old) => revisePartnerless(old, carriedBeforeMs, isWatched(old), knownMs));
  const incidents = createIncidents(reviewed);
  // Rows at the root first: the incident is named after them.
  const rootFirst = [...table].sort((a, b) => Number(b.site === b.root) - Number(a.site === a.root));
  for (const found of rootFirst) {
    const old = partners.get(found);
    const outage =
      old === undefined || old.startMs >= carriedBeforeMs ? found : { ...toOutage(old), endMs: found.endMs };
    const id = old?.id ?? input.idOf(nameOf(outage, knownMs));
    const incident =
      old !== undefined && old.root === outage.root ? old.incident : incidents.find(outage, id);
    incidents.add(outage, incident);
    if (old !== undefined && old.incident === incident && sameContent(old, outage)) continue;
    changes.push({ ...outage, id, incident, revision: (old?.revision ?? 0) + 1, knownMs, withdrawn: false });
  }
  return changes.sort((a, b) => a.startMs - b.startMs || (a.id < b.id ? -1 : 1));
}

/**
 * A known outage of which the table says nothing: withdrawn, unless it began before what the table can judge, or its site
 * is not watched any more. Those stay, and end where the evidence for them does.
 */
function revisePartnerless(
  old: RevisedOutage,
  carriedBeforeMs: number,
  isWatched: boolean,
  knownMs: number,
): RevisedOutage[] {
  const revised = { ...old, revision: old.revision + 1, knownMs };
  if (isWatched && old.startMs >= carriedBeforeMs) return [{ ...revised, withdrawn: true }];
  if (old.endMs !== null) return [];
  const endMs = isWatched ? carriedBeforeMs : Math.floor(knownMs / 1000) * 1000;
  return [{ ...revised, endMs: Math.max(endMs, old.startMs + 1000) }];
}

/** The columns of the table alone, in their order. */
function toOutage({
  site,
  link,
  service,
  startMs,
  endMs,
  cause,
  confidence,
  evidence,
  root,
  ofLink,
}: Outage): Outage {
  const row = { site, link, service, startMs, endMs, cause, confidence, evidence, root };
  return ofLink === undefined ? row : { ...row, ofLink };
}

function nameOf({ site, link, service, ofLink, startMs }: Outage, knownMs: number): string {
  return `${site}|${service ?? ""}|${startMs}|${knownMs}${ofLink === true ? `|${link}` : ""}`;
}

/** Rows with the same are stretches of the time of one site, of one of its links or of one service. */
function subjectOf({ site, service, link, ofLink }: Outage): string {
  return `${site}|${service ?? ""}|${ofLink === undefined ? "" : link}`;
}

/**
 * Pairs each new row with the old row of the same site, link or service that it shares most time with; but what reaches into the
 * evidence from before it goes on as what it was.
 */
function match(
  previous: readonly RevisedOutage[],
  table: readonly Outage[],
  carriedBeforeMs: number,
): Map<Outage, RevisedOutage> {
  const isCarried = (old: Outage, outage: Outage) =>
    old.startMs < carriedBeforeMs && outage.startMs < carriedBeforeMs;
  const known = new Map([...Map.groupBy(previous, subjectOf)].map(([key, rows]) => [key, byTime(rows)]));
  const pairs = table.flatMap((outage) =>
    (known.get(subjectOf(outage))?.(outage) ?? []).map((old) => ({
      outage,
      old,
      carried: Number(isCarried(old, outage)),
      sharedMs: sharedMs(old, outage),
    })),
  );
  pairs.sort(
    (a, b) =>
      b.carried - a.carried ||
      b.sharedMs - a.sharedMs ||
      a.outage.startMs - b.outage.startMs ||
      (a.old.id < b.old.id ? -1 : 1),
  );
  const partners = new Map<Outage, RevisedOutage>();
  const taken = new Set<string>();
  for (const { outage, old } of pairs) {
    if (partners.has(outage) || taken.has(old.id)) continue;
    partners.set(outage, old);
    taken.add(old.id);
  }
  return partners;
}

/** Looks up which of the rows share time with another. */
function byTime(rows: readonly RevisedOutage[]): (outage: Outage) => RevisedOutage[] {
  const sorted = rows.toSorted((a, b) => a.startMs - b.startMs);
  // How far any row up to this one reaches: none before it does further.
  let reachMs = -Infinity;
  const reaches = sorted.map(({ endMs }) => (reachMs = Math.max(reachMs, endMs ?? openEndMs)));
  return (outage) => {
    const end = firstThere(sorted, ({ startMs }) => startMs >= (outage.endMs ?? openEndMs));
    const begin = firstThere(reaches, (ms) => ms > outage.startMs);
    return sorted.slice(begin, end).filter((old) => sharedMs(old, outage) > 0);
  };
}

/** An open end counts as far away, yet finite, so that two open rows compare by their starts. */
const openEndMs = 8.64e15;

type Interval = Pick<Outage, "startMs" | "endMs">;

function sharedMs(a: Interval, b: Interval): number {
  return Math.min(a.endMs ?? openEndMs, b.endMs ?? openEndMs) - Math.max(a.startMs, b.startMs);
}

/** Outages of one root that overlap, or follow each other within this time, are one incident. */
const sameIncidentMs = 120_000;

function createIncidents(known: readonly RevisedOutage[]) {
  const byRoot = new Map<string, (Interval & { incident: string })[]>(Map.groupBy(known, ({ root }) => root));
  return {
    add(outage: Outage, incident: string) {
      const members = byRoot.get(outage.root) ?? [];
      members.push({ startMs: outage.startMs, endMs: outage.endMs, incident });
      byRoot.set(outage.root, members);
    },
    find(outage: Outage, id: string): string {
      const kin = byRoot.get(outage.root)?.find((member) => sharedMs(member, outage) > -sameIncidentMs);
      return kin?.incident ?? id.replace(/^out_/, "inc_");
    },
  };
}

function sameContent(a: Outage, b: Outage): boolean {
  return contentOf(a) === contentOf(b);
}

/** The row without what we know about our knowing: equal for equal evidence, byte for byte. */
export function contentOf(outage: Outage): string {
  return JSON.stringify(Object.values(toOutage(outage)));
}
