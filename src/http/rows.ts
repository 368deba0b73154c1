import type { z } from "@hono/zod-openapi";
import type { Inventory } from "../inventory/inventory.ts";
import type { SiteState, StateSegment } from "../outage/table.ts";
import { speaks, statementsOf } from "../outage/speaks.ts";
import { attributionOf } from "../relation/rollup.ts";
import type {
  AvailabilityRow,
  IncidentView,
  MapSite,
  Reader,
  ServiceView,
  SiteView,
  TargetView,
} from "../report/reader.ts";
import type { Words } from "../report/words.ts";
import type { AuditRecord } from "../state/audit.ts";
import { monthOf } from "../state/month.ts";
import type {
  ApiKeyRecord,
  ClockAnchor,
  EnrolTokenRecord,
  Ledger,
  LostRange,
  OutageRecord,
  OutboxMessage,
  Standing,
  ThinnedRange,
} from "../state/state-store.ts";
import type * as schemas from "./schemas.ts";

/* From the read model to rows: times as text, texts for people, names beside codes. */

type Row<Schema extends z.ZodType> = z.input<Schema>;
type Site = Pick<SiteView, "state" | "cause" | "sinceMs">;

export function iso(ms: number): string {
  return new Date(ms).toISOString();
}

export function isoOrNull(ms: number | null): string | null {
  return ms === null ? null : iso(ms);
}

/** By severity, so that the highest value of a group is its worst state. */
export const stateValues: Record<SiteState, number> = {
  up: 0,
  degraded: 1,
  maintenance: 2,
  off: 3,
  unknown: 4,
  unreachable: 5,
  down: 6,
};

function standing({ state, cause, sinceMs }: Site, stateText: Words["state"], words: Words) {
  return {
    state,
    stateText: stateText(state),
    since: isoOrNull(sinceMs),
    cause,
    causeText: words.cause(cause, state),
  };
}

export function toSiteRow(words: Words, view: SiteView): Row<typeof schemas.siteRow> {
  const { code, name, kind, parent, pathParent, latitude, longitude } = view;
  const { confidence, root, outage, suspected, links, agent, below } = view;
  return {
    site: code,
    name,
    kind,
    parent,
    pathParent,
    latitude,
    longitude,
    ...standing(view, words.state, words),
    confidence,
    root,
    outage,
    suspected: suspected === null ? null : { since: iso(suspected.sinceMs), root: suspected.root },
    links: links.map(({ standing: of, ...link }) => ({
      ...link,
      ...(of === undefined ? {} : standing(of, words.state, words)),
    })),
    agent: agent === null ? null : { id: agent.id, lastSeen: isoOrNull(agent.lastSeenMs) },
    sites: below.sites,
    cut: below.cut,
    services: view.services.map((seen) => ({
      service: seen.service,
      ...standing(seen, words.serviceState, words),
    })),
  };
}

export function toMapRow(words: Words, view: MapSite): Row<typeof schemas.mapRow> {
  const { code, name, kind, parent, latitude, longitude, below } = view;
  return {
    site: code,
    name,
    kind,
    parent,
    latitude,
    longitude,
    ...standing(view, words.state, words),
    value: stateValues[view.state],
    cut: below.cut,
    sites: below.sites,
    rtt_ms: view.rttMs,
    loss_ratio: view.lossRatio,
  };
}

export function toTargetRow(
  words: Words,
  inventory: Inventory,
  view: TargetView,
): Row<typeof schemas.targetRow> {
  const { key, site, id, kind, role, intervalS, service, of } = view;
  const roleText = words.role(role);
  const about = service === null ? roleText : (inventory.services.get(service)?.name ?? service);
  const name = `${nameOf(inventory, site)}: ${about} (${id})`;
  return { target: key, site, id, name, kind, role, roleText, intervalS, service, of };
}

export function toStateRow(
  words: Words,
  inventory: Inventory,
  segment: Pick<StateSegment, "site" | "link" | "state" | "cause">,
  timeMs: number,
): Row<typeof schemas.stateRow> {
  const { site, link, state, cause } = segment;
  return {
    time: iso(timeMs),
    site,
    ...(link === undefined ? {} : { link }),
    name: nameOf(inventory, site),
    state,
    stateText: words.state(state),
    cause,
    causeText: words.cause(cause, state),
    value: stateValues[state],
  };
}

