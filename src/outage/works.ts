import type { Link } from "../inventory/inventory.ts";
import type { MaintenanceWindow } from "../inventory/maintenance.ts";
import type { Tree } from "../inventory/tree.ts";

/** Which announced work touches a thing. */
export interface Works {
  /** Work on the site, on all that hangs below one of its ancestors, or on every uplink that it has. */
  onSite(code: string): readonly MaintenanceWindow[];
  /** Work on one uplink, on its provider, or on the site that it serves. */
  onLink(link: Link): readonly MaintenanceWindow[];
  onService(id: string): readonly MaintenanceWindow[];
}

export function createWorks(windows: readonly MaintenanceWindow[], tree: Tree): Works {
  const memo = new Map<string, readonly MaintenanceWindow[]>();
  const remember = (key: string, find: () => readonly MaintenanceWindow[]) => {
    const known = memo.get(key);
    if (known !== undefined) return known;
    const found = windows.length === 0 ? windows : find();
    memo.set(key, found);
    return found;
  };
  const onPlace = (code: string) => {
    const path = [code, ...tree.ancestorsOf(code)];
    return windows.filter(
      ({ site, subtree }) => site === code || (subtree !== undefined && path.includes(subtree)),
    );
  };
  const onUplink = ({ id, provider }: Link) =>
    windows.filter((window) => window.link === id || window.provider === provider);
  return {
    onSite: (code) =>
      remember(`site:${code}`, () => [...onPlace(code), ...onEvery(tree.linksOf(code).map(onUplink))]),
    onLink: (link) => remember(`link:${link.id}`, () => [...onPlace(link.site), ...onUplink(link)]),
    onService: (id) => remember(`service:${id}`, () => windows.filter(({ service }) => service === id)),
  };
}

/** Where windows of every list meet; a site is worked on when all its uplinks are. */
function onEvery(lists: readonly (readonly MaintenanceWindow[])[]): readonly MaintenanceWindow[] {
  if (lists.length < 2) return lists[0] ?? [];
  return lists.reduce((all, list) =>
    all.flatMap((window) =>
      list
        .map(({ fromMs, toMs }) => ({
          ...window,
          fromMs: Math.max(window.fromMs, fromMs),
          toMs: Math.min(window.toMs, toMs),
        }))
        .filter(({ fromMs, toMs }) => fromMs < toMs),
    ),
  );
}
