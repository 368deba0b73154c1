import { createHash } from "node:crypto";
import type { Inventory, Link } from "../inventory/inventory.ts";
import type { EvidenceItem } from "../outage/table.ts";
import type {
  FollowedOutage,
  PartnerCause,
  PartnerEvidence,
  PartnerFault,
  PartnerSubject,
  PartnerView,
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

/** The link whose outage a row tells of; null: of none, or of several at once. */
export function linkOfRow(
  inventory: Inventory,
  { site, link, ofLink, service }: Pick<OutageRecord, "site" | "link" | "ofLink" | "service">,
): { link: Link; isOneOfSeveral: boolean } | null {
  if (service !== null) return null;
  const links = linksAt(inventory, site);
  if (ofLink === true) {
    const own = links.find(({ id }) => id === link);
    return own === undefined ? null : { link: own, isOneOfSeveral: true };
  }
  return links.length === 1 ? { link: links[0]!, isOneOfSeveral: false } : null;
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

/**
 * Whose an outage is, with all that they may know of it. It stays with the provider under whom it was first written down;
 * a later one does not inherit it.
 */
export function followOutage(
  inventory: Inventory,
  revisions: readonly OutageRecord[],
  known: readonly PartnerSubject[],
): FollowedOutage[] {
  const [first] = revisions;
  if (first === undefined) return [];
  const views = viewsOf(revisions);
  return (known.length > 0 ? known : subjectsOf(inventory, first)).map((subject) => ({
    subject,
    id: idFor(subject.provider, first.id),
    views,
  }));
}

function subjectsOf(inventory: Inventory, outage: OutageRecord): PartnerSubject[] {
  const own = linkOfRow(inventory, outage);
  if (own === null) return [];
  const { provider, id, site } = own.link;
  return [{ provider, link: id, site, isOneOfSeveral: own.isOneOfSeveral }];
}

function idFor(provider: string, outage: string): string {
  const digest = createHash("sha256").update(`${provider}\n${outage}`).digest("hex");
  return `pout_${digest.slice(0, 20)}`;
}

/** Links that are another's now: what was written down of them under an earlier provider is shown to nobody. */
export function hiddenFrom(inventory: Inventory, provider: string): string[] {
  return [...inventory.links.values()].filter((link) => link.provider !== provider).map(({ id }) => id);
}
