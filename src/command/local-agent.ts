import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { hashKey, makeKey } from "../state/keys.ts";
import type { StateStore } from "../state/state-store.ts";

export interface LocalAgentOptions {
  /** Address of the collector. */
  server: string;
  /** Data folder of the collector; the agent's lies in it. */
  data: string;
  site: string;
  state: StateStore;
  now: () => number;
  env: NodeJS.ProcessEnv;
  onExit: (code: string) => void;
}

const agentProgram = fileURLToPath(new URL("../../probes/main.ts", import.meta.url));
/** Time that a stopping agent has to deliver what it measured last, ms. */
const graceMs = 4_000;
/** Least time between two starts of an agent that keeps ending, ms. */
const restartMs = 5_000;

/**
 * An agent as a process beside the collector: the same program that runs in a village, over the same protocol. It is
 * enrolled at its first start, and started again when it ends.
 */
export async function startLocalAgent(
  options: LocalAgentOptions,
): Promise<{ enrolled: boolean; stop(): Promise<void> }> {
  const folder = join(options.data, "agent");
  const token = await enrolTokenIfNeeded(options, folder);
  let stopping = false;
  let child = run(options, folder, token);
  let timer: NodeJS.Timeout | null = null;
  const watch = (running: ChildProcess) =>
    running.once("exit", (code, signal) => {
      if (stopping) return;
      options.onExit(signal ?? `exit ${code}`);
      timer = setTimeout(() => watch((child = run(options, folder, null))), restartMs);
    });
  watch(child);
  return {
    enrolled: token !== null,
    async stop() {
      stopping = true;
      if (timer !== null) clearTimeout(timer);
      await end(child);
    },
  };
}

function run({ server, env }: LocalAgentOptions, folder: string, token: string | null): ChildProcess {
  return spawn(process.execPath, [agentProgram, "run", "--server", server, "--data", folder], {
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...env, ...(token === null ? {} : { SAMBUNG_TOKEN: token }) },
  });
}

/** A fresh token for an agent that has no key yet, or whose key this collector does not know. */
async function enrolTokenIfNeeded(
  { state, site, now }: LocalAgentOptions,
  folder: string,
): Promise<string | null> {
  const known = (await state.agents()).some((agent) => agent.site === site && agent.revokedMs === null);
  if (existsSync(folder)) {
    if (known) return null;
    // The database was made anew: the old agent's rounds belong to the old one. Kept, not mixed.
    renameSync(folder, `${folder}.${new Date(now()).toISOString().replace(/[:.]/g, "")}`);
  }
  const token = makeKey("sbe");
  await state.addEnrolToken({ hash: hashKey(token), site, expiresMs: now() + 3_600_000 });
  return token;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), graceMs);
  await ended;
  clearTimeout(timer);
}
