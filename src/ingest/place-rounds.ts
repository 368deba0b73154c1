import type { AgentEvent, BatchV1 } from "#wire/batch-v1.ts";
import type { RoundColumns } from "#wire/rounds-v1.ts";
import type { Rounds } from "../series/series-store.ts";
import type { StoredEvent } from "../state/state-store.ts";

/** The batch's rounds under their full names and in epoch ms. Columns are taken as they are, not copied. */
export function placeRounds(site: string, columns: readonly RoundColumns[], offsetMs: number): Rounds[] {
  return columns.map(({ target, monoMs, ...rest }) => {
    let at = offsetMs;
    const timeMs = monoMs.map((ms) => (at += ms));
    return { ...rest, key: `${site}/${target}`, timeMs } as Rounds;
  });
}

export function placeEvents(agent: string, site: string, batch: BatchV1, offsetMs: number): StoredEvent[] {
  return batch.events.map(({ monoMs, type, detail }) => ({
    agent,
    site,
    timeMs: monoMs + offsetMs,
    type,
    detail: type === "spool.lost" || type === "spool.thinned" ? placeRange(detail, offsetMs) : detail,
  }));
}

/** What a spool gave up lies between two moments of its boot's clock. Which times those were is known only here. */
function placeRange(detail: AgentEvent["detail"], offsetMs: number): AgentEvent["detail"] {
  const placed = (monoMs: AgentEvent["detail"][string] | undefined) =>
    typeof monoMs === "number" ? Math.round(monoMs + offsetMs) : null;
  return { ...detail, fromMs: placed(detail["fromMonoMs"]), toMs: placed(detail["toMonoMs"]) };
}
