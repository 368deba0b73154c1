import type { Availability } from "../relation/availability.ts";
import type { Reader } from "../report/reader.ts";
import type { SiteAvailability } from "./availability-table.ts";

const minuteMs = 60_000;
const dayMs = 86_400_000;

/**
 * Availability of services by site, computed for all sites at once and kept for the running minute: a month of a whole
 * district is the dearest question that a public page asks, and it must not be asked once for each visitor.
 */
export function createAvailabilityMemo(reader: Reader, now: () => number) {
  let minute = -1;
  const kept = new Map<string, Promise<ReadonlyMap<string, Availability>>>();

  function bySite(service: string, days: number): Promise<ReadonlyMap<string, Availability>> {
    const current = Math.floor(now() / minuteMs);
    if (current !== minute) {
      minute = current;
      kept.clear();
    }
    const key = `${days} ${service}`;
    const held = kept.get(key);
    if (held !== undefined) return held;
    const toMs = current * minuteMs;
    const asked = reader
      .availability({ service, by: "site", fromMs: toMs - days * dayMs, toMs })
      .then((rows) => new Map((rows ?? []).map(({ group, availability }) => [group, availability])));
    kept.set(key, asked);
    // A failure is for the one who asked, not for everybody in this minute.
    asked.catch(() => kept.get(key) === asked && kept.delete(key));
    return asked;
  }

  /** null: the service is not measured at that site. */
  return async (service: string, site: string): Promise<SiteAvailability | null> => {
    const [day, month] = await Promise.all([bySite(service, 1), bySite(service, 30)]);
    const [ofDay, ofMonth] = [day.get(site) ?? null, month.get(site) ?? null];
    return ofDay === null && ofMonth === null ? null : { service, day: ofDay, month: ofMonth };
  };
}
