import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A real collector, started as a program of its own. */
export interface Collector {
  /** `http://host:port` without a slash. */
  address: string;
  adminKey: string;
  pid: number;
  /** Resolves with the exit code when it ends, wanted or not. */
  ended: Promise<number | null>;
  stop(): Promise<void>;
}

export interface CollectorOptions {
  /** Folder for its database, configuration and log; the inventory is in `inventory` below it. */
  folder: string;
  /** host:port; port 0 takes a free one. */
  listen: string;
}

const program = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

/** Starts the collector on the inventory in the folder, with an admin key that it made itself. */
export async function startCollector({ folder, listen }: CollectorOptions): Promise<Collector> {
  mkdirSync(folder, { recursive: true });
  const config = join(folder, "sambung.yaml");
  writeFileSync(
    config,
    // What real agents send in days comes in minutes.
    "# Dibuat oleh / made by `npm run demo`\ninventory: inventory\nagents:\n  reportIntervalS: 60\nlimits:\n  agentPerMinute: 1000000\n",
  );
  const adminKey = makeAdminKey();
  const child = spawn(process.execPath, [program, "start"], {
    env: {
      ...process.env,
      SAMBUNG_CONFIG: config,
      SAMBUNG_LISTEN: listen,
      SAMBUNG_DATA: join(folder, "collector"),
      SAMBUNG_ADMIN_KEY: adminKey,
      // A line for each of thousands of requests would hide what matters.
      SAMBUNG_LOG: process.env["SAMBUNG_LOG"] ?? "warn",
    },
    stdio: ["ignore", "pipe", "pipe"],
    // Ctrl-C in the terminal reaches this program alone, which then ends the collector in order.
    detached: true,
  });
  const ended = once(child, "exit").then(([code]) => code as number | null);
  const logFile = join(folder, "collector.log");
  const log = createWriteStream(logFile);
  child.stderr.pipe(log);
  let said = "";
  child.stderr.on("data", (part: Buffer) => (said = `${said}${part.toString()}`.slice(-1_000)));
  const closed = once(child, "close");
  try {
    const address = await Promise.race([
      readAddress(child),
      closed.then(([code]) => {
        const why = said.trim().split("\n").at(-1)!;
        throw new Error(`the collector ended with code ${code} before it was ready; see ${logFile}\n${why}`);
      }),
    ]);
    return { address, adminKey, pid: child.pid!, ended, stop: () => stopChild(child, ended) };
  } catch (error) {
    await stopChild(child, ended);
    throw error;
  }
}

function makeAdminKey(): string {
  const made = spawnSync(process.execPath, [program, "key"], { encoding: "utf8" });
  const key = /sbk_[0-9A-Za-z]{36}/.exec(made.stdout)?.[0];
  if (key === undefined) throw new Error(`the collector made no key: ${made.stderr}`);
  return key;
}

/** The line that the collector prints once it listens. What else it prints is read on, so that its pipe never fills. */
async function readAddress(child: ChildProcess): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  createInterface({ input: child.stdout! }).on("line", (line) => {
    const address = /listening on (https?:\/\/\S+?)\/?$/.exec(line)?.[1];
    if (address !== undefined) resolve(address);
  });
  return promise;
}

async function stopChild(child: ChildProcess, ended: Promise<number | null>): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
  await ended;
}
