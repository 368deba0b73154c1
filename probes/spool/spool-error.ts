/** The spool cannot be used, and the operator can do something about it. */
export class SpoolError extends Error {
  readonly code = "spool.unusable";
  constructor(message: string, cause: unknown) {
    super(message, { cause });
    this.name = "SpoolError";
  }
}

const noRoom = ["ENOSPC", "EDQUOT", "EFBIG"];

/** The disk is full, or this user's share of it: may pass, and giving up rounds may help. */
export const isDiskFull = (error: unknown): boolean =>
  error instanceof Error && noRoom.includes((error as NodeJS.ErrnoException).code ?? "");
