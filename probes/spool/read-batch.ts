import type { BatchV1 } from "#wire/batch-v1.ts";
import type { ClockWatch, Host } from "../clock.ts";
import { backlogBeside } from "./backlog.ts";
import type { Book } from "./book.ts";
import { joinColumns } from "./join-columns.ts";
import type { Writer } from "./writer.ts";

/** The batch as it is to be sent now; a batch of an earlier boot is dated by that boot's last reading. */
export function readBatch(
  { book, writer, watch, host }: { book: Book; writer: Writer; watch: ClockWatch; host: Host },
  seq: number,
  agentId: string,
): BatchV1 {
  const batch = book.batches.get(seq);
  if (batch === undefined) throw new Error(`the spool has no batch ${seq}`);
  // First, since a frame that cannot be read any more changes what the ledger says.
  const bodies = book.frames
    .filter((frame) => frame.seq === seq)
    .map((frame) => writer.read(frame))
    .filter((body) => body !== null);
  const boot = book.boots.find(({ row }) => row === batch.boot)!;
  const isCurrent = boot === book.boots.at(-1);
  const { wallMs, monoMs, synced } = boot;
  const now = watch.read();
  return {
    v: 1,
    agent: agentId,
    boot: boot.boot,
    host: { bootId: boot.hostBootId, uptimeS: isCurrent ? host.uptimeS() : boot.uptimeS },
    seq,
    clock: isCurrent ? now : { wallMs, monoMs, synced },
    ledger: {
      produced: batch.produced,
      thinned: 0,
      lost: batch.lost,
      ...backlogBeside(book, seq, { ...now, hostBootId: host.bootId }),
    },
    rounds: joinColumns(bodies.map(({ rounds }) => rounds)),
    events: [...batch.events, ...bodies.flatMap(({ events }) => events)],
  };
}
