import type { Inventory, Site } from "../../inventory/inventory.ts";
import { plain } from "./words.ts";

/** In the place of a code: several sites are called that. */
export const ambiguous = "ambiguous";

/** Finds a site's code by what a file writes; null: there is none. */
export interface AreaFinder {
  /** Anywhere. */
  any(text: string): string | null;
  kecamatan(text: string): string | null;
  /** Of a kecamatan, where it is known. */
  village(text: string, kecamatan: string | null): string | null;
}

const levels: readonly (readonly [RegExp, (site: Site) => boolean])[] = [
  [/^(kabupaten|kab) /, ({ kind }) => kind === "kabupaten"],
  [/^(kecamatan|kec) /, ({ kind }) => kind === "kecamatan"],
  [/^(desa|kelurahan|kel|ds) /, ({ kind }) => kind === "desa" || kind === "kelurahan"],
];

/** By code (with dots or without), name or alias; `Desa`, `Kec.` and the like before a name say which one is meant. */
export function createAreaFinder({ sites, aliases = new Map() }: Inventory): AreaFinder {
  const byName = new Map<string, Site[]>();
  const add = (name: string, site: Site) => {
    const key = squeeze(withoutLevel(plain(name)).name);
    const there = byName.get(key) ?? [];
    if (!there.includes(site)) byName.set(key, [...there, site]);
  };
  for (const site of sites.values()) add(site.name, site);
  for (const [spelling, code] of aliases) add(spelling, sites.get(code)!);

  const find = (text: string, isWanted: (site: Site) => boolean) => {
    const code = toCode(text);
    if (code !== null) {
      const site = sites.get(code);
      return site !== undefined && isWanted(site) ? code : null;
    }
    const { name, isLevel } = withoutLevel(plain(text));
    const found = (byName.get(squeeze(name)) ?? []).filter((site) => isLevel(site) && isWanted(site));
    return found.length > 1 ? ambiguous : (found[0]?.code ?? null);
  };
  return {
    any: (text) => find(text, () => true),
    kecamatan: (text) => find(text, ({ kind }) => kind === "kecamatan"),
    village: (text, kecamatan) =>
      find(
        text,
        ({ kind, parent }) =>
          (kind === "desa" || kind === "kelurahan") && (kecamatan === null || parent === kecamatan),
      ),
  };
}

/** `64.08.05.2001` or `6408052001`. */
function toCode(text: string): string | null {
  if (/^\d\d\.\d\d(\.\d\d(\.\d{4})?)?$/.test(text)) return text;
  const [, kabupaten, , kecamatan, village] = /^(\d{4})((\d\d)(\d{4})?)?$/.exec(text) ?? [];
  if (kabupaten === undefined) return null;
  const parts = [kabupaten.slice(0, 2), kabupaten.slice(2), kecamatan, village];
  return parts.filter((part) => part !== undefined).join(".");
}

function withoutLevel(name: string): { name: string; isLevel: (site: Site) => boolean } {
  for (const [pattern, isLevel] of levels)
    if (pattern.test(name)) return { name: name.replace(pattern, ""), isLevel };
  return { name, isLevel: () => true };
}

/** Blanks come and go in names: Muara Bengkal, Muarabengkal. */
const squeeze = (name: string) => name.replaceAll(" ", "");
