import { constants, zstdCompressSync } from "node:zlib";
import type { BatchV1 } from "#wire/batch-v1.ts";
import { dictionary1, dictionary1Encoding } from "#wire/dictionary-1.ts";
import { queueHeader } from "#wire/units.ts";

/**
 * The uplink is scarcer than the processor: level 19 makes 5,000 rounds of a fibre link a tenth smaller than level 15, and
 * 100 rounds a twenty-fifth, for 90 ms and 2 ms. Above it nothing is gained. A window of 128 kB bounds the memory.
 */
const windowLog = 17;
const params = {
  [constants.ZSTD_c_compressionLevel]: 19,
  [constants.ZSTD_c_windowLog]: windowLog,
};

export interface PackedBatch {
  body: Uint8Array;
  /** Of the body, for `Content-Encoding`. */
  encoding: string;
}

/**
 * A batch as it goes over the wire. The dictionary saves some 300 bytes; of what is larger than the window it would be
 * forgotten on the way, and costs a fiftieth. `plain`: without it.
 */
export function packBatch(batch: BatchV1, { plain = false }: { plain?: boolean } = {}): PackedBatch {
  const text = JSON.stringify(batch);
  if (plain || text.length > 1 << windowLog)
    return { body: zstdCompressSync(text, { params }), encoding: "zstd" };
  return { body: zstdCompressSync(text, { params, dictionary: dictionary1 }), encoding: dictionary1Encoding };
}

/**
 * What the request of a batch says of it. A live one goes with each report, so that what the collector takes for granted
 * is not said: that it is live, and that what is packed with the dictionary of batches is JSON.
 */
export function batchHeaders(encoding: string, queue: "live" | "backlog"): Record<string, string> {
  return {
    ...(encoding === dictionary1Encoding ? {} : { "content-type": "application/json" }),
    "content-encoding": encoding,
    ...(queue === "backlog" ? { [queueHeader]: queue } : {}),
  };
}
