import type { BatchV1 } from "#wire/batch-v1.ts";
import type { ClockAnchor, ClockSource } from "../state/state-store.ts";

/** Where a machine's monotonic clock lies in time: epoch ms = monoMs + offsetMs. */
export interface Placement {
  offsetMs: number;
  source: ClockSource;
}

/**
 * Places a batch in time by the monotonic clock of its host boot. All rounds of one batch share one placement, so their
 * order never changes. In order of trust:
 *
 * - `synced`    the agent's wall clock, which agreed with ours at its last exchange. Needs nothing but the batch, so the
 *               same batch gives the same times whenever it arrives.
 * - `anchor`    an earlier placement of the same host boot: its monotonic clock has run on since.
 * - `exchange`  a boot that we never heard of before and that is the newest: the reading was taken as it was sent, so the
 *               moment of arrival is right but for the time on the wire.
 * - `nextBoot`  a boot older than one that is placed, with a wall clock nobody vouches for: it cannot have lasted longer
 *               than until that next boot began.
 *
 * Offsets are whole ms. Field facts: methods.md §A7.
 */
export function placeBatch(
  batch: Pick<BatchV1, "clock" | "seq" | "host">,
  receivedMs: number,
  anchors: readonly ClockAnchor[],
): Placement {
  const { wallMs, monoMs, synced } = batch.clock;
  if (synced) return { offsetMs: Math.round(wallMs - monoMs), source: "synced" };
  const anchor = anchors.find((known) => known.hostBoot === batch.host.bootId);
  if (anchor !== undefined) return { offsetMs: anchor.offsetMs, source: "anchor" };
  const later = anchors.filter((known) => known.lastSeq > batch.seq).sort((a, b) => a.lastSeq - b.lastSeq)[0];
  if (later === undefined) return { offsetMs: Math.round(receivedMs - monoMs), source: "exchange" };
  // The next boot's monotonic clock was 0 at its offset.
  return { offsetMs: Math.round(later.offsetMs - monoMs), source: "nextBoot" };
}
