import { DatabaseSync } from "node:sqlite";

/**
 * Makes this process the only collector on a file: two would each keep half of the truth in memory. The lock is a file of its own,
 * so that others may read the data meanwhile, as a backup does; it goes with the process, however that ends.
 */
export function lockFile(file: string): { release(): void } {
  const lock = new DatabaseSync(`${file}.lock`, { timeout: 2_000 });
  try {
    lock.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    lock.close();
    if ((error as { errcode?: number }).errcode !== 5) throw error;
    throw new Error(`${file} is in use: is another collector running on this data folder?`, { cause: error });
  }
  return { release: () => lock.close() };
}
