import type { DatabaseSync } from "node:sqlite";
import type { Kind } from "#wire/rounds-v1.ts";
import { firstAnswerMs } from "./answers.ts";
import type { Rounds } from "./series-store.ts";
import { inTransaction } from "./sqlite-transaction.ts";

/*
 * Which series there are, and when each began: in the one file beside the ledger, whichever engine has the rounds. No engine
 * answers "when did this first answer" but by reading all of it.
 */

/** What is known of a series by its key and kind. */
export interface Series {
  id: number;
  key: string;
  kind: Kind;
  shelf: number;
  /** When its first round of all began. */
  firstMs: number;
  /** The same of those to which anything came back. */
  answeredMs: number | null;
}

export interface Catalogue {
  /** The series of these rounds; what is new of it is written in the open transaction, and remembered by `remember` alone. */
  enter(rounds: Rounds): Series;
  /** The transaction was committed. */
  remember(rounds: readonly Rounds[]): void;
  /** Both, in a transaction of its own where there is anything new. */
  learn(rounds: readonly Rounds[]): void;
  find(key: string, kind: Kind): Series | undefined;
  byId(id: number): Series | undefined;
  /** In the order in which they came. */
  ofKey(key: string): Series[];
  shelves(): Set<number>;
  firstMs(key: string): number | null;
  answeredMs(key: string, kind: Kind): number | null;
  keys(): ReadonlyMap<string, readonly Kind[]>;
}

/** Series that share rows. A read of one of them passes over the bytes of the others. */
const seriesPerShelf = 16;

export function createCatalogue(db: DatabaseSync): Catalogue {
  // '0' is the character after '/': the keys of one site are a range.
  const add = db.prepare(
    `INSERT INTO series (key, kind, shelf, first_ms, answered_ms) VALUES (?1, ?2, coalesce(
       (SELECT shelf FROM series WHERE key >= ?3 || '/' AND key < ?3 || '0' GROUP BY shelf HAVING count(*) < ${seriesPerShelf} LIMIT 1),
       (SELECT coalesce(max(shelf), 0) + 1 FROM series)), ?4, ?5)
     ON CONFLICT (key, kind) DO UPDATE
       SET first_ms = min(first_ms, excluded.first_ms),
         answered_ms = min(coalesce(answered_ms, excluded.answered_ms), coalesce(excluded.answered_ms, answered_ms))
     RETURNING *`,
  );
  const known = new Map<string, Map<Kind, Series>>();
  const byId = new Map<number, Series>();

  function keep(series: Series): void {
    const { key, kind, id } = series;
    byId.set(id, series);
    const kinds = known.get(key);
    if (kinds === undefined) known.set(key, new Map([[kind, series]]));
    else kinds.set(kind, series);
  }
  for (const row of db.prepare("SELECT * FROM series ORDER BY id").all()) keep(toSeries(row));

  const find: Catalogue["find"] = (key, kind) => known.get(key)?.get(kind);

  /** Learned inside a transaction that may yet be rolled back, so it is remembered only once it is not. */
  function enter(rounds: Rounds): Series {
    const { key, kind, timeMs } = rounds;
    const series = find(key, kind);
    if (series !== undefined && isWithin(rounds, series)) return series;
    return toSeries(add.get(key, kind, siteOf(key), timeMs[0]!, firstAnswerMs(rounds))!);
  }

  const isNews = (rounds: Rounds) => {
    const series = find(rounds.key, rounds.kind);
    return series === undefined || !isWithin(rounds, series);
  };

  return {
    enter,
    remember(all) {
      for (const rounds of all) if (isNews(rounds)) keep(enter(rounds));
    },
    learn(all) {
      const news = all.filter(isNews);
      if (news.length === 0) return;
      for (const series of inTransaction(db, () => news.map(enter))) keep(series);
    },
    find,
    byId: (id) => byId.get(id),
    ofKey: (key) => [...(known.get(key)?.values() ?? [])],
    shelves: () => new Set([...byId.values()].map(({ shelf }) => shelf)),
    firstMs(key) {
      const firsts = [...(known.get(key)?.values() ?? [])].map(({ firstMs }) => firstMs);
      return firsts.length === 0 ? null : Math.min(...firsts);
    },
    answeredMs: (key, kind) => find(key, kind)?.answeredMs ?? null,
    keys: () => new Map([...known].map(([key, kinds]) => [key, [...kinds.keys()]])),
  };
}

/** Whether these rounds leave it as it is when the series began, and when it first answered. */
function isWithin(rounds: Rounds, { firstMs, answeredMs }: Series): boolean {
  if (firstMs > rounds.timeMs[0]!) return false;
  if (answeredMs !== null && answeredMs <= rounds.timeMs[0]!) return true;
  const firstAnswer = firstAnswerMs(rounds);
  return firstAnswer === null || (answeredMs !== null && answeredMs <= firstAnswer);
}

const siteOf = (key: string) => key.slice(0, key.indexOf("/"));

function toSeries(row: Record<string, unknown>): Series {
  return {
    id: row.id as number,
    key: row.key as string,
    kind: row.kind as Kind,
    shelf: row.shelf as number,
    firstMs: row.first_ms as number,
    answeredMs: row.answered_ms as number | null,
  };
}
