import { limits } from "#wire/units.ts";
import type { Kind } from "#wire/rounds-v1.ts";
import { clipRounds } from "./join.ts";
import type { LineWriter } from "./line-writer.ts";
import { pointsOf, roundsOfPoints } from "./points.ts";
import type { Point, PointRow } from "./points.ts";
import { stepsOfRounds } from "./read-steps.ts";
import type { Outcomes, Rounds, SeriesStore } from "./series-store.ts";
import type { Catalogue } from "./sqlite-catalogue.ts";

/** What one engine does in its own way. */
export interface PointEngine {
  writer: LineWriter;
  lineOf(point: Point): string;
  /** Rows that began in [fromMs, toMs) of these targets, by key, each ascending in time. */
  query(kind: Kind, keys: readonly string[], fromMs: number, toMs: number): Promise<Map<string, PointRow[]>>;
  ping(): Promise<void>;
}

/** Targets that one query asks for. */
const keysAtOnce = 100;
/** After a query that failed the engine is not asked again for so long, ms. */
const restMs = 2_000;

/** A store of rounds as points in an engine of its own. What there is of series, and since when, is in the catalogue. */
export function createPointSeries(engine: PointEngine, catalogue: Catalogue): SeriesStore {
  let refused: { error: unknown; untilMs: number } | null = null;

  /** Whoever reads a page does not wait again for an engine that has just kept somebody waiting in vain. */
  const query: PointEngine["query"] = async (...asked) => {
    if (refused !== null && performance.now() < refused.untilMs) throw refused.error;
    try {
      const found = await engine.query(...asked);
      refused = null;
      return found;
    } catch (error) {
      refused = { error, untilMs: performance.now() + restMs };
      throw error;
    }
  };

  const read: SeriesStore["read"] = async (keys, fromMs, toMs) => {
    const wanted = keys.flatMap(catalogue.ofKey);
    const found = new Map<string, PointRow[]>();
    for (const [kind, own] of Map.groupBy(wanted, (series) => series.kind)) {
      for (let at = 0; at < own.length; at += keysAtOnce) {
        const some = own.slice(at, at + keysAtOnce).map(({ key }) => key);
        // A summary that began earlier may reach into the range.
        const rows = await query(kind, some, fromMs - limits.summarySpanMs, toMs);
        for (const [key, points] of rows) found.set(`${key} ${kind}`, points);
      }
    }
    return wanted.flatMap(({ key, kind }) => {
      const rounds = roundsOfPoints(key, kind, found.get(`${key} ${kind}`) ?? []);
      return (rounds === null ? null : clipRounds(rounds, fromMs, toMs)) ?? [];
    });
  };
  return {
    async append(origin, rounds) {
      const lines: string[] = [];
      for (const each of rounds) for (const point of pointsOf(origin, each)) lines.push(engine.lineOf(point));
      if (lines.length > 0) await engine.writer.write(lines);
      catalogue.learn(rounds);
    },
    read,
    async outcomes(keys, fromMs, toMs) {
      const checks = keys.filter((key) =>
        catalogue.ofKey(key).some(({ kind }) => kind !== "icmp" && kind !== "snmp"),
      );
      return (await read(checks, fromMs, toMs)).flatMap((rounds) =>
        rounds.kind === "icmp" || rounds.kind === "snmp" ? [] : outcomesOf(rounds),
      );
    },
    steps: (key, query) => stepsOfRounds(read, key, query),
    finestStepMs: () => 1,
    firstMs: async (key) => catalogue.firstMs(key),
    answeredMs: async (key, kind) => catalogue.answeredMs(key, kind),
    keys: async () => catalogue.keys(),
    async ping() {
      await engine.ping();
      refused = null;
    },
  };
}

function outcomesOf(rounds: Exclude<Rounds, { kind: "icmp" | "snmp" }>): Outcomes {
  const { key, kind, timeMs, ok, merged, spanMs } = rounds;
  return { key, kind, timeMs, ok, ...(merged === undefined ? {} : { merged, spanMs: spanMs! }) };
}
