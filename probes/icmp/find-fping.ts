import { execFile } from "node:child_process";

export type FpingFound = { command: string; version: string } | { missing: string };

const install = "install the Debian package fping";
const rights = "it needs the file capability cap_net_raw, or a group within net.ipv4.ping_group_range";

/**
 * Whether there is an fping that can be used: 5.0 or later, since earlier ones do not print lost echoes, and allowed to
 * open its socket, which is found out by one echo to this machine itself. `missing` says what is to be done.
 */
export async function findFping(command = "fping"): Promise<FpingFound> {
  const version = await run(command, ["-v"]);
  if (version.code === "ENOENT") return { missing: `no ${command} here: ${install}` };
  if (version.code !== 0) return { missing: `${command} does not run (${version.code}): ${rights}` };
  const [, text = "", major] = /Version ((\d+)\.\d+)/.exec(version.output) ?? [];
  if (Number(major ?? 0) < 5) return { missing: `${command} ${text} is too old, 5.0 is needed: ${install}` };
  // As the engine calls it: some are built so that only root may send without a pause.
  // 0: answered, 1: not answered, which may be so where the loopback is down. Above: no socket.
  const echo = await run(command, ["-q", "-c", "1", "-t", "200", "-i", "0", "127.0.0.1"]);
  if (echo.code !== 0 && echo.code !== 1)
    return { missing: `${command} cannot send (${echo.output.trim()}): ${rights}` };
  return { command, version: text };
}

function run(command: string, args: string[]): Promise<{ code: number | string; output: string }> {
  return new Promise((resolve) => {
    try {
      execFile(command, args, { timeout: 10_000 }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : (error.code ?? error.signal ?? "?"), output: stdout + stderr });
      });
    } catch (error) {
      // Some failures, such as EPERM of a bounding set, are thrown before there is a child.
      resolve({ code: (error as NodeJS.ErrnoException).code ?? "?", output: String(error) });
    }
  });
}
