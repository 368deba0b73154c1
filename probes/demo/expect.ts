import type { DemoInventory } from "./inventory.ts";
import type { Fault, World } from "./world.ts";

/** A row that the collector's outage table should have because of a fault. */
export interface ExpectedOutage {
  site: string;
  service: string | null;
  startMs: number;
  endMs: number;
  cause: string;
  root: string;
}

/** What a fault should lead to in /api/v1/outages: nothing for a crash or for a link that is merely far away. */
export function expectedOutages(fault: Fault, { sites, top }: DemoInventory, world: World): ExpectedOutage[] {
  const { site, startMs, endMs } = fault;
  const here = { site, service: null, startMs, endMs, root: site };
  // Whoever hangs from a village has its relay as hub.
  const isVillage = site.split(".").length === 4;
  const behind = (cause: string) =>
    sites
      .filter(({ code }) => code !== site && world.pathOf(code).includes(site))
      .map(({ code }) => ({ ...here, site: code, cause: isVillage ? "relay" : cause }));
  switch (fault.kind) {
    case "link":
      return [{ ...here, cause: "link" }, ...behind("backhaul")];
    case "rain":
      return [{ ...here, cause: "rain" }, ...behind("rain")];
    case "provider":
      // At the centre itself it is the link that leads out.
      return sites.map(({ code }) => ({ ...here, site: code, cause: code === site ? "link" : "provider" }));
    case "power":
      return [{ ...here, cause: "power" }, ...behind("hub")];
    case "dns":
      return [{ ...here, service: "lapor", cause: "dns" }];
    case "service":
    case "certificate":
      if (site !== top) throw new Error("the service is checked by the top's agent as control");
      return sites.map(({ code }) => ({
        ...here,
        site: code,
        service: "lapor",
        cause: "service",
        root: "service:lapor",
      }));
    case "crash":
    case "normal":
      return [];
  }
}
