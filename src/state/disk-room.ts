import { statfsSync } from "node:fs";

/** What batches leave free on the disk, bytes: 64 MiB, and no more than a twentieth of a small one. */
const reserve = { mostBytes: 67_108_864, share: 0.05 };

/**
 * Throws while the disk of the folder has no more room than what batches leave free. That is for everything else: an agent
 * that is to be revoked because it fills the disk, the row of the audit log for it, outages and messages to people.
 */
export function createRoomCheck(folder: string): () => void {
  return () => {
    const { bavail, blocks, bsize } = statfsSync(folder);
    if (bavail * bsize < Math.min(reserve.mostBytes, reserve.share * blocks * bsize))
      throw new DiskLowError();
  };
}

/** As SQLite tells of a disk that is full. */
class DiskLowError extends Error {
  readonly errcode = 13;

  constructor() {
    super("the disk of the store has no room for batches any more");
    this.name = "DiskLowError";
  }
}
