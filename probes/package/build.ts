import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { archiveName, archivePath, writeArchive } from "./archive.ts";
import { collect } from "./collect.ts";
import { archs, fetchNode } from "./node-runtime.ts";
import type { Arch, NodeFiles } from "./node-runtime.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

const help = `Packs the agent with Node inside, for one processor:
  npm run package -- --arch arm64|x64 [--out FOLDER] [--node FILE]

  --out FOLDER  where the archive goes; default dist
  --node FILE   take this Node (node-v24…/bin/node, its LICENSE in node-v24…) instead of the pinned one; it must be for
                the same processor
`;

export interface BuildOptions {
  arch: Arch;
  /** Folder for the archive; made when it is not there. */
  out: string;
  /** Node to take instead of the registry's. */
  node?: NodeFiles;
}

export interface Built {
  file: string;
  sha256: string;
  bytes: number;
}

/** Builds `sambung-agent-<version>-linux-<arch>.tar.gz` and its `.sha256`. */
export function build({ arch, out, node }: BuildOptions): Built {
  const work = mkdtempSync(join(tmpdir(), "sambung-package-"));
  try {
    const contents = join(work, "contents");
    const version = collect(contents, { root, arch, node: node ?? fetchNode(arch, work) });
    const named = join(work, archiveName(version, arch));
    renameSync(contents, named);
    mkdirSync(out, { recursive: true });
    const file = archivePath(out, version, arch);
    return { file, ...writeArchive(named, file, epochS()) };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** reproducible-builds.org's variable, for those who build distributions. */
function epochS(): number | undefined {
  const given = process.env["SOURCE_DATE_EPOCH"];
  return given !== undefined && /^\d{1,10}$/.test(given) ? Number(given) : undefined;
}

function main(argv: readonly string[]): number {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...argv],
      options: {
        arch: { type: "string" },
        out: { type: "string", default: "dist" },
        node: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    }));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${help}`);
    return 2;
  }
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const arch = archs.find((name) => name === values.arch);
  if (arch === undefined) {
    process.stderr.write(
      `--arch: ${values.arch ?? "(nothing)"} is not allowed; expected ${archs.join(" or ")}\n`,
    );
    return 2;
  }
  const options = { arch, out: resolve(values.out) };
  const { file, sha256, bytes } = build(
    values.node === undefined ? options : { ...options, node: givenNode(resolve(values.node)) },
  );
  process.stdout.write(`${file}\n${(bytes / 1e6).toFixed(1)} MB, sha256 ${sha256}\n`);
  return 0;
}

/** An unpacked Node has its licence two folders above the program: node-v24…/bin/node, node-v24…/LICENSE. */
function givenNode(binary: string): NodeFiles {
  const licence = join(dirname(dirname(binary)), "LICENSE");
  for (const file of [binary, licence]) {
    if (!existsSync(file)) throw new Error(`--node: ${file} is not there`);
  }
  return { binary, licence };
}

if (import.meta.main) {
  try {
    process.exitCode = main(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}
