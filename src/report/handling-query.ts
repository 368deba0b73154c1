import { createLocalTime, defaultTimeZone } from "../inventory/local-time.ts";
import { handlingTimes } from "../relation/handling.ts";
import type { OfficeHandling } from "../relation/handling.ts";
import type { StateStore } from "../state/state-store.ts";
import { createAreas } from "./areas.ts";
import type { Inventory } from "../inventory/inventory.ts";
import type { Reader } from "./reader.ts";

export interface HandlingQuery {
  /** Cases received in [fromDay, toDay), YYYY-MM-DD in the district's zone. */
  fromDay: string;
  toDay: string;
}

/** How an office handled its cases, beside how its own network fared in the same days. */
export interface OfficeRow extends OfficeHandling {
  name: string;
  /** How long the office was cut off, and how long nobody measured whether it was, s; null: it is not monitored. */
  network: { downS: number; notMeasuredS: number } | null;
}

export interface HandlingAnswer {
  offices: OfficeRow[];
  yearsWithoutHolidays: number[];
}

export interface HandlingDeps {
  state: Pick<StateStore, "complaintHandling">;
  reader: Pick<Reader, "accounts">;
  inventory: Inventory;
  nowMs: number;
}

/**
 * Handling times beside the outages of the office in charge: that of the kecamatan complained about, or of the regency where
 * no kecamatan is known. Both figures stand beside each other, and no more: an office that was cut off for a day and is late
 * with a case need not be late because of it.
 */
export async function queryHandling(
  { state, reader, inventory, nowMs }: HandlingDeps,
  { fromDay, toDay }: HandlingQuery,
): Promise<HandlingAnswer> {
  const { toLocalMs, toEpochMs } = createLocalTime(inventory.timeZone ?? defaultTimeZone);
  const areas = createAreas(inventory);
  const top = [...inventory.sites.values()].find(({ parent }) => parent === null)!.code;
  const report = handlingTimes(await state.complaintHandling({ fromDay, toDay }), {
    holidays: inventory.holidays?.keys() ?? [],
    today: new Date(toLocalMs(nowMs)).toISOString().slice(0, 10),
    officeOf: (area) => areas.kecamatanOf(area) ?? top,
  });
  const accounts = await reader.accounts({
    fromMs: toEpochMs(Date.parse(fromDay)),
    toMs: Math.min(toEpochMs(Date.parse(toDay)), nowMs),
    by: "site",
    sites: report.offices.map(({ office }) => office),
  });
  const networks = new Map(accounts.map(({ group, withMaintenance }) => [group, withMaintenance]));
  const offices = report.offices.map((row) => {
    const own = networks.get(row.office);
    const isMonitored = own !== undefined && own.upS + own.downS > 0;
    const network = isMonitored ? { downS: own.downS, notMeasuredS: own.notMeasuredS } : null;
    return { ...row, name: inventory.sites.get(row.office)?.name ?? row.office, network };
  });
  return { offices, yearsWithoutHolidays: report.yearsWithoutHolidays };
}
