import type { Logger } from "pino";
import { composeEvidence, ownEvidence } from "./evidence.ts";
import type { Evidence } from "./evidence.ts";
import type { SeriesConfig } from "../config.ts";
import { engineNameOf, openOuterSeries } from "../series/open-series.ts";
import { dayMs } from "../series/retention.ts";
import { noticeTrouble } from "../series/notice-trouble.ts";
import type { SeriesStore } from "../series/series-store.ts";
import { ownEngine } from "../state/series-engine.ts";
import { createPulse } from "../state/pulse.ts";
import { createPatientSeries } from "../state/patient-series.ts";
import { openSqlite } from "../state/sqlite.ts";
import type { SqliteOptions, SqliteStores } from "../state/sqlite.ts";
import { storeTrouble } from "../state/store-trouble.ts";

/**
 * What is judged has to have neighbours: where their rounds are gone, those of one that comes late would stand alone and say
 * that everybody else was silent. A day for the roll-up, two for an outage that began before.
 */
const judgedLeadMs = 3 * dayMs;

export interface ComposedStores extends SqliteStores, Evidence {
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
  // Trouble comes with the first request at the earliest, and by then there is somebody to hear of it.
  const heard = { trouble: () => {} };
  const options = optionsOf(series, now, () => heard.trouble());
  const stores = openSqlite(file, {
    now,
    engine: engineOf(series),
    onDamage: (row, error) =>
      logger.error({ ...row, err: error }, "a row is damaged, and what it had is missing from now on"),
    onMigrated: (done) => logger.info(done, "the data folder was brought up to this version's schema"),
    ...options,
  });
  const rawMs = (series.engine === "sqlite" ? series.retention.rawDays : series.rawDays) * dayMs;
  const judged = { rawMs, judgedMs: rawMs - judgedLeadMs, settledMs: rawMs - judgedLeadMs };
  if (series.engine === "sqlite") return { ...stores, ...judged, ...ownEvidence(stores) };
  const { onTrouble, ...evidence } = composeEvidence(stores, { now, logger, rawMs });
  heard.trouble = onTrouble;
  // Behind the watch nobody waits, and what it reads at a start is long.
  return { ...stores, series: createPatientSeries(stores.series), ...judged, ...evidence };
}

/** The engine that the configuration names, as the file knows it. */
export const engineOf = (series: SeriesConfig): string =>
  series.engine === "sqlite" ? ownEngine : engineNameOf(series);

/** How long SQLite keeps what; nothing of it where another engine has the rounds. */
function optionsOf(
  series: SeriesConfig,
  now: () => number,
  onTrouble: () => void,
): Pick<SqliteOptions, "outerSeries" | "retention"> {
  if (series.engine !== "sqlite")
    return {
      outerSeries: (catalogue) => noticeTrouble(openOuterSeries(series, catalogue, now), onTrouble),
    };
  const { rawDays, fiveMinuteDays, hourDays } = series.retention;
  return {
    retention: { rawMs: rawDays * dayMs, fiveMinutesMs: fiveMinuteDays * dayMs, hoursMs: hourDays * dayMs },
  };
}

/** An engine of its own may be away at the start: batches wait with the agents, and whoever reads the log knows for what. */
export async function warnOfSeries(series: SeriesStore, logger: Logger): Promise<void> {
  try {
    await createPulse(series).ask();
  } catch (error) {
    const reason = storeTrouble(error);
    if (reason === null) throw error;
    logger.error({ reason }, "rounds cannot be stored or read now");
  }
}
