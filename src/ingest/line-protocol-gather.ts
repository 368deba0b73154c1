import { isUtf8 } from "node:buffer";
import { limits } from "#wire/units.ts";
import type { RoundsBuilder } from "./line-protocol-rounds.ts";
import type { FindTarget } from "./line-protocol-target.ts";
import { LineError, readLines } from "./line-protocol.ts";
import type { Point } from "./line-protocol.ts";

export const precisions = ["ns", "us", "ms", "s"] as const;
/** Unit of the timestamps. */
export type Precision = (typeof precisions)[number];

const toMs: Record<Precision, (timestamp: bigint) => bigint> = {
  ns: (timestamp) => timestamp / 1_000_000n,
  us: (timestamp) => timestamp / 1_000n,
  ms: (timestamp) => timestamp,
  s: (timestamp) => timestamp * 1_000n,
};

export interface WriteOutcome {
  /** Lines that are stored, now or since an earlier write. */
  accepted: number;
  rejected: number;
  firstBad: { line: number; message: string } | null;
}

/** How far ahead of the collector's clock a round may lie; as for batches. */
const aheadMs = 300_000;

/** Takes every line that can be taken into the builder. */
export function gatherLines(
  bytes: Uint8Array,
  findTarget: FindTarget,
  builder: RoundsBuilder,
  precision: Precision,
  nowMs: number,
): WriteOutcome {
  const outcome: WriteOutcome = { accepted: 0, rejected: 0, firstBad: null };
  const reject = ({ line, message }: LineError) => {
    outcome.rejected += 1;
    outcome.firstBad ??= { line, message };
  };
  const isText = isUtf8(bytes);
  for (const read of readLines(new TextDecoder().decode(bytes))) {
    if (read instanceof LineError) {
      reject(read);
      continue;
    }
    try {
      if (!isText) refuseBroken(read);
      builder.add(findTarget(read), timeOf(read, precision, nowMs), read);
      outcome.accepted += 1;
    } catch (error) {
      if (!(error instanceof LineError)) throw error;
      reject(error);
    }
  }
  return outcome;
}

/** When the round was, epoch ms. Without a time of its own a line that is sent again would be another one. */
function timeOf({ line, timestamp }: Point, precision: Precision, nowMs: number): number {
  if (timestamp === null) throw new LineError(line, "a timestamp is needed");
  const timeMs = Number(toMs[precision](timestamp));
  const latestMs = nowMs + aheadMs;
  if (timeMs >= limits.earliestWallMs && timeMs <= latestMs) return timeMs;
  const allowed = `2020-01-01T00:00:00Z to ${new Date(latestMs).toISOString()}`;
  throw new LineError(
    line,
    `timestamp ${timestamp} is not within ${allowed}: is the clock of the box right?`,
  );
}

/** Of a body that is not UTF-8 throughout, the lines that are. */
function refuseBroken({ line, measurement, tags, fields }: Point): void {
  const texts = [measurement, ...[...tags].flat(), ...[...fields].flat()];
  if (texts.some((text) => typeof text === "string" && text.includes("\uFFFD")))
    throw new LineError(line, "the line is not UTF-8");
}
