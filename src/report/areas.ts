import type { Inventory } from "../inventory/inventory.ts";

/** The administrative tree: which kecamatan and kabupaten a site belongs to, and what lies below a site. */
export interface Areas {
  /** Everything below the site at any depth, without the site itself. */
  below(code: string): readonly string[];
  /** The site itself or the ancestor that is a kecamatan; null for a kabupaten. */
  kecamatanOf(code: string): string | null;
  kabupatenOf(code: string): string | null;
}

export function createAreas(inventory: Inventory): Areas {
  const below = new Map<string, string[]>();
  for (const site of inventory.sites.values()) {
    for (const code of pathUp(inventory, site.parent)) {
      const list = below.get(code);
      if (list === undefined) below.set(code, [site.code]);
      else list.push(site.code);
    }
  }
  const ancestorOfKind = (code: string, kind: string) =>
    pathUp(inventory, code).find((at) => inventory.sites.get(at)?.kind === kind) ?? null;
  return {
    below: (code) => below.get(code) ?? [],
    kecamatanOf: (code) => ancestorOfKind(code, "kecamatan"),
    kabupatenOf: (code) => ancestorOfKind(code, "kabupaten"),
  };
}

function pathUp(inventory: Inventory, from: string | null): string[] {
  const path: string[] = [];
  for (let at = from; at !== null; at = inventory.sites.get(at)?.parent ?? null) path.push(at);
  return path;
}
