import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import type { Cause, SiteState, StateSegment } from "../outage/table.ts";
import type { StateStore, WatchWrite } from "./state-store.ts";

/*
 * State segments as they are known now, and beside them every one that was replaced, with when it was: what was known of a
 * moment can be read back.
 */

/** An open end, so that one index serves "still lasts, or ended after". */
const far = 8_640_000_000_000_000;

export function stateMethods(db: DatabaseSync): Pick<StateStore, "states" | "currentStates"> {
  return {
    async states({ fromMs, toMs, sites, service, asOfMs }) {
      const among = sites === undefined ? "" : ` AND site IN (${sites.map(() => "?").join(", ")})`;
      const within = `service = ? AND start_ms < ? AND coalesce(end_ms, ${far}) > ?${among}`;
      const values = [service, toMs, fromMs, ...(sites ?? [])];
      const columns = "site, service, start_ms, end_ms, state, cause";
      const order = "ORDER BY site, service, start_ms";
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
    },
    async currentStates() {
      return db
        .prepare("SELECT * FROM states WHERE end_ms IS NULL ORDER BY site, service")
        .all()
        .map(toSegment);
    },
  };
}

/** Writes one replacement; called inside the transaction of the run of the watch that found it. */
export function createStateWriter(db: DatabaseSync): (replacement: WatchWrite["states"][number]) => void {
  const keep = db.prepare(
    `INSERT INTO past_states (site, service, start_ms, end_ms, state, cause, known_ms, superseded_ms)
     SELECT site, service, start_ms, end_ms, state, cause, known_ms, ?4 FROM states
     WHERE site = ?1 AND service = ?2 AND start_ms >= ?3 AND known_ms < ?4`,
  );
  const drop = db.prepare("DELETE FROM states WHERE site = ? AND service = ? AND start_ms >= ?");
  const cut = db.prepare(
    "UPDATE states SET end_ms = ?4, known_ms = ?5 WHERE site = ?1 AND service = ?2 AND start_ms = ?3",
  );
  const last = db.prepare(
    `SELECT start_ms, coalesce(end_ms, ${far}) AS end_ms, state, cause FROM states
     WHERE site = ? AND service = ? AND start_ms < ? ORDER BY start_ms DESC LIMIT 1`,
  );
  const add = db.prepare(
    `INSERT INTO states (site, service, start_ms, end_ms, state, cause, known_ms) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (site, service, start_ms) DO UPDATE SET
       end_ms = excluded.end_ms, state = excluded.state, cause = excluded.cause, known_ms = excluded.known_ms`,
  );
  return ({ site, service, replaceFromMs, knownMs, segments }) => {
    const [first] = segments;
    const before = last.get(site, service, replaceFromMs);
    const beforeMs = before?.start_ms as number;
    const reachesIn = before !== undefined && (before.end_ms as number) > replaceFromMs;
    const isJoined =
      before !== undefined &&
      (before.end_ms as number) >= replaceFromMs &&
      first?.startMs === replaceFromMs &&
      before.state === first.state &&
      before.cause === first.cause;
    keep.run(site, service, reachesIn || isJoined ? beforeMs : replaceFromMs, knownMs);
    drop.run(site, service, replaceFromMs);
    if (reachesIn) cut.run(site, service, beforeMs, replaceFromMs, knownMs);
    for (const [index, { startMs, endMs, state, cause }] of segments.entries()) {
      add.run(site, service, index === 0 && isJoined ? beforeMs : startMs, endMs, state, cause, knownMs);
    }
  };
}

function toSegment(row: Record<string, SQLOutputValue>): StateSegment {
  return {
    site: row.site as string,
    service: row.service as string,
    startMs: row.start_ms as number,
    endMs: row.end_ms as number | null,
    state: row.state as SiteState,
    cause: row.cause as Cause | null,
  };
}
