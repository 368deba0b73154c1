import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, statfsSync } from "node:fs";
import { needs } from "../../support/needs.ts";
import { tempDir } from "../../support/temp-dir.ts";

/**
 * A disk as a board has it: ext4 with its journal, in a file behind a loop device, so that what reaches the disk can be
 * counted apart from all else that this machine writes. Where that cannot be made it is a folder of this machine.
 */
export interface Card extends Disposable {
  folder: string;
  /** What it is, for the label of a figure. */
  name: string;
  /** Bytes that the file system wrote to the device, its journal included; null: not to be told apart. */
  deviceBytes(): number | null;
}

export function makeCard(): Card {
  const open = new DisposableStack();
  const dir = open.use(tempDir());
  const folder = dir.file("card");
  mkdirSync(folder);
  const dispose = () => open.dispose();
  if (needs({ root: true, commands: ["mkfs.ext4", "losetup", "mount"] }) !== null) {
    return {
      folder,
      name: `file system ${statfsSync(folder).type.toString(16)}`,
      deviceBytes: () => null,
      [Symbol.dispose]: dispose,
    };
  }
  const image = dir.file("card.img");
  execFileSync("truncate", ["-s", "256M", image]);
  execFileSync("mkfs.ext4", ["-q", image]);
  const device = execFileSync("losetup", ["--find", "--show", image], { encoding: "utf8" }).trim();
  open.defer(() => void execFileSync("losetup", ["--detach", device]));
  execFileSync("mount", [device, folder]);
  open.defer(() => void execFileSync("umount", [folder]));
  const stat = `/sys/block/${device.split("/").at(-1)!}/stat`;
  return {
    folder,
    name: "ext4 with a journal",
    // Field 7: sectors of 512 bytes written (Linux, Documentation/block/stat.rst).
    deviceBytes: () => Number(readFileSync(stat, "utf8").trim().split(/\s+/)[6]) * 512,
    [Symbol.dispose]: dispose,
  };
}
