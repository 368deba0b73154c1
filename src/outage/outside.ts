import type { Tree } from "../inventory/tree.ts";
import { firstRoundMs } from "./evidence.ts";
import type { TargetEvidence } from "./evidence.ts";

/**
 * Of what a site's agent measures, what tells whether it reaches the world: NOC and public anchors; without them the hub,
 * without that the services. The first layer that has a target in force decides. Retired targets of stronger layers stay
 * with it, for the time before they were taken out. `parent`: what the site, or the one link of it, hangs from.
 */
export function chooseOutside(
  own: readonly TargetEvidence[],
  parent: string | null,
  tree: Tree,
): TargetEvidence[] {
  const measured = own.filter((target) => firstRoundMs(target) !== null && target.answeredMs !== null);
  const ofRole = (...roles: TargetEvidence["role"][]) => measured.filter(({ role }) => roles.includes(role));
  // For a child of the root the hub is the NOC itself.
  const hubIsNoc = parent !== null && tree.parentOf(parent) === null;
  const [hub, beyond, service] = [ofRole("hub"), ofRole("noc", "anchor"), ofRole("service")];
  const layers = hubIsNoc ? [[...beyond, ...hub], service] : [beyond, hub, service];
  const inForce = layers.findIndex((layer) => layer.some(({ retired }) => retired !== true));
  const last = inForce === -1 ? layers.findIndex((layer) => layer.length > 0) : inForce;
  return layers.slice(0, last + 1).flat();
}
