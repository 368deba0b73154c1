import { showValue } from "#wire/wire-error.ts";
import { parseCsv } from "./csv.ts";
import type { Inventory, Population, Site } from "./inventory.ts";
import type { Mistakes } from "./mistakes.ts";

/*
 * population.csv, one village a row; it may be missing, and villages may be missing in it:
 *
 *   code    a desa or kelurahan of sites.csv. A kecamatan's people are those of its villages, so that it has no row
 *   people  inhabitants, a whole number
 *   as_of   the day or year of which the figure is: 2024 or 2024-12-31
 *   source  where it was read: a title or an address
 */
const columns = ["code", "people", "as_of", "source"] as const;
type Column = (typeof columns)[number];

const file = "population.csv";
/** More than any village has; a figure beyond it is in the wrong column. */
const mostPeople = 1_000_000;

/** Inhabitants by site code; null when the text is no such table. An empty text: nobody's are known. */
export function readPopulation(
  text: string,
  sites: ReadonlyMap<string, Site>,
  mistakes: Mistakes,
): Map<string, Population> | null {
  const read = new Map<string, Population>();
  if (text === "") return read;
  const { records, broken } = parseCsv(text);
  const refuse = (line: number, field: string, value: string, allowed: string) =>
    mistakes.add({ file, line, field, value: showValue(value), allowed });
  if (broken !== null) {
    refuse(broken.line, "(row)", broken.found, "fields that are plain or wholly in double quotes");
    return null;
  }
  const [header, ...rows] = records;
  if (header?.fields.join(",") !== columns.join(",")) {
    refuse(header?.line ?? 1, "(header)", header?.fields.join(",") ?? "", columns.join(","));
    return null;
  }
  for (const { line, fields } of rows) {
    if (fields.length !== columns.length) {
      refuse(line, "(row)", `${fields.length} fields`, `${columns.length} fields`);
      continue;
    }
    const at = (column: Column) => fields[columns.indexOf(column)]!;
    const check = (column: Column, isGood: boolean, allowed: string) => {
      if (!isGood) refuse(line, column, at(column), allowed);
      return isGood;
    };
    const kind = sites.get(at("code"))?.kind;
    const good = [
      check("code", kind === "desa" || kind === "kelurahan", "the code of a desa or kelurahan in sites.csv"),
      check("code", !read.has(at("code")), "each village once"),
      check("people", isCount(at("people")), `a whole number from 0 to ${mostPeople}`),
      check("as_of", /^(19|20)\d\d(-\d\d-\d\d)?$/.test(at("as_of")), "a year or a day, 2024 or 2024-12-31"),
      check("source", /\S/.test(at("source")), "where the figure was read"),
    ];
    if (good.every(Boolean))
      read.set(at("code"), { people: Number(at("people")), asOf: at("as_of"), source: at("source") });
  }
  return read;
}

function isCount(text: string): boolean {
  return /^\d{1,7}$/.test(text) && Number(text) <= mostPeople;
}

/** Inhabitants of the village that the site stands for; null where nobody wrote them down, and of sites above villages. */
export function peopleAt(inventory: Pick<Inventory, "population">, site: string): number | null {
  return inventory.population?.get(site)?.people ?? null;
}
