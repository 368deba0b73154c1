import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { closureOf } from "./closure.ts";
import { assertArch } from "./node-runtime.ts";
import type { Arch, NodeFiles } from "./node-runtime.ts";

/*
 * What is in the archive:
 *
 *   sambung-agent            starts the agent with the Node beside it
 *   install.sh  sambung-agent-remove  sambung-agent.service
 *   ARCH  VERSION            what install.sh compares and says
 *   bin/node                 LICENSE and LICENSE.node
 *   package.json             name, version, and the `imports` by which probes/ finds src/wire
 *   probes/  src/wire/       the sources as they are
 *   node_modules/            what they import, without its tests and documents
 */

/** Files of probes/package/files that are programs. */
const programs = ["sambung-agent", "install.sh", "sambung-agent-remove"];
/** Parts of probes/ that no agent needs. */
const leftAtHome = ["demo", "package"];

export interface CollectOptions {
  /** The project's root. */
  root: string;
  arch: Arch;
  node: NodeFiles;
}

/** Fills `folder`, which must not exist yet, with the contents of the archive. Gives the version. */
export function collect(folder: string, { root, arch, node }: CollectOptions): string {
  assertArch(node.binary, arch);
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Manifest;
  mkdirSync(join(folder, "bin"), { recursive: true });
  copyFileSync(node.binary, join(folder, "bin/node"));
  copyFileSync(node.licence, join(folder, "LICENSE.node"));
  copyFileSync(join(root, "LICENSE"), join(folder, "LICENSE"));
  writeFileSync(join(folder, "ARCH"), `${arch}\n`);
  writeFileSync(join(folder, "VERSION"), `${manifest.version}\n`);
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(agentManifest(manifest), null, 2)}\n`);
  cpSync(join(root, "probes"), join(folder, "probes"), {
    recursive: true,
    filter: (source) => !leftAtHome.some((name) => source === join(root, "probes", name)),
  });
  cpSync(join(root, "src/wire"), join(folder, "src/wire"), { recursive: true });
  cpSync(join(root, "probes/package/files"), folder, { recursive: true });
  copyPackages(root, folder);
  setModes(folder);
  return manifest.version;
}

interface Manifest {
  version: string;
  license: string;
  imports: Record<string, string>;
}

function agentManifest({ version, license, imports }: Manifest) {
  return { name: "sambung-agent", version, private: true, license, type: "module", imports };
}

function copyPackages(root: string, folder: string): void {
  for (const { path, version } of closureOf(root)) {
    const from = join(root, path);
    const installed = (JSON.parse(readFileSync(join(from, "package.json"), "utf8")) as Manifest).version;
    if (installed !== version) {
      throw new Error(`${path}: version ${installed} is installed; expected ${version} (npm ci)`);
    }
    cpSync(from, join(folder, path), {
      recursive: true,
      filter: (source) => isWanted(source.slice(from.length + 1)),
    });
  }
}

const unwantedFolders = /^(test|tests|example|examples|docs|benchmarks|bench|\.github|node_modules)$/;
const unwantedFiles = /(\.md|\.map|\.ts|\.mts|\.cts|\.tgz|\.ya?ml)$|^\.[a-z]/i;

/** Whether a file or folder of a package is needed to run it. Packages below it have a path of their own. */
function isWanted(relative: string): boolean {
  if (relative === "") return true;
  if (relative.endsWith(".node") || basename(relative) === "binding.gyp") {
    throw new Error(`${relative}: native code cannot travel to another processor`);
  }
  return (
    !relative.split("/").some((name) => unwantedFolders.test(name)) && !unwantedFiles.test(basename(relative))
  );
}

/** Modes as they should be, whatever the checkout's are. */
function setModes(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isDirectory() && !entry.isFile()) throw new Error(`${path} is neither a file nor a folder`);
    chmodSync(path, entry.isDirectory() ? 0o755 : 0o644);
  }
  for (const program of [...programs, "bin/node"]) chmodSync(join(folder, program), 0o755);
}
