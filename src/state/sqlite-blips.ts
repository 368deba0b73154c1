import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import type { Blip } from "../outage/blips.ts";
import type { Cause } from "../outage/table.ts";
import type { StateStore, WatchWrite } from "./state-store.ts";

/** Losses too short for an outage, with when each was known. */
export function blipMethods(db: DatabaseSync): Pick<StateStore, "blips"> {
  return {
    async blips({ fromMs, toMs, sites, asOfMs }) {
      const among = sites === undefined ? "" : ` AND site IN (${sites.map(() => "?").join(", ")})`;
      const known =
        asOfMs === undefined
          ? "superseded_ms IS NULL"
          : "known_ms <= ? AND (superseded_ms IS NULL OR superseded_ms > ?)";
      return db
        .prepare(
          `SELECT site, start_ms, end_ms, cause, measured, root FROM blips
           WHERE end_ms > ? AND start_ms < ? AND ${known}${among} ORDER BY site, start_ms`,
        )
        .all(fromMs, toMs, ...(asOfMs === undefined ? [] : [asOfMs, asOfMs]), ...(sites ?? []))
        .map(toBlip);
    },
  };
}

/** Writes a difference; called inside the transaction of the run of the watch that found it. */
export function createBlipWriter(db: DatabaseSync): (change: NonNullable<WatchWrite["blips"]>) => void {
  // What was found and lost again at one moment was never known.
  const drop = db.prepare("DELETE FROM blips WHERE site = ? AND start_ms = ? AND known_ms = ?");
  const supersede = db.prepare(
    "UPDATE blips SET superseded_ms = ? WHERE site = ? AND start_ms = ? AND superseded_ms IS NULL",
  );
  const add = db.prepare(
    "INSERT INTO blips (site, start_ms, end_ms, cause, measured, root, known_ms) VALUES (?, ?, ?, ?, ?, ?, ?)",
  );
  return ({ gone, found, knownMs }) => {
    for (const { site, startMs } of gone) {
      drop.run(site, startMs, knownMs);
      supersede.run(knownMs, site, startMs);
    }
    for (const { site, startMs, endMs, cause, measured, root } of found)
      add.run(site, startMs, endMs, cause, measured, root, knownMs);
  };
}

function toBlip(row: Record<string, SQLOutputValue>): Blip {
  return {
    site: row.site as string,
    startMs: row.start_ms as number,
    endMs: row.end_ms as number,
    cause: row.cause as Cause,
    measured: row.measured as Blip["measured"],
    root: row.root as string,
  };
}
