import type { BatchV1 } from "#wire/batch-v1.ts";
import type { ClockAnchor, ClockSource } from "../state/state-store.ts";

/** Where a machine's monotonic clock lies in time: epoch ms = monoMs + offsetMs. */
export interface Placement {
  offsetMs: number;
  source: ClockSource;
}

/** By so much two boots may seem to overlap: what a trusted clock, or the time on the wire, may be wrong by, ms. */
const slackMs = 120_000;

/**
 * Places a batch in time by the monotonic clock of its host boot. All rounds of one batch share one placement, so their
 * order never changes. In order of trust:
 *
 * - `synced`    the agent's wall clock, which agreed with ours at its last exchange. Needs nothing but the batch, so the
 *               same batch gives the same times whenever it arrives.
 * - `anchor`    an earlier placement of the same host boot: its monotonic clock has run on since.
 * - `exchange`  a boot that we never heard of before: the reading was taken as it was sent, so the moment of arrival is
 *               right but for the time on the wire. Only where that fits: a machine is in one boot at a time.
 * - `nextBoot`  a boot whose reading cannot be of now, since the machine was in another boot meanwhile: the last reading of
 *               an earlier start, that nobody vouches for. It cannot have lasted longer than until the boot after it
 *               began. Spools send newest first, so the boot after it is the latest one that leaves room before it.
 *
 * `exchange` and `nextBoot` rest on the moment of arrival and on what came before: for them alone the same batches in
 * another order may be placed otherwise. Offsets are whole ms. Field facts: methods.md §A7.
 */
export function placeBatch(
  batch: Pick<BatchV1, "clock" | "host">,
  receivedMs: number,
  anchors: readonly ClockAnchor[],
): Placement {
  const { wallMs, monoMs, synced } = batch.clock;
  if (synced) return { offsetMs: Math.round(wallMs - monoMs), source: "synced" };
  const anchor = anchors.find((known) => known.hostBoot === batch.host.bootId);
  if (anchor !== undefined) return { offsetMs: anchor.offsetMs, source: "anchor" };
  const isNow = anchors.every((other) => receivedMs - monoMs >= other.lastMs - slackMs);
  if (anchors.length === 0 || isNow) return { offsetMs: Math.round(receivedMs - monoMs), source: "exchange" };
  // The next boot's monotonic clock was 0 at its offset.
  return { offsetMs: Math.round(nextBootOf(monoMs, anchors).offsetMs - monoMs), source: "nextBoot" };
}

/** The latest known boot before which a boot of this length fits behind the one before that; else the earliest. */
function nextBootOf(monoMs: number, anchors: readonly ClockAnchor[]): ClockAnchor {
  const latestFirst = [...anchors].sort((a, b) => b.offsetMs - a.offsetMs);
  const fits = latestFirst.find((next, index) => {
    const before = latestFirst[index + 1];
    return before === undefined || next.offsetMs - monoMs >= before.lastMs;
  });
  return fits ?? latestFirst.at(-1)!;
}
