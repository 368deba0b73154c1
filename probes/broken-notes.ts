import type { AgentTarget } from "#wire/targets-v1.ts";
import type { OnEvent } from "./instruments.ts";
import type { Log } from "./log.ts";
import type { Clock } from "./probe.ts";

/** One event per target and hour: a probe that cannot run fails in every round. */
const brokenEveryMs = 3_600_000;

/** Tells of probes that are themselves broken, or refuse their target: there is no round, and the reason goes on record. */
export function createBrokenNotes({ clock, log, onEvent }: { clock: Clock; log: Log; onEvent: OnEvent }) {
  const seen = new Map<string, { atMs: number; times: number }>();
  return (target: AgentTarget, error: unknown): void => {
    const reason = (error instanceof Error ? error.message : String(error)).slice(0, 400);
    const nowMs = clock.monoMs();
    const before = seen.get(target.id);
    if (before !== undefined && nowMs - before.atMs < brokenEveryMs) {
      before.times++;
      log.debug({ target: target.id, reason }, "probe broken");
      return;
    }
    log.error({ target: target.id, kind: target.kind, reason }, "probe broken: no round");
    onEvent("probe.broken", {
      target: target.id,
      kind: target.kind,
      reason,
      unreported: before?.times ?? 0,
    });
    seen.set(target.id, { atMs: nowMs, times: 0 });
  };
}
