import { showValue } from "#wire/wire-error.ts";
import { readTable } from "./csv-table.ts";
import type { TableRow } from "./csv-table.ts";
import { labelAllowed, labelPattern } from "./fields.ts";
import { siteKinds } from "./inventory.ts";
import type { Site, SiteKind } from "./inventory.ts";
import type { Mistakes } from "./mistakes.ts";

/*
 * sites.csv, one site a row:
 *
 *   code             Kemendagri code: 64.08 · 64.08.05 · 64.08.05.2001 (1xxx kelurahan, 2xxx desa)
 *   kind             kabupaten, kecamatan, desa or kelurahan, as the code says
 *   name             as people know the place
 *   parent_code      the code without its last group; empty for the one site at the top
 *   lat, lon         WGS 84, decimal degrees
 *   coord_precision  where the coordinates come from
 */
const siteColumns = ["code", "kind", "name", "parent_code", "lat", "lon", "coord_precision"] as const;
type Column = (typeof siteColumns)[number];

/** `surveyed` is for coordinates taken at the office itself; the others are how the shipped ones were made. */
const coordPrecisions = [
  "kabupaten_polygon_centroid",
  "kecamatan_polygon_centroid",
  "desa_polygon_centroid",
  "kabupaten_polygon_point_inside",
  "kecamatan_polygon_point_inside",
  "desa_polygon_point_inside",
  "surveyed",
] as const;

const file = "sites.csv";
const codePattern = /^\d{2}\.\d{2}(\.\d{2}(\.[12]\d{3})?)?$/;

/** Sites by code, parents before children; null when the text is no table of sites. */
export function readSites(text: string, mistakes: Mistakes): Map<string, Site> | null {
  const rows = readTable(text, file, siteColumns, mistakes);
  if (rows === null) return null;
  const read = new Map<string, { site: Site; line: number }>();
  for (const row of rows) {
    const site = readSite(row);
    if (site === null) continue;
    const earlier = read.get(site.code);
    if (earlier === undefined) read.set(site.code, { site, line: row.line });
    else refuse(mistakes, row.line, "code", site.code, `another code: line ${earlier.line} has this one`);
  }
  checkParents(read, mistakes);
  // A parent's code is a prefix of its children's, so that the order of the codes puts it first.
  const inOrder = [...read.values()].toSorted((a, b) => (a.site.code < b.site.code ? -1 : 1));
  return new Map(inOrder.map(({ site }) => [site.code, site]));
}

function readSite({ at, refuse: refuseAt }: TableRow<Column>): Site | null {
  const check = (column: Column, good: boolean, allowed: string) => {
    if (!good) refuseAt(column, allowed);
  };
  const code = at("code");
  if (!codePattern.test(code)) {
    check("code", false, "a Kemendagri code such as 64.08, 64.08.05, 64.08.05.1001 or 64.08.05.2001");
    return null;
  }
  const kind = kindOf(code);
  check("kind", at("kind") === kind, `${kind}, as the code ${code} says (${siteKinds.join(", ")})`);
  check("name", labelPattern.test(at("name")), labelAllowed);
  check("lat", isDegrees(at("lat"), 90), "decimal degrees from -90 to 90");
  check("lon", isDegrees(at("lon"), 180), "decimal degrees from -180 to 180");
  const precision = at("coord_precision");
  check(
    "coord_precision",
    coordPrecisions.some((known) => known === precision),
    `one of ${coordPrecisions.join(", ")}`,
  );
  const parent = at("parent_code") === "" ? null : at("parent_code");
  return {
    code,
    kind,
    name: at("name"),
    parent,
    latitude: Number(at("lat")),
    longitude: Number(at("lon")),
  };
}

function checkParents(read: ReadonlyMap<string, { site: Site; line: number }>, mistakes: Mistakes): void {
  let top: { site: Site; line: number } | null = null;
  for (const entry of read.values()) {
    const { site, line } = entry;
    const above = site.code.slice(0, site.code.lastIndexOf("."));
    const refuseParent = (allowed: string) =>
      refuse(mistakes, line, "parent_code", site.parent ?? "", allowed);
    if (site.parent === null) {
      if (top === null) top = entry;
      else refuseParent(`a parent: ${top.site.code} on line ${top.line} is the top already`);
    } else if (site.kind === "kabupaten") refuseParent("nothing: a kabupaten is the top");
    else if (site.parent !== above) refuseParent(`${above}, the code without its last group`);
    else if (!read.has(site.parent)) refuseParent("the code of a site in this file");
  }
  if (top === null) {
    const allowed = "exactly one site without a parent";
    mistakes.add({ file, line: 1, field: "parent_code", value: "no site at the top", allowed });
  }
}

function kindOf(code: string): SiteKind {
  const [, , district, village] = code.split(".");
  if (district === undefined) return "kabupaten";
  if (village === undefined) return "kecamatan";
  return village.startsWith("1") ? "kelurahan" : "desa";
}

function isDegrees(text: string, limit: number): boolean {
  return /^-?\d{1,3}(\.\d{1,12})?$/.test(text) && Math.abs(Number(text)) <= limit;
}

function refuse(mistakes: Mistakes, line: number, field: Column, value: string, allowed: string): void {
  mistakes.add({ file, line, field, value: showValue(value), allowed });
}
