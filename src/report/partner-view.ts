import { createHash } from "node:crypto";
import type { Inventory, Link } from "../inventory/inventory.ts";
import { defaultTimeZone } from "../inventory/local-time.ts";
import { allLinksOf, validSpan } from "../inventory/validity.ts";
import type { EvidenceItem } from "../outage/table.ts";
import type {
  FollowedOutage,
  IsHidden,
  PartnerCause,
  PartnerEvidence,
  PartnerFault,
  PartnerSubject,
  PartnerView,
  ProviderAt,
} from "../state/partner-store.ts";
import type { OutageRecord } from "../state/state-store.ts";

/*
 * What a provider may know of the outage table, by whitelist: rows of its own links, and of these nothing that names, counts
 * or times anything that is another's. Whatever is not listed here is not shown. Revisions that differ only in what is
 * hidden are one revision, so that their number and time say nothing of others' either.
 */

/**
 * Statements about the link itself and its own site. Left out: what lies above (`hub.*`, `parent.down`, `path.*`), beside
 * (`siblings.*`, `link.onBackup`) or beyond it as a service (`service.*`).
 */
const ownFacts: ReadonlySet<string> = new Set([
  "gateway.answers",
  "gateway.silent",
  "noc.answers",
  "noc.silent",
  "anchor.answers",
  "anchor.silent",
  "outside.answers",
  "outside.silent",
  "witness.answers",
  "witness.silent",
  "agent.silent",
  "hole.inferred",
  "local.unplugged",
  "local.noRoute",
  "local.gatewaySilent",
  "local.fine",
  "device.rebooted",
  "device.ranOn",
  "host.rebooted",
  "trap.onBattery",
  "trap.lowBattery",
  "supply.hours",
  "maintenance.announced",
  "signal.low",
  "signal.usual",
  "echoes.poor",
]);
/** Figures of these statements that are measurements of the site's own; names, addresses and reasons are none. */
const ownFigures: ReadonlySet<string> = new Set(["silentS", "measuredS", "timeMs"]);

/**
 * The link whose outage a row tells of, by the links that were in force when it began: one that came or ended since changes
 * nothing of it. null: of none, or of several at once.
 */
export function linkOfRow(
  inventory: Inventory,
  row: Pick<OutageRecord, "site" | "link" | "ofLink" | "service" | "startMs">,
): Link | null {
  const { site, link, ofLink, service, startMs } = row;
  if (service !== null) return null;
  const all = [...allLinksOf(inventory).values()].filter((each) => each.site === site);
  if (ofLink === true) return all.find(({ id }) => id === link) ?? null;
  const { timeZone = defaultTimeZone } = inventory;
  const links = all.filter((each) => {
    const { fromMs, toMs } = validSpan(each, timeZone);
    return startMs >= fromMs && startMs < toMs;
  });
  return links.length === 1 ? links[0]! : null;
}

export function linksAt(inventory: Inventory, site: string): Link[] {
  return [...inventory.links.values()].filter((link) => link.site === site);
}

export function viewOf(outage: OutageRecord): PartnerView {
  const { startMs, endMs, withdrawn } = outage;
  const cause = causeOf(outage);
  const evidence = new Map<string, PartnerEvidence>();
  for (const item of outage.evidence) {
    if (!ownFacts.has(item.fact)) continue;
    const own = { fact: item.fact, detail: figuresOf(item) };
    evidence.set(JSON.stringify(own), own);
  }
  return { startMs, endMs, atFault: faultOf(cause), cause, evidence: [...evidence.values()], withdrawn };
}

function figuresOf({ detail }: EvidenceItem): Record<string, number> {
  return Object.fromEntries(
    Object.entries(detail).filter(
      (entry): entry is [string, number] => ownFigures.has(entry[0]) && typeof entry[1] === "number",
    ),
  );
}

function causeOf({ cause, site, root }: OutageRecord): PartnerCause {
  if (cause === "unknown" || cause === "agent") return "unknown";
  if (root !== site) return "elsewhere";
  if (cause === "power" || cause === "maintenance" || cause === "rain") return cause;
  // The way out of the district is the link of its centre.
  if (cause === "link" || cause === "provider") return "link";
  return "unknown";
}

function faultOf(cause: PartnerCause): PartnerFault {
  return cause === "link" || cause === "rain" ? "own" : cause;
}

/** Every view of an outage, each known since the first revision that said so. */
export function viewsOf(revisions: readonly OutageRecord[]): FollowedOutage["views"] {
  const views: FollowedOutage["views"][number][] = [];
  let last = "";
  for (const revision of revisions) {
    const view = viewOf(revision);
    const content = JSON.stringify(view);
    if (content !== last) views.push({ ...view, knownMs: revision.knownMs });
    last = content;
  }
  return views;
}

export interface FollowContext {
  inventory: Inventory;
  /** Under whom a link stood at a moment. */
  had: ProviderAt;
  /** What ended before it and is in no record is not written any more, epoch ms. */
  keptFromMs: number;
}

/**
 * Whose an outage is, with all that they may know of it. It stays with the provider under whom it was first written down; a later
 * one does not inherit it, nor what began before its time and is learned late. null: nobody may know of it as things stand.
 */
export function followOutage(
  { inventory, had, keptFromMs }: FollowContext,
  revisions: readonly OutageRecord[],
  known: readonly PartnerSubject[],
): FollowedOutage[] | null {
  const [first, last] = [revisions[0], revisions.at(-1)];
  if (first === undefined || last === undefined) return [];
  const isNew = known.length === 0;
  if (isNew && last.endMs !== null && last.endMs < keptFromMs) return [];
  const subjects = isNew ? subjectsOf(inventory, first) : known;
  const isAnothers = ({ provider, link }: PartnerSubject) =>
    isNew ? (had(link, first.startMs) ?? provider) !== provider : hiddenFrom(inventory, provider)(link);
  if (subjects.some(isAnothers)) return null;
  const views = viewsOf(revisions);
  return subjects.map((subject) => ({ subject, id: partnerOutageId(subject.provider, first.id), views }));
}

function subjectsOf(inventory: Inventory, outage: OutageRecord): PartnerSubject[] {
  const own = linkOfRow(inventory, outage);
  return own === null ? [] : [{ provider: own.provider, link: own.id, site: own.site }];
}

/** The name under which a provider knows an outage of the table. */
export function partnerOutageId(provider: string, outage: string): string {
  const digest = createHash("sha256").update(`${provider}\n${outage}`).digest("hex");
  return `pout_${digest.slice(0, 20)}`;
}

/** Which links are another's now: what was written down of them under an earlier provider is shown to nobody. */
export function hiddenFrom(inventory: Inventory, provider: string): IsHidden {
  return (link) => (inventory.links.get(link)?.provider ?? provider) !== provider;
}
