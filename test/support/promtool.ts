import { execFile } from "node:child_process";

/** Debian's prometheus brings it. Never throws: what it says and whether it was content is the answer. */
export function promtool(
  args: readonly string[],
  options: { cwd?: string; input?: string } = {},
): Promise<{ code: number; said: string }> {
  return new Promise((resolve, reject) => {
    const child = execFile("promtool", args, { cwd: options.cwd }, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      if (typeof code !== "number") return reject(error as Error);
      resolve({ code, said: `${stdout}${stderr}` });
    });
    child.stdin?.end(options.input ?? "");
  });
}
