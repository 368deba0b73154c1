import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { agentIdentityFile, parseAgentIdentity } from "#wire/agent-identity-v1.ts";
import { commandActor } from "../state/audit.ts";
import { hashKey, keyPrefix, makeKey } from "../state/keys.ts";
import type { StateStore } from "../state/state-store.ts";

export interface LocalAgentOptions {
  /** Address of the collector. */
  server: string;
  /** Data folder of the collector; the agents' lie in it, one for each site that it ever stood at. */
  data: string;
  site: string;
  state: Pick<StateStore, "agent" | "addEnrolToken">;
  now: () => number;
  env: NodeJS.ProcessEnv;
  /** It ended, and why; it is started again after `waitMs`. */
  onExit: (why: string, waitMs: number) => void;
}

const agentProgram = fileURLToPath(new URL("../../probes/main.ts", import.meta.url));
/** Time that a stopping agent has to deliver what it measured last, ms. */
const graceMs = 4_000;
const firstWaitMs = 5_000;
const longestWaitMs = 300_000;
const tokenLifeMs = 3_600_000;

/** Wait before the agent is started again, after so many starts in a row that ended soon. Twice the last one each time. */
export function restartWaitMs(failures: number): number {
  return Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(failures, 30));
}

/**
 * An agent as a process beside the collector: the same program that runs in a village, over the same protocol. It is
 * enrolled at its first start, and started again when it ends.
 */
export async function startLocalAgent(
  options: LocalAgentOptions,
): Promise<{ enrolled: boolean; stop(): Promise<void> }> {
  const folder = join(options.data, "agent", options.site);
  const stopping = new AbortController();
  await setAsideForeign(options, folder);
  const first = await tokenUnlessEnrolled(options, folder);
  let child = run(options, folder, first);
  const kept = keepRunning();

  async function keepRunning(): Promise<void> {
    let failures = 0;
    for (;;) {
      const startedMs = performance.now();
      const why = await ended(child);
      if (stopping.signal.aborted) return;
      // One that ran for longer than any wait is no longer one that cannot run.
      if (performance.now() - startedMs > longestWaitMs) failures = 0;
      const waitMs = restartWaitMs(failures++);
      options.onExit(why, waitMs);
      await sleep(waitMs, undefined, { signal: stopping.signal }).catch(() => {});
      // Whatever is wrong with its spool, the agent says it better.
      const token = await tokenUnlessEnrolled(options, folder).catch(() => null);
      if (stopping.signal.aborted) return;
      child = run(options, folder, token);
    }
  }

  return {
    enrolled: first !== null,
    async stop() {
      stopping.abort();
      await end(child);
      await kept;
    },
  };
}

/**
 * The agent's standard input is a pipe of ours on which nothing is ever written. It ends with this process, however that
 * ends, and the agent with it: nobody would stop an agent that outlived its collector. A channel of Node's own would
 * not do, since the agent replaces itself by a leaner process at its start, which keeps the standard streams alone.
 */
function run({ server, env }: LocalAgentOptions, folder: string, token: string | null): ChildProcess {
  const args = [agentProgram, "run", "--server", server, "--data", folder, "--until-stdin-ends"];
  return spawn(process.execPath, args, {
    stdio: ["pipe", "inherit", "inherit"],
    env: { ...env, ...(token === null ? {} : { SAMBUNG_TOKEN: token }) },
  });
}

/** Resolves when the process has ended, or could not be started, with the reason. */
function ended(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.on("error", ({ message }) => resolve(message));
    child.once("exit", (code, signal) => resolve(signal ?? `exit ${code}`));
  });
}

/**
 * An agent of this folder that counts for nothing here, since it was revoked, stands at another site, or enrolled with a
 * database that was thrown away, is kept aside with all that it still holds: its rounds are not the next one's.
 */
async function setAsideForeign({ state, site, now }: LocalAgentOptions, folder: string): Promise<void> {
  const id = readAgentId(folder);
  if (id === null) return;
  const agent = await state.agent(id);
  if (agent !== null && agent.site === site && agent.revokedMs === null) return;
  renameSync(folder, `${folder}.${new Date(now()).toISOString().replace(/[:.]/g, "")}`);
}

/** A fresh token for an agent that has no identity yet. */
async function tokenUnlessEnrolled(
  { state, site, now }: LocalAgentOptions,
  folder: string,
): Promise<string | null> {
  if (readAgentId(folder) !== null) return null;
  const token = makeKey("sbe");
  const nowMs = now();
  await state.addEnrolToken(
    {
      hash: hashKey(token),
      prefix: keyPrefix(token),
      site,
      kind: "sambung",
      expiresMs: nowMs + tokenLifeMs,
      nowMs,
    },
    commandActor("sambung start --with-agent"),
  );
  return token;
}

/**
 * The id that the agent of this folder enrolled under, as it left it there. null: it never did, or what it left cannot be
 * read; its spool knows better, and an agent that has a key makes no use of another token.
 */
function readAgentId(folder: string): string | null {
  try {
    return parseAgentIdentity(readFileSync(join(folder, agentIdentityFile), "utf8")).agentId;
  } catch {
    return null;
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), graceMs);
  await gone;
  clearTimeout(timer);
}
