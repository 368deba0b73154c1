import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import type { Cause, SiteState, StateSegment } from "../outage/table.ts";
import type { StateStore, WatchWrite } from "./state-store.ts";

/*
 * State segments as they are known now, and beside them every one that was replaced, with when it was: what was known of a
 * moment can be read back.
 */

/** An open end, so that one index serves "still lasts, or ended after". */
const far = 8_640_000_000_000_000;

interface Asked {
  fromMs: number;
  toMs: number;
  sites?: readonly string[];
  service: string;
  asOfMs?: number | undefined;
}

/** Views of the sites themselves and of services have no link. */
const noLink = "link = ''";
const ofLinks = "link <> ''";

export function stateMethods(
  db: DatabaseSync,
): Pick<
  StateStore,
  "states" | "statesStamp" | "currentStates" | "linkStates" | "currentLinkStates" | "linksTrackedSince"
> {
  function read(which: string, { fromMs, toMs, sites, service, asOfMs }: Asked): StateSegment[] {
    const among = sites === undefined ? "" : ` AND site IN (${sites.map(() => "?").join(", ")})`;
    const within = `${which} AND service = ? AND start_ms < ? AND coalesce(end_ms, ${far}) > ?${among}`;
    const values = [service, toMs, fromMs, ...(sites ?? [])];
    const columns = "site, link, service, start_ms, end_ms, state, cause";
    const order = "ORDER BY site, link, service, start_ms";
    if (asOfMs === undefined)
      return db
        .prepare(`SELECT ${columns} FROM states WHERE ${within} ${order}`)
        .all(...values)
        .map(toSegment);
    return db
      .prepare(
        `SELECT ${columns} FROM states WHERE ${within} AND known_ms <= ?
         UNION ALL SELECT ${columns} FROM past_states WHERE ${within} AND known_ms <= ? AND superseded_ms > ? ${order}`,
      )
      .all(...values, asOfMs, ...values, asOfMs, asOfMs)
      .map(toSegment);
  }
  const first = db.prepare("SELECT min(start_ms) AS start_ms FROM states WHERE site = ? AND link > ''");
  const current = (which: string) =>
    db
      .prepare(`SELECT * FROM states WHERE end_ms IS NULL AND ${which} ORDER BY site, link, service`)
      .all()
      .map(toSegment);
  // A replacement writes its moment, a removal changes the count: none leaves all four as they were.
  const stamp = db.prepare(
    `SELECT count(*) AS rows, max(known_ms) AS last_ms, total(known_ms) AS known, total(start_ms) AS starts
     FROM states WHERE service = ? AND coalesce(end_ms, ${far}) > ? AND start_ms < ?`,
  );
  const blipStamp = db.prepare(
    `SELECT count(*) AS rows, max(max(known_ms, coalesce(superseded_ms, 0))) AS last_ms, total(known_ms) AS known,
       total(superseded_ms) AS superseded
     FROM blips WHERE end_ms > ? AND start_ms < ?`,
  );
  return {
    states: async (filter) => read(noLink, filter),
    async statesStamp({ fromMs, toMs, services }) {
      const rows = services.map((service) => stamp.get(service, fromMs, toMs)!);
      // Blips are of sites, and in the accounts of every service that is checked from there.
      rows.push(blipStamp.get(fromMs, toMs)!);
      const last = rows.map((row) => (row.last_ms as number | null) ?? -Infinity);
      const lastMs = last.reduce((a, b) => Math.max(a, b), -Infinity);
      return {
        stamp: rows.map((row) => Object.values(row).join(".")).join(" "),
        lastMs: lastMs === -Infinity ? null : lastMs,
      };
    },
    linkStates: async (filter) => read(ofLinks, { ...filter, service: "" }),
    currentStates: async () => current(noLink),
    currentLinkStates: async () => current(ofLinks),
    async linksTrackedSince(sites) {
      const firsts = sites.map((site) => [site, first.get(site)!.start_ms as number | null] as const);
      return new Map(firsts.flatMap(([site, ms]) => (ms === null ? [] : [[site, ms] as const])));
    },
  };
}

/** Writes one replacement; called inside the transaction of the run of the watch that found it. */
export function createStateWriter(db: DatabaseSync): (replacement: WatchWrite["states"][number]) => void {
  const keep = db.prepare(
    `INSERT INTO past_states (site, link, service, start_ms, end_ms, state, cause, known_ms, superseded_ms)
     SELECT site, link, service, start_ms, end_ms, state, cause, known_ms, ?5 FROM states
     WHERE site = ?1 AND link = ?2 AND service = ?3 AND start_ms >= ?4 AND known_ms < ?5`,
  );
  const drop = db.prepare("DELETE FROM states WHERE site = ? AND link = ? AND service = ? AND start_ms >= ?");
  const cut = db.prepare(
    "UPDATE states SET end_ms = ?5, known_ms = ?6 WHERE site = ?1 AND link = ?2 AND service = ?3 AND start_ms = ?4",
  );
  const last = db.prepare(
    `SELECT start_ms, coalesce(end_ms, ${far}) AS end_ms, state, cause FROM states
     WHERE site = ? AND link = ? AND service = ? AND start_ms < ? ORDER BY start_ms DESC LIMIT 1`,
  );
  const add = db.prepare(
    `INSERT INTO states (site, link, service, start_ms, end_ms, state, cause, known_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (site, link, service, start_ms) DO UPDATE SET
       end_ms = excluded.end_ms, state = excluded.state, cause = excluded.cause, known_ms = excluded.known_ms`,
  );
  return ({ site, link = "", service, replaceFromMs, knownMs, segments }) => {
    const [first] = segments;
    const before = last.get(site, link, service, replaceFromMs);
    const beforeMs = before?.start_ms as number;
    const reachesIn = before !== undefined && (before.end_ms as number) > replaceFromMs;
    const isJoined =
      before !== undefined &&
      (before.end_ms as number) >= replaceFromMs &&
      first?.startMs === replaceFromMs &&
      before.state === first.state &&
      before.cause === first.cause;
    keep.run(site, link, service, reachesIn || isJoined ? beforeMs : replaceFromMs, knownMs);
    drop.run(site, link, service, replaceFromMs);
    if (reachesIn) cut.run(site, link, service, beforeMs, replaceFromMs, knownMs);
    for (const [index, { startMs, endMs, state, cause }] of segments.entries()) {
      add.run(
        site,
        link,
        service,
        index === 0 && isJoined ? beforeMs : startMs,
        endMs,
        state,
        cause,
        knownMs,
      );
    }
  };
}

function toSegment(row: Record<string, SQLOutputValue>): StateSegment {
  return {
    site: row.site as string,
    ...(row.link === "" ? {} : { link: row.link as string }),
    service: row.service as string,
    startMs: row.start_ms as number,
    endMs: row.end_ms as number | null,
    state: row.state as SiteState,
    cause: row.cause as Cause | null,
  };
}
