import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { AgentTarget } from "#wire/targets-v1.ts";
import type { Sample } from "../../probes/probe.ts";

const run = promisify(execFile);
const program = fileURLToPath(new URL("./run-probe.ts", import.meta.url));

/** One round in a process of its own, with more in its environment, or started by another command. */
export async function probeInProcess(
  target: AgentTarget,
  env: Record<string, string> = {},
  starter: string[] = [],
): Promise<Sample> {
  const [command, ...args] = [...starter, process.execPath, program, JSON.stringify(target)];
  const { stdout } = await run(command, args, { env: { ...process.env, ...env } });
  return JSON.parse(stdout) as Sample;
}

/**
 * One round in a network namespace that lives as long as the round. The shell lines set it up; without any there is
 * not even a loopback. Needs root, and the command unshare.
 */
export async function probeInNamespace(target: AgentTarget, setup: string[] = []): Promise<Sample> {
  const script = ["set -e", ...setup, 'exec "$0" "$@"'].join("\n");
  const { stdout } = await run(
    "unshare",
    ["--net", "sh", "-c", script, process.execPath, program, JSON.stringify(target)],
    { env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` } },
  );
  return JSON.parse(stdout) as Sample;
}

/**
 * A namespace with one link, whose far end swallows everything sent to silentAddress: the neighbour is known, so that
 * the kernel reports nothing.
 */
export const silentAddress = "10.8.8.77";
export const silentLink = [
  "ip link add near type veth peer name far",
  "ip address add 10.8.8.1/24 dev near",
  "ip link set near up",
  "ip link set far up",
  `ip neighbour add ${silentAddress} lladdr 02:00:00:00:00:77 dev near`,
];
