import type { Inventory } from "./inventory.ts";
import type { Tree } from "./tree.ts";
import { allLinksOf } from "./validity.ts";

/*
 * What stands for an address in targets.yaml:
 *
 *   {gateway}     gateway of the site that measures
 *   {hub}         gateway of the site that it hangs from
 *   {of.gateway}  gateway of the site that a target of role `site` watches
 *
 * The gateway of a site is that of its primary link, unless the target names another link of the same site.
 */
export interface MacroPlace {
  site: string;
  of: string | null;
  link: string | null;
}

export type Filled = { ok: true; text: string } | { ok: false; why: string };

/** Replaces the macros of a text. Not ok when one has no value; `why` completes "expected …" for the operator. */
export function fillMacros(text: string, place: MacroPlace, inventory: Inventory, tree: Tree): Filled {
  let why = "";
  const filled = text.replaceAll(/\{(gateway|hub|of\.gateway)\}/g, (macro) => {
    const code = siteMeant(macro, place, inventory, tree);
    if (code === null) {
      why = `an address: ${place.site} is the top, where ${macro} stands for nothing`;
      return macro;
    }
    const gateway = gatewayOf(code, place.link, inventory, tree);
    if (gateway === null) why = `a gateway for ${code} in links.yaml, for which ${macro} stands`;
    return gateway ?? macro;
  });
  return why === "" ? { ok: true, text: filled } : { ok: false, why };
}

function siteMeant(macro: string, place: MacroPlace, inventory: Inventory, tree: Tree): string | null {
  if (macro === "{gateway}") return place.site;
  if (macro === "{of.gateway}") return place.of;
  const named = place.link === null ? undefined : allLinksOf(inventory).get(place.link);
  return named?.site === place.site ? named.parent : tree.parentOf(place.site);
}

function gatewayOf(code: string, link: string | null, inventory: Inventory, tree: Tree): string | null {
  const named = link === null ? undefined : allLinksOf(inventory).get(link);
  // Between two links the router has the address that it had.
  const last = () => [...allLinksOf(inventory).values()].findLast(({ site }) => site === code);
  const used = named?.site === code ? named : (tree.linksOf(code)[0] ?? last());
  return used?.gateway ?? null;
}
