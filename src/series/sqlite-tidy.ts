import type { DatabaseSync } from "node:sqlite";
import { joinBlocks, wholeFromBytes } from "./block.ts";
import type { Damage } from "./damage.ts";

/*
 * Rows of a shelf that live batches brought minute by minute are joined once their hour is over. Each has a key, and its
 * place in the tree: pages into whose midst rows were put are two thirds full, and those of a row of many bytes are full. The
 * chunks are copied as they are.
 *
 * A joined row bears the name of its first batch alone. From then on it is the ledger that keeps the others from being stored
 * twice: it is in the same file, and written in the same transaction as the rounds.
 */

export interface Tidy {
  /** A row of the shelf that began in this stretch was, or may have been, written. */
  note(shelf: number, stretch: number): void;
  /** Whether there is anything to join. */
  isDue(): boolean;
  /** Joins the rows of up to so many stretches, in the open transaction. */
  run(most: number): void;
  /** What was joined last was rolled back: it is tried again. */
  undo(): void;
}

/** Fewer rows are left as they are: a backlog brings an hour in one. */
const leastRows = 8;

interface Stretch {
  shelf: number;
  stretch: number;
}

/** `stretchMs`: rows that began in the same stretch of this length may be joined. */
export function createTidy(db: DatabaseSync, stretchMs: number, damage: Damage): Tidy {
  const among = `shelf = ? AND first_ms >= ? AND first_ms < ? AND length(data) < ${wholeFromBytes}`;
  const select = db.prepare(`SELECT * FROM blocks WHERE ${among} ORDER BY first_ms, origin, seq, part`);
  const remove = db.prepare(`DELETE FROM blocks WHERE ${among}`);
  const insert = db.prepare(
    "INSERT INTO blocks (shelf, first_ms, origin, seq, part, span_ms, data) VALUES (?, ?, ?, ?, ?, ?, ?)",
  );
  /** Rows by shelf and stretch: those of the newest stretch, and what came late since it began. */
  const counts = new Map<number, { newest: number; rows: Map<number, number> }>();
  let due: Stretch[] = [];
  let taken: Stretch[] = [];

  function join({ shelf, stretch }: Stretch): void {
    const range = [shelf, stretch * stretchMs, (stretch + 1) * stretchMs] as const;
    const rows = select.all(...range);
    const first = rows[0];
    if (first === undefined || rows.length < leastRows) return;
    const block = damage.read({ shelf, firstMs: first.first_ms as number, series: null }, () =>
      joinBlocks(
        rows.map((row) => ({
          firstMs: row.first_ms as number,
          spanMs: row.span_ms as number,
          data: row.data as Uint8Array,
        })),
      ),
    );
    // One of them is damaged: they stay as they are.
    if (block === null) return;
    remove.run(...range);
    insert.run(shelf, block.firstMs, first.origin!, first.seq!, first.part!, block.spanMs, block.data);
  }

  return {
    note(shelf, stretch) {
      let known = counts.get(shelf);
      if (known === undefined) counts.set(shelf, (known = { newest: stretch, rows: new Map() }));
      known.rows.set(stretch, (known.rows.get(stretch) ?? 0) + 1);
      if (stretch <= known.newest) return;
      known.newest = stretch;
      for (const [older, rows] of known.rows) {
        if (older === stretch) continue;
        if (rows >= leastRows) due.push({ shelf, stretch: older });
        known.rows.delete(older);
      }
    },
    isDue: () => due.length > 0,
    run(most) {
      taken = due.splice(0, most);
      for (const one of taken) join(one);
    },
    undo() {
      due = [...taken, ...due];
      taken = [];
    },
  };
}
