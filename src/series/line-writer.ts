import { InfluxDB } from "@influxdata/influxdb-client";
import type { WritePrecisionType } from "@influxdata/influxdb-client";
import { SeriesTrouble } from "./series-trouble.ts";

/** Writes lines of line protocol. Each call resolves after the request that carried its own lines was answered with success. */
export interface LineWriter {
  write(lines: readonly string[]): Promise<void>;
}

export interface LineWriterOptions {
  /** Address with whatever path lies before the one of the API. */
  url: string;
  /** Of every request, the authorization among them. */
  headers: Record<string, string>;
  /** Path and query of the write API, from the first slash. */
  path: string;
  precision: WritePrecisionType;
  /** After this a request counts as lost, ms. Default 10,000. */
  timeoutMs?: number;
  /** Once lines were taken: what makes them durable and visible, where the engine does not by itself. */
  settle?: () => Promise<void>;
  /** What an answer other than success means, in words for an operator; null: the lines count as written. */
  explain: (status: number | null, body: string) => string | null;
}

/** What the database's makers recommend for a write. */
const mostLines = 5_000;
/** After a failure the engine is not asked again for so long, ms: whoever comes meanwhile is told the same at once. */
const restMs = 1_000;

interface Waiting {
  lines: readonly string[];
  resolve: () => void;
  reject: (error: unknown) => void;
}

/**
 * By the client of InfluxDB, whose own buffer and retries are left unused: it keeps them in memory, drops the oldest, and its
 * `close` waits for none but the last. Here nothing waits but what somebody waits for, and the agent keeps its batch until it
 * is told otherwise. What comes while a request is under way goes with the next one, together.
 */
export function createLineWriter(options: LineWriterOptions): LineWriter {
  const { url, headers, path, precision, timeoutMs = 10_000, explain } = options;
  const database = new InfluxDB({ url, timeout: timeoutMs, headers });
  const waiting: Waiting[] = [];
  let busy = false;
  let refused: { error: unknown; untilMs: number } | null = null;

  async function send(lines: readonly string[]): Promise<void> {
    const failure: { error: unknown } = { error: null };
    let written = 0;
    const api = database.getWriteApi("", "", precision, {
      batchSize: lines.length + 1,
      flushInterval: 0,
      maxRetries: 0,
      maxBatchBytes: Number.MAX_SAFE_INTEGER,
      writeSuccess(done) {
        written += done.length;
      },
      writeFailed(error) {
        failure.error = error;
        // Taken out of the client's hands, which would log it and think of retries.
        return Promise.resolve();
      },
    });
    api.path = path;
    api.writeRecords([...lines]);
    await api.flush();
    api.dispose();
    if (failure.error === null && written === lines.length) return;
    const { statusCode, body } = (failure.error ?? {}) as { statusCode?: number; body?: string };
    const why = explain(statusCode ?? null, body ?? String((failure.error as Error | null)?.message ?? ""));
    if (why !== null) throw new SeriesTrouble(why, failure.error);
  }

  async function flush(group: readonly Waiting[]): Promise<void> {
    try {
      await send(group.flatMap(({ lines }) => lines));
      await options.settle?.();
      refused = null;
      for (const { resolve } of group) resolve();
    } catch (error) {
      refused = { error, untilMs: performance.now() + restMs };
      for (const { reject } of group) reject(error);
    }
  }

  async function work(): Promise<void> {
    busy = true;
    while (waiting.length > 0) {
      let lines = 0;
      let take = 0;
      while (take < waiting.length && (take === 0 || lines + waiting[take]!.lines.length <= mostLines))
        lines += waiting[take++]!.lines.length;
      await flush(waiting.splice(0, take));
    }
    busy = false;
  }

  return {
    write: (lines) =>
      new Promise((resolve, reject) => {
        if (refused !== null && performance.now() < refused.untilMs) return reject(refused.error as Error);
        waiting.push({ lines, resolve, reject });
        if (!busy) void work();
      }),
  };
}