export function toOutageRow(
  words: Words,
  inventory: Inventory,
  outage: OutageRecord,
  nowMs: number,
): Row<typeof schemas.outageRow> {
  const { id, site, link, service, startMs, endMs, cause, confidence, root, incident, revision } = outage;
  const evidence = outage.evidence.map((item) => ({
    ...item,
    speaks: speaks(item, outage),
    text: words.fact(item),
  }));
  return {
    id,
    site,
    name: nameOf(inventory, site),
    link,
    ofLink: outage.ofLink === true,
    service,
    start: iso(startMs),
    end: isoOrNull(endMs),
    durationS: durationS(startMs, endMs, nowMs),
    cause,
    causeText: words.cause(cause) ?? cause,
    confidence,
    confidenceText: words.confidence(confidence),
    evidence,
    evidenceText: statementsOf(outage)
      .map((statement) => words.statement(statement))
      .join("; "),
    root,
    rootName: nameOfRoot(inventory, root),
    incident,
    revision,
    knownAt: iso(outage.knownMs),
    withdrawn: outage.withdrawn,
    provisional: outage.provisional === true,
  };
}

export function toIncidentRow(
  words: Words,
  inventory: Inventory,
  view: IncidentView,
  nowMs: number,
): Row<typeof schemas.incidentRow> {
  const { id, root, startMs, endMs, cause, sites, outages, provisional } = view;
  return {
    id,
    root,
    rootName: nameOfRoot(inventory, root),
    start: iso(startMs),
    end: isoOrNull(endMs),
    durationS: durationS(startMs, endMs, nowMs),
    cause,
    causeText: words.cause(cause) ?? cause,
    sites,
    siteCount: sites.length,
    outages,
    provisional,
  };
}

export function toServiceRow(
  words: Words,
  inventory: Inventory,
  view: ServiceView,
): Row<typeof schemas.serviceRow> {
  const { id, name, url, control, vantages } = view;
  return {
    id,
    name,
    url,
    control,
    controlName: nameOf(inventory, control),
    ...standing(view, words.serviceState, words),
    sites: vantages.sites,
    cut: vantages.cut,
  };
}

export function toAgentRow(
  inventory: Inventory,
  agent: Awaited<ReturnType<Reader["agents"]>>[number],
  nowMs: number,
): Row<typeof schemas.agentRow> {
  const { id, site, kind, hardware, version } = agent;
  // What Telegraf wrote is numbered here, as it came: that is no account of what it produced.
  const standing = kind === "telegraf" ? null : agent.standing;
  const account =
    standing === null
      ? {}
      : {
          ...roundsOf(standing),
          ...sayingsOf(standing, nowMs),
          inconsistent: standing.isInconsistent,
        };
  return {
    id,
    site,
    name: nameOf(inventory, site),
    kind,
    hardware,
    version,
    enrolled: iso(agent.enrolledMs),
    revoked: isoOrNull(agent.revokedMs),
    rotateAsked: isoOrNull(agent.rotateAskedMs),
    lastSeen: isoOrNull(agent.lastSeenMs),
    lastSeq: standing?.lastSeq ?? null,
    ...account,
  };
}

function roundsOf(account: Standing | Ledger) {
  const { producedRounds, storedRounds, thinnedRounds, lostRounds, openRounds } = account;
  return { producedRounds, storedRounds, thinnedRounds, lostRounds, openRounds };
}

type Sayings = Pick<Standing, "backlog" | "sentBytes" | "clockUncertaintyMs">;

function sayingsOf({ backlog, sentBytes, clockUncertaintyMs }: Sayings, nowMs: number) {
  const month = monthOf(nowMs);
  return {
    backlog: backlog === null ? null : withTime(backlog),
    sentBytes: sentBytes?.total ?? null,
    monthBytes:
      sentBytes === null ? null : (sentBytes.months.find((each) => each.month === month)?.bytes ?? 0),
    clockUncertaintyMs,
  };
}

function toClock({ hostBoot, source, uncertaintyMs, bootMs, bootUncertaintyMs, lastMs }: ClockAnchor) {
  return { hostBoot, source, uncertaintyMs, booted: iso(bootMs), bootUncertaintyMs, last: iso(lastMs) };
}

/** A range that an agent's spool declared: moments as text. */
function toDeclared<T extends LostRange | ThinnedRange>({ atMs, fromMs, toMs, ...rest }: T) {
  return { time: iso(atMs), from: isoOrNull(fromMs), to: isoOrNull(toMs), ...rest };
}

