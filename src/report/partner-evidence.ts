import type { PartnerCause, PartnerStore } from "../state/partner-store.ts";
import { partnerClocks } from "./partner-clocks.ts";
import type { PackLine } from "./partner-clocks.ts";
import { partnerOutageId } from "./partner-view.ts";
import type { Target } from "../inventory/inventory.ts";
import type { Standing } from "../relation/account.ts";
import { besideOf, edgesOf, tellingOf } from "./sla/borne-out.ts";
import type { Seen } from "./sla/borne-out.ts";
import { createChain } from "./sla/evidence.ts";
import type { PlainRounds } from "./sla/plain-rounds.ts";

/*
 * What a provider may know of the SLA of its own links, by whitelist as in partner-view.ts: every figure and all that it is made of,
 * and nothing that names what lies above or beside the link.
 */

export interface EvidenceView {
  provider: string;
  /** The link is the way out of the district: what lies behind it is the provider's own. */
  isCentre: boolean;
  /** By id in the outage table: what the provider's own record of it is called. */
  names: ReadonlyMap<string, string>;
}

/** Of these outages what the provider finds in its record. */
export async function outageNames(
  state: Pick<PartnerStore, "partnerOutage">,
  provider: string,
  outages: readonly string[],
): Promise<EvidenceView["names"]> {
  const names = new Map<string, string>();
  for (const outage of outages) {
    const id = partnerOutageId(provider, outage);
    if ((await state.partnerOutage(provider, id)) !== null) names.set(outage, id);
  }
  return names;
}

const ownCauses: ReadonlySet<string> = new Set(["link", "rain", "power", "maintenance", "unknown"]);

/** That the supply failed or work was announced is told wherever it was: without it nobody could follow what was excluded. */
export function slaCauseFor({ isCentre }: Pick<EvidenceView, "isCentre">, cause: string): PartnerCause {
  if (ownCauses.has(cause)) return cause as PartnerCause;
  if (cause === "provider" && isCentre) return "link";
  return cause === "agent" ? "unknown" : "elsewhere";
}

interface PackView extends EvidenceView {
  /** Since when the link is under its provider, epoch ms. */
  sinceMs: number;
}

interface Row {
  id: string;
  site: string;
  root: string;
  startMs: number;
  endMs: number | null;
  cause: string;
}

/**
 * The pack of a link's month (sla/evidence.ts) as its provider is given it: causes and ids of outages as in /partner/outages, of the
 * outage table the time and the cause, of exclusions kind and time, of clocks what partner-clocks.ts leaves, and of ledgers that of the link's own site. It has a chain of
 * its own, and the script of the documentation recomputes every figure from it as well.
 */
export function evidenceFor(view: EvidenceView, pack: string): string {
  const lines = pack
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as PackLine);
  const { site, link, sinceMs } = lines[0] as PackLine & { sinceMs: number };
  // What tests the link alone is told of it; by what else the site was looked at tells whether it has another one.
  const ofLink = new Set(lines.flatMap((line) => (line["ofLink"] === true ? [line["index"]] : [])));
  const isOwnRounds = (line: PackLine) =>
    line["link"] === link || (line["link"] === undefined && !ofLink.has(line["outage"]));
  const rounds = lines.filter((line) => line.type === "rounds" && isOwnRounds(line));
  const isOwn = (line: PackLine) => {
    if (line.type === "rounds") return isOwnRounds(line);
    if (line.type === "ledger") return line["site"] === site;
    return line.type !== "clock" && line.type !== "end";
  };
  const { write, close } = createChain();
  const edges = edgesBy(lines, rounds);
  for (const line of lines) {
    const { prev: _prev, type, ...record } = line;
    if (type === "figures") for (const clock of partnerClocks(lines, rounds)) write("clock", clock);
    if (!isOwn(line)) continue;
    const known = { ...view, sinceMs };
    write(type, type === "outage" ? outageOf(known, record, edges(record)) : shown(known, type, record));
  }
  return close();
}

