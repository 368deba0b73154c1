import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** 2020-01-01, the earliest date that the agent believes: time stamps of an archive say nothing, so they are all this. */
const defaultEpochS = 1_577_836_800;

/**
 * Packs the folder as `<file>` and writes `<file>.sha256` beside it. The same contents give the same bytes: names in
 * order, one time stamp, owner root, and GNU gzip without name and date, whose output no processor's features change
 * (zlib's does).
 */
export function writeArchive(
  folder: string,
  file: string,
  epochS = defaultEpochS,
): { sha256: string; bytes: number } {
  const settings = ["--sort=name", `--mtime=@${epochS}`, "--owner=0", "--group=0", "--numeric-owner"];
  execFileSync(
    "tar",
    [
      "--create",
      "--format=ustar",
      ...settings,
      "--use-compress-program=gzip -6n",
      `--file=${file}`,
      `--directory=${dirname(folder)}`,
      basename(folder),
    ],
    { env: { ...process.env, LC_ALL: "C", GZIP: "" }, stdio: ["ignore", "ignore", "inherit"] },
  );
  const contents = readFileSync(file);
  const sha256 = createHash("sha256").update(contents).digest("hex");
  // The form that `sha256sum --check` reads, beside the archive.
  writeFileSync(`${file}.sha256`, `${sha256}  ${basename(file)}\n`);
  return { sha256, bytes: contents.length };
}

/** `sambung-agent-0.1.0-linux-arm64`, the folder in the archive, and with `.tar.gz` its file. */
export function archiveName(version: string, arch: string): string {
  return `sambung-agent-${version}-linux-${arch}`;
}

/** Where the archive goes. */
export function archivePath(folder: string, version: string, arch: string): string {
  return join(folder, `${archiveName(version, arch)}.tar.gz`);
}
