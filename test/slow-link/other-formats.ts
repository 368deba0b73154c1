import { gzipSync } from "node:zlib";
import type { BatchV1 } from "#wire/batch-v1.ts";
import type { IcmpColumns } from "#wire/rounds-v1.ts";

/*
 * The same rounds, every reply of them, as others would send them: for comparison alone.
 */

interface Row {
  target: string;
  timeMs: number;
  sent: number;
  recv: number;
  rttUs: number[];
}

/** A line for each round, with a field for each reply and the time in ms. */
export function lineProtocolGzip(batch: BatchV1): Uint8Array {
  const lines = rowsOf(batch).map(({ target, timeMs, sent, recv, rttUs }) => {
    const replies = rttUs.map((us, index) => `,rtt${index + 1}=${us}i`).join("");
    return `icmp,site=64.08.05.2001,target=${target} sent=${sent}i,recv=${recv}i${replies} ${timeMs}\n`;
  });
  return gzipSync(lines.join(""));
}

/** An object for each round. */
export function jsonGzip(batch: BatchV1): Uint8Array {
  return gzipSync(JSON.stringify({ agent: batch.agent, site: "64.08.05.2001", rounds: rowsOf(batch) }));
}

function rowsOf({ rounds, clock }: BatchV1): Row[] {
  const offsetMs = clock.wallMs - clock.monoMs;
  const rows = (rounds as IcmpColumns[]).flatMap(({ target, monoMs, sent, recv, rttUs }) => {
    let timeMs = offsetMs;
    let at = 0;
    return monoMs.map((step, index) => ({
      target,
      timeMs: (timeMs += step),
      sent: sent[index]!,
      recv: recv[index]!,
      rttUs: rttUs.slice(at, (at += recv[index]!)),
    }));
  });
  return rows.toSorted((a, b) => a.timeMs - b.timeMs);
}
