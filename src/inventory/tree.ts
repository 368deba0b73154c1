import type { Inventory, Link, Site, Target } from "./inventory.ts";

/**
 * The inventory seen as a tree of paths: whose uplink hangs from whom.
 *
 * A site's parent is the parent of its primary link, else the administrative one. The check that ran at reading
 * guarantees one root and no cycle.
 */
export interface Tree {
  siteOf(code: string): Site;
  parentOf(code: string): string | null;
  childrenOf(code: string): readonly string[];
  /** Parent, grandparent … up to the root. */
  ancestorsOf(code: string): readonly string[];
  /** The site and everything below it, parents before children. */
  subtreeOf(code: string): readonly string[];
  linksOf(code: string): readonly Link[];
  /** What the agent of the site measures. */
  targetsAt(code: string): readonly Target[];
  /** Targets elsewhere that watch this site. */
  witnessesOf(code: string): readonly Target[];
  /** Both, and what tested a link of the site, or is to, in days that are not these. */
  allTargetsAround(code: string): readonly Target[];
  /** Every site, parents before children. */
  readonly order: readonly Site[];
}

export function createTree(inventory: Pick<Inventory, "sites" | "links" | "targets" | "allTargets">): Tree {
  const links = Map.groupBy(inventory.links.values(), (link) => link.site);
  const targets = Map.groupBy(inventory.targets.values(), (target) => target.site);
  const witnesses = Map.groupBy(inventory.targets.values(), (target) => target.of ?? "");
  const ever = inventory.allTargets ?? [...inventory.targets.values()];
  let around: Map<string, Target[]> | null = null;
  const parents = new Map<string, string | null>();
  for (const site of inventory.sites.values()) {
    const primary = links.get(site.code)?.[0];
    parents.set(site.code, primary === undefined ? site.parent : primary.parent);
  }
  const children = Map.groupBy(inventory.sites.values(), (site) => parents.get(site.code) ?? "");
  const subtreeOf = (code: string): string[] => [
    code,
    ...(children.get(code) ?? []).flatMap((child) => subtreeOf(child.code)),
  ];
  const roots = [...inventory.sites.values()].filter((site) => parents.get(site.code) === null);
  const order = roots.flatMap((root) => subtreeOf(root.code)).map((code) => inventory.sites.get(code)!);
  return {
    siteOf: (code) => inventory.sites.get(code)!,
    parentOf: (code) => parents.get(code) ?? null,
    childrenOf: (code) => (children.get(code) ?? []).map((site) => site.code),
    ancestorsOf(code) {
      const path: string[] = [];
      for (let at = parents.get(code) ?? null; at !== null; at = parents.get(at) ?? null) path.push(at);
      return path;
    },
    subtreeOf,
    linksOf: (code) => links.get(code) ?? [],
    targetsAt: (code) => targets.get(code) ?? [],
    witnessesOf: (code) => witnesses.get(code) ?? [],
    allTargetsAround(code) {
      around ??= groupAround(ever);
      return around.get(code) ?? [];
    },
    order,
  };
}

/** By the site that measures, and by the one that is watched from elsewhere. */
function groupAround(targets: readonly Target[]): Map<string, Target[]> {
  const around = new Map<string, Target[]>();
  for (const target of targets) {
    for (const code of new Set([target.site, target.of ?? target.site])) {
      const held = around.get(code);
      if (held === undefined) around.set(code, [target]);
      else held.push(target);
    }
  }
  return around;
}
