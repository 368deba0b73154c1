import type { Inventory, Target } from "../inventory/inventory.ts";
import { lastStartMs } from "../series/join.ts";
import type { SeriesStore } from "../series/series-store.ts";

/**
 * Until when a service is known to have been reachable from each site, epoch ms: half an interval before the last round of
 * the checks that decide, since a failure that the next round shows is placed midway. What lies behind is carried on in the
 * states, and is not measured in a figure that somebody signs.
 *
 * `silenceMs`: how long a state is carried on; sites without a round in that time are left out.
 */
export async function readProven(
  series: SeriesStore,
  inventory: Inventory,
  { service, nowMs, silenceMs }: { service: string; nowMs: number; silenceMs: number },
): Promise<ReadonlyMap<string, number>> {
  const bySite = Map.groupBy(
    [...inventory.targets.values()].filter(
      (target) => target.role === "service" && target.service === service,
    ),
    (target) => target.site,
  );
  const proven = new Map<string, number>();
  for (const [site, targets] of bySite) {
    const checks = decidingChecks(targets);
    const intervalMs = checks.map(({ probe }) => probe.intervalS * 1000).reduce((a, b) => Math.max(a, b));
    const fromMs = nowMs - Math.max(silenceMs, 3 * intervalMs);
    const rounds = await series.read(
      checks.map(({ key }) => key),
      fromMs,
      nowMs + 1,
    );
    const lastMs = rounds.map(lastStartMs).reduce((a, b) => Math.max(a, b), -Infinity);
    if (lastMs > -Infinity) proven.set(site, lastMs - intervalMs / 2);
  }
  return proven;
}

/** As in outage/services.ts: the HTTP checks, or the name look-ups where there are none. */
function decidingChecks(targets: readonly Target[]): readonly Target[] {
  const http = targets.filter(({ probe }) => probe.kind === "http");
  return http.length > 0 ? http : targets;
}