export function toLedgerBody(ledger: Ledger, nowMs: number): Row<typeof schemas.ledgerBody> {
  const { agent, lastSeq, stored, holes, thinned, lost, sentBytes, inconsistent } = ledger;
  return {
    agent,
    lastSeq,
    stored,
    holes,
    ...roundsOf(ledger),
    thinned: thinned.map(toDeclared<ThinnedRange>),
    lost: lost.map(toDeclared<LostRange>),
    ...sayingsOf({ ...ledger, clockUncertaintyMs: ledger.clocks.at(-1)?.uncertaintyMs ?? null }, nowMs),
    months: sentBytes?.months ?? [],
    clocks: ledger.clocks.map(toClock),
    inconsistent: inconsistent === null ? null : withTime(inconsistent),
  };
}

function withTime<T extends { atMs: number }>({ atMs, ...rest }: T): Omit<T, "atMs"> & { time: string } {
  return { time: iso(atMs), ...rest };
}

export function toKeyRow(key: ApiKeyRecord): Row<typeof schemas.keyRow> {
  const { id, name, prefix } = key;
  return {
    id,
    name,
    prefix,
    scopes: key.scopes,
    provider: key.provider,
    created: iso(key.createdMs),
    expires: isoOrNull(key.expiresMs),
    replacedBy: key.replacedBy,
    revoked: isoOrNull(key.revokedMs),
  };
}

export function toTokenRow(token: EnrolTokenRecord): Row<typeof schemas.tokenRow> {
  const { id, prefix, site, kind, usedBy } = token;
  const [used, revoked] = [isoOrNull(token.usedMs), isoOrNull(token.revokedMs)];
  return { id, prefix, site, kind, expires: iso(token.expiresMs), used, usedBy, revoked };
}

export function toAuditRow(record: AuditRecord): Row<typeof schemas.auditRow> {
  const { id, timeMs, by, action, subject, result, detail } = record;
  const who = { actor: by.id, actorName: by.name, address: by.address };
  return { id, time: iso(timeMs), ...who, action, subject, result, detail };
}

export function toMessageRow(message: OutboxMessage): Row<typeof schemas.messageRow> {
  const { id, channel, type, alert, incident, payload, digestMs, attempts, sentMs, failedMs, lastError } =
    message;
  const waiting = sentMs === null && failedMs === null;
  return {
    id,
    time: iso(message.createdMs),
    channel,
    type,
    alert,
    incident,
    payload,
    attempts,
    sent: isoOrNull(sentMs),
    failed: isoOrNull(failedMs),
    nextTry: waiting ? iso(digestMs ?? message.nextTryMs) : null,
    digest: isoOrNull(digestMs),
    lastError,
  };
}

function nameOf(inventory: Inventory, site: string): string {
  return inventory.sites.get(site)?.name ?? site;
}

function nameOfRoot(inventory: Inventory, root: string): string {
  if (!root.startsWith("service:")) return nameOf(inventory, root);
  const id = root.slice("service:".length);
  return inventory.services.get(id)?.name ?? id;
}

function durationS(startMs: number, endMs: number | null, nowMs: number): number {
  return Math.max(0, Math.round(((endMs ?? nowMs) - startMs) / 1000));
}

function outagesPath(sites: readonly string[] | "all", fromMs: number, toMs: number): string {
  const query = new URLSearchParams({ from: iso(fromMs), to: iso(toMs) });
  if (sites !== "all") query.set("site", sites.join(","));
  // Commas and colons may stand in a query as they are, and are read there.
  return `/api/v1/outages?${query.toString().replaceAll("%2C", ",").replaceAll("%3A", ":")}`;
}

/** `behind`: sites whose outages are behind the row; "all", or null where that cannot be said. */
export function toAvailabilityRow(
  row: AvailabilityRow,
  behind: readonly string[] | "all" | null,
): Row<typeof schemas.availabilityRow> {
  const { fromMs, toMs, group, name, sites, availability, attribution, meanRatio, worstTenthRatio } = row;
  return {
    time: iso(fromMs),
    timeEnd: iso(toMs),
    group,
    name,
    sites,
    outages: behind === null ? null : outagesPath(behind, fromMs, toMs),
    ...availability,
    ...attribution,
    meanRatio,
    worstTenthRatio,
    people: toPeople(row.people),
  };
}

function toPeople({ availability: of, ...counts }: AvailabilityRow["people"]) {
  if (of === null) return null;
  const { availabilityRatio, worstRatio, bestRatio, networkUpRatio, networkUpLowerRatio } = of;
  return {
    ...counts,
    observedPersonS: of.observedS,
    unavailablePersonS: of.unavailableS,
    notMeasuredPersonS: of.notMeasuredS,
    byCausePersonS: of.byCause,
    networkOnlyPersonS: attributionOf(of).networkOnlyS,
    availabilityRatio,
    worstRatio,
    bestRatio,
    networkUpRatio,
    networkUpLowerRatio,
  };
}