/** Where an outage begins and ends by the rounds that are shown, and how much of its rows in the table is the link's. */
function edgesBy(lines: readonly PackLine[], rounds: readonly PackLine[]) {
  const pack = lines[0]! as unknown as PackHead;
  const rows = lines.find(({ type }) => type === "segments")!["rows"] as [number, number | null, Standing][];
  const segments = rows.map(([fromMs, toMs, standing]) => ({ fromMs, toMs, standing }));
  const seen = Map.groupBy(rounds, (line) => line["outage"]);
  return ({ index, fromMs, toMs }: Record<string, unknown>) => {
    const whole = { fromMs: fromMs as number, toMs: (toMs as number | null) ?? pack.nowMs };
    const asked = { site: pack.site, ownLink: null, hubIsNoc: pack.hubIsNoc };
    const telling = tellingOf((seen.get(index) ?? []).map(seenIn), asked);
    return {
      edges: edgesOf(telling, whole, besideOf(segments, whole)),
      reach: {
        fromMs: Math.min(pack.reachFromMs, whole.fromMs),
        // Before now it ends only where the link's days do.
        toMs: pack.reachToMs < pack.nowMs ? Math.max(pack.reachToMs, whole.toMs) : Infinity,
      },
    };
  };
}

interface PackHead {
  site: string;
  hubIsNoc: boolean;
  nowMs: number;
  reachFromMs: number;
  reachToMs: number;
}

function seenIn(line: PackLine): Seen {
  const {
    target: key,
    role,
    link = null,
    of = null,
    timeMs: steps,
    ...rounds
  } = line as PackLine & RoundsLine;
  let at = 0;
  const timeMs = steps.map((step) => (at += step));
  return { rounds: { ...rounds, key, timeMs }, target: { role, link, of } };
}

type RoundsLine = Partial<Pick<Target, "link" | "of">> &
  Pick<Target, "role"> &
  Omit<PlainRounds, "key"> & { target: string };

function shown(view: PackView, type: string, record: Record<string, unknown>): Record<string, unknown> {
  if (type === "pack") return { ...record, issue: issueOf(record["issue"]) };
  if (type === "segments") {
    const rows = record["rows"] as [number, number | null, string, string | null][];
    return {
      rows: rows.map(([from, to, standing, cause]) => [
        from,
        to,
        standing,
        cause === null ? null : slaCauseFor(view, cause),
      ]),
    };
  }
  if (type === "exclusion") {
    const { kind, fromMs, toMs } = record;
    return { kind, fromMs, toMs };
  }
  if (type === "ledger")
    return { ...record, lost: since(view, record["lost"]), thinned: since(view, record["thinned"]) };
  return record;
}

/** What the site's machine gave up under an earlier provider stays in its sums alone. */
function since({ sinceMs }: PackView, ranges: unknown): object[] {
  const declared = ranges as { atMs: number; toMs: number | null }[];
  return declared.filter(({ atMs, toMs }) => (toMs ?? atMs) > sinceMs);
}

/** The digest is of the figures of all links. */
function issueOf(issue: unknown): object | null {
  if (issue === null) return null;
  const { number, issuedMs } = issue as { number: string; issuedMs: number };
  return { number, issuedMs };
}

/** What the month's account and the script need of an outage, but for what is put in its place. */
const ownOfOutage: ReadonlySet<string> = new Set([
  "index",
  "fromMs",
  "toMs",
  "verdict",
  "lengthMs",
  "inMonthMs",
  "excludedMs",
  "roundsKept",
]);

function outageOf(
  view: PackView,
  record: Record<string, unknown>,
  { edges, reach }: ReturnType<ReturnType<typeof edgesBy>>,
): Record<string, unknown> {
  const { ids, table, causes } = record as { ids: string[]; table: Row[]; causes: { cause: string }[] };
  // One of all links of a site is in the record of none, and what began before the hand-over neither.
  const idOf = (id: string) => view.names.get(id) ?? null;
  return {
    ...Object.fromEntries(Object.entries(record).filter(([name]) => ownOfOutage.has(name))),
    // All rounds that are here tell of it.
    ofLink: false,
    edges,
    ids: ids.map(idOf),
    causes: causes.map((part) => ({ ...part, cause: slaCauseFor(view, part.cause) })),
    table: table.map((row) => ({
      id: idOf(row.id),
      // What of it lies in the days of another's link, or under an earlier provider, is the other one's.
      startMs: Math.max(row.startMs, reach.fromMs, view.sinceMs),
      endMs: lesserEnd(row.endMs, reach.toMs),
      cause: causeOfRow(view, row, causes),
    })),
  };
}

function lesserEnd(endMs: number | null, toMs: number): number | null {
  const least = Math.min(endMs ?? Infinity, toMs);
  return least === Infinity ? null : least;
}

/** Of what lies elsewhere the cause is told only where the link's own account has it. */
function causeOfRow(
  view: EvidenceView,
  { site, root, cause }: Row,
  causes: readonly { cause: string }[],
): PartnerCause {
  const isTold = root === site || cause === "unknown" || cause === "agent";
  return isTold || causes.some((part) => part.cause === cause) ? slaCauseFor(view, cause) : "elsewhere";
}
