import type { SeqUsedV1 } from "#wire/seq-used-v1.ts";

export type IngestStatus = 400 | 401 | 403 | 413 | 415 | 422 | 429 | 503;

export interface IngestErrorOptions {
  /** Stable name for programs, such as `batch.invalid`. */
  code: string;
  status: IngestStatus;
  title: string;
  detail: string;
  /** Where in the message the mistake is, what was found there and what is allowed. */
  field?: string;
  value?: string;
  allowed?: string;
  /** What is stored under a seq that came again with other rounds; see seq-used-v1. */
  stored?: SeqUsedV1;
  /** Seconds after which a repetition makes sense; for 429 and 503. */
  retryAfterS?: number;
  cause?: unknown;
}

/** Why something that an agent sent was refused. Says all that the answer needs; nothing was stored. */
export class IngestError extends Error {
  readonly code: string;
  readonly status: IngestStatus;
  readonly title: string;
  readonly detail: string;
  readonly field: string | undefined;
  readonly value: string | undefined;
  readonly allowed: string | undefined;
  readonly stored: SeqUsedV1 | undefined;
  readonly retryAfterS: number | undefined;

  constructor(options: IngestErrorOptions) {
    super(`${options.title}: ${options.detail}`, { cause: options.cause });
    this.name = "IngestError";
    this.code = options.code;
    this.status = options.status;
    this.title = options.title;
    this.detail = options.detail;
    this.field = options.field;
    this.value = options.value;
    this.allowed = options.allowed;
    this.stored = options.stored;
    this.retryAfterS = options.retryAfterS;
  }
}
