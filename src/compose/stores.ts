import type { Logger } from "pino";
import type { SeriesConfig } from "../config.ts";
import { engineNameOf, openOuterSeries } from "../series/open-series.ts";
import { dayMs } from "../series/retention.ts";
import type { SeriesStore } from "../series/series-store.ts";
import { ownEngine } from "../state/series-engine.ts";
import { openSqlite } from "../state/sqlite.ts";
import type { SqliteOptions, SqliteStores } from "../state/sqlite.ts";
import { storeTrouble } from "../state/store-trouble.ts";

/**
 * What is judged has to have neighbours: where their rounds are gone, those of one that comes late would stand alone and say
 * that everybody else was silent. A day for the roll-up, two for an outage that began before.
 */
const judgedLeadMs = 3 * dayMs;

export interface ComposedStores extends SqliteStores {
  /** How long rounds stay as measured, ms; of an engine of its own, how long its operator says that they do at least. */
  rawMs: number;
  /** How far back rounds may still be judged, ms. */
  judgedMs: number;
  /** How long after a moment nothing of it is judged any more, ms. */
  settledMs: number;
}

/** The state in SQLite, and rounds beside it or in an engine of their own. */
export function composeStores(
  file: string,
  series: SeriesConfig,
  { now, logger }: { now: () => number; logger: Logger },
): ComposedStores {
  const options = optionsOf(series, now);
  const stores = openSqlite(file, {
    now,
    engine: engineOf(series),
    onDamage: (row, error) =>
      logger.error({ ...row, err: error }, "a row is damaged, and what it had is missing from now on"),
    ...options,
  });
  const rawMs = (series.engine === "sqlite" ? series.retention.rawDays : series.rawDays) * dayMs;
  return { ...stores, rawMs, judgedMs: rawMs - judgedLeadMs, settledMs: rawMs - judgedLeadMs };
}

/** The engine that the configuration names, as the file knows it. */
export const engineOf = (series: SeriesConfig): string =>
  series.engine === "sqlite" ? ownEngine : engineNameOf(series);

/** How long SQLite keeps what; nothing of it where another engine has the rounds. */
function optionsOf(
  series: SeriesConfig,
  now: () => number,
): Pick<SqliteOptions, "outerSeries" | "retention"> {
  if (series.engine !== "sqlite")
    return { outerSeries: (catalogue) => openOuterSeries(series, catalogue, now) };
  const { rawDays, fiveMinuteDays, hourDays } = series.retention;
  return {
    retention: { rawMs: rawDays * dayMs, fiveMinutesMs: fiveMinuteDays * dayMs, hoursMs: hourDays * dayMs },
  };
}

/** An engine of its own may be away at the start: batches wait with the agents, and whoever reads the log knows for what. */
export async function warnOfSeries(series: SeriesStore, logger: Logger): Promise<void> {
  try {
    await series.ping();
  } catch (error) {
    const reason = storeTrouble(error);
    if (reason === null) throw error;
    logger.error({ reason }, "rounds cannot be stored or read now");
  }
}
