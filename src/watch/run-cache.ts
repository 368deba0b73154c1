import type { Inventory, Target } from "../inventory/inventory.ts";
import type { Run, TargetEvidence } from "../outage/evidence.ts";
import type { SeriesStore } from "../series/series-store.ts";
import { extend, toRuns } from "./runs.ts";

/**
 * The run-length form of every target's rounds from one moment on, kept in memory: a few runs for each target, where the
 * rounds would be thousands. Built from the store and brought up to date key by key.
 */
export interface RunCache {
  readonly fromMs: number;
  /** Rounds of a key in [fromMs, toMs] are new. */
  touch(key: string, fromMs: number, toMs: number): void;
  /** Makes the cache begin earlier or later; earlier reads everything again. */
  moveStart(fromMs: number): void;
  /** Reads what was touched since and gives the evidence of all targets. */
  refresh(inventory: Inventory): Promise<TargetEvidence[]>;
}

interface Touch {
  fromMs: number;
  toMs: number;
}

export function createRunCache(series: SeriesStore, startMs: number, gapFactor: number): RunCache {
  let fromMs = startMs;
  const runsOf = new Map<string, Run[]>();
  const touched = new Map<string, Touch>();
  const loaded = new Set<string>();

  async function load({ key, probe }: Target): Promise<void> {
    const gapMs = probe.intervalS * 1000 * gapFactor;
    const known = runsOf.get(key);
    const touch = touched.get(key);
    touched.delete(key);
    const lastMs = known?.at(-1)?.lastMs;
    if (
      loaded.has(key) &&
      known !== undefined &&
      lastMs !== undefined &&
      touch !== undefined &&
      touch.fromMs > lastMs
    ) {
      const [fresh] = await series.read([key], lastMs + 1, Number.MAX_SAFE_INTEGER);
      for (const run of fresh === undefined ? [] : toRuns(fresh, gapMs)) extend(known, run, gapMs);
      return;
    }
    const [rounds] = await series.read([key], fromMs, Number.MAX_SAFE_INTEGER);
    runsOf.set(key, rounds === undefined ? [] : toRuns(rounds, gapMs));
    loaded.add(key);
  }

  return {
    get fromMs() {
      return fromMs;
    },
    touch(key, touchedFromMs, toMs) {
      const known = touched.get(key);
      touched.set(key, {
        fromMs: Math.min(touchedFromMs, known?.fromMs ?? Infinity),
        toMs: Math.max(toMs, known?.toMs ?? -Infinity),
      });
    },
    moveStart(nextMs) {
      if (nextMs < fromMs) loaded.clear();
      else
        for (const [key, runs] of runsOf)
          runsOf.set(
            key,
            runs.filter((run) => run.lastMs >= nextMs),
          );
      fromMs = nextMs;
    },
    async refresh(inventory) {
      const evidence: TargetEvidence[] = [];
      let loads = 0;
      for (const target of inventory.targets.values()) {
        if (!loaded.has(target.key) || touched.has(target.key)) {
          await load(target);
          // Reading is synchronous below: let requests in between.
          if (++loads % 32 === 0) await new Promise((resolve) => setImmediate(resolve));
        }
        evidence.push(toEvidence(target, runsOf.get(target.key) ?? []));
      }
      return evidence;
    },
  };
}

function toEvidence(target: Target, runs: readonly Run[]): TargetEvidence {
  return {
    key: target.key,
    vantage: target.site,
    role: target.role,
    kind: target.probe.kind,
    of: target.of,
    link: target.link,
    service: target.service,
    intervalMs: target.probe.intervalS * 1000,
    runs,
  };
}
