import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Where Debian keeps the programs of the administrator; often not in the PATH of an ordinary user. */
const systemFolders = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/**
 * What this machine lacks for a test, as a reason to skip it by name, or null when all is there. In CI nothing may be
 * lacking: there it throws, so that a test is never skipped unseen.
 */
export function needs(what: { root?: boolean; commands?: string[] }): string | null {
  const missing: string[] = [];
  if (what.root === true && process.getuid?.() !== 0) missing.push("not root");
  for (const command of what.commands ?? []) {
    if (!isInstalled(command)) missing.push(`no command ${command}`);
  }
  if (missing.length === 0) return null;
  const reason = missing.join(", ");
  if (process.env.CI === "true") throw new Error(`CI must run this test, but: ${reason}`);
  return reason;
}

function isInstalled(command: string): boolean {
  const folders = [...(process.env.PATH ?? "").split(delimiter), ...systemFolders];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
