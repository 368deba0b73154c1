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
