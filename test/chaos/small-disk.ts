import { spawnSync } from "node:child_process";
import { mkdirSync, statfsSync } from "node:fs";

/** A folder that is a disk of its own, which the test can fill. */
export interface SmallDisk extends Disposable {
  path: string;
  /** Not a page more fits than lies on it, but for `sparePages` of 4 KiB. */
  fill(sparePages: number): void;
  relieve(): void;
}

const pageBytes = 4_096;

/** A tmpfs on a new folder; null where this system lets nobody mount one. */
export function mountSmallDisk(path: string, bytes: number): SmallDisk | null {
  mkdirSync(path, { recursive: true });
  if (spawnSync("mount", ["-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", path]).status !== 0) return null;

  function resize(toBytes: number): void {
    const { status, stderr } = spawnSync("mount", ["-o", `remount,size=${toBytes}`, path], {
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(`${path} cannot be given ${toBytes} bytes: ${stderr}`);
  }

  return {
    path,
    fill(sparePages) {
      // Whoever writes meanwhile may take a page before the disk is that small: then it is asked for once more.
      for (let tries = 0; ; tries++) {
        const { blocks, bfree, bsize } = statfsSync(path);
        try {
          return resize(Math.max(pageBytes, sparePages * pageBytes + (blocks - bfree) * bsize));
        } catch (error) {
          if (tries === 5) throw error;
        }
      }
    },
    relieve: () => resize(bytes),
    [Symbol.dispose]: () => void spawnSync("umount", ["--lazy", path]),
  };
}
