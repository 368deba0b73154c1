import { readFileSync } from "node:fs";
import { join } from "node:path";

/** One installed package of the lock file. */
export interface LockedPackage {
  /** Folder below the project's root, such as `node_modules/pino`. */
  path: string;
  version: string;
}

interface LockEntry {
  version: string;
  dependencies?: Record<string, string>;
  hasInstallScript?: boolean;
}

/** The packages that the agent's own files import. The collector's are left at home. */
export const agentPackages = ["net-snmp", "ping", "pino"];

/** These packages and all that they depend on, as package-lock.json has them, by path. */
export function closureOf(root: string, names: readonly string[] = agentPackages): LockedPackage[] {
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
    packages: Record<string, LockEntry>;
  };
  const found = new Map<string, LockedPackage>();
  const add = (name: string, from: string): void => {
    const path = locate(lock.packages, name, from);
    if (found.has(path)) return;
    const entry = lock.packages[path]!;
    // One archive serves a processor that this machine is not: nothing may have been compiled for ours.
    if (entry.hasInstallScript === true)
      throw new Error(`${path} has an install script: it may hold native code`);
    found.set(path, { path, version: entry.version });
    for (const dependency of Object.keys(entry.dependencies ?? {})) add(dependency, path);
  };
  for (const name of names) add(name, "");
  return [...found.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** Node's own rule: a package sees the node_modules of its folder first, then those of the folders above. */
function locate(packages: Record<string, LockEntry>, name: string, from: string): string {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("node_modules/") - 1))) {
    const path = `${folder === "" ? "" : `${folder}/`}node_modules/${name}`;
    if (packages[path] !== undefined) return path;
    if (folder === "")
      throw new Error(`package-lock.json has no ${name}, which ${from || "the agent"} needs`);
  }
}
