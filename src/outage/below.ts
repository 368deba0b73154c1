import type { Tree } from "../inventory/tree.ts";
import type { Evidence } from "./evidence.ts";
import { anyGood } from "./site-path.ts";
import type { SiteSignals } from "./site-path.ts";
import { overlay } from "./steps.ts";
import type { Step } from "./steps.ts";
import { tally } from "./tally.ts";
import type { Tally } from "./tally.ts";

/*
 * What those below a site see of it: whose path leads over its gateway, the hub, and whether that answers them. It tells
 * a dead hub from one whose own uplink is cut (methods.md §B1).
 */

export interface Below {
  /** Vantages that asked for the hub, and those that it did not answer. */
  hub: Step<Tally>[];
  /** Vantages that reached the hub, and those of them that reached nothing beyond it. */
  beyond: Step<Tally>[];
  /** How many ask for the hub at all. */
  vantages: number;
}

/** By the site whose gateway is asked for. */
export function readBelow(
  signals: ReadonlyMap<string, SiteSignals>,
  tree: Tree,
  evidence: Evidence,
): Map<string, Below> {
  const askers = Map.groupBy(
    [...signals.values()].filter(({ hub }) => hub.length > 0),
    ({ code }) => tree.parentOf(code) ?? "",
  );
  return new Map(
    [...askers].map(([code, sites]) => {
      const seen = sites.map((site) => seenBy(site, evidence));
      return [
        code,
        {
          hub: tally(seen.map((steps) => pick(steps, ({ hub }) => ({ failing: !hub })))),
          beyond: tally(
            seen.map((steps) => pick(steps, ({ hub, outside }) => (hub ? { failing: !outside } : null))),
          ),
          vantages: sites.length,
        },
      ];
    }),
  );
}

interface Seen {
  hub: boolean;
  outside: boolean;
}

/** Where the site's own agent measured both the hub and what lies beyond. */
function seenBy({ hub, outside }: SiteSignals, { fromMs, nowMs }: Evidence): Step<Seen>[] {
  const steps = overlay(
    [anyGood(hub, fromMs, nowMs), outside],
    fromMs,
    nowMs,
    ([near, far]): Seen | null =>
      near === undefined || near.carried || near.phase === "route" || far === undefined || far.carried
        ? null
        : { hub: near.good, outside: far.good },
    (a, b) => a?.hub === b?.hub && a?.outside === b?.outside,
  );
  return steps.filter((step): step is Step<Seen> => step.value !== null);
}

function pick<T>(steps: readonly Step<Seen>[], choose: (seen: Seen) => T | null): Step<T>[] {
  return steps.flatMap(({ startMs, endMs, value }) => {
    const chosen = choose(value);
    return chosen === null ? [] : [{ startMs, endMs, value: chosen }];
  });
}
