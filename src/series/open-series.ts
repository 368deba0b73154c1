import { createInfluxSeries } from "./influx-series.ts";
import type { SeriesStore } from "./series-store.ts";
import type { Catalogue } from "./sqlite-catalogue.ts";
import { createVictoriaSeries } from "./victoria-series.ts";

/** An engine of its own, as the configuration names it. */
export type OuterEngine =
  | {
      engine: "influx";
      url: string;
      bucket?: string | undefined;
      org?: string | undefined;
      database?: string | undefined;
      token?: string | undefined;
    }
  | {
      engine: "victoria";
      url: string;
      readUrl?: string | undefined;
      tenant?: string | undefined;
      token?: string | undefined;
    };

/** Which engine it is, and what in it: elsewhere are other rounds. */
export function engineNameOf(given: OuterEngine): string {
  const at = given.url.replace(/\/+$/, "");
  if (given.engine === "victoria")
    return `VictoriaMetrics at ${at}${given.tenant === undefined ? "" : `, tenant ${given.tenant}`}`;
  const { bucket, org, database } = given;
  return `InfluxDB at ${at}, ${bucket === undefined ? `database ${database}` : `bucket ${bucket} of ${org}`}`;
}

export function openOuterSeries(given: OuterEngine, catalogue: Catalogue, now: () => number): SeriesStore {
  const { url, token = null } = given;
  if (given.engine === "victoria") {
    const { readUrl = null, tenant = null } = given;
    return createVictoriaSeries({ url, readUrl, tenant, token, now }, catalogue);
  }
  const { bucket, database, org = null } = given;
  const api = bucket === undefined ? "v1" : "v2";
  return createInfluxSeries({ url, token, api, database: bucket ?? database!, org, now }, catalogue);
}
