import type { AgentEvent, BatchV1 } from "#wire/batch-v1.ts";
import type { RoundColumns } from "#wire/rounds-v1.ts";
import type { Rounds } from "../series/series-store.ts";
import type { StoredEvent } from "../state/state-store.ts";
import type { Track } from "./track.ts";

/**
 * The batch's rounds under their full names and in epoch ms. Columns are taken as they are, not copied. `keyOf`: the full
 * name of a target, where it is at hand.
 */
export function placeRounds(
  site: string,
  columns: readonly RoundColumns[],
  track: Track,
  keyOf = (target: string): string => `${site}/${target}`,
): Rounds[] {
  return columns.map(
    ({ target, monoMs, ...rest }) =>
      ({ ...rest, key: keyOf(target), timeMs: placeTimes(monoMs, track) }) as Rounds,
  );
}

function placeTimes(steps: readonly number[], { offsetMs, at }: Track): number[] {
  let ms = offsetMs ?? 0;
  return offsetMs === null ? steps.map((step) => at((ms += step))) : steps.map((step) => (ms += step));
}

export function placeEvents(agent: string, site: string, batch: BatchV1, track: Track): StoredEvent[] {
  return batch.events.map(({ monoMs, type, detail }) => ({
    agent,
    site,
    timeMs: track.at(monoMs),
    type,
    detail: placeDetail(type, monoMs, detail, track),
  }));
}

function placeDetail(
  type: string,
  monoMs: number,
  detail: AgentEvent["detail"],
  track: Track,
): AgentEvent["detail"] {
  if (type === "spool.lost" || type === "spool.thinned") return placeRange(detail, track);
  // The monotonic clock runs since the machine's start: how long it had run when its agent began tells when power was back.
  return type === "agent.start" ? { ...detail, hostUptimeS: Math.round(monoMs / 1000) } : detail;
}

/** What a spool gave up lies between two moments of its boot's clock. Which times those were is known only here. */
function placeRange(detail: AgentEvent["detail"], track: Track): AgentEvent["detail"] {
  const placed = (monoMs: AgentEvent["detail"][string] | undefined) =>
    typeof monoMs === "number" ? Math.round(track.at(monoMs)) : null;
  return { ...detail, fromMs: placed(detail["fromMonoMs"]), toMs: placed(detail["toMonoMs"]) };
}
