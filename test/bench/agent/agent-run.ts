import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { fileURLToPath } from "node:url";
import { startCollector } from "../../../probes/demo/collector.ts";
import { createDoor } from "../../../probes/demo/door.ts";
import { tempDir } from "../../support/temp-dir.ts";
import { writeBenchInventory } from "../collector-parts.ts";
import { benchSite } from "../rounds.ts";

const agentProgram = fileURLToPath(new URL("../../../probes/main.ts", import.meta.url));

export interface AgentRun extends AsyncDisposable {
  pid: number;
  /** Rounds of the agent that the collector has. */
  storedRounds(): Promise<number>;
}

/**
 * A real agent with these targets.yaml entries, enrolled at a real collector and reporting to it each 60 s. Its spool is in
 * the folder, by default one of its own.
 */
export async function startAgent(entries: readonly object[], folder?: string): Promise<AgentRun> {
  const open = new AsyncDisposableStack();
  try {
    const dir = open.use(tempDir());
    writeBenchInventory(dir.file("inventory"), entries);
    const collector = await startCollector({ folder: dir.path, listen: "127.0.0.1:0" });
    open.defer(() => collector.stop());
    const stopping = new AbortController();
    const admin = createDoor(collector.address, () => collector.adminKey, stopping.signal);
    open.defer(() => admin.close());
    const { data } = (await admin.post("/api/v1/agents/tokens", { site: benchSite })) as {
      data: { token: string };
    };
    const spool = folder ?? dir.file("agent");
    const args = ["run", "--server", collector.address, "--data", spool, "--token", data.token];
    const agent = spawn(process.execPath, [agentProgram, ...args], { stdio: ["ignore", "ignore", "pipe"] });
    agent.stderr.pipe(createWriteStream(dir.file("agent.log")));
    const ended = once(agent, "exit");
    open.defer(async () => {
      agent.kill("SIGTERM");
      await ended;
    });
    return {
      pid: agent.pid!,
      async storedRounds() {
        const agents = (await admin.get("/api/v1/agents")) as { data: { storedRounds?: number }[] };
        return agents.data[0]?.storedRounds ?? 0;
      },
      [Symbol.asyncDispose]: () => open.disposeAsync(),
    };
  } catch (error) {
    await open.disposeAsync();
    throw error;
  }
}

export const seconds = (count: number) => new Promise((resolve) => setTimeout(resolve, count * 1_000));
