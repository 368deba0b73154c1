import type { DatabaseSync } from "node:sqlite";
import { inTransaction } from "../series/sqlite-transaction.ts";
import type {
  FollowedOutage,
  PartnerChangeType,
  PartnerRecord,
  PartnerStore,
  PartnerSubject,
  PartnerView,
} from "./partner-store.ts";
import { toOutage } from "./sqlite-outages.ts";
import { toRecord } from "./sqlite-partner-outages.ts";
import { createPartnerWriter } from "./sqlite-partner-writer.ts";

/** A view that is to be written. */
interface Unwritten {
  subject: PartnerSubject;
  id: string;
  outage: string;
  view: FollowedOutage["views"][number];
  sinceMs: number;
}

/** Writes the outage table into the records of providers, as far as it is theirs. */
export function partnerFollowMethods(
  db: DatabaseSync,
): Pick<PartnerStore, "followOutages" | "noteProviders" | "handedOver" | "providerSince"> {
  const touched = db.prepare("SELECT id, outage FROM partner_touches WHERE put_off = 0 ORDER BY id LIMIT ?");
  const dropTouch = db.prepare("DELETE FROM partner_touches WHERE id = ?");
  const putOff = db.prepare("UPDATE partner_touches SET put_off = 1 WHERE id = ?");
  const takeUp = db.prepare("UPDATE partner_touches SET put_off = 0 WHERE put_off = 1");
  const revisionsOf = db.prepare("SELECT * FROM outage_revisions WHERE id = ? ORDER BY revision");
  const recordsOf = db.prepare("SELECT record FROM partner_outages WHERE outage = ? ORDER BY provider, id");
  const byId = db.prepare("SELECT record FROM partner_outages WHERE provider = ? AND id = ?");
  // Of rows with one max() SQLite gives the others of that row.
  const lastProviders = db.prepare("SELECT link, provider, max(since_ms) FROM link_providers GROUP BY link");
  const later = db.prepare(
    "SELECT link, max(since_ms) AS since_ms FROM link_providers WHERE since_ms > 0 GROUP BY link",
  );
  const addProvider = db.prepare(
    "INSERT OR REPLACE INTO link_providers (link, since_ms, provider) VALUES (?, ?, ?)",
  );
  const providerAt = db.prepare(
    "SELECT provider FROM link_providers WHERE link = ? AND since_ms <= ? ORDER BY since_ms DESC LIMIT 1",
  );
  const providerSince = db.prepare(
    "SELECT max(since_ms) AS since_ms FROM link_providers WHERE link = ? AND since_ms <= ?",
  );
  const writer = createPartnerWriter(db);
  const had = (link: string, atMs: number) =>
    (providerAt.get(link, atMs)?.provider as string | undefined) ?? null;

  /** What of an outage is not in its provider's record yet, each since the moment from which it may stand there. */
  function* unwritten({ subject, id, views }: FollowedOutage, outage: string): Generator<Unwritten> {
    const row = byId.get(subject.provider, id);
    const written = row === undefined ? 0 : toRecord(row).revision;
    let sinceMs = 0;
    for (const [at, view] of views.entries()) {
      sinceMs = Math.max(sinceMs, view.knownMs);
      if (at >= written) yield { subject, id, outage, view, sinceMs };
    }
  }

  function writeView({ subject, id, outage, view }: Unwritten): void {
    const { provider } = subject;
    const row = byId.get(provider, id);
    const record = row === undefined ? null : toRecord(row);
    const { knownMs } = view;
    const own = record ?? {
      id,
      outage,
      number: writer.number(provider),
      firstKnownMs: knownMs,
      acknowledged: null,
      ticket: null,
    };
    const revision = (record?.revision ?? 0) + 1;
    writer.change({ ...own, ...subject, ...view, revision }, typeOf(record, view), knownMs, null);
  }

  return {
    async followOutages(limit, follow) {
      return inTransaction(db, () => {
        const touches = touched.all(limit) as { id: number; outage: string }[];
        const found = touches.flatMap(({ id, outage }) => {
          const known = recordsOf.all(outage).map(toRecord);
          const followed = follow(revisionsOf.all(outage).map(toOutage), known.map(subjectOf), had);
          (followed === null ? putOff : dropTouch).run(id);
          return (followed ?? []).flatMap((one) => [...unwritten(one, outage)]);
        });
        // By when they were learned and never by when their outages were touched, which hidden revisions do as well.
        found.sort((a, b) => a.sinceMs - b.sinceMs || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
        for (const one of found) writeView(one);
        return touches.length;
      });
    },
    async noteProviders(links, nowMs) {
      inTransaction(db, () => {
        const last = new Map(lastProviders.all().map(({ link, provider }) => [link, provider]));
        for (const [link, provider] of links)
          if (last.get(link) !== provider) addProvider.run(link, last.has(link) ? nowMs : 0, provider);
        takeUp.run();
      });
    },
    async handedOver() {
      return new Map(later.all().map(({ link, since_ms: sinceMs }) => [link as string, sinceMs as number]));
    },
    async providerSince(link, atMs) {
      return (providerSince.get(link, atMs)?.since_ms as number | null | undefined) ?? 0;
    },
  };
}

function typeOf(before: PartnerView | null, view: PartnerView): PartnerChangeType {
  if (before === null) return "outage.opened";
  if (view.withdrawn) return "outage.withdrawn";
  const [had, has] = [before.endMs !== null || before.withdrawn, view.endMs !== null];
  if (had === has) return "outage.updated";
  return has ? "outage.ended" : "outage.reopened";
}

function subjectOf({ provider, link, site }: PartnerRecord): PartnerSubject {
  return { provider, link, site };
}
