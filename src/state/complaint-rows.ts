import { createHash } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import type { ComplaintCell } from "./complaint-store.ts";

/* How complaints lie in their tables. */

export function toAbout(stored: number): boolean | null {
  return stored === -1 ? null : stored === 1;
}

export function fromAbout(about: boolean | null): number {
  return about === null ? -1 : Number(about);
}

/**
 * What a case that is only counted is called: not by the hash that it had or has as a case, so that no row of another time, such
 * as one in an old backup, can be found by it without the tracking id.
 */
export function bareName(hash: string): string {
  return createHash("sha256").update(`bare ${hash}`).digest("base64url");
}

export interface CountWriter {
  /** The number of a cell in force; 0: none. */
  of(cell: ComplaintCell): number;
  /** Puts another number there; false when it is the same. */
  put(cell: ComplaintCell, count: number, importId: string, nowMs: number): boolean;
}

/** Numbers in cells, as versions. Called inside a transaction. */
export function createCountWriter(db: DatabaseSync): CountWriter {
  const where = "day = ? AND area = ? AND channel = ? AND topic = ? AND about = ?";
  const last = db.prepare(
    `SELECT version, count FROM complaint_counts WHERE ${where} ORDER BY version DESC LIMIT 1`,
  );
  const supersede = db.prepare(
    `UPDATE complaint_counts SET superseded_ms = ? WHERE ${where} AND superseded_ms IS NULL`,
  );
  const insert = db.prepare(
    `INSERT INTO complaint_counts (day, area, channel, topic, about, version, count, import, known_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const keyOf = ({ day, area, channel, topic, aboutConnectivity }: ComplaintCell) =>
    [day, area, channel, topic, fromAbout(aboutConnectivity)] as const;
  const numberOf = (cell: ComplaintCell) => (last.get(...keyOf(cell))?.count as number | undefined) ?? 0;
  return {
    of: numberOf,
    put(cell, count, importId, nowMs) {
      if (numberOf(cell) === count) return false;
      const key = keyOf(cell);
      const version = ((last.get(...key)?.version as number | undefined) ?? 0) + 1;
      supersede.run(nowMs, ...key);
      insert.run(...key, version, count, importId, nowMs);
      return true;
    },
  };
}
