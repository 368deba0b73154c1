import { readTable } from "./csv-table.ts";
import { labelAllowed, labelPattern } from "./fields.ts";
import type { Site } from "./inventory.ts";
import type { Mistakes } from "./mistakes.ts";

/*
 * aliases.csv, one spelling a row, for lists that name places and not codes:
 *
 *   code           of a site
 *   official_name  its name, as sites.csv has it
 *   seen_spelling  as others write it
 */
const columns = ["code", "official_name", "seen_spelling"] as const;

const file = "aliases.csv";

/** Codes by spelling. An empty file has none. */
export function readAliases(
  text: string,
  sites: ReadonlyMap<string, Site>,
  mistakes: Mistakes,
): Map<string, string> {
  const aliases = new Map<string, string>();
  const rows = text === "" ? [] : (readTable(text, file, columns, mistakes) ?? []);
  for (const row of rows) {
    const [code, spelling] = [row.at("code"), row.at("seen_spelling")];
    const site = sites.get(code);
    if (site === undefined) row.refuse("code", "the code of a site in sites.csv");
    else if (row.at("official_name") !== site.name) row.refuse("official_name", `${site.name}, its name`);
    if (!labelPattern.test(spelling)) row.refuse("seen_spelling", labelAllowed);
    else if (aliases.has(spelling)) row.refuse("seen_spelling", "another spelling: one before is the same");
    aliases.set(spelling, code);
  }
  return aliases;
}
