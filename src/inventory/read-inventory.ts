import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { showValue } from "#wire/wire-error.ts";
import { readAliases } from "./aliases.ts";
import { contractsShape, readContracts } from "./contracts.ts";
import { exclusionsShape, readExclusions } from "./exclusions.ts";
import { readHolidays } from "./holidays.ts";
import type { Inventory } from "./inventory.ts";
import { linksShape, readLinks } from "./links.ts";
import { defaultTimeZone } from "./local-time.ts";
import { createMistakes } from "./mistakes.ts";
import type { Mistakes } from "./mistakes.ts";
import { maintenanceShape, readMaintenance } from "./read-maintenance.ts";
import { readPopulation } from "./population.ts";
import type { Environment } from "./secrets.ts";
import { readServices, servicesShape } from "./services.ts";
import { readSites } from "./sites.ts";
import { readSupply, supplyShape } from "./supply.ts";
import { readTargets } from "./targets.ts";
import { targetsShape } from "./templates.ts";
import { inForceAt } from "./validity.ts";
import { readYamlList } from "./yaml-list.ts";
import type { Entry, ListShape } from "./yaml-entry.ts";

/** The files of an inventory folder. All but sites.csv may be missing. */
export const inventoryFiles = [
  "sites.csv",
  "aliases.csv",
  "holidays.csv",
  "contracts.yaml",
  "exclusions.yaml",
  "links.yaml",
  "maintenance.yaml",
  "population.csv",
  "services.yaml",
  "supply.yaml",
  "targets.yaml",
] as const;
type InventoryFile = (typeof inventoryFiles)[number];

/**
 * Reads an inventory folder and checks it whole.
 *
 * Throws InventoryError with every mistake found. A file that is no CSV or YAML at all is reported before references
 * are judged, since the files refer to one another; the fields of a target's probe are judged once it is clear where
 * and what it measures.
 *
 * `env` fills the values written as `${NAME}`; a variable that is not set, or is empty, is a mistake. `timeZone`: IANA name
 * of the zone whose wall clocks supply.yaml and maintenance.yaml mean. `nowMs`: links that are not in force then are in
 * `allLinks` alone, and targets take none of their addresses.
 */
export function readInventory(
  folder: string,
  env: Environment,
  timeZone = defaultTimeZone,
  nowMs = Date.now(),
): Inventory {
  const mistakes = createMistakes();
  checkFileNames(folder, mistakes);
  const entriesOf = (shape: ListShape): Entry[] | null => {
    const text = readText(folder, shape.file as InventoryFile, mistakes);
    return text === null ? null : readYamlList(text, shape, env, mistakes);
  };
  const table = readText(folder, "sites.csv", mistakes);
  const sites = table === null ? null : readSites(table, mistakes);
  const counted = readText(folder, "population.csv", mistakes);
  const population = sites === null || counted === null ? null : readPopulation(counted, sites, mistakes);
  const spellings = readText(folder, "aliases.csv", mistakes);
  const closedDays = readText(folder, "holidays.csv", mistakes);
  const forContracts = entriesOf(contractsShape);
  const forLinks = entriesOf(linksShape);
  const forServices = entriesOf(servicesShape);
  const forTargets = entriesOf(targetsShape);
  const forSupply = entriesOf(supplyShape);
  const forMaintenance = entriesOf(maintenanceShape);
  const forExclusions = entriesOf(exclusionsShape);
  if (!sites || !forContracts || !forLinks || !forServices || !forTargets) throw mistakes.toError();
  if (!forSupply || !forMaintenance || !forExclusions || !population) throw mistakes.toError();
  if (spellings === null || closedDays === null) throw mistakes.toError();

  const contracts = readContracts(forContracts);
  const links = readLinks(forLinks, sites, contracts);
  const services = readServices(forServices, sites);
  const all: Inventory = { sites, links, contracts, services, targets: new Map(), timeZone };
  const untargeted = inForceAt(all, nowMs);
  const { targets, allTargets } = readTargets(forTargets, untargeted);
  const supplied = readSupply(forSupply, untargeted);
  const maintenance = readMaintenance(forMaintenance, untargeted);
  const exclusions = readExclusions(forExclusions, untargeted);
  const aliases = readAliases(spellings, sites, mistakes);
  const holidays = readHolidays(closedDays, mistakes);
  if (mistakes.count() > 0) throw mistakes.toError();
  const measured = { targets, allTargets };
  return {
    ...untargeted,
    ...measured,
    sites: supplied,
    maintenance,
    exclusions,
    population,
    aliases,
    holidays,
  };
}

/** The text of a file, "" for a file that may be missing and is, and null when it cannot be read. */
function readText(folder: string, file: InventoryFile, mistakes: Mistakes): string | null {
  try {
    const bytes = readFileSync(join(folder, file));
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (code === "ENOENT" && file !== "sites.csv") return "";
    const isText = code !== "ERR_ENCODING_INVALID_ENCODED_DATA";
    mistakes.add({
      file,
      line: 1,
      field: "(file)",
      value: isText ? (code === "ENOENT" ? "a missing file" : code) : "this encoding",
      allowed: isText ? `a file that can be read in the inventory folder ${folder}` : "UTF-8 text",
    });
    return null;
  }
}

/** A misspelt `link.yaml` would otherwise be an inventory without links, and nobody would be told. */
function checkFileNames(folder: string, mistakes: Mistakes): void {
  const known: readonly string[] = inventoryFiles;
  for (const file of listFolder(folder)) {
    if (!/\.ya?ml$/i.test(file) || known.includes(file)) continue;
    const allowed = `one of the files ${known.join(", ")}`;
    mistakes.add({ file, line: 1, field: "(file)", value: showValue(file), allowed });
  }
}

/** Names in the folder; none when it cannot be read, which reading sites.csv then reports. */
function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
